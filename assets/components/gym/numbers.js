// The numbers above a run: what it finds, beside what needs no model.

import { element } from "../parts/element.js"
import { percent } from "../parts/numbers.js"
import { between } from "./moments.js"

/** The numbers at the moment that is shown, as [name, number, what it means]. */
export function numbersOf(gym) {
  const { facts, compact, recorded } = gym.data
  const [a, b, part] = gym.around()
  const rows = [
    ["held out", percent(between(a.held_out[1], b.held_out[1], part)), "of hidden words found in sentences that it was not trained on"],
    ["most frequent word", percent(facts.baseline.accuracy), `found by always saying “${facts.baseline.word}”`],
    ["chance", percent(facts.baseline.chance), "one in all words"],
  ]
  if (typeof facts.ceiling === "number") {
    rows.push(["a perfect reader", percent(facts.ceiling), "would find so many: the other gaps can be filled in several ways"])
    rows.push(["certain gaps", percent(between(a.decided, b.decided, part)), "found by the model, of those where only one word fits"])
  }
  if (a.pairs !== null) rows.push(["pairs judged right", percent(between(a.pairs, b.pairs, part)), "next sentence or not, held out; chance is 50%"])
  if (!compact) {
    rows.push(["parameters", facts.parameters.toLocaleString("en"), "numbers that training moves"])
    const speed = gym.points.slice(-10).map((point) => point[3]).filter((x) => x !== null)
    const rate = speed.length ? Math.round(speed.reduce((x, y) => x + y, 0) / speed.length).toLocaleString("en") : "–"
    if (!recorded) rows.push(["tokens a second", rate, "while a step is computed"])
  }
  return rows
}

export class Numbers {
  constructor() {
    this.box = element("div", "numbers")
    this.cells = []
  }

  clear() {
    this.cells = []
    this.box.replaceChildren()
  }

  draw(gym) {
    const rows = numbersOf(gym)
    if (this.cells.length !== rows.length) {
      this.cells = rows.map(() => {
        const cell = { box: element("div", "number"), value: element("b"), name: element("span", "name") }
        cell.box.append(cell.value, cell.name)
        return cell
      })
      this.box.replaceChildren(...this.cells.map(({ box }) => box))
    }
    rows.forEach(([name, value, help], i) => {
      const cell = this.cells[i]
      if (cell.value.textContent !== value) cell.value.textContent = value
      if (cell.name.textContent !== name) cell.name.textContent = name
      cell.box.title = help
    })
  }
}
