// Says which regions of the page are near the window, and how high each of them is, whenever
// others than before have come near and the scrolling has stopped.

const NEAR = 0.25 // of a window above and below
const STILL = 200 // milliseconds
const MOVES = ["wheel", "touchstart", "pointerdown", "keydown"] // somebody goes elsewhere

function measure(regions) {
  const window = document.querySelector('[data-testid="stMain"]').getBoundingClientRect()
  const reach = window.height * NEAR
  const found = {}
  for (const name of regions) {
    const box = document.querySelector(`.st-key-region-${name}`)
    const heading = box?.querySelector('[data-testid="stElementContainer"]')
    if (!heading) continue
    const { top, bottom } = box.getBoundingClientRect()
    const gap = parseFloat(getComputedStyle(box).rowGap) || 0
    found[name] = {
      near: top < window.bottom + reach && bottom > window.top - reach,
      height: Math.round(bottom - heading.getBoundingClientRect().bottom - gap),
    }
  }
  return found
}

export default function (component) {
  const { data, parentElement: root, setStateValue } = component
  const main = document.querySelector('[data-testid="stMain"]')
  root.off?.()

  function say() {
    const found = measure(data.regions)
    const near = data.regions.filter((id) => found[id]?.near)
    const words = JSON.stringify(near)
    if (words === JSON.stringify(data.near) || words === root.said) return
    root.said = words
    setStateValue("near", found)
  }
  function wait() {
    clearTimeout(root.timer)
    if (!root.held) root.timer = setTimeout(say, STILL)
  }
  // A click may lead to another page, and a word about this one would then come too late and do
  // harm: it is held back until the page is drawn anew or the learner goes on reading.
  function hold() {
    clearTimeout(root.timer)
    root.held = true
  }
  function move() {
    root.held = false
    root.goal = null
  }

  // A link to a region: what is drawn above it on the way must not push it out of the window.
  if (root.goal === undefined) root.goal = data.regions.find((id) => `#${id}` === location.hash)
  if (root.goal) document.getElementById(root.goal)?.scrollIntoView()

  root.said = null
  root.held = false
  for (const event of MOVES) main.addEventListener(event, move, { passive: true })
  document.addEventListener("click", hold, true)
  main.addEventListener("scroll", wait, { passive: true })
  addEventListener("resize", wait)
  root.off = () => {
    clearTimeout(root.timer)
    for (const event of MOVES) main.removeEventListener(event, move)
    document.removeEventListener("click", hold, true)
    main.removeEventListener("scroll", wait)
    removeEventListener("resize", wait)
  }
  wait()
  return root.off
}
