// How long the gradient of each part of the model is, and how large its weights are.

import { element } from "../parts/element.js"
import { between } from "./moments.js"

const LONGEST = 62 // percent of a cell: its number stands beside the bar

/** Build the view; returns what draws it at the moment that is shown. */
export function gradients(gym, body) {
  const table = element("table", "norms")
  const head = element("tr")
  for (const name of ["part", "gradient of the last step", "size of its weights"]) head.append(element("th", "", name))
  table.append(head)
  const rows = gym.moments[0].norms.map(([name]) => {
    const row = element("tr")
    const title = element("th", "", name)
    title.scope = "row"
    row.append(title)
    const cells = ["gradient", "weight"].map((kind) => {
      const cell = element("td")
      const bar = element("i", kind)
      const text = element("span")
      cell.append(bar, text)
      row.append(cell)
      return { bar, text }
    })
    table.append(row)
    return cells
  })
  body.append(table, element("p", "about", "A gradient says how each weight should move. Its norm is its length. If a part's bar is near 0, nothing is learned there; if it jumps, the steps are too large."))

  return () => {
    const [a, b, part] = gym.around()
    const largest = [1, 2].map((k) => Math.max(1e-6, ...gym.moments.flatMap((m) => m.norms.map((row) => row[k] ?? 0))))
    rows.forEach((cells, i) =>
      cells.forEach(({ bar, text }, k) => {
        const value = between(a.norms[i][k + 1], b.norms[i][k + 1], part)
        bar.style.width = `${(LONGEST * (value ?? 0)) / largest[k]}%`
        text.textContent = value === null ? "not a number" : value.toFixed(2)
      }),
    )
  }
}
