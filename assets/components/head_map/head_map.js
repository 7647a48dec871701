// The attention of one head as a map: a row for each token that looks, a column for each token that
// it looks at. Drawn as a table, so that it can be read by a screen reader and at any size.

import { element } from "../parts/element.js"

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".head-map")
  const key = JSON.stringify(data)
  if (root.dataset.key === key) return
  root.dataset.key = key
  root.classList.toggle("large", Boolean(data.large))
  root.style.setProperty("--tokens", String(data.tokens.length))
  const table = element("table")
  const head = table.createTHead().insertRow()
  head.append(element("td"))
  const name = (text, scope) => {
    const cell = element("th")
    cell.scope = scope
    cell.append(element("span", "", text))
    return cell
  }
  for (const token of data.tokens) head.append(name(token, "col"))
  const body = table.createTBody()
  data.percent.forEach((row, i) => {
    const line = body.insertRow()
    line.append(name(data.tokens[i], "row"))
    row.forEach((percent, j) => {
      const cell = line.insertCell()
      cell.style.setProperty("--share", String(percent / 100))
      cell.title = `${data.tokens[i]} → ${data.tokens[j]}: ${percent}%`
      cell.append(element("span", "", `${percent}%`))
    })
  })
  const caption = table.createCaption()
  caption.textContent = "Rows look at columns; the stronger the color, the more attention."
  root.replaceChildren(table)
}
