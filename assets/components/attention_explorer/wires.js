// The tokens that look, at the left, the tokens that are looked at, at the right, and lines between.

import { sized } from "../parts/canvas.js"
import { button, element, within } from "../parts/element.js"
import { LESS } from "./pixels.js"

const FAINT = 0.04 // weights below are not drawn while no token is chosen
const STRONG = 0.004 // … and for a chosen token
const MOST_LINES = 1200 // the strongest are drawn; more would be a gray sheet and slow

export class Wires {
  constructor(explorer) {
    this.explorer = explorer
    this.box = element("div", "lines")
    this.box.setAttribute("role", "group")
    this.box.setAttribute("aria-label", "Lines from the tokens that look to those that are looked at")
  }

  /** The names at both sides. Another head of the same tokens leaves them as they are. */
  lay() {
    const { shown } = this.explorer
    const names = JSON.stringify([shown.rows, shown.columns, this.box.clientWidth])
    if (this.laid === names) return
    this.laid = names
    const most = Math.max(shown.rows.length, shown.columns.length)
    this.rise = most > 60 ? 17 : 24 // px, the height of a token
    this.canvas = element("canvas", "wires")
    this.canvas.setAttribute("aria-hidden", "true")
    this.left = element("div", "tokens looks")
    this.left.append(...shown.rows.map((unit, i) => this.token(unit, i, true)))
    this.right = element("div", "tokens seen")
    this.right.append(...shown.columns.map((unit, i) => this.token(unit, i, false)))
    const heads = element("div", "heads")
    heads.append(element("span", "", "looks"), element("span", "", "is looked at"))
    const body = element("div", "body")
    body.append(this.left, this.canvas, this.right)
    const scroll = this.box.scrollTop
    this.box.replaceChildren(heads, body)
    this.box.scrollTop = scroll
    this.listen(body)
    this.width = Math.max(60, this.box.clientWidth - this.left.offsetWidth - this.right.offsetWidth - 2)
    this.height = most * this.rise
  }

  token(unit, i, looks) {
    const token = button("token", unit.label, () => this.explorer.pin(unit))
    token.dataset.index = String(i)
    token.classList.toggle("special", unit.special)
    token.classList.toggle("second", unit.sentence === 1)
    token.classList.toggle("changed", Boolean(unit.changed))
    token.style.height = `${this.rise}px`
    token.title = unit.label
    token.tabIndex = looks && i === 0 ? 0 : -1
    const does = looks ? ": show where it looks; Enter pins it" : ", is looked at"
    token.setAttribute("aria-label", `${unit.label}, token ${unit.positions[0]}${does}`)
    return token
  }

  listen(body) {
    const { explorer, left } = this
    const over = (event) => {
      const token = within(event, ".token")
      if (!token) return
      const index = Number(token.dataset.index)
      explorer.hover(token.parentElement === left ? { row: index, column: null } : { row: null, column: index })
    }
    const out = () => explorer.hover({ row: null, column: null })
    body.onpointerover = over
    body.onpointerleave = out
    left.addEventListener("focusin", over)
    left.addEventListener("focusout", out)
    left.onkeydown = (event) => {
      const tokens = [...left.querySelectorAll(".token")]
      const here = tokens.indexOf(event.target)
      const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: tokens.length - 1 }[event.key]
      if (here < 0 || next === undefined || !tokens[next]) return
      event.preventDefault()
      event.stopPropagation()
      tokens[here].tabIndex = -1
      tokens[next].tabIndex = 0
      tokens[next].focus()
    }
  }

  /** The lines, and the names of what stands out. */
  draw() {
    const { shown, gain, more, row, at, look } = this.explorer
    const { rows, columns, values } = shown
    this.drawLines()
    this.left.querySelectorAll(".token").forEach((token, i) => {
      token.classList.toggle("on", i === row)
      token.setAttribute("aria-pressed", String(look.pin !== null && rows[i].positions.includes(look.pin)))
    })
    this.right.querySelectorAll(".token").forEach((token, j) => {
      token.classList.toggle("on", j === at.column)
      const value = row === null ? 0 : values[row * columns.length + j]
      const size = Math.min(1, Math.abs(value) * gain)
      token.style.background = size > 0.02 ? `rgba(${value >= 0 ? more : LESS}, ${0.38 * Math.sqrt(size)})` : ""
    })
  }

  drawLines() {
    const { shown, gain, more, row, at } = this.explorer
    const { rows, columns, values } = shown
    const { width } = this
    const pen = sized(this.canvas, width, this.height)
    const line = (i, j, strong) => {
      const value = values[i * columns.length + j]
      const size = Math.abs(value) * gain
      if (size < (strong ? STRONG : FAINT)) return
      const [y, z] = [(i + 0.5) * this.rise, (j + 0.5) * this.rise]
      pen.strokeStyle = `rgba(${value >= 0 ? more : LESS}, ${Math.min(0.95, strong ? 0.12 + size : 0.75 * size)})`
      pen.lineWidth = strong ? 0.8 + 6 * size : 0.6 + 2.4 * size
      pen.beginPath()
      pen.moveTo(0, y)
      pen.bezierCurveTo(width * 0.45, y, width * 0.55, z, width, z)
      pen.stroke()
    }
    if (row !== null) columns.forEach((_, j) => line(row, j, true))
    else if (at.column !== null) rows.forEach((_, i) => line(i, at.column, true))
    else {
      let cells = [...values.keys()].filter((cell) => Math.abs(values[cell]) * gain >= FAINT)
      if (cells.length > MOST_LINES) {
        cells = cells.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a])).slice(0, MOST_LINES)
      }
      for (const cell of cells) line(Math.floor(cell / columns.length), cell % columns.length, false)
    }
  }
}
