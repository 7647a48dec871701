// The code of a layer beside its live tensors. A line that makes a tensor can be opened: its shape,
// what it means, and the numbers of one token. All text is set as textContent.

const MORE = "#2b8cc4"
const LESS = "#d97a1f"

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

/** Code with its comment set apart. */
function colored(text) {
  const line = make("span", "source")
  const at = text.search(/(^|\s)#/)
  if (at < 0) line.append(text || " ")
  else line.append(text.slice(0, at), make("span", "comment", text.slice(at)))
  return line
}

function strip(values) {
  const scale = Math.max(...values.map(Math.abs), 1e-6)
  const box = make("div", "strip")
  box.setAttribute("aria-hidden", "true")
  for (const value of values) {
    const cell = make("span", "cell")
    const bar = make("span", "bar")
    bar.style.height = `${50 * Math.sqrt(Math.abs(value) / scale)}%`
    bar.style.background = value >= 0 ? MORE : LESS
    bar.style[value >= 0 ? "bottom" : "top"] = "50%"
    cell.append(bar)
    cell.title = value.toFixed(3)
    box.append(cell)
  }
  return box
}

function tensorCard(tensor, data) {
  const card = make("div", "tensor")
  const head = make("p", "shape")
  head.append(make("b", "", tensor.name), make("span", "", ` ${tensor.letters} = ${tensor.shape}`))
  const whose = `“${data.token}”${tensor.per_head ? `, head ${data.head}` : ""}`
  const shown = tensor.values.length < tensor.count ? `first ${tensor.values.length} of ${tensor.count} numbers` : `${tensor.count} numbers`
  card.append(
    head,
    make("p", "", `${tensor.meaning[0].toUpperCase()}${tensor.meaning.slice(1)}.`),
    make("p", "whose", `${whose}: ${shown}`),
    strip(tensor.values),
    make("p", "stats", `from ${tensor.least} to ${tensor.most} · mean ${tensor.mean} · length ${tensor.length}`),
    make("p", "numbers", `[${tensor.values.slice(0, 8).map((x) => x.toFixed(2)).join(", ")}${tensor.count > 8 ? ", …" : ""}]`),
  )
  if (tensor.over_tokens) {
    const best = tensor.values.map((value, i) => [value, i]).sort((a, b) => b[0] - a[0]).slice(0, 3)
    card.append(make("p", "stats", `highest: ${best.map(([value, i]) => `${data.tokens[i]} ${value.toFixed(2)}`).join(", ")}`))
  }
  return card
}

function open(root, data, names) {
  root.names = names
  for (const line of root.querySelectorAll(".line")) {
    const on = line.dataset.names === names.join(" ")
    line.classList.toggle("on", on)
    if (line.tagName === "BUTTON") line.setAttribute("aria-pressed", String(on))
  }
  const panel = root.querySelector(".panel")
  panel.replaceChildren(
    make("p", "where", `Layer ${data.layer}`),
    ...names.filter((name) => data.tensors[name]).map((name) => tensorCard(data.tensors[name], data)),
  )
}

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".layercode")
  const code = root.querySelector(".code")
  const focused = root.getRootNode().activeElement?.closest?.(".line")?.dataset.names
  code.replaceChildren()
  for (const listing of data.listings) {
    code.append(make("h3", "", listing.title))
    const block = make("div", "block")
    for (const line of listing.lines) {
      const live = line.probes.some((name) => data.tensors[name])
      const row = make(live ? "button" : "div", "line")
      row.append(make("span", "chip", live ? data.tensors[line.probes[0]].shape : ""), colored(line.text))
      if (live) {
        row.type = "button"
        row.dataset.names = line.probes.join(" ")
        row.onclick = row.onpointerenter = row.onfocus = () => open(root, data, line.probes)
      }
      block.append(row)
    }
    code.append(block)
  }
  code.onkeydown = (event) => {
    const lines = [...code.querySelectorAll("button.line")]
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const here = lines.indexOf(event.target)
    if (!step || here < 0) return
    event.preventDefault()
    event.stopPropagation()
    lines[here + step]?.focus()
  }
  open(root, data, root.names ?? ["attention_scores"])
  if (focused) code.querySelector(`[data-names="${focused}"]`)?.focus()
}
