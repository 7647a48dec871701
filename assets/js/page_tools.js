// Two things only a browser can do for a page: copy its address, and remember which lessons are
// done. The done lessons stand in this browser's storage; Python hears of them when they differ.

const DONE = "inside-bert.done"

function stored() {
  try {
    const value = JSON.parse(localStorage.getItem(DONE) ?? "[]")
    return Array.isArray(value) ? value.filter((slug) => typeof slug === "string") : []
  } catch {
    return [] // storage may be switched off, or hold something else
  }
}

function store(done) {
  try {
    localStorage.setItem(DONE, JSON.stringify(done))
  } catch {
    // without storage the ticks last as long as the page
  }
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // plain http on another host has no clipboard API
    const area = document.createElement("textarea")
    area.value = text
    document.body.append(area)
    area.select()
    document.execCommand("copy")
    area.remove()
  }
}

export default function (component) {
  const { data, parentElement, setStateValue } = component
  const root = parentElement.querySelector(".tools")

  if (data.done === null) {
    const done = stored()
    if (done.length) setStateValue("done", done)
  } else if (JSON.stringify(stored()) !== JSON.stringify(data.done)) {
    store(data.done)
  }

  const button = root.querySelector("button")
  const said = root.querySelector(".said")
  button.onclick = async () => {
    await copy(location.href)
    said.textContent = data.too_long ? "Copied, but the sentence is too long for a link" : "Link copied"
    setTimeout(() => (said.textContent = ""), 4000)
  }
}
