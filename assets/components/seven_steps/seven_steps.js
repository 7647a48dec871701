// The seven steps of the tokenizer under each other. Every letter and every piece knows which
// characters of the typed text it comes from: pointing at one shows its fellows in all steps.
// All text is set as textContent.

import { element, within } from "../parts/element.js"
import { lifetime } from "../parts/lifetime.js"

const VISIBLE = { " ": "␣", "\t": "⇥", "\n": "⏎", "\r": "␍", "\u200b": "·", "\u00a0": "␣" }

function place(letter, [, start, end, sequence]) {
  letter.dataset.start = start
  letter.dataset.end = end
  letter.dataset.sequence = sequence
}

function drawPiece(piece, index, step) {
  const [text, , , , special] = piece
  if (step.letters) {
    const letter = element("span", "letter", VISIBLE[text] ?? text)
    letter.classList.toggle("blank", text in VISIBLE)
    if (piece[5]) {
      letter.classList.add("changed")
      letter.title = piece[5]
    }
    place(letter, piece)
    return letter
  }
  const chip = element("span", "chip")
  chip.tabIndex = 0
  chip.classList.toggle("special", special)
  chip.classList.toggle("continues", text.startsWith("##"))
  chip.append(element("span", "text", text))
  if (step.numbers) chip.append(element("span", "number", String(step.numbers[index])))
  if (!special || piece[2] > piece[1]) place(chip, piece)
  return chip
}

function drawStep(step, number) {
  const section = element("section", "step")
  const head = element("div", "head")
  head.append(element("span", "count", number), element("h3", "", step.title))
  const row = element("div", step.letters ? "row letters" : "row")
  let second = false
  step.pieces.forEach((piece, i) => {
    if (step.letters && piece[3] === 1 && !second) {
      second = true
      row.append(element("span", "gap", "+"))
    }
    row.append(drawPiece(piece, i, step))
  })
  if (step.more) row.append(element("span", "more", `… and ${step.more} more`))
  section.append(head, element("p", "words", step.words), row)
  if (step.changes.length) {
    const details = element("details")
    details.append(element("summary", "", "What changed"))
    const list = element("ul")
    for (const [before, after, why] of step.changes) {
      const item = element("li")
      item.append(element("code", "", before || "∅"), element("span", "", " → "), element("code", "", after || "∅"), element("span", "why", why))
      list.append(item)
    }
    if (step.changes_more) list.append(element("li", "why", `… and ${step.changes_more} more`))
    details.append(list)
    section.append(details)
  }
  return section
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".steps")
  const open = new Set([...root.querySelectorAll("details[open]")].map((d) => d.closest(".step").dataset.step))
  root.replaceChildren(
    ...data.steps.map((step, i) => {
      const section = drawStep(step, i === 0 ? "" : String(i))
      section.dataset.step = step.slug
      const details = section.querySelector("details")
      if (details && open.has(step.slug)) details.open = true
      return section
    }),
  )

  const point = (at) => {
    for (const other of root.querySelectorAll("[data-start]")) {
      const same =
        at &&
        other.dataset.sequence === at.dataset.sequence &&
        Number(other.dataset.start) < Number(at.dataset.end) &&
        Number(at.dataset.start) < Number(other.dataset.end)
      other.classList.toggle("pointed", Boolean(same))
    }
  }
  const { signal, end } = lifetime(root)
  const over = (event) => point(within(event, "[data-start]"))
  root.onpointerover = over
  root.onpointerleave = () => point(null)
  root.addEventListener("focusin", over, { signal })
  root.addEventListener("focusout", () => point(null), { signal })
  return end
}
