// The words of a sentence as chips to put in another order: drag one, press its arrows, or focus it
// and hold Alt with an arrow key. The new order goes to Python when a word is put down.

import { button, element } from "../parts/element.js"
import { calm } from "../parts/motion.js"

class Board {
  constructor(root) {
    this.root = root
    this.line = element("div", "line")
    this.line.setAttribute("role", "list")
    this.said = element("p", "said")
    this.said.setAttribute("role", "status")
    root.append(this.line, this.said)
  }

  show(data, send) {
    this.words = data.words
    this.order = [...data.order]
    this.send = send
    this.said.textContent = ""
    this.draw()
  }

  chip(word, place) {
    const chip = element("div", "chip")
    chip.setAttribute("role", "listitem")
    chip.dataset.word = word
    chip.classList.toggle("moved", word !== place)
    chip.classList.toggle("masked", this.words[word].masked)
    const face = button("face", this.words[word].text)
    face.setAttribute("aria-label", `${this.words[word].text}, place ${place + 1} of ${this.order.length}. Alt and an arrow key moves it.`)
    const arrows = element("span", "arrows")
    for (const by of [-1, 1]) {
      const arrow = button("arrow", by < 0 ? "‹" : "›", () => this.move(place, place + by))
      arrow.tabIndex = -1 // on the keyboard Alt and the arrow keys do the same
      arrow.disabled = place + by < 0 || place + by >= this.order.length
      arrow.setAttribute("aria-label", `Move ${this.words[word].text} ${by < 0 ? "left" : "right"}`)
      arrows.append(arrow)
    }
    chip.append(face, arrows)
    face.onkeydown = (event) => {
      const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key]
      if (by === undefined) return
      event.preventDefault()
      event.stopPropagation()
      if (event.altKey) this.move(place, place + by)
      else this.line.children[place + by]?.querySelector(".face").focus()
    }
    face.onpointerdown = (event) => this.lift(event, chip)
    return chip
  }

  draw(focus) {
    const before = new Map([...this.line.querySelectorAll(".chip")].map((c) => [c.dataset.word, c.getBoundingClientRect()]))
    this.line.replaceChildren(...this.order.map((word, place) => this.chip(word, place)))
    if (focus !== undefined) this.line.children[focus].querySelector(".face").focus()
    if (calm()) return
    for (const chip of this.line.querySelectorAll(".chip")) {
      const old = before.get(chip.dataset.word)
      if (!old) continue
      const now = chip.getBoundingClientRect()
      const [x, y] = [old.left - now.left, old.top - now.top]
      if (x || y) chip.animate([{ transform: `translate(${x}px,${y}px)` }, { transform: "none" }], { duration: 200, easing: "ease-out" })
    }
  }

  move(from, to) {
    if (to < 0 || to >= this.order.length || from === to) return
    const [word] = this.order.splice(from, 1)
    this.order.splice(to, 0, word)
    this.draw(to)
    this.said.textContent = `${this.words[word].text} is now word ${to + 1}.`
    this.send([...this.order])
  }

  lift(event, chip) {
    if (event.button !== 0) return
    const face = chip.querySelector(".face")
    const start = [event.clientX, event.clientY]
    const from = [...this.line.children].indexOf(chip)
    let to = from
    let dragging = false
    face.setPointerCapture(event.pointerId)
    face.onpointermove = (move) => {
      const [x, y] = [move.clientX - start[0], move.clientY - start[1]]
      if (!dragging && Math.hypot(x, y) < 5) return
      dragging = true
      chip.classList.add("dragged")
      chip.style.transform = `translate(${x}px,${y}px)`
      to = this.placeAt(move.clientX, move.clientY, chip, from)
      ;[...this.line.children].forEach((other, i) => {
        other.classList.toggle("before", dragging && other !== chip && i === to && to < from)
        other.classList.toggle("after", dragging && other !== chip && i === to && to > from)
      })
    }
    const drop = () => {
      face.onpointermove = face.onpointerup = face.onpointercancel = null
      chip.classList.remove("dragged")
      chip.style.transform = ""
      for (const other of this.line.children) other.classList.remove("before", "after")
      if (dragging) this.move(from, to)
    }
    face.onpointerup = drop
    face.onpointercancel = () => {
      dragging = false
      drop()
    }
  }

  // The place that a word dropped at this point would take.
  placeAt(x, y, chip, from) {
    let best = from
    let nearest = Infinity
    ;[...this.line.children].forEach((other, i) => {
      if (other === chip) return
      const box = other.getBoundingClientRect()
      const away = Math.hypot(x - (box.left + box.width / 2), 2 * (y - (box.top + box.height / 2)))
      if (away < nearest) [nearest, best] = [away, i]
    })
    const box = chip.getBoundingClientRect()
    return nearest > box.width / 2 + 120 ? from : best
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".word-order")
  root.board ??= new Board(root)
  const focused = [...root.board.line.children].findIndex((chip) => chip.contains(chip.getRootNode().activeElement))
  root.board.show(data, (order) => setTriggerValue("order", { order, at: Date.now() }))
  if (focused >= 0) root.board.line.children[focused]?.querySelector(".face").focus()
}
