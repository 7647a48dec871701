// What a room answered: one row for each answer, a bar for each vote and one for the model. Where
// `hides` is set, the teacher can take a written answer off the board.

const SERIES = [
  ["first", "first vote"],
  ["second", "second vote"],
  ["model", "the model"],
]

const percent = (share) =>
  share >= 0.0995 ? `${(100 * share).toFixed(0)}%` : share > 0 ? `${(100 * share).toFixed(1)}%` : "0%"

function bar(name, share, count, most) {
  const line = document.createElement("div")
  line.className = `bar ${name}`
  const fill = document.createElement("span")
  fill.className = "fill"
  fill.style.width = `${(100 * share) / most}%`
  const value = document.createElement("span")
  value.className = "value"
  value.textContent = count === undefined ? percent(share) : `${percent(share)} · ${count}`
  line.append(fill, value)
  return line
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".tally")
  root.classList.toggle("large", Boolean(data.large))
  const shown = SERIES.filter(([name]) => data.rows.some((row) => row[name] != null))
  const share = (row, name) =>
    name === "model" ? row.model : row[name] / Math.max(data.totals[name] ?? 0, 1)
  const shares = data.rows.flatMap((row) =>
    shown.map(([name]) => (row[name] == null ? 0 : share(row, name))),
  )
  const most = Math.max(0.01, ...shares)

  const legend = document.createElement("p")
  legend.className = "legend"
  for (const [name, title] of shown) {
    const key = document.createElement("span")
    key.className = name
    const total = data.totals[name]
    key.textContent = total === undefined ? title : `${title} (${total})`
    legend.append(key)
  }
  const list = document.createElement("ol")
  for (const row of data.rows) {
    if (row.heading) {
      const heading = document.createElement("li")
      heading.className = "heading"
      heading.textContent = row.heading
      list.append(heading)
    }
    const item = document.createElement("li")
    item.classList.toggle("right", Boolean(row.right))
    const label = document.createElement("span")
    label.className = "label"
    if (row.letter) {
      const letter = document.createElement("b")
      letter.textContent = row.letter
      label.append(letter, " ")
    }
    label.append(row.text)
    if (row.right) {
      const mark = document.createElement("strong")
      mark.textContent = ` ✓ ${data.who}`
      label.append(mark)
    }
    if (data.hides && (row.first || row.second)) {
      const hide = document.createElement("button")
      hide.type = "button"
      hide.textContent = "×"
      hide.title = "Take this answer off the board"
      hide.setAttribute("aria-label", `Take “${row.text}” off the board`)
      hide.onclick = () => setTriggerValue("hide", { label: row.text })
      label.append(hide)
    }
    const bars = document.createElement("div")
    for (const [name] of shown) {
      if (row[name] === undefined) continue
      if (row[name] === null) {
        const none = document.createElement("div")
        none.className = "bar model none"
        none.textContent = "several pieces: no single probability"
        bars.append(none)
        continue
      }
      bars.append(bar(name, share(row, name), name === "model" ? undefined : row[name], most))
    }
    item.append(label, bars)
    list.append(item)
  }
  root.replaceChildren(legend, list)
}
