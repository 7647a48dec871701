// Weights as colors.

import { element } from "../parts/element.js"

export const LESS = [213, 94, 0] // a weight that went down, in a difference

/** Red, green and blue of a style sheet's color. */
export function rgb(color) {
  const pen = element("canvas").getContext("2d")
  pen.fillStyle = color
  pen.fillRect(0, 0, 1, 1)
  return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
}

/** Values as colored cells, one pixel each, to be scaled up. */
export function picture(values, rows, columns, more, gain = 1) {
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
