// Files that are made in the browser.

const KEPT = 60_000 // milliseconds: until then the browser has fetched it

/**
 * Let the browser save data under a name.
 *
 * @param {string} name
 * @param {Blob | string} data
 * @param {string} type what a text is, as "image/svg+xml"
 */
export function saveFile(name, data, type) {
  const link = document.createElement("a")
  link.download = name
  link.href = URL.createObjectURL(data instanceof Blob ? data : new Blob([data], { type }))
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT)
}

/**
 * A drawing (the text of an SVG) as a PNG of twice its size.
 *
 * @returns {Promise<Blob>}
 */
export async function asPicture(svg, width, height) {
  const image = new Image()
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }))
  await new Promise((resolve, reject) => {
    image.onload = resolve
    image.onerror = reject
    image.src = address
  })
  const canvas = document.createElement("canvas")
  canvas.width = Math.ceil(2 * width)
  canvas.height = Math.ceil(2 * height)
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height)
  URL.revokeObjectURL(address)
  return new Promise((resolve) => canvas.toBlob(resolve, "image/png"))
}
