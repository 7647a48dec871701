// The table of contents in the sidebar: real links, which address.js follows without a new page load.

import { element } from "../parts/element.js"
import { keep, recall } from "../parts/storage.js"

// A reload empties Streamlit's session. This tab remembers which training runs are its own; the
// address does not, so that a copied link hands nobody the controls.
const STORED = "inside-bert:runs"
let asked = false

function link(entry, current) {
  const a = element("a", "", entry.title)
  // All pages stand side by side, below whatever path the app has.
  a.href = entry.slug === "home" ? "./" : `./${entry.slug}`
  a.dataset.page = entry.slug
  if (entry.slug === current) a.setAttribute("aria-current", "page")
  return a
}

function remember(runs, setTriggerValue) {
  const found = !asked && recall("sessionStorage", STORED)
  if (Object.keys(runs).length) keep("sessionStorage", STORED, runs)
  else if (found) setTriggerValue("found", found)
  asked = true
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector("nav")
  remember(data.runs, setTriggerValue)
  const words = JSON.stringify(data)
  if (root.words === words) return
  root.words = words
  const focused = parentElement.querySelector(":focus")?.getAttribute("href")

  root.replaceChildren(link(data.home, data.current))
  for (const part of data.parts) {
    const list = element("ul")
    list.ariaLabel = part.title
    for (const entry of part.entries) {
      const item = element("li")
      item.append(link(entry, data.current))
      list.append(item)
    }
    root.append(element("p", "", part.title), list)
  }
  if (focused) root.querySelector(`[href="${focused}"]`)?.focus()
}
