// The moments of a run, as Python sends them, and what lies between two of them.

import { bytes } from "../parts/bytes.js"

/** A value between two, or the one that is there. */
export const between = (a, b, part) => (a === null || b === null ? (a ?? b) : a + (b - a) * part)

/** A moment with its attention weights as bytes, 0 to 255, and the word map's places, −1 to 1. */
export function decoded(moment) {
  const map = new Int16Array(bytes(moment.map).buffer)
  return { ...moment, attention: moment.attention.map(bytes), map: Float32Array.from(map, (v) => v / 32767) }
}

/** The two moments around a place among them, and the part of the way from the first to the second. */
export function around(moments, place) {
  const end = moments.length - 1
  const low = Math.min(end, Math.max(0, Math.floor(place)))
  return [moments[low], moments[Math.min(end, low + 1)], place - low]
}
