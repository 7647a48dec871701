// One head, one token that looks: q · k, scale, softmax, mix of values. The model's numbers come
// once; choosing tokens, moving scores and the temperature is arithmetic done here. What the model
// does ("as it is") stays beside what the learner made ("what if"). All text is set as textContent.

import { element, within } from "../parts/element.js"
import { floats } from "../parts/bytes.js"
import { lifetime } from "../parts/lifetime.js"
import { negative, percent } from "../parts/numbers.js"
import { signedBars } from "../parts/signed_bars.js"
import { softmax } from "../parts/softmax.js"
import { lightHovered, tellHover } from "../parts/hover.js"

const STEP = 0.5

const written = (x) => negative(x, 2)

const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0)

/** A vector as bars with its name. */
function line(className, name, vector, scale) {
  const bars = signedBars(vector, scale)
  bars.setAttribute("role", "img")
  bars.setAttribute("aria-label", `${name}: ${Array.from(vector, (x) => x.toFixed(2)).join(", ")}`)
  const box = element("div", `line ${className}`)
  box.append(element("span", "label", name), bars)
  return box
}

class Sum {
  constructor(root, data) {
    this.root = root
    this.data = data
    const T = data.tokens.length
    const d = data.size
    const rows = (text) => {
      const all = floats(text)
      return Array.from({ length: T }, (_, i) => Array.from(all.subarray(i * d, (i + 1) * d)))
    }
    this.queries = rows(data.queries)
    this.keys = rows(data.keys)
    this.values = rows(data.values)
    this.query = data.query
    this.key = null
    this.temperature = 1
    this.moved = new Map()
    this.build()
    this.look(this.query)
  }

  /** Another token looks: its own scores, nothing moved. */
  look(query) {
    this.query = query
    const root = Math.sqrt(this.data.size)
    this.products = this.keys.map((key) => dot(this.queries[query], key))
    this.scores = this.products.map((product) => product / root)
    this.real = softmax(this.scores, 1)
    this.moved.clear()
    this.key = this.real.indexOf(Math.max(...this.real))
    this.root.querySelector(".query").value = String(query)
    this.fill()
  }

  build() {
    const { root, data } = this
    root.replaceChildren()
    const bar = element("div", "controls")
    const queryLabel = element("label", "", "The token that looks ")
    const select = element("select", "query")
    data.tokens.forEach((token, i) => {
      const option = element("option", "", `${token} (${i})`)
      option.value = String(i)
      select.append(option)
    })
    select.onchange = () => this.look(Number(select.value))
    queryLabel.append(select)
    const heat = element("label", "", "Temperature ")
    const slider = element("input", "temperature")
    Object.assign(slider, { type: "range", min: "0.1", max: "4", step: "0.1", value: "1" })
    slider.setAttribute("aria-label", "Temperature")
    const told = element("output", "told", "1.0")
    slider.oninput = () => {
      this.temperature = Number(slider.value)
      told.textContent = this.temperature.toFixed(1)
      this.update()
    }
    heat.append(slider, told)
    const reset = element("button", "reset", "As it is")
    reset.type = "button"
    reset.onclick = () => {
      slider.value = "1"
      this.temperature = 1
      told.textContent = "1.0"
      this.moved.clear()
      this.fill()
    }
    bar.append(queryLabel, heat, reset)

    const table = element("div", "table")
    table.setAttribute("role", "table")
    table.setAttribute("aria-label", "Scores and weights")
    const head = element("div", "row names")
    head.setAttribute("role", "row")
    for (const name of ["looks at", "score", "weight after softmax", ""]) {
      const cell = element("span", "", name)
      cell.setAttribute("role", name ? "columnheader" : "cell")
      head.append(cell)
    }
    table.append(head)
    this.rows = data.tokens.map((token, i) => {
      const row = element("div", "row")
      row.dataset.position = i
      row.setAttribute("role", "row")
      const name = element("button", "name", token)
      name.type = "button"
      name.title = `Open q · k for ${token}`
      name.onclick = () => this.open(i)
      const score = element("input", "score")
      Object.assign(score, { type: "number", step: String(STEP) })
      score.setAttribute("aria-label", `Score of ${token}, token ${i}`)
      score.oninput = () => {
        const value = Number(score.value)
        if (score.value === "" || !Number.isFinite(value)) return
        const typed = Math.max(-50, Math.min(50, value))
        if (Math.abs(typed - this.scores[i]) < 0.005) this.moved.delete(i)
        else this.moved.set(i, typed)
        this.update()
      }
      score.onfocus = () => this.open(i)
      const track = element("span", "track")
      track.append(element("span", "is"), element("span", "if"))
      const cells = [name, score, track, element("span", "value")].map((part) => {
        const cell = element("span", "cell-of")
        cell.setAttribute("role", "cell")
        cell.append(part)
        return cell
      })
      row.append(...cells)
      table.append(row)
      return row
    })
    table.onpointerover = (event) => {
      const row = within(event, "[data-position]")
      if (row) tellHover(Number(row.dataset.position))
    }
    table.onpointerleave = () => tellHover(null)

    const steps = element("div", "steps")
    steps.append(element("section", "product"), element("section", "mix"))
    const body = element("div", "two")
    body.append(table, steps)
    const said = element("p", "said")
    said.setAttribute("role", "status")
    root.append(bar, body, said)
  }

