// The table of contents in the sidebar: real links, which the app follows without a new page load.
// The links that stand in the pages go the same way: Streamlit's own way of following them loses a
// click when another word about the old page leaves the browser at the same moment.

const LOOK = 1000 // milliseconds between two looks
const AGAIN = 3 // looks between two tries
const ARRIVED = 5000 // milliseconds after the click: a page still there has come to rest
const LOST = 30000 // milliseconds after the click: no page will come any more
const PHONE = "(max-width: 767px)" // here the sidebar lies over the page

const inNewTab = (event) => event.metaKey || event.ctrlKey || event.shiftKey || event.altKey

const toTop = () => document.querySelector('[data-testid="stMain"]').scrollTo(0, 0)

function link(entry, current, go) {
  const a = document.createElement("a")
  a.href = `./${entry.slug}` // all pages stand side by side, below whatever path the app has
  if (entry.slug === current) a.setAttribute("aria-current", "page")
  if (entry.icon) {
    const icon = document.createElement("span")
    icon.className = "icon"
    icon.ariaHidden = "true"
    icon.textContent = entry.icon
    a.append(icon)
  }
  const title = document.createElement("span")
  title.textContent = entry.title
  a.append(title)
  a.onclick = (event) => {
    if (inNewTab(event)) return
    event.preventDefault()
    if (matchMedia(PHONE).matches) {
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
    }
    toTop()
    go({ slug: entry.slug })
  }
  return a
}

// A click on a link in a page: caught before Streamlit hears of it.
function catchLink(event, go) {
  const a = event.target.closest?.('[data-testid="stPageLink-NavLink"]')
  if (!a || inNewTab(event)) return
  event.preventDefault()
  event.stopPropagation()
  toTop()
  const [path, query] = a.getAttribute("href").split("?") // the path of home is empty
  go({ slug: path.split("/").pop(), query: Object.fromEntries(new URLSearchParams(query)) })
}

// A word about the page before may arrive late, as a class room's look at the board does. Streamlit
// then empties the new page, or goes back to the old one. So a page that was asked for is asked for
// again until it has come to rest, and so is one that is empty and that nothing is at work on.
let wanted = null // {slug, query, since}
let moves = 0 // how often the app went to another page by itself: what was wanted before is past
addEventListener("popstate", () => (wanted = null)) // the browser's own way back

function missing(current) {
  const idle = document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]')
  if (!idle) return null
  const arrived = wanted?.slug === current
  if (wanted && Date.now() - wanted.since > (arrived ? ARRIVED : LOST)) wanted = null
  if (wanted && !arrived) return wanted
  return document.querySelector('[data-testid="stMain"] h1') ? null : { slug: current }
}

// A reload empties Streamlit's session. This tab remembers which training runs are its own; the
// address does not, so that a copied link hands nobody the controls.
const STORED = "inside-bert:runs"
let asked = false

function remember(runs, setTriggerValue) {
  try {
    if (Object.keys(runs).length) sessionStorage.setItem(STORED, JSON.stringify(runs))
    else if (!asked) {
      const found = JSON.parse(sessionStorage.getItem(STORED))
      if (found) setTriggerValue("found", found)
    }
  } catch {
    // storage is switched off: a reload then begins anew
  }
  asked = true
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector("nav")
  const go = (goal) => {
    wanted = { since: Date.now(), ...goal }
    setTriggerValue("go", { ...goal, at: Date.now() })
  }
  if (data.moves !== moves) {
    moves = data.moves
    wanted = null
  }
  remember(data.runs, setTriggerValue)
  const caught = (event) => catchLink(event, go)
  document.addEventListener("click", caught, true)

  let looks = 0
  const timer = setInterval(() => {
    const goal = missing(data.current)
    looks = goal ? looks + 1 : 0
    if (looks % AGAIN === 2) go(goal)
  }, LOOK)
  root.stop?.()
  const stop = (root.stop = () => {
    clearInterval(timer)
    document.removeEventListener("click", caught, true)
  })
  const words = JSON.stringify(data)
  if (root.words === words) return stop
  root.words = words
  const focused = parentElement.querySelector(":focus")?.getAttribute("href")

  root.replaceChildren(link(data.home, data.current, go))
  for (const part of data.parts) {
    const list = document.createElement("ul")
    const title = document.createElement("p")
    title.textContent = list.ariaLabel = part.title
    for (const entry of part.entries) {
      const item = document.createElement("li")
      item.append(link(entry, data.current, go))
      list.append(item)
    }
    root.append(title, list)
  }
  if (focused) root.querySelector(`[href="${focused}"]`)?.focus()
  return stop
}
