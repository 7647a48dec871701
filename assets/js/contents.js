// The table of contents in the sidebar: real links, which the app follows without a new page load.

const PHONE = "(max-width: 767px)" // here the sidebar lies over the page

function link(entry, current, go) {
  const a = document.createElement("a")
  a.href = `/${entry.slug}`
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

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector("nav")
  const words = JSON.stringify(data)
  if (root.words === words) return
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
}
