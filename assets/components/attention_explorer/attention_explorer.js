// All attention of one input, or of two inputs contrasted. The maps come once, one byte a weight;
// choosing heads, hovering, pinning, words, sentences and export happen here. Only of a text too
// long to send whole is an opened map asked of Python.

import { barRow } from "../parts/bar_row.js"
import { element } from "../parts/element.js"
import { hearHover, tellHover } from "../parts/hover.js"
import { every, lifetime, onResize } from "../parts/lifetime.js"
import { percent } from "../parts/numbers.js"
import { asPicture, saveFile } from "../parts/saving.js"
import { drawing } from "./drawing.js"
import { buildHeads, buildLegend, drawThumbnails, pressHeads } from "./heads.js"
import { HeatMap } from "./heat_map.js"
import { lastLook, remember, start } from "./look.js"
import { LESS, rgb } from "./pixels.js"
import { buildTools, pressTools } from "./tools.js"
import { Weights } from "./weights.js"
import { Wires } from "./wires.js"
import { describe, nameOf, points } from "./words.js"

const NOBODY = { row: null, column: null }
const KEEP = 400 // ms between two looks at the address

class Explorer {
  constructor(root, data, send) {
    this.root = root
    this.send = send
    this.data = data
    this.weights = new Weights(data)
    this.written = new URLSearchParams(location.search).has("look")
    this.look = data.game ? { ...start(data), heads: [] } : lastLook(data)
    if (!data.pairs) this.look.show = "first"
    if (!this.paired()) this.look.block = "all"
    this.at = NOBODY // under the pointer
    this.told = null
    this.build()
    this.refresh()
  }

  paired() {
    return this.data.texts[0].tokens.some((token) => token.sentence === 1)
  }

  /** The row that stands out: the hovered one, else the pinned one. */
  get row() {
    if (this.at.row !== null || this.at.column !== null) return this.at.row
    if (this.look.pin === null || !this.shown) return null
    const found = this.shown.rows.findIndex((unit) => unit.positions.includes(this.look.pin))
    return found < 0 ? null : found
  }

  set(change) {
    Object.assign(this.look, change)
    this.at = NOBODY
    this.write()
    this.refresh()
  }

  write() {
    this.written = true
    remember(this.look)
  }

  choose(layer, head, add) {
    const { look } = this
    if (this.data.game) {
      look.heads = [[layer, head]]
      this.send("guess", { layer, head })
      return this.refresh()
    }
    const known = look.heads.findIndex(([l, h]) => l === layer && h === head)
    let heads = [[layer, head]]
    if (add) {
      heads = known < 0 ? [...look.heads, [layer, head]] : look.heads.filter((_, i) => i !== known)
      if (!heads.length) heads = [[layer, head]]
    }
    this.set({ heads, several: look.several || heads.length > 1 })
  }

  build() {
    const { root, data } = this
    const heads = buildHeads(this)
    if (data.game) return root.replaceChildren(heads)
    const legend = buildLegend(data.labels)
    const left = element("div", "left")
    left.append(heads, ...(legend ? [legend] : []))
    this.side = element("div", "side")
    const overview = element("div", "overview")
    overview.append(left, this.side)
    this.wires = new Wires(this)
    this.map = new HeatMap(this)
    const panels = element("div", "panels")
    panels.append(this.wires.box, this.map.box)
    this.spoken = element("p", "spoken")
    this.spoken.setAttribute("role", "status")
    root.replaceChildren(buildTools(this), overview, panels, this.spoken)
  }

  /** Everything anew after a choice. */
  refresh() {
    const { root, look, data } = this
    this.more = rgb(getComputedStyle(root).getPropertyValue("--st-primary-color") || "#0072B2")
    pressHeads(this)
    const drawn = `${look.show}.${look.rollout}.${this.more}`
    if (this.thumbnailsOf !== drawn) {
      this.thumbnailsOf = drawn
      drawThumbnails(this)
    }
    if (data.game) return
    pressTools(this)
    this.shown = this.weights.current(look)
    root.classList.toggle("waiting", !this.shown)
    if (!this.shown) {
      this.send("open", { heads: look.heads, combine: look.combine, rollout: look.rollout })
      this.spoken.textContent = "The map is on its way …"
      return
    }
    // The strongest weight in sight is drawn full, and the note says how much that is: between
    // two sentences, or in a long text, all weights are small.
    this.most = this.shown.values.reduce((most, value) => Math.max(most, Math.abs(value)), 0.005)
    this.gain = 1 / this.most
    this.wires.lay()
    this.map.lay()
    this.highlight()
  }

