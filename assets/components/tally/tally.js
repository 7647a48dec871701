// What a room answered: one row for each answer, a bar for each vote and one for the model. Where
// `hides` is set, the teacher can take a written answer off the board.

import { button, element } from "../parts/element.js"
import { percent } from "../parts/numbers.js"

const SERIES = [
  ["first", "first vote"],
  ["second", "second vote"],
  ["model", "the model"],
]

function bar(name, share, count, most) {
  const line = element("div", `bar ${name}`)
  const fill = element("span", "fill")
  fill.style.width = `${(100 * share) / most}%`
  line.append(fill, element("span", "value", count === undefined ? percent(share) : `${percent(share)} · ${count}`))
  return line
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".tally")
  root.classList.toggle("large", Boolean(data.large))
  const shown = SERIES.filter(([name]) => data.rows.some((row) => typeof row[name] === "number"))
  const share = (row, name) =>
    name === "model" ? row.model : row[name] / Math.max(data.totals[name] ?? 0, 1)
  const shares = data.rows.flatMap((row) =>
    shown.map(([name]) => (typeof row[name] === "number" ? share(row, name) : 0)),
  )
  const most = Math.max(0.01, ...shares)

  const legend = element("p", "legend")
  for (const [name, title] of shown) {
    const total = data.totals[name]
    legend.append(element("span", name, total === undefined ? title : `${title} (${total})`))
  }
  const list = element("ol")
  for (const row of data.rows) {
    if (row.heading) list.append(element("li", "heading", row.heading))
    const item = element("li", row.right ? "right" : "")
    const label = element("span", "label")
    if (row.letter) label.append(element("b", "", row.letter), " ")
    label.append(row.text)
    if (row.right) label.append(element("strong", "", ` ✓ ${data.who}`))
    if (data.hides && (row.first || row.second)) {
      const hide = button("", "×", () => setTriggerValue("hide", { label: row.text }))
      hide.title = "Take this answer off the board"
      hide.setAttribute("aria-label", `Take “${row.text}” off the board`)
      label.append(hide)
    }
    const bars = element("div")
    for (const [name] of shown) {
      if (row[name] === undefined) continue
      if (row[name] === null) {
        bars.append(element("div", "bar model none", "several pieces: no single probability"))
        continue
      }
      bars.append(bar(name, share(row, name), name === "model" ? undefined : row[name], most))
    }
    item.append(label, bars)
    list.append(item)
  }
  root.replaceChildren(legend, list)
}
