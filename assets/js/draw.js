// One training example as a table: each token of the sentence in a column, beneath it what the
// model reads, the label, and what the token adds to the loss. Scrolls sideways when it is long.

function cell(tag, text, name) {
  const made = document.createElement(tag)
  made.textContent = text
  if (name) made.className = name
  return made
}

export default function (component) {
  const { data, parentElement } = component
  const table = parentElement.querySelector(".draw table")
  const body = document.createElement("tbody")
  for (const [title, key] of [["Sentence", "token"], ["What BERT reads", "input"], ["Label", "label"], ["Loss", "loss"]]) {
    const row = document.createElement("tr")
    const head = cell("th", title)
    head.scope = "row"
    row.append(head)
    for (const column of data.columns) {
      const made = cell("td", column[key], `${key} ${column.kind}`)
      if (key === "loss" && column.share !== null) {
        const bar = document.createElement("span")
        bar.className = "bar"
        bar.style.height = `${Math.max(2, Math.round(44 * column.share))}px`
        made.prepend(bar)
      }
      row.append(made)
    }
    body.append(row)
  }
  table.replaceChildren(body)
}
