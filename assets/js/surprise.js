// A text whose words are tinted by how little the model expected them. Pointing at a word, or
// walking to it with the arrow keys, opens what the model expected instead; a click on one of those
// words puts it into the sentence. Everything that opens came with the data: nothing is asked for.

const HOVER = "inside-bert:hover" // the ribbon sends and hears it too

function element(tag, name, text) {
  const made = document.createElement(tag)
  made.className = name
  if (text !== undefined) made.textContent = text
  return made
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".surprise")
  const text = root.querySelector(".text")
  const panel = root.querySelector(".panel")
  const scale = Math.max(data.scale, 1)
  const had = root.dataset.text === data.text ? Number(root.dataset.open ?? data.worst) : data.worst
  root.dataset.text = data.text

  const words = []
  const parts = data.parts.map((part) => {
    if (part.word === null) return document.createTextNode(part.text)
    const word = data.words[part.word]
    const button = element("button", "word", part.text)
    button.type = "button"
    button.style.setProperty("--heat", `${Math.round(62 * Math.min(1, word.bits / scale))}%`)
    button.classList.toggle("worst", part.word === data.worst)
    button.setAttribute("aria-label", `${part.text}, ${word.bits.toFixed(1)} bits`)
    words.push(button)
    return button
  })
  text.replaceChildren(...parts)

  function open(i) {
    const word = data.words[i]
    root.dataset.open = i
    words.forEach((button, j) => {
      button.setAttribute("aria-pressed", String(i === j))
      button.tabIndex = i === j ? 0 : -1
    })
    const head = element("p", "head")
    head.append(element("strong", "", word.text), ` ${word.bits.toFixed(1)} bits, ${word.chance}. The model expected:`)
    const list = element("ul", "rivals")
    for (const [rival, p, shown] of word.rivals) {
      const item = element("li", "")
      const button = element("button", "rival")
      button.type = "button"
      button.disabled = rival.toLowerCase() === word.text.toLowerCase()
      button.append(element("span", "name", rival), element("span", "p", shown))
      button.style.setProperty("--p", `${Math.round(100 * p)}%`)
      button.title = button.disabled ? "the word that stands there" : `Put “${rival}” into the sentence`
      button.onclick = () => setTriggerValue("take", { position: word.position, word: rival, at: Date.now() })
      item.append(button)
      list.append(item)
    }
    panel.replaceChildren(head, list)
  }

  const tell = (position) => window.dispatchEvent(new CustomEvent(HOVER, { detail: { position } }))
  words.forEach((button, i) => {
    button.onpointerenter = button.onfocus = () => {
      if (Number(root.dataset.open) !== i) open(i)
      tell(data.words[i].position)
    }
    button.onclick = () => open(i)
    button.onpointerleave = button.onblur = () => tell(null)
  })
  text.onkeydown = (event) => {
    const here = words.indexOf(event.target)
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: words.length - 1 }[event.key]
    if (here >= 0 && next !== undefined) {
      event.preventDefault() // at the ends too: elsewhere the arrows go from step to step
      words[next]?.focus()
    }
  }
  open(Math.min(had, words.length - 1))
}
