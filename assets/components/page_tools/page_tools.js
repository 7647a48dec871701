// Two things only a browser can do for a page: copy its address, and remember which lessons are
// done. The done lessons stand in this browser's storage; Python hears of them when they differ.

import { element } from "../parts/element.js"
import { keep, recall } from "../parts/storage.js"

const DONE = "inside-bert.done"

function stored() {
  const value = recall("localStorage", DONE)
  return Array.isArray(value) ? value.filter((slug) => typeof slug === "string") : []
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // plain http on another host has no clipboard API
    const area = element("textarea")
    area.value = text
    document.body.append(area)
    area.select()
    document.execCommand("copy")
    area.remove()
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setStateValue } = component
  const root = parentElement.querySelector(".tools")

  if (data.done === null) {
    const done = stored()
    if (done.length) setStateValue("done", done)
  } else if (JSON.stringify(stored()) !== JSON.stringify(data.done)) {
    keep("localStorage", DONE, data.done)
  }

  const button = root.querySelector("button")
  const said = root.querySelector(".said")
  button.onclick = async () => {
    await copy(location.href)
    said.textContent = data.too_long ? "Copied, but the sentence is too long for a link" : "Link copied"
    setTimeout(() => (said.textContent = ""), 4000)
  }
}
