// Scores to drag, and what softmax and sigmoid make of them, at once and in the browser. Python
// says where the scores start; when it says something new, the sliders move there.

import { button, element } from "../parts/element.js"
import { percent, signed } from "../parts/numbers.js"
import { softmax } from "../parts/softmax.js"

const LOWEST = -6
const HIGHEST = 6

export const sigmoid = (scores, t) => scores.map((z) => 1 / (1 + Math.exp(-z / t)))

const held = (z) => Math.min(HIGHEST, Math.max(LOWEST, Math.round(10 * z) / 10))

function slider(label, lowest, highest, value, moved) {
  const input = element("input")
  Object.assign(input, { type: "range", min: lowest, max: highest, step: 0.1, value })
  input.setAttribute("aria-label", label)
  input.oninput = () => moved(Number(input.value))
  return input
}

function bar(kind) {
  const cell = element("div", `bar ${kind}`)
  const fill = element("span", "fill")
  const track = element("span", "track")
  track.append(fill)
  if (kind === "sigmoid") track.append(element("span", "half"))
  cell.append(track, element("output", "value"))
  return cell
}

class Board {
  constructor(root) {
    this.root = root
  }

  show(data) {
    const start = JSON.stringify(data)
    if (start === this.start) return // drawn again with nothing new: what was dragged stays
    this.start = start
    this.labels = data.labels
    this.first = data.scores.map(held)
    this.build()
    this.reset()
  }

  build() {
    const table = element("div", "table")
    const head = element("div", "row head")
    head.append(
      element("span", "label", "label"),
      element("span", "", "score: drag it"),
      element("span", "softmax", "softmax"),
      element("span", "sigmoid", "sigmoid"),
    )
    table.append(head)
    this.rows = this.labels.map((label, i) => {
      const row = element("div", "row")
      const score = element("div", "score")
      const input = slider(`Score of ${label}`, LOWEST, HIGHEST, 0, (z) => {
        this.scores[i] = z
        this.draw()
      })
      const value = element("output", "value")
      score.append(input, value)
      const bars = [bar("softmax"), bar("sigmoid")]
      row.append(element("span", "label", label), score, ...bars)
      table.append(row)
      return { row, input, value, bars }
    })
    const sums = element("div", "row sums")
    this.sums = [element("span", "softmax"), element("span", "sigmoid")]
    sums.append(element("span", "label", "sum"), element("span"), ...this.sums)
    table.append(sums)

    const tools = element("div", "tools")
    tools.append(
      button("", "All −1", () => this.shift(-1)),
      button("", "All +1", () => this.shift(1)),
      button("", "Start again", () => this.reset()),
    )
    const heat = element("label", "heat", "temperature ")
    this.heat = slider("Temperature", 0.2, 5, 1, (t) => {
      this.temperature = t
      this.draw()
    })
    this.heatValue = element("output", "value")
    heat.append(this.heat, this.heatValue)
    tools.append(heat)
    this.said = element("p", "said")
    this.said.setAttribute("role", "status")
    this.root.replaceChildren(table, tools, this.said)
  }

  reset() {
    this.scores = [...this.first]
    this.temperature = 1
    this.draw()
  }

  shift(by) {
    this.scores = this.scores.map((z) => held(z + by))
    this.draw()
  }

  draw() {
    const shares = softmax(this.scores, this.temperature)
    const yes = sigmoid(this.scores, this.temperature)
    const top = shares.indexOf(Math.max(...shares))
    this.rows.forEach(({ input, value, bars }, i) => {
      if (Number(input.value) !== this.scores[i]) input.value = this.scores[i]
      value.textContent = signed(this.scores[i], 1)
      ;[shares[i], yes[i]].forEach((p, side) => {
        bars[side].querySelector(".fill").style.width = `${100 * p}%`
        bars[side].querySelector(".value").textContent = percent(p)
        bars[side].classList.toggle("chosen", side ? p >= 0.5 : i === top)
      })
    })
    this.heat.value = this.temperature
    this.heatValue.textContent = this.temperature.toFixed(1)
    const add = (values) => values.reduce((a, b) => a + b, 0).toFixed(2)
    this.sums[0].textContent = add(shares)
    this.sums[1].textContent = add(yes)
    const given = this.labels.filter((_, i) => yes[i] >= 0.5)
    this.said.textContent =
      `Softmax must choose one: ${this.labels[top]}. ` +
      `Sigmoids of at least 50%: ${given.length ? given.join(", ") : "none, and that is an answer too"}.`
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".activations")
  root.board ??= new Board(root)
  root.board.show(data)
}
