// The steps of a lesson: where one is, and the arrow keys. Its links are followed as all links of the
// course are (address.js).

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
  root.off?.()

  const links = data.steps.map(([step, title], number) => {
    const link = document.createElement("a")
    link.href = linkTo(data.page, step)
    link.title = title
    link.setAttribute("aria-label", `Step ${number + 1}: ${title}`)
    if (number === open) link.setAttribute("aria-current", "step")
    if (number < open) link.className = "before"
    return link
  })
  const where = document.createElement("span")
  where.textContent = `${open + 1} of ${links.length}`
  nav.replaceChildren(...links, where)

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
  document.addEventListener("keydown", onKey)
  root.off = () => document.removeEventListener("keydown", onKey)

  // A link to a place in the page, as they were when a lesson was one long page.
  const place = decodeURIComponent(location.hash.slice(1))
  const wanted = data.steps.findIndex(([step]) => step === place)
  if (wanted >= 0) {
    history.replaceState(history.state, "", location.pathname + location.search)
    if (wanted !== open) links[wanted].click()
  }
  return root.off
}
