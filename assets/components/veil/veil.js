// A question on a veiled figure. While the veil is down, nothing of the answer is here: the server
// has not sent it. A guess is a bar that is chosen, a marker on an axis, a curve that is drawn, or
// cuts in a word. Then the same figure shows the truth, and the guess stays on it as a ghost.
// All text is set as textContent.

import { button, drawn, element } from "../parts/element.js"
import { percent } from "../parts/numbers.js"

const digits = (step) => (step >= 1 ? 0 : step >= 0.1 ? 1 : 2)
const written = (x, axis) => `${x.toFixed(digits(axis.step)).replace("-", "−")}${axis.unit}`
const short = (x, axis) => `${String(Number(x.toFixed(2))).replace("-", "−")}${axis.unit}`
const share = (x, axis) => Math.min(1, Math.max(0, (x - axis.low) / (axis.high - axis.low)))
const place = (x, axis) => `${100 * share(x, axis)}%`
const side = (x, axis) => (share(x, axis) > 0.85 ? "late" : share(x, axis) < 0.15 ? "early" : "")

function ticks(axis, count = 5) {
  return Array.from({ length: count + 1 }, (_, i) => axis.low + (i * (axis.high - axis.low)) / count)
}

// What stands on the axis from the start.
function known(data) {
  return Object.entries(data.known).map(([name, x]) => {
    // Its words stand on the side that has room and is away from the middle, where the guess begins.
    const at = share(x, data.axis)
    const mark = element("div", `known ${(at > 0.15 && at <= 0.5) || at > 0.85 ? "late" : ""}`)
    mark.style.left = place(x, data.axis)
    mark.append(element("span", "", `${name.replaceAll("_", " ")}: ${written(x, data.axis)}`))
    return mark
  })
}

function scale(data) {
  const box = element("div", "axis")
  box.append(element("div", "field"))
  for (const x of ticks(data.axis)) {
    const tick = element("span", "tick", short(x, data.axis))
    tick.style.left = place(x, data.axis)
    box.append(tick)
  }
  return box
}

const FORMS = {
  bars(data, guess) {
    const list = element("ul", "bars")
    for (const option of data.options) {
      const row = element("li")
      const choose = button("", "", () => guess(option))
      const track = element("span", "track")
      track.append(element("span", "bar"))
      choose.append(element("span", "name", option), track)
      row.append(choose)
      list.append(row)
    }
    return { figure: list }
  },

  marker(data) {
    const { axis } = data
    const box = scale(data)
    const filled = element("div", "filled")
    const said = element("span", "said")
    const input = element("input")
    input.type = "range"
    Object.assign(input, { min: axis.low, max: axis.high, step: axis.step })
    input.value = String((axis.low + axis.high) / 2)
    input.setAttribute("aria-label", `Your guess: ${axis.name}`)
    const show = () => {
      const x = Number(input.value)
      filled.style.width = said.style.left = place(x, axis)
      said.textContent = written(x, axis)
      input.setAttribute("aria-valuetext", written(x, axis))
    }
    input.oninput = show
    show()
    box.append(filled, ...known(data), said, input)
    const figure = element("div")
    figure.append(box, element("p", "name-of-axis", axis.name))
    return { figure, value: () => Number(input.value) }
  },

  cuts(data) {
    const box = element("div", "cuts")
    box.setAttribute("role", "group")
    box.setAttribute("aria-label", "Cut the word")
    const letters = [...data.known.word]
    const cuts = new Set()
    const count = element("p")
    count.setAttribute("role", "status")
    const tell = () => (count.textContent = cuts.size ? `${cuts.size + 1} pieces` : "1 piece: not cut at all")
    letters.forEach((letter, i) => {
      if (i) {
        const gap = button("", "", () => {
          if (!cuts.delete(i)) cuts.add(i)
          gap.setAttribute("aria-pressed", String(cuts.has(i)))
          tell()
        })
        gap.setAttribute("aria-pressed", "false")
        gap.setAttribute("aria-label", `Cut between ${letters.slice(0, i).join("")} and ${letters.slice(i).join("")}`)
        box.append(gap)
      }
      box.append(element("span", "letter", letter))
    })
    tell()
    const figure = element("div")
    figure.append(box, count)
    return { figure, value: () => [...cuts].sort((a, b) => a - b) }
  },

  curve(data) {
    const { axis, knots } = data
    const box = element("div", "curve")
    const heights = Array(knots).fill(axis.low)
    const svg = drawn("svg", { viewBox: "0 0 100 100", preserveAspectRatio: "none" })
    const line = drawn("polyline", { class: "line" })
    svg.append(line)
    for (const x of ticks(axis)) {
      const tick = element("span", "tick", short(x, axis))
      tick.style.top = `${100 * (1 - share(x, axis))}%`
      box.append(tick)
    }
    const inputs = heights.map((_, i) => {
      const input = element("input")
      input.type = "range"
      Object.assign(input, { min: axis.low, max: axis.high, step: axis.step, value: axis.low })
      input.setAttribute("aria-label", `Height after ${Math.round((100 * i) / (knots - 1))}% of the training`)
      input.style.left = `${(100 * i) / (knots - 1)}%`
      input.oninput = () => {
        heights[i] = Number(input.value)
        show()
      }
      return input
    })
    const show = () => {
      line.setAttribute("points", heights.map((y, i) => `${(100 * i) / (knots - 1)},${100 * (1 - share(y, axis))}`).join(" "))
      inputs.forEach((input, i) => {
        input.value = heights[i]
        input.style.top = `${100 * (1 - share(heights[i], axis))}%`
      })
    }
    let fresh = true // whether this stroke is the first
    let last = null // the knot that it passed last
    const draw = (event) => {
      const at = box.getBoundingClientRect()
      const x = Math.min(1, Math.max(0, (event.clientX - at.left) / at.width))
      const y = 1 - Math.min(1, Math.max(0, (event.clientY - at.top) / at.height))
      const i = Math.round(x * (knots - 1))
      const next = axis.low + Math.round((y * (axis.high - axis.low)) / axis.step) * axis.step
      // A quick stroke may jump over knots: what lies between is filled in.
      const from = last ?? i
      for (let k = Math.min(i, from); k <= Math.max(i, from); k++) {
        heights[k] = from === i ? next : heights[from] + ((next - heights[from]) * (k - from)) / (i - from)
      }
      if (fresh) heights.fill(next, i) // until more is drawn, it goes on as it is
      last = i
      show()
    }
    box.onpointerdown = (event) => {
      box.setPointerCapture(event.pointerId)
      fresh = last === null
      last = null
      draw(event)
    }
    box.onpointermove = (event) => box.hasPointerCapture(event.pointerId) && draw(event)
    box.append(svg, ...inputs, element("span", "x", "begin"), element("span", "x last", "end of training"))
    show()
    const figure = element("div")
    figure.append(element("p", "name-of-axis", `Draw the line that you expect: ${axis.name}`), box)
    return { figure, value: () => [...heights] }
  },
}

