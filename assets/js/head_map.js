// The attention of one head as a map: a row for each token that looks, a column for each token that
// it looks at. Drawn as a table, so that it can be read by a screen reader and at any size.

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".head-map")
  const key = JSON.stringify(data)
  if (root.dataset.key === key) return
  root.dataset.key = key
  root.classList.toggle("large", Boolean(data.large))
  root.style.setProperty("--tokens", data.tokens.length)
  const table = document.createElement("table")
  const head = table.createTHead().insertRow()
  head.append(document.createElement("td"))
  const name = (text, scope) => {
    const cell = document.createElement("th")
    cell.scope = scope
    const inner = document.createElement("span")
    inner.textContent = text
    cell.append(inner)
    return cell
  }
  for (const token of data.tokens) head.append(name(token, "col"))
  const body = table.createTBody()
  data.percent.forEach((row, i) => {
    const line = body.insertRow()
    line.append(name(data.tokens[i], "row"))
    row.forEach((percent, j) => {
      const cell = line.insertCell()
      cell.style.setProperty("--share", percent / 100)
      cell.title = `${data.tokens[i]} → ${data.tokens[j]}: ${percent}%`
      const said = document.createElement("span")
      said.textContent = `${percent}%`
      cell.append(said)
    })
  })
  const caption = table.createCaption()
  caption.textContent = "Rows look at columns; the stronger the color, the more attention."
  root.replaceChildren(table)
}
