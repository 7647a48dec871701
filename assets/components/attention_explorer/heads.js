// All heads as a grid of thumbnails: rows are layers, columns are heads.

import { sized } from "../parts/canvas.js"
import { button, element, within } from "../parts/element.js"
import { picture } from "./pixels.js"

const SMALL = 34 // px, side of a thumbnail

function headButton(explorer, layer, head) {
  const label = explorer.data.labels?.[layer]?.[head]
  const one = button("head", undefined, (event) =>
    explorer.choose(layer, head, explorer.look.several || event.ctrlKey || event.metaKey || event.shiftKey),
  )
  one.dataset.layer = String(layer)
  one.dataset.head = String(head)
  one.title = `Layer ${layer + 1}, head ${head + 1}${label ? `: ${label.name}` : ""}`
  one.setAttribute("aria-label", one.title)
  const canvas = element("canvas")
  canvas.setAttribute("aria-hidden", "true")
  one.append(canvas)
  if (label) {
    one.style.setProperty("--mark", label.color)
    one.classList.add("labelled")
  }
  return one
}

/** The grid of an explorer's heads; a number at the left chooses a whole layer. */
export function buildHeads(explorer) {
  const { data } = explorer
  const grid = element("div", "grid")
  grid.setAttribute("role", "group")
  grid.setAttribute("aria-label", "All heads: rows are layers, columns are heads. Arrow keys move.")
  grid.style.gridTemplateColumns = `auto repeat(${data.heads}, minmax(0, ${SMALL + 6}px))`
  grid.append(element("span", "corner", "layer ↓ head →"))
  for (let head = 0; head < data.heads; head++) grid.append(element("span", "number", String(head + 1)))
  for (let layer = 0; layer < data.layers; layer++) {
    const all = button("number", String(layer + 1), () =>
      explorer.set({ heads: Array.from({ length: data.heads }, (_, head) => [layer, head]), several: true }),
    )
    all.title = `All heads of layer ${layer + 1}`
    all.setAttribute("aria-label", all.title)
    all.tabIndex = -1
    grid.append(all)
    for (let head = 0; head < data.heads; head++) grid.append(headButton(explorer, layer, head))
  }
  grid.onkeydown = (event) => {
    const here = within(event, ".head")
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key]
    if (!here || !step) return
    event.preventDefault()
    event.stopPropagation()
    const layer = Number(here.dataset.layer) + step[0]
    const head = Number(here.dataset.head) + step[1]
    const next = grid.querySelector(`[data-layer="${layer}"][data-head="${head}"]`)
    if (!next) return
    next.focus()
    if (!explorer.look.several && !data.game) explorer.choose(layer, head, false)
  }
  return grid
}

/** What the colors under the heads mean, and how many heads have each; null where none has one. */
export function buildLegend(labels) {
  if (!labels) return null
  const counts = new Map()
  for (const label of labels.flat()) {
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
  return legend
}

/** Press the chosen heads; of a rollout, the layer up to which it goes. */
export function pressHeads({ root, look }) {
  const chosen = new Set(look.heads.map((pair) => pair.join("-")))
  const [layer, head] = look.heads[look.heads.length - 1] ?? [0, 0]
  for (const one of root.querySelectorAll(".head")) {
    const inLayer = Number(one.dataset.layer) === layer
    const pressed = look.rollout ? inLayer : chosen.has(`${one.dataset.layer}-${one.dataset.head}`)
    one.setAttribute("aria-pressed", String(pressed))
    one.tabIndex = inLayer && Number(one.dataset.head) === (look.rollout ? 0 : head) ? 0 : -1
  }
  root.querySelector(".grid").classList.toggle("rollout", look.rollout) // all heads share one
}

/** Draw all thumbnails anew. */
export function drawThumbnails({ root, look, weights, data, more }) {
  const side = Math.min(SMALL, data.texts[0].tokens.length)
  for (const one of root.querySelectorAll(".head")) {
    const cells = weights.thumbnail(look, Number(one.dataset.layer), Number(one.dataset.head), side)
    const canvas = one.querySelector("canvas")
    const pen = sized(canvas, SMALL, SMALL)
    canvas.style.width = "100%"
    canvas.style.height = "auto"
    pen.imageSmoothingEnabled = false
    pen.drawImage(picture(cells, side, side, more, look.show === "difference" ? 2 : 1), 0, 0, SMALL, SMALL)
  }
}
