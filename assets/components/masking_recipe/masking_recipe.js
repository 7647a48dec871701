// One training example as a table: each token of the sentence in a column, beneath it what the
// model reads, the label, and what the token adds to the loss. Scrolls sideways when it is long.

import { element } from "../parts/element.js"

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const table = parentElement.querySelector(".draw table")
  const body = element("tbody")
  for (const [title, key] of [["Sentence", "token"], ["What BERT reads", "input"], ["Label", "label"], ["Loss", "loss"]]) {
    const row = element("tr")
    const head = element("th", "", title)
    head.scope = "row"
    row.append(head)
    for (const column of data.columns) {
      const made = element("td", `${key} ${column.kind}`, column[key])
      if (key === "loss" && column.share !== null) {
        const bar = element("span", "bar")
        bar.style.height = `${Math.max(2, Math.round(44 * column.share))}px`
        made.prepend(bar)
      }
      row.append(made)
    }
    body.append(row)
  }
  table.replaceChildren(body)
}
