// The code of a layer beside its live tensors. A line that makes a tensor can be opened: its shape,
// what it means, and the numbers of one token. All text is set as textContent.

import { button, element } from "../parts/element.js"
import { signedBars } from "../parts/signed_bars.js"

/** Code with its comment set apart. */
function colored(text) {
  const line = element("span", "source")
  const at = text.search(/(^|\s)#/)
  if (at < 0) line.append(text || " ")
  else line.append(text.slice(0, at), element("span", "comment", text.slice(at)))
  return line
}

function strip(values) {
  const scale = Math.max(...values.map(Math.abs), 1e-6)
  const box = signedBars(values, scale)
  box.setAttribute("aria-hidden", "true")
  return box
}

function tensorCard(tensor, data) {
  const card = element("div", "tensor")
  const head = element("p", "shape")
  head.append(element("b", "", tensor.name), element("span", "", ` ${tensor.letters} = ${tensor.shape}`))
  const whose = `“${data.token}”${tensor.per_head ? `, head ${data.head}` : ""}`
  const shown = tensor.values.length < tensor.count ? `first ${tensor.values.length} of ${tensor.count} numbers` : `${tensor.count} numbers`
  card.append(
    head,
    element("p", "", `${tensor.meaning[0].toUpperCase()}${tensor.meaning.slice(1)}.`),
    element("p", "whose", `${whose}: ${shown}`),
    strip(tensor.values),
    element("p", "stats", `from ${tensor.least} to ${tensor.most} · mean ${tensor.mean} · length ${tensor.length}`),
    element("p", "numbers", `[${tensor.values.slice(0, 8).map((x) => x.toFixed(2)).join(", ")}${tensor.count > 8 ? ", …" : ""}]`),
  )
  if (tensor.over_tokens) {
    const best = tensor.values.map((value, i) => [value, i]).sort((a, b) => b[0] - a[0]).slice(0, 3)
    card.append(element("p", "stats", `highest: ${best.map(([value, i]) => `${data.tokens[i]} ${value.toFixed(2)}`).join(", ")}`))
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
    element("p", "where", `Layer ${data.layer}`),
    ...names.filter((name) => data.tensors[name]).map((name) => tensorCard(data.tensors[name], data)),
  )
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".layercode")
  const code = root.querySelector(".code")
  const focused = root.getRootNode().activeElement?.closest?.(".line")?.dataset.names
  code.replaceChildren()
  for (const listing of data.listings) {
    code.append(element("h3", "", listing.title))
    const block = element("div", "block")
    for (const line of listing.lines) {
      const live = line.probes.some((name) => data.tensors[name])
      const row = live ? button("line") : element("div", "line")
      row.append(element("span", "chip", live ? data.tensors[line.probes[0]].shape : ""), colored(line.text))
      if (live) {
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
