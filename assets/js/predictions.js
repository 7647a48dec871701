// What a model puts at each mask: the most probable words as bars that move from one answer to the
// next. The learner's own guess, if given, keeps its place below with its rank.

const percent = (p) => (p >= 0.0995 ? `${(100 * p).toFixed(0)}%` : p >= 0.001 ? `${(100 * p).toFixed(1)}%` : "<0.1%")

function row(word) {
  const line = document.createElement("li")
  line.dataset.word = word
  const label = document.createElement("span")
  label.className = "word"
  label.textContent = word
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

function fill(list, words, scale) {
  const old = new Map([...list.children].map((line) => [line.dataset.word, line]))
  const before = new Map([...old].map(([word, line]) => [word, line.getBoundingClientRect().top]))
  const lines = words.map(([word]) => old.get(word) ?? row(word))
  list.replaceChildren(...lines)
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches
  words.forEach(([, p, note], i) => {
    const line = lines[i]
    line.classList.toggle("guess", note !== undefined)
    line.querySelector(".bar").style.width = `${Math.max(0.4, (100 * p) / scale)}%`
    line.querySelector(".value").textContent = note === undefined ? percent(p) : `${percent(p)} · ${note}`
    const from = before.get(line.dataset.word)
    if (from !== undefined && !still) {
      const by = from - line.getBoundingClientRect().top
      if (by) line.animate([{ transform: `translateY(${by}px)` }, { transform: "none" }], { duration: 250, easing: "ease-out" })
    }
  })
}

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".predictions")
  const scale = data.scale ?? Math.max(...data.masks.flatMap((mask) => mask.words.map(([, p]) => p)), 0.01)
  while (root.children.length > data.masks.length) root.lastChild.remove()
  data.masks.forEach((mask, i) => {
    let box = root.children[i]
    if (!box) {
      box = document.createElement("section")
      box.append(document.createElement("h3"), document.createElement("ol"))
      root.append(box)
    }
    box.querySelector("h3").textContent = mask.title
    fill(box.querySelector("ol"), mask.words, scale)
  })
}
