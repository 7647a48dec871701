// How numbers are written in the whole course.

const WHOLE = 0.0995 // from here on a percentage is written without a decimal
const LEAST = 0.001

/** A probability or share, 0 to 1, as a percentage; a dash where there is none. */
export function percent(share) {
  if (share === null || share === undefined || Number.isNaN(share)) return "–"
  if (share >= WHOLE) return `${(100 * share).toFixed(0)}%`
  if (share >= LEAST) return `${(100 * share).toFixed(1)}%`
  return share > 0 ? "<0.1%" : "0%"
}

/** A number with a real minus sign. */
export const negative = (x, digits) => `${x < 0 ? "−" : ""}${Math.abs(x).toFixed(digits)}`

/** A number with its sign, plus or minus. */
export const signed = (x, digits) => `${x < 0 ? "−" : "+"}${Math.abs(x).toFixed(digits)}`
