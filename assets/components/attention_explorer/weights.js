// The attention weights of one input, or of two inputs contrasted, at the level and for the heads that
// are chosen.

import { bytes } from "../parts/bytes.js"

// One byte a weight: the square lets small weights be told apart.
const WEIGHT = Float32Array.from({ length: 256 }, (_, code) => (code / 255) ** 2)

export class Weights {
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
      const codes = this.asked.get(Weights.key(look))?.[text]
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
