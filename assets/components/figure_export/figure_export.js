// Saves the chart above: PNG and SVG through Plotly's own exporter, or the canvas itself where a
// component drew one; a page of its own (HTML) is made by Python on demand and handed over here.

import { saveFile } from "../shared/saving.js"

function exportPlot(plot, format, name) {
  // Plotly is bundled inside the app and not reachable by name, but its camera button is, and it
  // reads its options when it is pressed.
  const camera = plot.querySelector('.modebar-btn[data-attr="toImage"], .modebar-btn[data-title^="Download"]')
  if (!camera) return false
  plot._context.toImageButtonOptions = { format, filename: name, scale: format === "png" ? 2 : 1 }
  camera.dispatchEvent(new MouseEvent("click", { bubbles: true }))
  return true
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".export")
  const said = root.querySelector(".said")
  const chart = () => document.querySelector(`.st-key-${CSS.escape(data.chart)} .js-plotly-plot`)

  for (const button of root.querySelectorAll("button")) {
    button.onclick = () => {
      const format = button.dataset.format
      if (format === "html") setTriggerValue("html", true)
      else if (!chart() || !exportPlot(chart(), format, data.name)) said.textContent = "The chart is still drawing."
    }
    button.setAttribute("aria-label", `Save “${data.title}” as ${button.dataset.format.toUpperCase()}`)
  }
  if (data.html && root.saved !== data.made) {
    root.saved = data.made // the same data comes again with every rerun
    saveFile(`${data.name}.html`, data.html, "text/html")
  }
}
