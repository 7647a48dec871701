// Saves the chart above: PNG and SVG through Plotly's own exporter. A page of its own is made by
// Python on demand and handed over here; a chart's drawing is put into it, as it stands.

import { saveFile } from "../parts/saving.js"

function exportPlot(plot, format, name) {
  // Plotly is bundled inside the app and not reachable by name, but its camera button is, and it
  // reads its options when it is pressed.
  const camera = plot.querySelector('.modebar-btn[data-attr="toImage"], .modebar-btn[data-title^="Download"]')
  if (!camera) return false
  plot._context.toImageButtonOptions = { format, filename: name, scale: format === "png" ? 2 : 1 }
  camera.dispatchEvent(new MouseEvent("click", { bubbles: true }))
  return true
}

const DRAWING = "<!-- the drawing -->" // as in lessons/figures/saved.py

// What is written and ruled around the data takes the colors of the page that it will stand in.
const WRITTEN = ".infolayer > :not(.annotation) text, .xtick text, .ytick text"
const RULED = ".gridlayer path, .zerolinelayer path"

/** A chart as the page that is saved has it: its own SVG; of three dimensions, a picture. */
function drawingOf(plot) {
  const copy = plot.querySelector(".svg-container").cloneNode(true)
  for (const tool of copy.querySelectorAll(".modebar-container, .hoverlayer, .dragcover")) tool.remove()
  for (const ground of copy.querySelectorAll(".main-svg")) ground.style.background = "none"
  for (const ground of copy.querySelectorAll(".bg")) ground.style.fill = "none"
  for (const text of copy.querySelectorAll(WRITTEN)) text.style.fill = "currentColor"
  for (const line of copy.querySelectorAll(RULED)) Object.assign(line.style, { stroke: "currentColor", strokeOpacity: "0.2" })
  const scene = plot._fullLayout?.scene?._scene
  if (scene) {
    const picture = document.createElement("img")
    picture.src = scene.toImage("png")
    picture.alt = ""
    picture.style.cssText = `${scene.container.style.cssText};position:absolute`
    copy.querySelector(".gl-container")?.replaceChildren(picture)
  }
  return copy.outerHTML
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".export")
  const said = root.querySelector(".said")
  const chart = () => data.chart && document.querySelector(`.st-key-${CSS.escape(data.chart)} .js-plotly-plot`)

  for (const button of root.querySelectorAll("button")) {
    button.onclick = () => {
      const format = button.dataset.format
      if (format === "html") setTriggerValue("html", true)
      else if (!chart() || !exportPlot(chart(), format, data.name)) said.textContent = "The chart is still drawing."
    }
    const as = { png: "PNG", svg: "SVG", html: "a page" }[button.dataset.format]
    button.setAttribute("aria-label", `Save “${data.title}” as ${as}`)
    button.hidden = !data.chart && button.dataset.format !== "html"
  }
  if (data.html && root.saved !== data.made) {
    root.saved = data.made // the same data comes again with every rerun
    const drawn = chart() ? data.html.replace(DRAWING, () => drawingOf(chart())) : data.html
    saveFile(`${data.name}.html`, drawn, "text/html")
  }
}
