// The steps of a lesson: where one is, and the keys. Its links are followed as all links of the
// course are (address.js).

import { element } from "../parts/element.js"
import { lifetime } from "../parts/lifetime.js"

const OWN_ARROWS = // things that move by the arrow keys themselves
  'input, textarea, select, [contenteditable="true"], [role="slider"], [role="radio"], [role="tab"], ' +
  '[role="option"], [role="listbox"], [role="combobox"], [role="menu"], [role="grid"], [role="tree"], ' +
  '[role="application"], [data-own-arrows], .js-plotly-plot'

// In presenter mode also what a presenter sends, a space, and the number of a step.
const PRESENTERS = { PageUp: -1, PageDown: 1, " ": 1 }
const PRESSED_BY_SPACE = 'a, button, summary, [role="button"], [role="switch"], [role="checkbox"]'

function linkTo(page, step) {
  return `./${page}?step=${encodeURIComponent(step)}`
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement: root } = component
  const nav = root.querySelector("nav")
  const open = data.steps.findIndex(([step]) => step === data.open)

  const links = data.steps.map(([step, title], number) => {
    const link = element("a", number < open ? "before" : "")
    link.href = linkTo(data.page, step)
    link.title = title
    link.setAttribute("aria-label", `Step ${number + 1}: ${title}`)
    if (number === open) link.setAttribute("aria-current", "step")
    return link
  })
  const leaves = element("a") // out of presenter mode
  leaves.href = `${linkTo(data.page, data.open)}&present=0`
  leaves.hidden = true
  leaves.setAttribute("aria-label", "Leave presenter mode")
  nav.replaceChildren(...links, element("span", "", `${open + 1} of ${links.length}`), leaves)

  function wanted(key) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key] ?? (data.presenting ? PRESENTERS[key] : 0)
    if (by) return links[open + by]
    if (data.presenting && /^[1-9]$/.test(key)) return links[Number(key) - 1]
    return data.presenting && key === "Escape" ? leaves : null
  }

  function onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.defaultPrevented) return
    const own = event.key === " " ? `${OWN_ARROWS}, ${PRESSED_BY_SPACE}` : OWN_ARROWS
    const path = event.composedPath().filter((node) => node instanceof Element)
    if (path.some((node) => node.matches(own))) return
    const link = wanted(event.key)
    if (!link) return
    event.preventDefault()
    link.click()
  }
  const { signal, end } = lifetime(nav)
  document.addEventListener("keydown", onKey, { signal })

  // A link to a place in the page, as they were when a lesson was one long page.
  const place = decodeURIComponent(location.hash.slice(1))
  const named = data.steps.findIndex(([step]) => step === place)
  if (named >= 0) {
    history.replaceState(history.state, "", location.pathname + location.search)
    if (named !== open) links[named].click()
  }
  return end
}