  /** Canvases do not follow the theme by themselves. */
  recolor() {
    const colors = getComputedStyle(this.root)
    const theme = `${colors.getPropertyValue("--st-primary-color")} ${colors.getPropertyValue("--st-text-color")}`
    if (this.theme && this.theme !== theme) this.refresh()
    this.theme = theme
  }

  /** Lines, heat map and words for the row or column that stands out. */
  highlight() {
    if (!this.shown) return
    this.wires.draw()
    this.map.draw()
    this.say()
  }

  say() {
    const { look, shown } = this
    const { words, bars, note } = describe(shown, look, this.row, this.at.column)
    const [[layer, head]] = look.heads
    const label = look.heads.length === 1 && !look.rollout ? this.data.labels?.[layer]?.[head] : null
    const name = nameOf(look)
    /** @type {HTMLElement[]} */
    const said = [element("h3", "", name)]
    if (label) said.push(element("p", "label", label.words))
    said.push(element("p", "", words))
    if (bars.length) said.push(this.bars(bars))
    if (note) said.push(element("p", "note", note))
    this.side.replaceChildren(...said)

    const listed = bars.map(([of, value]) => `${of} ${this.amount(value)}`).join(", ")
    const summary = [name, label?.words, words, listed, note].filter(Boolean).join(". ")
    const size = `${shown.rows.length} by ${shown.columns.length}`
    this.map.canvas.setAttribute("aria-label", `Heat map of ${size}. ${summary}`)
    this.spoken.textContent = this.speak ? summary : ""
    this.speak = false
  }

  /** A weight, or its change in points, as it stands beside a bar. */
  amount(value) {
    return this.shown.signed ? points(value).replace(" points", "") : percent(value)
  }

  bars(entries) {
    const list = element("ol", "bars")
    for (const [word, value] of entries) {
      const share = Math.min(1, Math.abs(value) * (this.shown.signed ? this.gain : 1))
      const row = barRow(word, Math.max(0.01, share), this.amount(value))
      row.querySelector(".bar").style.background = `rgb(${value >= 0 ? this.more : LESS})`
      list.append(row)
    }
    return list
  }

  hover(at) {
    if (at.row === this.at.row && at.column === this.at.column) return
    this.at = at
    this.highlight()
    const unit = at.row !== null ? this.shown.rows[at.row] : this.shown.columns[at.column]
    const position = this.look.show === "second" ? null : (unit?.positions[0] ?? null)
    if (position === this.told) return
    this.told = position
    this.telling = true
    tellHover(position)
    this.telling = false
  }

  pin(unit) {
    const pinned = this.look.pin !== null && unit.positions.includes(this.look.pin)
    this.look.pin = pinned ? null : unit.positions[0]
    this.write()
    this.at = NOBODY
    this.speak = true
    this.highlight()
  }

  /** Somebody else on the page points at a token. */
  hear(position) {
    if (this.telling || !this.shown || this.look.show === "second") return
    const row = position === null ? -1 : this.shown.rows.findIndex((unit) => unit.positions.includes(position))
    this.told = position
    this.at = { row: row < 0 ? null : row, column: null }
    this.highlight()
  }

  async save(kind) {
    if (!this.shown) return
    const { svg, width, height } = drawing(this)
    const name = `inside-bert-attention-${nameOf(this.look).toLowerCase().replace(/[^a-z0-9]+/g, "-")}.${kind}`
    saveFile(name, kind === "svg" ? svg : await asPicture(svg, width, height), "image/svg+xml")
    this.spoken.textContent = `Saved as ${name}`
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setStateValue } = component
  const root = parentElement.querySelector(".explorer")
  // The same maps again after a rerun: what is open stays as it is.
  if (root.explorer && root.explorer.data.made === data.made) {
    root.explorer.send = setStateValue
    root.explorer.weights.learn(data)
    if (root.classList.contains("waiting")) root.explorer.refresh()
  } else {
    root.explorer = new Explorer(root, data, setStateValue)
  }

  const { signal, end } = lifetime(root)
  hearHover((position) => root.explorer.hear(position), signal)
  // When Streamlit writes its own part of the address it drops what it does not know.
  every(KEEP, () => {
    if (root.explorer.written) remember(root.explorer.look)
    root.explorer.recolor()
  }, signal)
  let width = root.clientWidth
  onResize(root, () => {
    if (Math.abs(root.clientWidth - width) < 2) return
    width = root.clientWidth
    root.explorer.refresh()
  }, signal)
  return end
}
