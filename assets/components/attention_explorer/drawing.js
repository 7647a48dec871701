// Lines and map as one drawing to save, with the colors of the page.

import { LESS } from "./pixels.js"
import { nameOf } from "./words.js"

const FAINTEST = 0.04 // weights below are not drawn as lines

const ENTITIES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" }
// deno-lint-ignore no-control-regex
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g // XML has no way to say them

/** A text as it is written in XML. */
export const escape = (text) => text.replace(/[&<>"]/g, (c) => ENTITIES[c]).replace(UNWRITABLE, "\ufffd")

/** The drawing of an explorer as the text of an SVG, with its width and height in pixels. */
export function drawing({ root, shown, gain, more, row, look, data, wires: { rise }, map }) {
  const style = getComputedStyle(root)
  const ink = style.getPropertyValue("--st-text-color").trim() || "#000"
  const ground = style.getPropertyValue("--st-background-color").trim() || "#fff"
  const { rows, columns, values } = shown
  const margin = 16
  const lines = { x: margin + 110, width: 220 }
  const heat = { x: lines.x + lines.width + 130 + map.left, y: margin + 40 + map.top }
  const width = heat.x + columns.length * map.cell + margin
  const height = Math.max(heat.y + rows.length * map.cell, margin + 40 + Math.max(rows.length, columns.length) * rise) + margin
  const parts = []
  const number = (value) => value.toFixed(1)
  const text = (x, y, words, extra = "") => parts.push(`<text x="${number(x)}" y="${number(y)}" ${extra}>${escape(words)}</text>`)
  text(margin, margin + 12, `${nameOf(look)} · ${data.model}`, 'font-weight="bold" font-size="15"')
  const top = margin + 40
  rows.forEach((unit, i) => text(lines.x - 6, top + (i + 0.65) * rise, unit.label, 'text-anchor="end"'))
  columns.forEach((unit, j) => text(lines.x + lines.width + 6, top + (j + 0.65) * rise, unit.label))
  rows.forEach((_, i) => {
    if (row !== null && i !== row) return
    columns.forEach((__, j) => {
      const value = values[i * columns.length + j]
      const size = Math.abs(value) * gain
      if (size < FAINTEST) return
      const [y, z] = [top + (i + 0.5) * rise, top + (j + 0.5) * rise]
      const bend = lines.width * 0.45
      parts.push(
        `<path d="M${lines.x},${number(y)} C${number(lines.x + bend)},${number(y)} ${number(lines.x + lines.width - bend)},${number(z)} ${lines.x + lines.width},${number(z)}" ` +
          `fill="none" stroke="rgb(${value >= 0 ? more : LESS})" stroke-width="${(0.6 + 5 * size).toFixed(2)}" stroke-opacity="${Math.min(0.95, 0.1 + 0.9 * size).toFixed(2)}"/>`,
      )
    })
  })
  if (rows.length * columns.length <= 4096) {
    for (let i = 0; i < values.length; i++) {
      const size = Math.abs(values[i]) * gain
      if (size < 0.002) continue
      const [r, c] = [Math.floor(i / columns.length), i % columns.length]
      parts.push(`<rect x="${number(heat.x + c * map.cell)}" y="${number(heat.y + r * map.cell)}" width="${number(map.cell)}" height="${number(map.cell)}" fill="rgb(${values[i] >= 0 ? more : LESS})" fill-opacity="${Math.min(1, Math.sqrt(size)).toFixed(3)}"/>`)
    }
  } else {
    parts.push(`<image x="${heat.x}" y="${heat.y}" width="${columns.length * map.cell}" height="${rows.length * map.cell}" preserveAspectRatio="none" style="image-rendering:pixelated" href="${map.cells.toDataURL()}"/>`)
  }
  parts.push(`<rect x="${heat.x}" y="${heat.y}" width="${number(columns.length * map.cell)}" height="${number(rows.length * map.cell)}" fill="none" stroke="${ink}" stroke-opacity="0.4"/>`)
  if (map.named) {
    const small = `font-size="${Math.max(7, Math.min(12, map.cell * 0.85)).toFixed(1)}"`
    rows.forEach((unit, i) => text(heat.x - 4, heat.y + (i + 0.7) * map.cell, unit.label, `text-anchor="end" ${small}`))
    columns.forEach((unit, j) => {
      const x = heat.x + (j + 0.7) * map.cell
      text(x, heat.y - 4, unit.label, `transform="rotate(-90 ${number(x)} ${heat.y - 4})" ${small}`)
    })
  }
  return {
    width, height,
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${Math.ceil(width)}" height="${Math.ceil(height)}" font-family="sans-serif" font-size="12" fill="${ink}"><rect width="100%" height="100%" fill="${ground}"/>${parts.join("")}</svg>`,
  }
}
