// A text whose words are tinted by how little the model expected them. Pointing at a word, or
// walking to it with the arrow keys, opens what the model expected instead; a click on one of those
// words puts it into the sentence. Everything that opens came with the data: nothing is asked for.

import { button, element } from "../parts/element.js"
import { lifetime } from "../parts/lifetime.js"
import { lightHovered, tellHover } from "../parts/hover.js"

/** @param {Component} component */
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
    const face = button("word", part.text, () => open(part.word))
    face.style.setProperty("--heat", `${Math.round(62 * Math.min(1, word.bits / scale))}%`)
    face.classList.toggle("worst", part.word === data.worst)
    face.setAttribute("aria-label", `${part.text}, ${word.bits.toFixed(1)} bits`)
    face.dataset.position = word.position
    words.push(face)
    return face
  })
  text.replaceChildren(...parts)

  function open(i) {
    const word = data.words[i]
    root.dataset.open = i
    words.forEach((face, j) => {
      face.setAttribute("aria-pressed", String(i === j))
      face.tabIndex = i === j ? 0 : -1
    })
    const head = element("p", "head")
    head.append(element("strong", "", word.text), ` ${word.bits.toFixed(1)} bits, ${word.chance}. The model expected:`)
    const list = element("ul", "rivals")
    for (const [rival, p, shown] of word.rivals) {
      const item = element("li", "")
      const take = button("rival", undefined, () =>
        setTriggerValue("take", { position: word.position, word: rival, at: Date.now() }),
      )
      take.disabled = rival.toLowerCase() === word.text.toLowerCase()
      take.append(element("span", "name", rival), element("span", "p", shown))
      take.style.setProperty("--p", `${Math.round(100 * p)}%`)
      take.title = take.disabled ? "the word that stands there" : `Put “${rival}” into the sentence`
      item.append(take)
      list.append(item)
    }
    panel.replaceChildren(head, list)
  }

  words.forEach((face, i) => {
    face.onpointerenter = face.onfocus = () => {
      if (Number(root.dataset.open) !== i) open(i)
      tellHover(data.words[i].position)
    }
    face.onpointerleave = face.onblur = () => tellHover(null)
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
  const { signal, end } = lifetime(root)
  lightHovered(root, signal)
  return end
}
