// The sinusoidal table as one instrument: the heat map of all positions, the waves of a few
// dimensions, the clock hands of a few pairs, and how alike a position is to every other. Pointing
// at a place in any of them, or the arrow keys, moves all of them, and so does pointing at a token in
// the ribbon. Python sends the frequencies.

import { element } from "../parts/element.js"
import { hearHover } from "../parts/hover.js"
import { kept, lifetime, onResize } from "../parts/lifetime.js"
import { pen } from "../parts/canvas.js"
import { signed } from "../parts/numbers.js"

const NEGATIVE = [213, 94, 0]
const POSITIVE = [0, 114, 178]
const HUES = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00"]
const CLOCKS = 8
const NAMES = 20 // pixels above the waves for the names of their dimensions

class Instrument {
  constructor(root) {
    this.root = root
    this.position = 0
    this.dimension = 0
    this.grid = element("div", "grid")
    this.table = this.panel("table", "Every position is a row of numbers", "dimension →", "position ↓")
    this.waves = this.panel("waves", "Each dimension is a wave", "position →", "value")
    this.clocks = this.panel("clocks", "Each pair is a clock hand", "", "")
    this.alike = this.panel("alike", "How alike is this position to the others?", "position →", "mean product")
    this.said = element("p", "said")
    this.said.setAttribute("aria-live", "polite")
    root.replaceChildren(this.grid, this.said)

    const heat = this.table.canvas
    heat.tabIndex = 0
    heat.setAttribute("role", "slider")
    heat.setAttribute("aria-label", "Position; up and down move the position, left and right the dimension")
    heat.onkeydown = (event) => this.key(event)
    for (const { canvas } of [this.table, this.waves, this.alike]) {
      canvas.onpointermove = canvas.onpointerdown = (event) => this.at(canvas, event)
    }
  }

  panel(name, title, x, y) {
    const box = element("figure", name)
    const canvas = element("canvas")
    const axes = element("figcaption")
    axes.append(element("span", "", y), element("span", "", x))
    box.append(element("div", "title", title), canvas, axes)
    this.grid.append(box)
    return { box, canvas }
  }

  show(data) {
    const fresh = JSON.stringify(data.frequencies) !== JSON.stringify(this.omega) || data.length !== this.length
    this.omega = data.frequencies
    this.length = data.length
    this.size = 2 * this.omega.length
    if (fresh) {
      this.picture = null
      this.position = Math.min(data.position, this.length - 1)
      this.dimension = Math.min(this.dimension, this.size - 1)
    }
    this.table.canvas.setAttribute("aria-valuemin", "0")
    this.table.canvas.setAttribute("aria-valuemax", String(this.length - 1))
    this.draw()
  }

  value(position, dimension) {
    const angle = position * this.omega[dimension >> 1]
    return dimension % 2 ? Math.cos(angle) : Math.sin(angle)
  }

