// Word embeddings on their two main axes, as they move.

import { pen } from "../parts/canvas.js"
import { element } from "../parts/element.js"
import { between } from "./moments.js"

const CLASSES = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8A8F98"]
const NEAR = 24 // px: a pointer no farther from a dot points at it

/** Build the view; returns what draws it at the moment that is shown. */
export function wordMap(gym, body) {
  let pointer = null
  const plane = element("canvas", "plane")
  plane.setAttribute("role", "img")
  plane.setAttribute("aria-label", "Word embeddings on their two main axes")
  plane.onpointermove = (event) => {
    const box = plane.getBoundingClientRect()
    pointer = [event.clientX - box.left, event.clientY - box.top]
    gym.draw()
  }
  plane.onpointerleave = () => {
    pointer = null
    gym.draw()
  }
  const key = element("div", "key")
  gym.data.facts.class_names.forEach((name, i) => {
    const entry = element("span", "entry")
    const mark = element("i", "dot")
    mark.style.background = CLASSES[i % CLASSES.length]
    entry.append(mark, name)
    key.append(entry)
  })
  body.append(plane, key, element("p", "about", "Each dot is a word's vector, on the two axes along which the vectors differ most. Words that are used alike come together."))

  return () => {
    const { context: c, width, height } = pen(plane)
    const { words, classes } = gym.data.facts
    const [a, b, part] = gym.around()
    const places = words.map((_, i) => [0, 1].map((k) => between(a.map[2 * i + k], b.map[2 * i + k], part)))
    const x = (place) => width / 2 + place[0] * (width / 2 - 40)
    const y = (place) => height / 2 - place[1] * (height / 2 - 16)
    let nearest = null
    if (pointer) {
      const away = places.map((place) => Math.hypot(x(place) - pointer[0], y(place) - pointer[1]))
      const least = Math.min(...away)
      if (least < NEAR) nearest = away.indexOf(least)
    }
    c.font = gym.font(12)
    c.textBaseline = "middle"
    places.forEach((place, i) => {
      c.globalAlpha = nearest === null || classes[i] === classes[nearest] ? 1 : 0.25
      c.fillStyle = CLASSES[classes[i] % CLASSES.length]
      c.beginPath()
      c.arc(x(place), y(place), i === nearest ? 6 : 4, 0, 7)
      c.fill()
      if (words.length <= 70 || i === nearest) {
        c.fillStyle = gym.style.color
        c.font = gym.font(12, i === nearest ? "bold" : "")
        c.fillText(words[i], x(place) + 7, y(place))
      }
    })
    c.globalAlpha = 1
  }
}
