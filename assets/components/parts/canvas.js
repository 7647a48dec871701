// Drawing on a canvas, sharp on screens of any density.

const density = () => window.devicePixelRatio || 1
const HUGE = 7_500_000 // CSS pixels: a larger canvas is drawn one to one

/** Make a canvas as large as its box, in pixels of the screen; returns how many make a CSS pixel. */
export function fit(canvas) {
  const [width, height] = [canvas.clientWidth, canvas.clientHeight].map((side) => Math.max(1, Math.round(side * density())))
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  return density()
}

/** A canvas as large as its box, cleared, to be drawn on in CSS pixels. */
export function pen(canvas) {
  const ratio = fit(canvas)
  const [width, height] = [Math.max(1, canvas.clientWidth), Math.max(1, canvas.clientHeight)]
  const context = canvas.getContext("2d")
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, width, height)
  return { context, width, height }
}

/** A canvas of a given size, empty, to be drawn on in CSS pixels. */
export function sized(canvas, width, height) {
  const ratio = width * height > HUGE ? 1 : density()
  canvas.width = Math.max(1, Math.round(width * ratio))
  canvas.height = Math.max(1, Math.round(height * ratio))
  canvas.style.width = `${width}px`
  canvas.style.height = `${height}px`
  const context = canvas.getContext("2d")
  context.scale(ratio, ratio)
  return context
}
