// The weights as a map: a row for each token that looks, a column for each that is looked at.

import { sized } from "../parts/canvas.js"
import { element } from "../parts/element.js"
import { percent } from "../parts/numbers.js"
import { picture } from "./pixels.js"
import { points } from "./words.js"

const MOST_LABELS = 90 // tokens; a map of more has no room for their names

export class HeatMap {
  constructor(explorer) {
    this.explorer = explorer
    this.box = element("div", "heat")
    this.axis = element("p", "axis")
    this.canvas = element("canvas", "map")
    this.canvas.tabIndex = 0
    this.canvas.setAttribute("role", "img")
    this.box.append(this.axis, this.canvas)
    this.listen()
  }

  /** Where cells and names stand, and the cells themselves. */
  lay() {
    const { shown, gain, more, most } = this.explorer
    const strongest = shown.signed ? `a change of ${points(most).slice(1)}` : percent(most)
    this.axis.textContent = `rows: who looks · columns: who is looked at · strongest: ${strongest}`
    const [rows, columns] = [shown.rows.length, shown.columns.length]
    this.cells = picture(shown.values, rows, columns, more, gain)
    const pen = this.canvas.getContext("2d")
    pen.font = "12px sans-serif"
    const widest = (units) => Math.min(96, Math.max(0, ...units.map((unit) => pen.measureText(unit.label).width)) + 8)
    this.named = Math.max(rows, columns) <= MOST_LABELS
    this.left = this.named ? widest(shown.rows) : 4
    this.top = this.named ? widest(shown.columns) : 4
    const room = Math.max(120, this.box.clientWidth - this.left - 4)
    this.cell = Math.max(1, Math.min(30, room / Math.max(1, columns), Math.max(560, room) / Math.max(1, rows)))
    this.width = this.left + columns * this.cell + 2
    this.height = this.top + rows * this.cell + 2
  }

  draw() {
    const { explorer, left, top, cell } = this
    const { rows, columns } = explorer.shown
    const { row } = explorer
    const { column } = explorer.at
    const pen = sized(this.canvas, this.width, this.height)
    const style = getComputedStyle(explorer.root)
    const ink = style.getPropertyValue("--st-text-color")
    pen.imageSmoothingEnabled = false
    pen.drawImage(this.cells, left, top, columns.length * cell, rows.length * cell)
    pen.strokeStyle = style.getPropertyValue("--st-border-color")
    pen.strokeRect(left - 0.5, top - 0.5, columns.length * cell + 1, rows.length * cell + 1)
    pen.strokeStyle = ink
    if (row !== null) pen.strokeRect(left - 0.5, top + row * cell - 0.5, columns.length * cell + 1, cell + 1)
    if (column !== null) pen.strokeRect(left + column * cell - 0.5, top - 0.5, cell + 1, rows.length * cell + 1)
    if (!this.named) return
    const size = Math.max(8, Math.min(12, cell * 0.85))
    const write = (unit, on, x, y) => {
      pen.font = `${on ? "bold " : ""}${size}px ${style.getPropertyValue("--st-font") || "sans-serif"}`
      pen.fillStyle = ink
      pen.fillText(unit.label, x, y, 90)
    }
    pen.textBaseline = "middle"
    pen.textAlign = "right"
    rows.forEach((unit, i) => write(unit, i === row, left - 4, top + (i + 0.5) * cell))
    pen.textAlign = "left"
    columns.forEach((unit, j) => {
      pen.save()
      pen.translate(left + (j + 0.5) * cell, top - 4)
      pen.rotate(-Math.PI / 2)
      write(unit, j === column, 0, 0)
      pen.restore()
    })
  }

  /** The cell under the pointer. */
  cellAt(event) {
    const box = this.canvas.getBoundingClientRect()
    const { rows, columns } = this.explorer.shown
    const column = Math.floor((event.clientX - box.left - this.left) / this.cell)
    const row = Math.floor((event.clientY - box.top - this.top) / this.cell)
    const inside = row >= 0 && column >= 0 && row < rows.length && column < columns.length
    return inside ? { row, column } : { row: null, column: null }
  }

  listen() {
    const { explorer, canvas } = this
    canvas.onpointermove = (event) => explorer.hover(this.cellAt(event))
    canvas.onpointerleave = canvas.onblur = () => explorer.hover({ row: null, column: null })
    canvas.onclick = (event) => {
      const { row } = this.cellAt(event)
      if (row !== null) explorer.pin(explorer.shown.rows[row])
    }
    canvas.onkeydown = (event) => {
      const { at, row, shown } = explorer
      const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key]
      if (event.key === "Enter" && at.row !== null) explorer.pin(shown.rows[at.row])
      if (!step) return
      event.preventDefault()
      event.stopPropagation()
      const within = (value, count) => Math.max(0, Math.min(count - 1, value))
      const fresh = at.row === null
      explorer.speak = true
      explorer.hover({
        row: within(fresh ? (row ?? 0) : at.row + step[0], shown.rows.length),
        column: within(fresh ? 0 : (at.column ?? 0) + step[1], shown.columns.length),
      })
    }
  }
}
