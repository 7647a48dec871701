// What a model puts at each mask: the most probable words as bars that move from one answer to the
// next. The learner's own guess, if given, keeps its place below with its rank. A covered list
// shows how sure the model is, but not of what; its words are not even sent. Where `takes` is set,
// a click on a word puts it into the sentence.

const HOVER = "inside-bert:hover" // the ribbon sends and hears it too

const percent = (p) => (p >= 0.0995 ? `${(100 * p).toFixed(0)}%` : p >= 0.001 ? `${(100 * p).toFixed(1)}%` : "<0.1%")

function row(key) {
  const line = document.createElement("li")
  line.dataset.key = key
  const label = document.createElement("span")
  label.className = "word"
  const track = document.createElement("span")
  track.className = "track"
  const bar = document.createElement("span")
  bar.className = "bar"
  track.append(bar)
  const value = document.createElement("span")
  value.className = "value"
  line.append(label, track, value)
  return line
}

function face(line, text, take) {
  const label = line.querySelector(".word")
  if (!take) {
    label.textContent = text
    return
  }
  let button = label.querySelector("button")
  if (!button) {
    button = document.createElement("button")
    button.type = "button"
    label.replaceChildren(button)
  }
  button.textContent = text
  button.title = `Put “${text}” into the sentence`
  button.onclick = take
}

function fill(list, mask, scale, send, written) {
  const keys = mask.words.map(([word], i) => (mask.covered ? `?${i}` : word))
  const old = new Map([...list.children].map((line) => [line.dataset.key, line]))
  const before = new Map([...old].map(([key, line]) => [key, line.getBoundingClientRect().top]))
  const lines = keys.map((key) => old.get(key) ?? row(key))
  list.replaceChildren(...lines)
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  mask.words.forEach(([word, p, note], i) => {
    const line = lines[i]
    const take = send && !mask.covered && note === undefined && (() => send(mask.position, word))
    line.classList.toggle("guess", note !== undefined)
    line.classList.toggle("covered", Boolean(mask.covered))
    face(line, mask.covered ? "?" : word, take)
    const bar = line.querySelector(".bar")
    const width = `${Math.max(0.4, (100 * p) / scale)}%`
    if (old.has(keys[i]) || still) bar.style.width = width
    else {
      bar.style.width = "0"
      requestAnimationFrame(() => requestAnimationFrame(() => (bar.style.width = width)))
    }
    line.querySelector(".value").textContent = note === undefined ? written(p) : `${written(p)} · ${note}`
    const from = before.get(line.dataset.key)
    if (from !== undefined && !still) {
      const by = from - line.getBoundingClientRect().top
      if (by) line.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 250, easing: "ease-out" })
    }
  })
}

function section() {
  const box = document.createElement("section")
  const note = document.createElement("p")
  note.className = "note"
  box.append(document.createElement("h3"), note, document.createElement("ol"))
  return box
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".predictions")
  const largest = Math.max(...data.masks.flatMap((mask) => mask.words.map(([, p]) => p)), 0.01)
  const scale = data.scale ?? largest
  const send = data.takes ? (position, word) => setTriggerValue("take", { position, word, at: Date.now() }) : null
  while (root.children.length > data.masks.length) root.lastChild.remove()
  data.masks.forEach((mask, i) => {
    let box = root.children[i]
    if (!box) {
      box = section()
      root.append(box)
    }
    box.querySelector("h3").textContent = mask.title
    const note = box.querySelector(".note")
    note.textContent = mask.note ?? ""
    note.hidden = !mask.note
    fill(box.querySelector("ol"), mask, scale, send, data.plain ? (p) => p.toFixed(2) : percent)
    const tell = (position) => window.dispatchEvent(new CustomEvent(HOVER, { detail: { position } }))
    box.onpointerenter = () => tell(mask.position ?? null)
    box.onpointerleave = () => tell(null)
  })
}
