// The curves of a run: accuracy, loss or gradient, beside what needs no model.

import { pen } from "../parts/canvas.js"
import { element } from "../parts/element.js"
import { percent } from "../parts/numbers.js"
import { between } from "./moments.js"

export const HELD_OUT = "#D55E00" // one idea, one color: predictions
const TRAINING = "#0072B2"
const GUESS = "#CC79A7" // as on every veil
const OTHERS = ["#56B4E9", "#009E73"] // curves of other runs, whole from the beginning

/** @typedef {{ name: string, color: string, rows: any[][], dash?: number[], width?: number, whole?: boolean }} Line */

/**
 * What the chart of a run shows: lines of [step, value], and levels that do not change.
 *
 * @returns {{ axis: string, top?: number, lines: Line[], levels: any[] }}
 */
export function series({ curve, data, moments, points }) {
  const { facts, others = [] } = data
  const pick = (name, side) => moments.map((m) => [m.step, m[name][side]])
  if (curve === "gradient") {
    return {
      axis: "norm of the gradient, before it is clipped at 1",
      lines: [{ name: "gradient", color: TRAINING, rows: points.map((p) => [p[0], p[2]]) }],
      levels: [{ name: "clipped above", value: 1, dash: [2, 4] }],
    }
  }
  const side = curve === "accuracy" ? 1 : 0
  /** @type {Line[]} */
  const lines = [
    { name: "training", color: TRAINING, rows: pick("train", side), dash: [6, 3] },
    { name: "held out", color: HELD_OUT, rows: pick("held_out", side), width: 2.5 },
  ]
  const { drawn, steps } = data
  if (drawn && side) {
    const rows = drawn.map((y, i) => [(steps * i) / (drawn.length - 1), y / 100])
    lines.unshift({ name: "your guess", color: GUESS, rows, dash: [4, 4], whole: true })
  }
  for (const [i, { name, rows }] of others.entries()) {
    lines.unshift({ name: `${name}, held out`, color: OTHERS[i], rows: rows.map((m) => [m[0], m[1 + side]]), whole: true, dash: [5, 4] })
  }
  const levels = [{ name: "most frequent word", value: side ? facts.baseline.accuracy : facts.baseline.loss, dash: [6, 4] }]
  if (side) levels.push({ name: "chance", value: facts.baseline.chance, dash: [2, 4] })
  else levels[0].name = "word frequencies alone"
  if (side && typeof facts.ceiling === "number") levels.push({ name: "a perfect reader", value: facts.ceiling, dash: [10, 4] })
  return { axis: side ? "share of hidden words found" : "loss in nats", top: side ? 1 : null, lines, levels }
}

export class Curves {
  constructor(gym) {
    this.gym = gym
    this.canvas = element("canvas", "chart")
    this.canvas.setAttribute("role", "img")
    this.canvas.setAttribute("aria-label", "Curves of the run")
    this.key = element("div", "key")
  }

  /** Nothing, while there is no moment yet. */
  clear() {
    pen(this.canvas)
  }

  draw() {
    const { gym } = this
    const { context: c, width, height } = pen(this.canvas)
    const { axis, lines, levels, top: fixed } = series(gym)
    const box = { left: 44, right: width - 12, top: 26, bottom: height - 36 }
    const last = Math.max(gym.data.steps, 1)
    const seen = lines.flatMap((line) => line.rows.map((row) => row[1])).filter((x) => x !== null)
    const sorted = [...seen, ...levels.map((level) => level.value)].sort((x, y) => x - y)
    // A spike must not flatten all the rest.
    const largest = fixed ?? Math.max(sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 1, ...levels.map((l) => l.value)) * 1.1
    const x = (step) => box.left + ((box.right - box.left) * step) / last
    const y = (value) => box.bottom - ((box.bottom - box.top) * Math.min(value, largest)) / largest
    c.font = gym.font(12)
    c.fillStyle = gym.style.color
    c.textBaseline = "middle"
    for (let i = 0; i <= 4; i++) {
      const value = (largest * i) / 4
      c.globalAlpha = 0.16
      c.fillRect(box.left, y(value), box.right - box.left, 1)
      c.globalAlpha = 0.85
      c.textAlign = "right"
      c.fillText(gym.curve === "accuracy" ? percent(value) : value.toFixed(1), box.left - 6, y(value))
    }
    c.textBaseline = "top"
    for (let i = 0; i <= 4; i++) {
      c.textAlign = i === 4 ? "right" : i ? "center" : "left"
      c.fillText(Math.round((last * i) / 4).toLocaleString("en"), x((last * i) / 4), box.bottom + 6)
    }
    c.textAlign = "center"
    c.fillText("step", (box.left + box.right) / 2, box.bottom + 20)
    c.textAlign = "left"
    c.fillText(axis, 4, 4)
    c.globalAlpha = 1

    for (const level of levels) {
      c.strokeStyle = gym.style.color
      c.globalAlpha = 0.6
      c.setLineDash(level.dash)
      c.lineWidth = 1
      c.beginPath()
      c.moveTo(box.left, y(level.value))
      c.lineTo(box.right, y(level.value))
      c.stroke()
    }
    c.globalAlpha = 1
    const here = gym.step()
    for (const { rows, color, dash = [], width: thick = 1.6, whole } of lines) {
      c.strokeStyle = color
      c.lineWidth = thick
      c.setLineDash(dash)
      c.beginPath()
      let begun = false
      let [atStep, atValue] = [null, null]
      for (const [step, value] of rows) {
        if (value === null || (step > last)) continue
        if (!whole && step > here) {
          if (begun && step > atStep) c.lineTo(x(here), y(between(atValue, value, (here - atStep) / (step - atStep))))
          break
        }
        if (begun) c.lineTo(x(step), y(value))
        else c.moveTo(x(step), y(value))
        begun = true
        atStep = step
        atValue = value
      }
      c.stroke()
    }
    c.setLineDash([])
    if (!gym.live) {
      c.strokeStyle = gym.style.color
      c.lineWidth = 1
      c.beginPath()
      c.moveTo(x(here), box.top)
      c.lineTo(x(here), box.bottom)
      c.stroke()
    }
    this.drawKey([...lines].reverse(), levels)
  }

  drawKey(lines, levels) {
    const names = [...lines, ...levels].map((entry) => entry.name).join("|")
    if (this.key.dataset.names === names) return
    this.key.dataset.names = names
    this.key.replaceChildren(...[...lines, ...levels].map(({ name, color, dash }) => {
      const entry = element("span", "entry")
      const mark = element("i", dash ? (dash[0] < dash[1] ? "dotted" : "dashed") : "")
      mark.style.borderColor = color ?? "currentColor"
      entry.append(mark, name)
      return entry
    }))
  }
}
