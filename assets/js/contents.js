// The table of contents in the sidebar: real links, which the app follows without a new page load.

const LOOK = 1000 // milliseconds
const PHONE = "(max-width: 767px)" // here the sidebar lies over the page

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
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return // a tab of its own
    event.preventDefault()
    if (matchMedia(PHONE).matches) {
      document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
    }
    document.querySelector('[data-testid="stMain"]').scrollTo(0, 0)
    go(entry.slug)
  }
  return a
}

// Streamlit empties a page when a word about the page before it arrives late, as a class room's look
// at the board may. An empty page that nothing is at work on is asked for again.
function isBlank() {
  const idle = document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]')
  return idle && !document.querySelector('[data-testid="stMain"] h1')
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector("nav")
  let blank = 0
  clearInterval(root.timer)
  root.timer = setInterval(() => {
    blank = isBlank() ? blank + 1 : 0
    if (blank === 2) setTriggerValue("go", { slug: data.current, at: Date.now() })
  }, LOOK)
  const stop = () => clearInterval(root.timer)
  const words = JSON.stringify(data)
  if (root.words === words) return stop
  root.words = words
  const focused = parentElement.querySelector(":focus")?.getAttribute("href")

  const go = (slug) => setTriggerValue("go", { slug, at: Date.now() })
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
