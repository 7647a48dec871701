// All attention of one input, or of two inputs contrasted. The maps come once, one byte a weight;
// choosing heads, hovering, pinning, words, sentences and export happen here. Only of a text too
// long to send whole is an opened map asked of Python. All text is set as textContent.

import { asPicture, saveFile } from "../shared/saving.js"
import { button, element } from "../shared/element.js"
import { bytes } from "../shared/bytes.js"
import { every, lifetime, onResize } from "../shared/lifetime.js"
import { hearHover, tellHover } from "../shared/hover.js"
import { keep, recall } from "../shared/storage.js"
import { percent } from "../shared/numbers.js"

const FAINT = 0.04 // weights below are not drawn while no token is chosen
const MOST_LINES = 1200 // the strongest are drawn; more would be a gray sheet and slow
const STRONG = 0.004 // weights below are not drawn for a chosen token
const SMALL = 34 // px, side of a thumbnail
const MOST_LABELS = 90 // tokens; a heat map of more has no room for their names
const STORED = "inside-bert.look"
const KEEP = 400 // ms between two looks at the address
const LESS = [213, 94, 0]
const WEIGHT = Float32Array.from({ length: 256 }, (_, code) => (code / 255) ** 2)

const points = (w) => `${w > 0 ? "+" : "−"}${(100 * Math.abs(w)).toFixed(1)} points`
const ratio = () => Math.min(window.devicePixelRatio || 1, 2)

function sized(canvas, width, height) {
  const scale = width * height * 4 > 3e7 ? 1 : ratio()
  canvas.width = Math.max(1, Math.round(width * scale))
  canvas.height = Math.max(1, Math.round(height * scale))
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const pen = canvas.getContext("2d")
  pen.scale(scale, scale)
  return pen
}

/** Red, green and blue of a style sheet's color. */
function rgb(color) {
  const pen = element("canvas").getContext("2d")
  pen.fillStyle = color
  pen.fillRect(0, 0, 1, 1)
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
}

// --- the state that a link keeps ---------------------------------------------------------------

const start = (data) => ({
  heads: [[Math.floor(data.layers / 2), 0]], combine: "mean", several: false, rollout: false,
  words: false, hide: false, block: "all", show: "first", pin: null,
})

function writeLook(look) {
  const parts = [look.heads.map(([l, h]) => `${l + 1}-${h + 1}`).join(".")]
  if (look.combine === "max") parts.push("union")
  for (const name of ["rollout", "words", "hide"]) if (look[name]) parts.push(name)
  if (look.block !== "all") parts.push(look.block)
  if (look.show !== "first") parts.push(look.show)
  if (look.pin !== null) parts.push(`pin${look.pin}`)
  return parts.join("_")
}

function readLook(text, data) {
  const look = start(data)
  for (const part of (text ?? "").split("_")) {
    if (/^\d+-\d+(\.\d+-\d+)*$/.test(part)) {
      const heads = part.split(".").map((pair) => pair.split("-").map((n) => n - 1))
      const known = heads.filter(([l, h]) => l >= 0 && h >= 0 && l < data.layers && h < data.heads)
      if (known.length) look.heads = known
      look.several = known.length > 1
    } else if (part === "union") look.combine = "max"
    else if (["rollout", "words", "hide"].includes(part)) look[part] = true
    else if (/^[AB][AB]$/.test(part)) look.block = part
    else if (["second", "difference"].includes(part)) look.show = part
    else if (/^pin\d+$/.test(part)) look.pin = Number(part.slice(3))
  }
  return look
}

function lastLook(data) {
  const address = new URLSearchParams(window.location.search).get("look")
  return readLook(address ?? recall("sessionStorage", STORED), data)
}

function remember(look) {
  const written = writeLook(look)
  window.dispatchEvent(new CustomEvent("inside-bert:look", { detail: written })) // see address.js
  keep("sessionStorage", STORED, written)
}

// --- the numbers -------------------------------------------------------------------------------

class Numbers {
  constructor(data) {
    this.data = data
    this.codes = data.texts.map((text) => text.codes && bytes(text.codes))
    this.rollouts = data.texts.map((text) => text.rollout && bytes(text.rollout))
    this.thumbnails = data.texts.map((text) => text.thumbnails && bytes(text.thumbnails))
    this.flows = data.texts.map((text) => text.flows && bytes(text.flows))
    this.asked = new Map() // maps of a long text, by key
    this.learn(data)
  }

  learn(data) {
    if (data.opened) this.asked.set(data.opened.key, data.opened.maps.map(bytes))
  }

  static key(look) {
    const heads = look.heads.map((pair) => pair.join("-")).join(".")
    return `${look.rollout ? "rollout" : look.combine}:${heads}`
  }