  fill() {
    this.rows.forEach((row, i) => {
      row.querySelector(".score").value = this.scores[i].toFixed(2)
    })
    this.open(this.key)
    this.update()
  }

  open(key) {
    this.key = key
    const { data } = this
    this.rows.forEach((row, i) => row.classList.toggle("open", i === key))
    const box = this.root.querySelector(".product")
    const [q, k] = [this.queries[this.query], this.keys[key]]
    const products = q.map((x, n) => x * k[n])
    const scale = Math.max(...q.map(Math.abs), ...k.map(Math.abs), 1e-6)
    const steep = Math.max(...products.map(Math.abs), 1e-6)
    const detail = element("p", "detail", "Point at a column to read its three numbers.")
    const strips = element("div", "strips")
    strips.append(
      line("", `q of “${data.tokens[this.query]}”`, q, scale),
      line("", `k of “${data.tokens[key]}”`, k, scale),
      line("", "q × k, number by number", products, steep),
    )
    strips.onpointerover = (event) => {
      const n = within(event, "[data-k]")?.dataset.k
      if (n === undefined) return
      for (const cell of strips.querySelectorAll(".cell")) cell.classList.toggle("on", cell.dataset.k === n)
      detail.textContent = `Number ${Number(n) + 1}: ${written(q[n])} × ${written(k[n])} = ${written(products[n])}`
    }
    const sum = element("p", "equation")
    sum.append(
      element("span", "", `The ${data.size} products add up to ${written(this.products[key])}; divided by √${data.size} = ${Math.sqrt(data.size).toFixed(2)} the score is `),
      element("b", "", written(this.scores[key])),
      element("span", "", "."),
    )
    box.replaceChildren(element("h3", "", `1 · Do they match? q · k for “${data.tokens[key]}”`), strips, detail, sum)
  }

  update() {
    const { data } = this
    const scores = this.scores.map((score, i) => this.moved.get(i) ?? score)
    const weights = softmax(scores, this.temperature)
    const changed = this.moved.size > 0 || Math.abs(this.temperature - 1) > 0.001
    const most = Math.max(...weights, ...this.real)
    this.rows.forEach((row, i) => {
      row.classList.toggle("moved", this.moved.has(i))
      row.querySelector(".is").style.width = `${(100 * this.real[i]) / most}%`
      row.querySelector(".if").style.width = `${(100 * weights[i]) / most}%`
      row.querySelector(".value").textContent = changed ? `${percent(this.real[i])} → ${percent(weights[i])}` : percent(weights[i])
    })
    const mix = (by) => this.values[0].map((_, k) => by.reduce((sum, weight, i) => sum + weight * this.values[i][k], 0))
    const is = mix(this.real)
    const now = mix(weights)
    const scale = Math.max(...is.map(Math.abs), ...now.map(Math.abs), 1e-6)
    const box = this.root.querySelector(".mix")
    const strips = element("div", "strips")
    const order = weights.map((weight, i) => [weight, i]).sort((a, b) => b[0] - a[0]).slice(0, 3)
    for (const [weight, i] of order) {
      const part = this.values[i].map((x) => x * weight)
      strips.append(line("", `${percent(weight)} × v of “${data.tokens[i]}”`, part, scale))
    }
    if (changed) {
      strips.append(line("total", "new vector, as it is", is, scale), line("total", "new vector, what if", now, scale))
    } else strips.append(line("total", "Σ = the new vector", is, scale))
    const cosine = dot(is, now) / Math.sqrt(dot(is, is) * dot(now, now) || 1)
    const rest = data.tokens.length - order.length
    const words = element("p", "equation", changed
      ? `What if: the new vector has a cosine of ${cosine.toFixed(3)} with the model's own (1 is the same direction), its length is ${Math.sqrt(dot(now, now)).toFixed(2)} instead of ${Math.sqrt(dot(is, is)).toFixed(2)}.`
      : `The three largest parts are drawn${rest > 0 ? `, ${rest} more are added` : ""}. Change a score or the temperature and watch.`)
    box.replaceChildren(element("h3", "", `2 · Mix the values by weight for “${data.tokens[this.query]}”`), strips, words)
    const best = weights.indexOf(Math.max(...weights))
    this.root.querySelector(".said").textContent =
      `“${data.tokens[this.query]}” looks most at “${data.tokens[best]}”: ${percent(weights[best])}` +
      (changed ? `; in the model it is ${percent(this.real[best])}.` : ". All weights of the row add up to 100%.")
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".sum")
  const { signal, end } = lifetime(root)
  lightHovered(root, signal)
  const made = JSON.stringify([data.layer, data.head, data.tokens, data.query, data.queries.slice(0, 64), data.values.slice(0, 64)])
  if (root.made === made) return end
  root.made = made
  root.sum = new Sum(root, data)
  return end
}