const OPEN = {
  bars(data) {
    const list = element("ul", `bars ${data.values.length ? "" : "plain"}`)
    data.options.forEach((option, i) => {
      const row = element("li", `${option === data.guess ? "guessed" : ""} ${option === data.truth ? "true" : ""}`)
      row.append(element("span", "name", option))
      const value = data.values[i]
      if (data.values.length) {
        const track = element("span", "track")
        const bar = element("span", "bar")
        bar.style.width = `${100 * (value ?? 0)}%`
        track.append(bar)
        row.append(track)
      }
      const number = typeof value === "number" ? percent(value) : ""
      const said = [number, option === data.truth && !number ? "✓ so it is" : "", option === data.guess ? "your guess" : ""]
      row.append(element("span", "mark", said.filter(Boolean).join(" · ")))
      list.append(row)
    })
    return list
  },

  marker(data) {
    const { axis } = data
    const box = scale(data)
    const truth = element("div", "truth")
    truth.style.width = place(data.truth, axis)
    truth.append(element("span", `said ${side(data.truth, axis)}`, written(data.truth, axis)))
    box.append(truth, ...known(data))
    if (typeof data.guess === "number") {
      const near = Math.abs(share(data.guess, axis) - share(data.truth, axis)) < 0.3
      const ghost = element("div", `ghost ${near ? "below" : ""}`)
      ghost.style.left = place(data.guess, axis)
      ghost.append(element("span", `said ${side(data.guess, axis)}`, `your guess: ${written(data.guess, axis)}`))
      box.append(ghost)
      if (near) box.querySelectorAll(".tick").forEach((tick) => tick.remove())
    }
    return box
  },

  cuts(data) {
    const box = element("div", "cuts")
    const row = (name, className, places) => {
      const ends = [0, ...places, data.known.word.length]
      const pieces = element("div", `pieces ${className}`)
      ends.slice(1).forEach((end, i) => pieces.append(element("span", "piece", data.known.word.slice(ends[i], end))))
      box.append(element("span", "", name), pieces)
    }
    if (data.guess) row("your guess", "ghost", data.guess)
    row("BERT", "", data.truth)
    return box
  },
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".veil")
  const now = JSON.stringify(data)
  if (root.now === now) return // drawn again with nothing new: what is half drawn stays
  root.now = now
  root.classList.toggle("open", data.open)
  if (data.open) {
    const figure = OPEN[data.form]?.(data)
    root.replaceChildren(...(figure ? [figure] : []), element("p", "", data.words))
    return
  }
  const send = (value) => setTriggerValue("guess", { value, at: Date.now() })
  const { figure, value } = FORMS[data.form](data, send)
  const prompt = element("p", "prompt")
  prompt.append(element("b", "", "Predict first"), document.createTextNode(data.prompt))
  const foot = element("div", "foot")
  if (value) foot.append(button("lift", "Lift the veil", () => send(value())))
  foot.append(button("look", "Just show me", () => setTriggerValue("look", { at: Date.now() })))
  root.replaceChildren(prompt, figure, foot)
}
