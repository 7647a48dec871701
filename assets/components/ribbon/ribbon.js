// The sentence as a ribbon of tokens. A click selects a token, its lower button masks it.
// Arrow keys move along the ribbon, Enter selects, M masks. All text is set as textContent.

import { button, element, within } from "../parts/element.js"
import { hearHover, tellHover } from "../parts/hover.js"
import { lifetime } from "../parts/lifetime.js"

function chip(token, position, state, send) {
  const box = element("span", "chip")
  box.classList.toggle("special", token.special)
  box.classList.toggle("continues", token.continues)
  box.classList.toggle("masked", token.masked)
  box.classList.toggle("second", token.sentence === 1)
  box.dataset.position = position
  box.dataset.word = token.word ?? ""

  const face = button("face", undefined, () => send("select", position))
  face.setAttribute("aria-pressed", String(state.selected.includes(position)))
  face.setAttribute(
    "aria-label",
    `${token.shown}, token ${position}, id ${token.id}` + (token.masked ? `, hides ${token.text}` : ""),
  )
  face.append(element("span", "piece", token.shown), element("span", "id", token.masked ? token.text : token.id))
  box.append(face)

  if (!token.special) {
    const mask = button("mask", token.masked ? "show" : "mask", () => send("mask", position))
    mask.tabIndex = -1 // on the keyboard M does the same
    mask.setAttribute("aria-label", `${token.masked ? "Show" : "Mask"} ${token.text}, token ${position}`)
    box.append(mask)
  }
  return box
}

function highlight(root, position) {
  const word = position === null ? "" : root.querySelector(`[data-position="${position}"]`)?.dataset.word
  for (const box of root.querySelectorAll(".chip")) {
    const same = box.dataset.position === String(position) || (word && box.dataset.word === word)
    box.classList.toggle("hovered", Boolean(same))
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".ribbon")
  // A click changes the ribbon at once; what the model says follows.
  const send = (name, position) => setTriggerValue(name, { position, at: Date.now() })
  const focused = root.querySelector(".face:focus")?.parentElement.dataset.position
    ?? root.getRootNode().activeElement?.closest?.(".chip")?.dataset.position

  root.replaceChildren(...data.tokens.map((token, i) => chip(token, i, data, send)))
  if (data.more > 0) root.append(element("span", "more", `… and ${data.more} more tokens`))

  const faces = [...root.querySelectorAll(".face")]
  const home = Math.max(0, Math.min(Number(focused ?? data.selected[0] ?? 0), faces.length - 1))
  faces.forEach((face, i) => (face.tabIndex = i === home ? 0 : -1))
  if (focused !== undefined) faces[home]?.focus({ preventScroll: true }) // the page stays where it is

  root.onkeydown = (event) => {
    const here = faces.indexOf(event.target)
    if (here < 0) return
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: faces.length - 1 }[event.key]
    if (next !== undefined) {
      event.preventDefault() // at either end too: arrow keys elsewhere go from step to step
      event.stopPropagation()
      if (!faces[next]) return
      faces[here].tabIndex = -1
      faces[next].tabIndex = 0
      faces[next].focus()
    } else if (event.key.toLowerCase() === "m" && !event.ctrlKey && !event.metaKey) {
      event.preventDefault()
      if (!data.tokens[here].special) send("mask", here)
    }
  }

  const { signal, end } = lifetime(root)
  const over = (event) => {
    const box = within(event, ".chip")
    if (box) tellHover(Number(box.dataset.position))
  }
  root.onpointerover = over
  root.onpointerleave = () => tellHover(null)
  root.addEventListener("focusin", over, { signal })
  root.addEventListener("focusout", () => tellHover(null), { signal })
  hearHover((position) => highlight(root, position), signal)
  return end
}