  /** Weights T × T of the chosen heads, or of the rollout; null while they are on their way. */
  map(look, text) {
    const size = this.data.texts[text].tokens.length ** 2
    const found = new Float32Array(size)
    if (!this.codes[text]) {
      const codes = this.asked.get(Numbers.key(look))?.[text]
      if (!codes) return null
      for (let i = 0; i < size; i++) found[i] = WEIGHT[codes[i]]
      return found
    }
    if (look.rollout) {
      const from = look.heads[look.heads.length - 1][0] * size
      for (let i = 0; i < size; i++) found[i] = WEIGHT[this.rollouts[text][from + i]]
      return found
    }
    for (const [layer, head] of look.heads) {
      const from = (layer * this.data.heads + head) * size
      for (let i = 0; i < size; i++) {
        const weight = WEIGHT[this.codes[text][from + i]]
        if (look.combine === "max") found[i] = Math.max(found[i], weight)
        else found[i] += weight / look.heads.length
      }
    }
    return found
  }

  /** The rows or columns of a map: pieces or words, less those hidden. */
  units(look, text, side) {
    const { tokens, words } = this.data.texts[text]
    const all = look.words
      ? words.map(([label, positions]) => ({ label, positions }))
      : tokens.map((token, i) => ({ label: token.text, positions: [i] }))
    all.forEach((unit, i) => {
      unit.index = i
      unit.special = tokens[unit.positions[0]].special
      unit.sentence = tokens[unit.positions[0]].sentence
    })
    return all.filter((unit) => {
      if (look.hide && unit.special) return false
      return look.block === "all" || "AB".indexOf(look.block[side]) === unit.sentence
    })
  }

  /** A map at the chosen level: rows, columns, and values row by row. */
  view(look, text) {
    const map = this.map(look, text)
    if (!map) return null
    const size = this.data.texts[text].tokens.length
    const rows = this.units(look, text, 0)
    const columns = this.units(look, text, 1)
    const values = new Float32Array(rows.length * columns.length)
    rows.forEach((row, r) => {
      columns.forEach((column, c) => {
        let sum = 0
        for (const i of row.positions) for (const j of column.positions) sum += map[i * size + j]
        values[r * columns.length + c] = sum / row.positions.length
      })
    })
    return { rows, columns, values, signed: false }
  }

  /** The second text less the first, over the tokens that stand for each other. */
  difference(look) {
    const [first, second] = [this.view(look, 0), this.view(look, 1)]
    if (!first || !second) return null
    const pairs = this.data.pairs[look.words ? "words" : "pieces"]
    const partner = new Map(pairs)
    const meet = (mine, others) =>
      mine.map((unit, i) => {
        const j = others.findIndex((other) => other.index === partner.get(unit.index))
        return { i, j, unit, other: others[j] }
      }).filter(({ j }) => j >= 0)
    const name = ({ unit, other }) => ({
      ...unit, label: unit.label === other.label ? unit.label : `${unit.label}→${other.label}`,
      changed: unit.label !== other.label,
    })
    const rows = meet(first.rows, second.rows)
    const columns = meet(first.columns, second.columns)
    const values = new Float32Array(rows.length * columns.length)
    rows.forEach((row, r) => {
      columns.forEach((column, c) => {
        values[r * columns.length + c] =
          second.values[row.j * second.columns.length + column.j] -
          first.values[row.i * first.columns.length + column.i]
      })
    })
    return { rows: rows.map(name), columns: columns.map(name), values, signed: true }
  }

  current(look) {
    if (look.show === "difference" && this.data.pairs) return this.difference(look)
    return this.view(look, look.show === "second" && this.data.texts[1] ? 1 : 0)
  }

  /** A head's map cut down to a thumbnail, the strongest weight of each cell: −1 … 1. */
  thumbnail(look, layer, head, side) {
    const cells = new Float32Array(side * side)
    const texts = look.show === "difference" && this.data.pairs ? [0, 1] : [look.show === "second" && this.codes.length > 1 ? 1 : 0]
    const take = (text, sign) => {
      const whole = look.rollout ? this.rollouts[text] : this.codes[text]
      const source = whole ?? (look.rollout ? this.flows[text] : this.thumbnails[text])
      const T = whole ? this.data.texts[text].tokens.length : this.data.texts[text].thumbnail
      const from = (look.rollout ? layer : layer * this.data.heads + head) * T * T
      const best = new Uint8Array(side * side)
      for (let i = 0; i < T; i++) {
        const y = Math.floor((i * side) / T)
        for (let j = 0; j < T; j++) {
          const cell = y * side + Math.floor((j * side) / T)
          const code = source[from + i * T + j]
          if (code > best[cell]) best[cell] = code
        }
      }
      for (let cell = 0; cell < best.length; cell++) cells[cell] += sign * WEIGHT[best[cell]]
    }
    if (texts.length === 2 && (this.data.texts[0].tokens.length === this.data.texts[1].tokens.length || !this.codes[0])) {
      take(1, 1)
      take(0, -1)
    } else if (texts.length === 2) {
      // of texts of different length only what stands for each other is compared
      const seen = this.difference({ ...look, heads: [[layer, head]], words: false, hide: false, block: "all" })
      const n = seen.columns.length
      seen.values.forEach((value, at) => {
        const cell = Math.floor((Math.floor(at / n) * side) / seen.rows.length) * side + Math.floor(((at % n) * side) / n)
        if (Math.abs(value) > Math.abs(cells[cell])) cells[cell] = value
      })
    } else take(texts[0], 1)
    return cells
  }
}

