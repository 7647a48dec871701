// What a model puts at each mask: the most probable words as bars that move from one answer to the
// next. The learner's own guess, if given, keeps its place below with its rank. A covered list
// shows how sure the model is, but not of what; its words are not even sent. Where `takes` is set,
// a click on a word puts it into the sentence.

import { barRow } from "../parts/bar_row.js"
import { button, element } from "../parts/element.js"
import { calm } from "../parts/motion.js"
import { lifetime } from "../parts/lifetime.js"
import { percent } from "../parts/numbers.js"
import { lightHovered, tellHover } from "../parts/hover.js"

function row(key) {
  const line = barRow("", 0, "")
  line.dataset.key = key
  return line
}

function name(line, text, take) {
  const label = line.querySelector(".word")
  if (!take) {
    label.textContent = text
    return
  }
  let face = label.querySelector("button")
  if (!face) {
    face = button()
    label.replaceChildren(face)
  }
  face.textContent = text
  face.title = `Put “${text}” into the sentence`
  face.onclick = take
}

function fill(list, mask, scale, send, written) {
  const keys = mask.words.map(([word], i) => (mask.covered ? `?${i}` : word))
  const old = new Map([...list.children].map((line) => [line.dataset.key, line]))
  const before = new Map([...old].map(([key, line]) => [key, line.getBoundingClientRect().top]))
  const lines = keys.map((key) => old.get(key) ?? row(key))
  list.replaceChildren(...lines)
  const still = calm()
  mask.words.forEach(([word, p, note], i) => {
    const line = lines[i]
    const take = send && !mask.covered && note === undefined && (() => send(mask.position, word))
    line.classList.toggle("guess", note !== undefined)
    line.classList.toggle("covered", Boolean(mask.covered))
    name(line, mask.covered ? "?" : word, take)
    const bar = line.querySelector(".bar")
    const width = `${Math.max(0.4, (100 * p) / scale)}%`
    if (old.has(keys[i]) || still) bar.style.width = width
    else {
      bar.style.width = "0"
      requestAnimationFrame(() => requestAnimationFrame(() => (bar.style.width = width)))
    }
    line.querySelector(".value").textContent = note === undefined ? written(p) : `${written(p)} · ${note}`
    const from = before.get(line.dataset.key)
    if (from !== undefined && !still) {
      const by = from - line.getBoundingClientRect().top
      if (by) line.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 250, easing: "ease-out" })
    }
  })
}

function section() {
  const box = element("section")
  box.append(element("h3"), element("p", "note"), element("ol"))
  return box
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".predictions")
  const largest = Math.max(...data.masks.flatMap((mask) => mask.words.map(([, p]) => p)), 0.01)
  const scale = data.scale ?? largest
  const send = data.takes ? (position, word) => setTriggerValue("take", { position, word, at: Date.now() }) : null
  while (root.children.length > data.masks.length) root.lastChild.remove()
  data.masks.forEach((mask, i) => {
    let box = root.children[i]
    if (!box) {
      box = section()
      root.append(box)
    }
    const title = box.querySelector("h3")
    title.textContent = mask.title
    title.dataset.position = mask.position
    const note = box.querySelector(".note")
    note.textContent = mask.note ?? ""
    note.hidden = !mask.note
    fill(box.querySelector("ol"), mask, scale, send, data.plain ? (p) => p.toFixed(2) : percent)
    box.onpointerenter = () => tellHover(mask.position ?? null)
    box.onpointerleave = () => tellHover(null)
  })
  const { signal, end } = lifetime(root)
  lightHovered(root, signal)
  return end
}
