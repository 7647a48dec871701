// The steps of a lesson: where one is, and the arrow keys. Its links are followed as all links of the
// course are (address.js).

import { element } from "../shared/element.js"
import { lifetime } from "../shared/lifetime.js"

const OWN_ARROWS = // things that move by the arrow keys themselves
  'input, textarea, select, [contenteditable="true"], [role="slider"], [role="radio"], [role="tab"], ' +
  '[role="option"], [role="listbox"], [role="combobox"], [role="menu"], [role="grid"], [role="tree"], ' +
  '[role="application"], [data-own-arrows], .js-plotly-plot'

function linkTo(page, step) {
  return `./${page}?step=${encodeURIComponent(step)}`
}

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
  nav.replaceChildren(...links, element("span", "", `${open + 1} of ${links.length}`))

  function onKey(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
    if (!by || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    if (event.defaultPrevented) return
    const path = event.composedPath().filter((node) => node instanceof Element)
    if (path.some((node) => node.matches(OWN_ARROWS))) return
    const link = links[open + by]
    if (!link) return
    event.preventDefault()
    link.click()
  }
  const { signal, end } = lifetime(nav)
  document.addEventListener("keydown", onKey, { signal })

  // A link to a place in the page, as they were when a lesson was one long page.
  const place = decodeURIComponent(location.hash.slice(1))
  const wanted = data.steps.findIndex(([step]) => step === place)
  if (wanted >= 0) {
    history.replaceState(history.state, "", location.pathname + location.search)
    if (wanted !== open) links[wanted].click()
  }
  return end
}