  at(canvas, event) {
    const box = canvas.getBoundingClientRect()
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]
    const along = (part, count) => Math.max(0, Math.min(count - 1, Math.floor(part * count)))
    if (canvas === this.table.canvas) {
      this.position = along(y, this.length)
      this.dimension = along(x, this.size)
    } else {
      this.position = along(x, this.length)
    }
    this.draw()
  }

  go(position) {
    if (position === null || position >= this.length) return
    this.position = position
    this.draw()
  }

  key(event) {
    const step = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1],
      PageDown: [8, 0], PageUp: [-8, 0], Home: [-this.length, 0], End: [this.length, 0] }[event.key]
    if (!step) return
    event.preventDefault()
    event.stopPropagation()
    this.position = Math.max(0, Math.min(this.length - 1, this.position + step[0]))
    this.dimension = Math.max(0, Math.min(this.size - 1, this.dimension + step[1]))
    this.draw()
  }

  /** A canvas to draw on, and the colors of the page. */
  onto(canvas) {
    const { context, width, height } = pen(canvas)
    const style = getComputedStyle(this.root)
    this.ink = style.color
    this.soft = style.getPropertyValue("--st-border-color") || "#8884"
    context.font = `12px ${style.fontFamily}`
    return { context, width, height }
  }

  draw() {
    this.drawTable()
    this.drawWaves()
    this.drawClocks()
    this.drawAlike()
    const [p, d] = [this.position, this.dimension]
    const omega = this.omega[d >> 1]
    const name = d % 2 ? "cos" : "sin"
    this.said.replaceChildren(
      element("b", "", `Position ${p}, dimension ${d}: `),
      `${name}(${p} × ${omega.toPrecision(3)}) = ${signed(this.value(p, d), 3)}. `,
      `This wave comes round every ${((2 * Math.PI) / omega).toFixed(1)} positions.`,
    )
    this.table.canvas.setAttribute("aria-valuenow", String(p))
    this.table.canvas.setAttribute("aria-valuetext", this.said.textContent)
  }

  // One pixel for each number; the browser stretches it without smoothing.
  paintTable() {
    const small = element("canvas")
    small.width = this.size
    small.height = this.length
    const image = new ImageData(this.size, this.length)
    for (let p = 0; p < this.length; p++) {
      for (let d = 0; d < this.size; d++) {
        const value = this.value(p, d)
        image.data.set([...(value < 0 ? NEGATIVE : POSITIVE), 255 * Math.abs(value)], 4 * (p * this.size + d))
      }
    }
    small.getContext("2d").putImageData(image, 0, 0)
    return small
  }

  drawTable() {
    const { context: pen, width, height } = this.onto(this.table.canvas)
    this.picture ??= this.paintTable()
    pen.imageSmoothingEnabled = false
    pen.drawImage(this.picture, 0, 0, width, height)
    const [row, column] = [height / this.length, width / this.size]
    pen.strokeStyle = this.ink
    pen.lineWidth = 2
    pen.strokeRect(1, this.position * row - 1, width - 2, Math.max(row, 3) + 2)
    pen.lineWidth = 1
    pen.setLineDash([3, 3])
    pen.strokeRect(this.dimension * column, 0, Math.max(column, 2), height)
    pen.setLineDash([])
  }

  // The dimension pointed at, and a few more from fast to slow.
  shownDimensions() {
    const spread = [0, 0.25, 0.5, 0.75].map((part) => 2 * Math.round(part * (this.omega.length - 1)))
    return [this.dimension, ...spread.filter((d) => d !== this.dimension)].slice(0, 4)
  }

  // `top` pixels stay free for the names of the curves.
  curve(pen, width, height, value, color, thick, top = 0) {
    const x = (p) => ((p + 0.5) * width) / this.length
    const y = (v) => (height + top) / 2 - v * ((height - top) / 2 - 8)
    pen.strokeStyle = color
    pen.lineWidth = thick
    pen.beginPath()
    const steps = Math.max(this.length, Math.round(width))
    for (let i = 0; i <= steps; i++) {
      const p = (i * (this.length - 1)) / steps
      pen.lineTo(x(p), y(value(p)))
    }
    pen.stroke()
    pen.fillStyle = color
    pen.beginPath()
    pen.arc(x(this.position), y(value(this.position)), thick + 2.5, 0, 2 * Math.PI)
    pen.fill()
  }

  ground(pen, width, height, top = 0) {
    pen.strokeStyle = this.soft
    pen.lineWidth = 1
    pen.beginPath()
    pen.moveTo(0, (height + top) / 2)
    pen.lineTo(width, (height + top) / 2)
    pen.stroke()
    const x = ((this.position + 0.5) * width) / this.length
    pen.strokeStyle = this.ink
    pen.beginPath()
    pen.moveTo(x, top)
    pen.lineTo(x, height)
    pen.stroke()
  }

  drawWaves() {
    const { context: pen, width, height } = this.onto(this.waves.canvas)
    this.ground(pen, width, height, NAMES)
    const shown = this.shownDimensions()
    shown.map((d, i) => [d, i]).reverse().forEach(([d, i]) =>
      this.curve(pen, width, height, (p) => this.value(p, d), HUES[i], i ? 1.4 : 2.8, NAMES))
    let x = 0
    shown.forEach((d, i) => {
      pen.fillStyle = HUES[i]
      pen.fillRect(x, 2, 11, 11)
      pen.fillStyle = this.ink
      const name = i ? `${d}` : `dimension ${d}`
      pen.fillText(name, x + 16, 12)
      x += 30 + pen.measureText(name).width
    })
  }

  drawClocks() {
    const { context: pen, width, height } = this.onto(this.clocks.canvas)
    const pairs = this.omega.length
    const count = Math.min(CLOCKS, pairs)
    const chosen = [...new Set([...Array(count)].map((_, i) => Math.round((i * (pairs - 1)) / Math.max(1, count - 1))))]
    const here = this.dimension >> 1
    if (!chosen.includes(here)) {
      const nearest = chosen.reduce((a, b) => (Math.abs(b - here) < Math.abs(a - here) ? b : a))
      chosen[chosen.indexOf(nearest)] = here
    }
    const columns = Math.ceil(chosen.length / 2)
    const [cell, tall] = [width / columns, height / 2]
    const radius = Math.max(4, Math.min(cell / 2 - 6, tall / 2 - 14))
    chosen.forEach((pair, i) => {
      const [cx, cy] = [(i % columns + 0.5) * cell, Math.floor(i / columns) * tall + radius + 4]
      const angle = this.position * this.omega[pair]
      pen.strokeStyle = pair === here ? this.ink : this.soft
      pen.lineWidth = pair === here ? 2 : 1.2
      pen.beginPath()
      pen.arc(cx, cy, radius, 0, 2 * Math.PI)
      pen.stroke()
      // The hand points to (sine, cosine): at position 0 straight up, then on like a clock's.
      pen.strokeStyle = pair === here ? HUES[0] : "#E69F00"
      pen.lineWidth = 3
      pen.beginPath()
      pen.moveTo(cx, cy)
      pen.lineTo(cx + radius * 0.88 * Math.sin(angle), cy - radius * 0.88 * Math.cos(angle))
      pen.stroke()
      pen.fillStyle = this.ink
      pen.textAlign = "center"
      pen.fillText(`${2 * pair}, ${2 * pair + 1}`, cx, cy + radius + 15)
    })
    pen.textAlign = "left"
  }

  drawAlike() {
    const { context: pen, width, height } = this.onto(this.alike.canvas)
    this.ground(pen, width, height)
    const mean = (p) => this.omega.reduce((sum, w) => sum + Math.cos((p - this.position) * w), 0) / this.omega.length
    this.curve(pen, width, height, mean, HUES[0], 2.2)
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".instrument")
  const { signal, stands, end } = lifetime(root)
  const instrument = kept(root, stands, () => new Instrument(root))
  instrument.show(data)
  hearHover((position) => instrument.go(position), signal)
  onResize(root, () => instrument.draw(), signal)
  return end
}