// --- the drawing -------------------------------------------------------------------------------

/** Values as colored cells, one pixel each, to be scaled up. */
function picture(values, rows, columns, more, gain = 1) {
  const canvas = element("canvas")
  canvas.width = Math.max(1, columns)
  canvas.height = Math.max(1, rows)
  const pen = canvas.getContext("2d")
  const image = pen.createImageData(canvas.width, canvas.height)
  for (let i = 0; i < rows * columns; i++) {
    const value = values[i] * gain
    const color = value >= 0 ? more : LESS
    image.data.set([...color, Math.round(255 * Math.min(1, Math.sqrt(Math.abs(value))))], 4 * i)
  }
  pen.putImageData(image, 0, 0)
  return canvas
}

class Explorer {
  constructor(root, data, send) {
    this.root = root
    this.send = send
    this.data = data
    this.numbers = new Numbers(data)
    this.written = new URLSearchParams(window.location.search).has("look")
    this.look = data.game ? { ...start(data), heads: [] } : lastLook(data)
    if (!data.pairs) this.look.show = "first"
    if (!this.paired()) this.look.block = "all"
    this.at = { row: null, column: null } // under the pointer
    this.told = null
    this.build()
    this.refresh()
  }

  paired() {
    return this.data.texts[0].tokens.some((token) => token.sentence === 1)
  }

  // What is shown, and the row that stands out: the hovered one, else the pinned one.
  get row() {
    if (this.at.row !== null || this.at.column !== null) return this.at.row
    if (this.look.pin === null || !this.shown) return null
    const found = this.shown.rows.findIndex((unit) => unit.positions.includes(this.look.pin))
    return found < 0 ? null : found
  }

  set(change, focus) {
    Object.assign(this.look, change)
    this.at = { row: null, column: null }
    this.write()
    this.refresh()
    if (focus) this.root.querySelector(focus)?.focus()
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
    root.replaceChildren()
    if (data.game) return root.append(this.buildGrid())
    root.append(this.buildTools())
    const overview = element("div", "overview")
    const left = element("div", "left")
    left.append(this.buildGrid(), ...this.buildLegend())
    overview.append(left, element("div", "side"))
    const panels = element("div", "panels")
    const lines = element("div", "lines")
    lines.setAttribute("role", "group")
    lines.setAttribute("aria-label", "Lines from the tokens that look to those that are looked at")
    const heat = element("div", "heat")
    const map = element("canvas", "map")
    map.tabIndex = 0
    map.setAttribute("role", "img")
    heat.append(element("p", "axis"), map)
    panels.append(lines, heat)
    const spoken = element("p", "spoken")
    spoken.setAttribute("role", "status")
    root.append(overview, panels, spoken)
    this.wireMap(map)
  }

  toggle(name, text, hint) {
    const made = button("toggle", text, () => this.set({ [name]: !this.look[name] }))
    made.dataset.toggle = name
    if (hint) made.title = hint
    return made
  }

  options(name, label, values) {
    const group = element("div", "options")
    group.setAttribute("role", "group")
    group.setAttribute("aria-label", label)
    for (const [value, text, hint] of values) {
      const made = button("option", text, () => this.set({ [name]: value }))
      made.dataset.option = name
      made.dataset.value = String(value)
      if (hint) made.title = hint
      group.append(made)
    }
    return group
  }

  buildTools() {
    const tools = element("div", "tools")
    if (this.data.pairs) {
      tools.append(this.options("show", "Which sentence", [
        ["first", "First"], ["second", "Second"], ["difference", "Difference", "The second less the first"],
      ]))
    }
    tools.append(
      this.options("rollout", "What is drawn", [
        [false, "Attention"], [true, "Rollout", "All layers up to the chosen one multiplied, half of each token staying in place"],
      ]),
      this.options("words", "Level", [[false, "Pieces"], [true, "Words", "Summed to a word, averaged from a word"]]),
      this.toggle("hide", "Hide special tokens", "[CLS] and [SEP] are left out; the rest is not rescaled"),
    )
    if (this.paired()) {
      tools.append(this.options("block", "Between which sentences", [
        ["all", "All"], ["AA", "A→A"], ["AB", "A→B"], ["BA", "B→A"], ["BB", "B→B"],
      ]))
    }
    tools.append(
      this.toggle("several", "Several heads", "Then each click adds a head or takes it away; so does Ctrl-click at any time"),
      this.options("combine", "Several heads become one by their", [
        ["mean", "Mean", "The average of the chosen heads"], ["max", "Union", "The strongest of the chosen heads"],
      ]),
    )
    const save = element("div", "options save")
    save.setAttribute("role", "group")
    save.setAttribute("aria-label", "Save the picture")
    save.append(element("span", "", "Save"), button("", "PNG", () => this.save("png")), button("", "SVG", () => this.save("svg")))
    tools.append(save)
    return tools
  }

