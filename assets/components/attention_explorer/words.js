// In words, beside the pictures: what a head does, or what the chosen token looks at.

import { percent } from "../parts/numbers.js"

const MOST_BARS = 6

/** A change of a weight, in percentage points. */
export const points = (w) => `${w > 0 ? "+" : "−"}${(100 * Math.abs(w)).toFixed(1)} points`

/** The name of the chosen heads. */
export function nameOf({ rollout, heads, combine }) {
  const [layer, head] = heads[heads.length - 1]
  if (rollout) return `Rollout up to layer ${layer + 1}`
  if (heads.length === 1) return `Layer ${layer + 1}, head ${head + 1}`
  return `${combine === "max" ? "Union" : "Mean"} of ${heads.length} heads`
}

const strongest = (entries) => entries.sort((a, b) => Math.abs(b[1]) - Math.abs(a[1])).slice(0, MOST_BARS)

/**
 * What is said of a map (`shown`) while a row, a column, both or none stand out: a sentence, the
 * largest weights as [name, weight], and a note or null.
 */
export function describe(shown, look, row, column) {
  const { rows, columns, values, signed } = shown
  const of = (i, j) => values[i * columns.length + j]
  const ofRow = () => strongest(columns.map((unit, j) => [unit.label, of(row, j)]))
  if (!rows.length || !columns.length) {
    const words = "Nothing is left to show: bring back the special tokens or choose other sentences."
    return { words, bars: [], note: null }
  }
  if (row !== null && column !== null) {
    const value = signed ? points(of(row, column)) : percent(of(row, column))
    return { words: `“${rows[row].label}” looks at “${columns[column].label}”: ${value}.`, bars: ofRow(), note: null }
  }
  if (row !== null) {
    const shownOfIt = columns.reduce((sum, _, j) => sum + of(row, j), 0)
    const rest = !signed && look.combine === "mean" && shownOfIt < 0.97
    return {
      words: signed ? `What changes for “${rows[row].label}”:` : `“${rows[row].label}” looks at`,
      bars: ofRow(),
      note: rest ? `${percent(1 - shownOfIt)} of its attention goes to what is not shown.` : null,
    }
  }
  if (column !== null) {
    const name = columns[column].label
    return {
      words: signed ? `Who changes towards “${name}”:` : `“${name}” is looked at by`,
      bars: strongest(rows.map((unit, i) => [unit.label, of(i, column)])),
      note: null,
    }
  }
  if (signed) {
    const change = values.reduce((sum, value) => sum + Math.abs(value), 0)
    const name = (cell) => `${rows[Math.floor(cell / columns.length)].label} → ${columns[cell % columns.length].label}`
    return {
      words: `On average ${percent(change / 2 / rows.length)} of a token's attention has moved.`,
      bars: strongest(Array.from(values, (value, cell) => [name(cell), value])),
      note: null,
    }
  }
  const sums = new Map()
  columns.forEach((unit, j) => {
    const mean = rows.reduce((sum, _, i) => sum + of(i, j), 0) / rows.length
    sums.set(unit.label, (sums.get(unit.label) ?? 0) + mean)
  })
  return { words: "Where the attention goes, over all that look:", bars: strongest([...sums]), note: null }
}
