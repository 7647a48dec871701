// A vector as bars: up and blue above zero, down and orange below.

import { element } from "./element.js"

export const POSITIVE = "#2b8cc4"
export const NEGATIVE = "#d97a1f"

/** Bars of one vector; `scale` is the size that fills the height. */
export function signedBars(values, scale) {
  const box = element("div", "strip")
  values.forEach((value, k) => {
    const cell = element("span", "cell")
    const bar = element("span", "bar")
    // small numbers are many: a root makes them visible beside the few large ones
    bar.style.height = `${50 * Math.min(1, Math.sqrt(Math.abs(value) / scale))}%`
    bar.style.background = value >= 0 ? POSITIVE : NEGATIVE
    bar.style[value >= 0 ? "bottom" : "top"] = "50%"
    cell.append(bar)
    cell.dataset.k = String(k)
    cell.title = `number ${k + 1}: ${value.toFixed(3)}`
    box.append(cell)
  })
  return box
}