  buildGrid() {
    const { data } = this
    const grid = element("div", "grid")
    grid.setAttribute("role", "group")
    grid.setAttribute("aria-label", "All heads: rows are layers, columns are heads. Arrow keys move.")
    grid.style.gridTemplateColumns = `auto repeat(${data.heads}, minmax(0, ${SMALL + 6}px))`
    grid.append(element("span", "corner", "layer ↓ head →"))
    for (let head = 0; head < data.heads; head++) grid.append(element("span", "number", String(head + 1)))
    for (let layer = 0; layer < data.layers; layer++) {
      const all = button("number", String(layer + 1), () =>
        this.set({ heads: Array.from({ length: data.heads }, (_, head) => [layer, head]), several: true }),
      )
      all.title = `All heads of layer ${layer + 1}`
      all.setAttribute("aria-label", all.title)
      all.tabIndex = -1
      grid.append(all)
      for (let head = 0; head < data.heads; head++) {
        const one = button("head", undefined, (event) =>
          this.choose(layer, head, this.look.several || event.ctrlKey || event.metaKey || event.shiftKey),
        )
        one.dataset.layer = layer
        one.dataset.head = head
        const label = data.labels?.[layer]?.[head]
        one.setAttribute("aria-label", `Layer ${layer + 1}, head ${head + 1}${label ? `: ${label.name}` : ""}`)
        one.title = one.getAttribute("aria-label")
        const canvas = element("canvas")
        canvas.setAttribute("aria-hidden", "true")
        one.append(canvas)
        if (label) {
          one.style.setProperty("--mark", label.color)
          one.classList.add("labelled")
        }
        grid.append(one)
      }
    }
    grid.onkeydown = (event) => {
      const here = event.target.closest(".head")
      const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key]
      if (!here || !step) return
      event.preventDefault()
      event.stopPropagation()
      const layer = Number(here.dataset.layer) + step[0]
      const head = Number(here.dataset.head) + step[1]
      const next = grid.querySelector(`[data-layer="${layer}"][data-head="${head}"]`)
      if (!next) return
      next.focus()
      if (!this.look.several && !this.data.game) this.choose(layer, head, false)
    }
    return grid
  }

  /** What the colors under the heads mean, and how many heads have each. */
  buildLegend() {
    if (!this.data.labels) return []
    const counts = new Map()
    for (const label of this.data.labels.flat()) {
      const entry = counts.get(label.name) ?? { ...label, count: 0 }
      entry.count += 1
      counts.set(label.name, entry)
    }
    const legend = element("p", "legend")
    for (const { name, color, count } of [...counts.values()].sort((a, b) => b.count - a.count)) {
      const entry = element("span", "entry")
      const mark = element("span", "mark")
      mark.style.background = color
      entry.append(mark, element("span", "", `${name} ${count}`))
      legend.append(entry)
    }
    return [legend]
  }

  /** Everything anew after a choice. */
  refresh() {
    const { root, look, data } = this
    this.more = rgb(getComputedStyle(root).getPropertyValue("--st-primary-color") || "#0072B2")
    for (const toggle of root.querySelectorAll("[data-toggle]")) {
      toggle.setAttribute("aria-pressed", String(Boolean(look[toggle.dataset.toggle])))
    }
    for (const option of root.querySelectorAll("[data-option]")) {
      option.setAttribute("aria-pressed", String(String(look[option.dataset.option]) === option.dataset.value))
    }
    if (!data.game) root.querySelector('[aria-label^="Several heads become"]').hidden = look.heads.length < 2 || look.rollout
    const chosen = new Set(look.heads.map((pair) => pair.join("-")))
    const last = look.heads[look.heads.length - 1] ?? [0, 0]
    for (const one of root.querySelectorAll(".head")) {
      const pressed = look.rollout ? Number(one.dataset.layer) === last[0] : chosen.has(`${one.dataset.layer}-${one.dataset.head}`)
      one.setAttribute("aria-pressed", String(pressed))
      one.tabIndex = Number(one.dataset.layer) === last[0] && Number(one.dataset.head) === (look.rollout ? 0 : last[1]) ? 0 : -1
    }
    root.querySelector(".grid").classList.toggle("rollout", look.rollout) // all heads share one
    const drawn = `${look.show}.${look.rollout}.${this.more}`
    if (this.thumbnailsOf !== drawn) {
      this.thumbnailsOf = drawn
      this.drawThumbnails()
    }
    if (data.game) return
    this.shown = this.numbers.current(look)
    if (!this.shown) {
      this.send("open", { heads: look.heads, combine: look.combine, rollout: look.rollout })
      root.querySelector(".spoken").textContent = "The map is on its way …"
      root.classList.add("waiting")
      return
    }
    root.classList.remove("waiting")
    // The strongest weight in sight is drawn full, and the note says how much that is: between
    // two sentences, or in a long text, all weights are small.
    this.most = 0.005
    for (const value of this.shown.values) this.most = Math.max(this.most, Math.abs(value))
    this.gain = 1 / this.most
    root.querySelector(".axis").textContent =
      `rows: who looks · columns: who is looked at · strongest: ${this.shown.signed ? `a change of ${points(this.most).slice(1)}` : percent(this.most)}`
    this.cells = picture(this.shown.values, this.shown.rows.length, this.shown.columns.length, this.more, this.gain)
    this.layLines()
    this.layMap()
    this.highlight()
  }

  /** Canvases do not follow the theme by themselves. */
  recolor() {
    const colors = getComputedStyle(this.root)
    const theme = `${colors.getPropertyValue("--st-primary-color")} ${colors.getPropertyValue("--st-text-color")}`
    if (this.theme && this.theme !== theme) this.refresh()
    this.theme = theme
  }

  drawThumbnails() {
    const tokens = this.data.texts[0].tokens.length
    const side = Math.min(SMALL, tokens)
    for (const one of this.root.querySelectorAll(".head")) {
      const cells = this.numbers.thumbnail(this.look, Number(one.dataset.layer), Number(one.dataset.head), side)
      const canvas = one.querySelector("canvas")
      const pen = sized(canvas, SMALL, SMALL)
      canvas.style.width = "100%"
      canvas.style.height = "auto"
      pen.imageSmoothingEnabled = false
      pen.drawImage(picture(cells, side, side, this.more, this.look.show === "difference" ? 2 : 1), 0, 0, SMALL, SMALL)
    }
  }

  layLines() {
    const { root, shown } = this
    const box = root.querySelector(".lines")
    const most = Math.max(shown.rows.length, shown.columns.length)
    // Another head of the same tokens: the names stay, only the lines are drawn anew.
    const names = JSON.stringify([shown.rows, shown.columns, box.clientWidth])
    if (this.laid === names) return
    this.laid = names
    this.rise = most > 60 ? 17 : 24 // px, the height of a token
    const side = (units, name) => {
      const column = element("div", `tokens ${name}`)
      units.forEach((unit, i) => {
        const token = button("token", unit.label, () => this.pin(unit))
        token.dataset.index = i
        token.classList.toggle("special", unit.special)
        token.classList.toggle("second", unit.sentence === 1)
        token.classList.toggle("changed", Boolean(unit.changed))
        token.style.height = `${this.rise}px`
        token.title = unit.label
        if (name === "looks") {
          token.tabIndex = i === 0 ? 0 : -1
          token.setAttribute("aria-label", `${unit.label}, token ${unit.positions[0]}: show where it looks; Enter pins it`)
        } else {
          token.tabIndex = -1
          token.setAttribute("aria-label", `${unit.label}, token ${unit.positions[0]}, is looked at`)
        }
        column.append(token)
      })
      return column
    }
    const canvas = element("canvas", "wires")
    canvas.setAttribute("aria-hidden", "true")
    const left = side(shown.rows, "looks")
    const right = side(shown.columns, "seen")
    const heads = element("div", "heads")
    heads.append(element("span", "", "looks"), element("span", "", "is looked at"))
    const body = element("div", "body")
    body.append(left, canvas, right)
    const scroll = box.scrollTop
    box.replaceChildren(heads, body)
    box.scrollTop = scroll
    const over = (event) => {
      const token = event.target.closest(".token")
      if (!token) return
      const index = Number(token.dataset.index)
      this.hover(token.parentElement === left ? { row: index, column: null } : { row: null, column: index })
    }
    body.onpointerover = over
    left.onfocusin = over
    body.onpointerleave = left.onfocusout = () => this.hover({ row: null, column: null })
    left.onkeydown = (event) => {
      const tokens = [...left.children]
      const here = tokens.indexOf(event.target)
      const next = { ArrowDown: here + 1, ArrowUp: here - 1, Home: 0, End: tokens.length - 1 }[event.key]
      if (here < 0 || next === undefined || !tokens[next]) return
      event.preventDefault()
      event.stopPropagation()
      tokens[here].tabIndex = -1
      tokens[next].tabIndex = 0
      tokens[next].focus()
    }
    this.wires = { canvas, width: Math.max(60, box.clientWidth - left.offsetWidth - right.offsetWidth - 2), height: most * this.rise }
  }

  layMap() {
    const { root, shown } = this
    const box = root.querySelector(".heat")
    const canvas = root.querySelector(".map")
    const rows = shown.rows.length
    const columns = shown.columns.length
    const pen = canvas.getContext("2d")
    pen.font = "12px sans-serif"
    const widest = (units) => Math.min(96, Math.max(0, ...units.map((unit) => pen.measureText(unit.label).width)) + 8)
    const named = Math.max(rows, columns) <= MOST_LABELS
    const left = named ? widest(shown.rows) : 4
    const top = named ? widest(shown.columns) : 4
    const room = Math.max(120, box.clientWidth - left - 4)
    const cell = Math.max(1, Math.min(30, room / Math.max(1, columns), Math.max(560, room) / Math.max(1, rows)))
    this.grid = { left, top, cell, named, width: left + columns * cell + 2, height: top + rows * cell + 2 }
  }

  /** Lines, heat map and words for the row or column that stands out. */
  highlight() {
    if (!this.shown) return
    this.drawLines()
    this.drawMap()
    this.say()
    const { rows, columns } = this.shown
    const { row } = this
    const { column } = this.at
    const pinned = this.look.pin
    this.root.querySelectorAll(".looks .token").forEach((token, i) => {
      token.classList.toggle("on", i === row)
      token.setAttribute("aria-pressed", String(pinned !== null && rows[i].positions.includes(pinned)))
    })
    const reach = row === null ? null : this.shown.values.subarray(row * columns.length, (row + 1) * columns.length)
    this.root.querySelectorAll(".seen .token").forEach((token, j) => {
      token.classList.toggle("on", j === column)
      const value = reach ? Math.min(1, Math.abs(reach[j]) * this.gain) : 0
      token.style.background = value > 0.02 ? `rgba(${reach[j] >= 0 ? this.more : LESS}, ${0.38 * Math.sqrt(value)})` : ""
    })
  }

  drawLines() {
    const { canvas, width, height } = this.wires
    const pen = sized(canvas, width, height)
    const { rows, columns, values } = this.shown
    const { row } = this
    const { column } = this.at
    const wire = (i, j, strong) => {
      const value = values[i * columns.length + j]
      const size = Math.abs(value) * this.gain
      if (size < (strong ? STRONG : FAINT)) return
      const [y, z] = [(i + 0.5) * this.rise, (j + 0.5) * this.rise]
      pen.strokeStyle = `rgba(${value >= 0 ? this.more : LESS}, ${Math.min(0.95, strong ? 0.12 + size : 0.75 * size)})`
      pen.lineWidth = strong ? 0.8 + 6 * size : 0.6 + 2.4 * size
      pen.beginPath()
      pen.moveTo(0, y)
      pen.bezierCurveTo(width * 0.45, y, width * 0.55, z, width, z)
      pen.stroke()
    }
    if (row === null && column === null) {
      let cells = [...values.keys()].filter((at) => Math.abs(values[at]) * this.gain >= FAINT)
      if (cells.length > MOST_LINES) {
        cells = cells.sort((a, b) => Math.abs(values[b]) - Math.abs(values[a])).slice(0, MOST_LINES)
      }
      for (const at of cells) wire(Math.floor(at / columns.length), at % columns.length, false)
    } else if (row !== null) for (let j = 0; j < columns.length; j++) wire(row, j, true)
    else for (let i = 0; i < rows.length; i++) wire(i, column, true)
  }

  drawMap() {
    const canvas = this.root.querySelector(".map")
    const { left, top, cell, named, width, height } = this.grid
    const { rows, columns } = this.shown
    const pen = sized(canvas, width, height)
    const style = getComputedStyle(this.root)
    const ink = style.getPropertyValue("--st-text-color")
    pen.imageSmoothingEnabled = false
    pen.drawImage(this.cells, left, top, columns.length * cell, rows.length * cell)
    pen.strokeStyle = style.getPropertyValue("--st-border-color")
    pen.strokeRect(left - 0.5, top - 0.5, columns.length * cell + 1, rows.length * cell + 1)
    const { row } = this
    const { column } = this.at
    pen.strokeStyle = ink
    if (row !== null) pen.strokeRect(left - 0.5, top + row * cell - 0.5, columns.length * cell + 1, cell + 1)
    if (column !== null) pen.strokeRect(left + column * cell - 0.5, top - 0.5, cell + 1, rows.length * cell + 1)
    if (!named) return
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

  name() {
    const { look } = this
    const last = look.heads[look.heads.length - 1]
    const [layer, head] = last
    if (look.rollout) return `Rollout up to layer ${layer + 1}`
    if (look.heads.length === 1) return `Layer ${layer + 1}, head ${head + 1}`
    return `${look.combine === "max" ? "Union" : "Mean"} of ${look.heads.length} heads`
  }

  /** In words: what a head does, or what the chosen token looks at. */
  say() {
    const side = this.root.querySelector(".side")
    const { rows, columns, values, signed } = this.shown
    const { row } = this
    const { column } = this.at
    const said = [element("h3", "", this.name())]
    const single = this.look.heads.length === 1 && !this.look.rollout
    const label = single && this.data.labels?.[this.look.heads[0][0]]?.[this.look.heads[0][1]]
    if (label) said.push(element("p", "label", label.words))
    const bars = (entries) => {
      const list = element("ol", "bars")
      for (const [word, value] of entries) {
        const item = element("li")
        const bar = element("span", "bar")
        bar.style.width = `${Math.max(1, 100 * Math.min(1, Math.abs(value) * (signed ? this.gain : 1)))}%`
        bar.style.background = `rgb(${value >= 0 ? this.more : LESS})`
        const track = element("span", "track")
        track.append(bar)
        item.append(element("span", "word", word), track, element("span", "value", signed ? points(value).replace(" points", "") : percent(value)))
        list.append(item)
      }
      return list
    }
    const best = (entries) => entries.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, 6)
    const of = (i, j) => values[i * columns.length + j]
    if (!rows.length || !columns.length) said.push(element("p", "", "Nothing is left to show: bring back the special tokens or choose other sentences."))
    else if (row !== null && column !== null) {
      const value = of(row, column)
      said.push(element("p", "", `“${rows[row].label}” looks at “${columns[column].label}”: ${signed ? points(value) : percent(value)}.`))
      said.push(bars(best(columns.map((unit, j) => [unit.label, of(row, j)]))))
    } else if (row !== null) {
      said.push(element("p", "", signed ? `What changes for “${rows[row].label}”:` : `“${rows[row].label}” looks at`))
      said.push(bars(best(columns.map((unit, j) => [unit.label, of(row, j)]))))
      const left = columns.reduce((sum, _, j) => sum + of(row, j), 0)
      if (!signed && this.look.combine === "mean" && left < 0.97) said.push(element("p", "note", `${percent(1 - left)} of its attention goes to what is not shown.`))
    } else if (column !== null) {
      said.push(element("p", "", signed ? `Who changes towards “${columns[column].label}”:` : `“${columns[column].label}” is looked at by`))
      said.push(bars(best(rows.map((unit, i) => [unit.label, of(i, column)]))))
    } else if (signed) {
      let change = 0
      for (const value of values) change += Math.abs(value)
      said.push(element("p", "", `On average ${percent(change / 2 / rows.length)} of a token's attention has moved.`))
      const all = [...values].map((value, at) => [`${rows[Math.floor(at / columns.length)].label} → ${columns[at % columns.length].label}`, value])
      said.push(bars(best(all)))
    } else {
      said.push(element("p", "", "Where the attention goes, over all that look:"))
      const sums = new Map()
      columns.forEach((unit, j) => {
        const sum = rows.reduce((total, _, i) => total + of(i, j), 0) / rows.length
        sums.set(unit.label, (sums.get(unit.label) ?? 0) + sum)
      })
      said.push(bars(best([...sums])))
    }
    side.replaceChildren(...said)
    const summary = said.map((part) => (part.tagName === "OL" ? [...part.children].map((item) => `${item.children[0].textContent} ${item.children[2].textContent}`).join(", ") : part.textContent)).join(". ")
    this.root.querySelector(".map").setAttribute("aria-label", `Heat map of ${rows.length} by ${columns.length}. ${summary}`)
    if (this.speak) this.root.querySelector(".spoken").textContent = summary
    else this.root.querySelector(".spoken").textContent = ""
    this.speak = false
  }

  hover(at) {
    if (at.row === this.at.row && at.column === this.at.column) return
    this.at = at
    this.highlight()
    const unit = at.row !== null ? this.shown.rows[at.row] : at.column !== null ? this.shown.columns[at.column] : null
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
    this.at = { row: null, column: null }
    this.speak = true
    this.highlight()
  }

  wireMap(map) {
    const cellAt = (event) => {
      const box = map.getBoundingClientRect()
      const { left, top, cell } = this.grid
      const column = Math.floor((event.clientX - box.left - left) / cell)
      const row = Math.floor((event.clientY - box.top - top) / cell)
      const inside = row >= 0 && column >= 0 && row < this.shown.rows.length && column < this.shown.columns.length
      return inside ? { row, column } : { row: null, column: null }
    }
    map.onpointermove = (event) => this.hover(cellAt(event))
    map.onpointerleave = () => this.hover({ row: null, column: null })
    map.onclick = (event) => {
      const { row } = cellAt(event)
      if (row !== null) this.pin(this.shown.rows[row])
    }
    map.onblur = () => this.hover({ row: null, column: null })
    map.onkeydown = (event) => {
      const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key]
      if (event.key === "Enter" && this.at.row !== null) this.pin(this.shown.rows[this.at.row])
      if (!step) return
      event.preventDefault()
      event.stopPropagation()
      const within = (value, count) => Math.max(0, Math.min(count - 1, value))
      const fresh = this.at.row === null
      this.speak = true
      this.hover({
        row: within(fresh ? (this.row ?? 0) : this.at.row + step[0], this.shown.rows.length),
        column: within(fresh ? 0 : (this.at.column ?? 0) + step[1], this.shown.columns.length),
      })
    }
  }

  /** Somebody else on the page points at a token. */
  hear(position) {
    if (this.telling || !this.shown || this.look.show === "second") return
    const row = position === null ? -1 : this.shown.rows.findIndex((unit) => unit.positions.includes(position))
    this.told = position
    this.at = { row: row < 0 ? null : row, column: null }
    this.highlight()
  }

  // --- saving --------------------------------------------------------------------------------

  /** Lines and heat map as one drawing, with the colors of the page. */
  drawing() {
    const { shown, rise, grid } = this
    const style = getComputedStyle(this.root)
    const ink = style.getPropertyValue("--st-text-color").trim() || "#000"
    const ground = style.getPropertyValue("--st-background-color").trim() || "#fff"
    const { rows, columns, values } = shown
    const { row } = this
    const margin = 16
    const wires = { x: margin + 110, width: 220 }
    const heat = { x: wires.x + wires.width + 130 + grid.left, y: margin + 40 + grid.top }
    const width = heat.x + columns.length * grid.cell + margin
    const height = Math.max(heat.y + rows.length * grid.cell, margin + 40 + Math.max(rows.length, columns.length) * rise) + margin
    const parts = []
    const number = (value) => value.toFixed(1)
    const escape = (text) => text.replace(/[&<>"]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" })[c])
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    const text = (x, y, words, extra = "") => parts.push(`<text x="${number(x)}" y="${number(y)}" ${extra}>${escape(words)}</text>`)
    text(margin, margin + 12, `${this.name()} · ${this.data.model}`, 'font-weight="bold" font-size="15"')
    const top = margin + 40
    rows.forEach((unit, i) => text(wires.x - 6, top + (i + 0.65) * rise, unit.label, 'text-anchor="end"'))
    columns.forEach((unit, j) => text(wires.x + wires.width + 6, top + (j + 0.65) * rise, unit.label))
    rows.forEach((_, i) => {
      if (row !== null && i !== row) return
      columns.forEach((__, j) => {
        const value = values[i * columns.length + j]
        const size = Math.abs(value) * this.gain
        if (size < FAINT) return
        const [y, z] = [top + (i + 0.5) * rise, top + (j + 0.5) * rise]
        const bend = wires.width * 0.45
        parts.push(
          `<path d="M${wires.x},${number(y)} C${number(wires.x + bend)},${number(y)} ${number(wires.x + wires.width - bend)},${number(z)} ${wires.x + wires.width},${number(z)}" ` +
            `fill="none" stroke="rgb(${value >= 0 ? this.more : LESS})" stroke-width="${(0.6 + 5 * size).toFixed(2)}" stroke-opacity="${Math.min(0.95, 0.1 + 0.9 * size).toFixed(2)}"/>`,
        )
      })
    })
    if (rows.length * columns.length <= 4096) {
      for (let i = 0; i < values.length; i++) {
        const size = Math.abs(values[i]) * this.gain
        if (size < 0.002) continue
        const [r, c] = [Math.floor(i / columns.length), i % columns.length]
        parts.push(`<rect x="${number(heat.x + c * grid.cell)}" y="${number(heat.y + r * grid.cell)}" width="${number(grid.cell)}" height="${number(grid.cell)}" fill="rgb(${values[i] >= 0 ? this.more : LESS})" fill-opacity="${Math.min(1, Math.sqrt(size)).toFixed(3)}"/>`)
      }
    } else {
      parts.push(`<image x="${heat.x}" y="${heat.y}" width="${columns.length * grid.cell}" height="${rows.length * grid.cell}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${this.cells.toDataURL()}"/>`)
    }
    parts.push(`<rect x="${heat.x}" y="${heat.y}" width="${number(columns.length * grid.cell)}" height="${number(rows.length * grid.cell)}" fill="none" stroke="${ink}" stroke-opacity="0.4"/>`)
    if (grid.named) {
      const small = `font-size="${Math.max(7, Math.min(12, grid.cell * 0.85)).toFixed(1)}"`
      rows.forEach((unit, i) => text(heat.x - 4, heat.y + (i + 0.7) * grid.cell, unit.label, `text-anchor="end" ${small}`))
      columns.forEach((unit, j) => {
        const x = heat.x + (j + 0.7) * grid.cell
        text(x, heat.y - 4, unit.label, `transform="rotate(-90 ${number(x)} ${heat.y - 4})" ${small}`)
      })
    }
    return {
      width, height,
      svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" font-family="sans-serif" font-size="12" fill="${ink}"><rect width="100%" height="100%" fill="${ground}"/>${parts.join("")}</svg>`,
    }
  }

  async save(kind) {
    if (!this.shown) return
    const { svg, width, height } = this.drawing()
    const name = `inside-bert-attention-${this.name().toLowerCase().replace(/[^a-z0-9]+/g, "-")}.${kind}`
    saveFile(name, kind === "svg" ? svg : await asPicture(svg, width, height), "image/svg+xml")
    this.root.querySelector(".spoken").textContent = `Saved as ${name}`
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const root = parentElement.querySelector(".explorer")
  // The same maps again after a rerun: what is open stays as it is.
  if (root.explorer?.data.made === data.made) {
    root.explorer.send = setStateValue
    root.explorer.numbers.learn(data)
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
