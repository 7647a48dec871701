// One sentence filled in several orders, each as a row: the words that were filled in are marked,
// with the step in which they came and their probability then. Rows play their steps on demand.

import { element } from "../parts/element.js"
import { every, lifetime } from "../parts/lifetime.js"

function row(filling) {
  const box = element("section", "row")
  box.append(element("h3", "", filling.order))
  const line = element("p", "line")
  for (const token of filling.tokens) {
    if (!token.continues) line.append(" ")
    if (token.step === null) {
      line.append(element("span", "plain", token.text))
      continue
    }
    const mark = element("span", "filled")
    mark.dataset.step = token.step
    mark.append(
      element("span", "token", token.text),
      element("span", "small", token.count > 1 ? `${token.step + 1} · ${token.shown}` : token.shown),
    )
    line.append(mark)
  }
  const facts = element("dl", "facts")
  for (const [name, value] of filling.facts) facts.append(element("dt", "", name), element("dd", "", value))
  box.append(line, facts)
  return box
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".fillings")
  const rows = root.querySelector(".rows")
  const { signal, end } = lifetime(root)
  rows.replaceChildren(...data.fillings.map(row))

  const marks = [...rows.querySelectorAll(".filled")]
  const show = (step) => marks.forEach((mark) => mark.classList.toggle("open", Number(mark.dataset.step) > step))
  const last = Math.max(...marks.map((mark) => Number(mark.dataset.step)), 0)
  const play = root.querySelector("button")
  play.hidden = last < 1
  play.onclick = () => {
    root.stop?.()
    let step = -1
    show(step)
    root.stop = every(900, () => {
      step += 1
      show(step)
      if (step >= last) root.stop()
    }, signal)
  }
  return end
}
