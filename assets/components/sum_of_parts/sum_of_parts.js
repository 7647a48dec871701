// One token's input as strips of D numbers: word, position and segment, added one after the other,
// then LayerNorm. A dimension under the pointer, or moved to by the arrow keys, is written out as a
// sum; a click keeps it in the table. All text is set as textContent.

import { calm } from "../parts/motion.js"
import { element } from "../parts/element.js"
import { fit } from "../parts/canvas.js"
import { floats } from "../parts/bytes.js"
import { kept, lifetime, onResize } from "../parts/lifetime.js"
import { signed } from "../parts/numbers.js"

const NAMES = ["word", "position", "segment", "sum", "LayerNorm"]
const STEPS = ["Word", "+ position", "+ segment", "LayerNorm"]
const COLORS = { light: [[213, 94, 0], [0, 114, 178]], dark: [[240, 130, 40], [86, 180, 233]] }

const written = (x) => signed(x, 3)

// The page's own text is light where its ground is dark.
function colorsOf(root) {
  const [r, g, b] = (getComputedStyle(root).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number)
  return r + g + b > 384 ? COLORS.dark : COLORS.light
}

function paint(canvas, values, scale, colors) {
  fit(canvas) // one number lies on whole pixels of the screen
  const { width, height } = canvas
  const pen = canvas.getContext("2d")
  pen.clearRect(0, 0, width, height)
  values.forEach((value, i) => {
    const [r, g, b] = colors[value < 0 ? 0 : 1]
    // The square root lets small numbers be seen beside the few large ones.
    pen.fillStyle = `rgba(${r},${g},${b},${Math.sqrt(Math.min(1, Math.abs(value) / scale))})`
    const left = Math.floor((i * width) / values.length)
    pen.fillRect(left, 0, Math.ceil(((i + 1) * width) / values.length) - left, height)
  })
}

class View {
  constructor(root, stands) {
    this.root = root
    this.step = 3
    this.dimension = 0
    this.shownSum = null
    this.build()
    onResize(root, () => this.data && this.draw(), stands)
    stands.addEventListener("abort", () => {
      clearTimeout(this.timer)
      cancelAnimationFrame(this.frame)
    })
  }

  build() {
    const controls = element("div", "controls")
    this.play = element("button", "play", "▶ Add up")
    this.play.type = "button"
    this.play.onclick = () => this.run()
    controls.append(this.play)
    this.buttons = STEPS.map((name, i) => {
      const button = element("button", "step", name)
      button.type = "button"
      button.onclick = () => this.go(i)
      controls.append(button)
      return button
    })
    this.strips = element("div", "strips")
    this.strips.tabIndex = 0
    this.strips.setAttribute("role", "slider")
    this.strips.setAttribute("aria-label", "Dimension; the arrow keys move along the strips")
    this.rows = NAMES.map((name) => {
      const row = element("div", `row ${name}`)
      const canvas = element("canvas")
      row.append(element("span", "name", name), canvas)
      this.strips.append(row)
      return { row, canvas, name: row.firstChild }
    })
    this.cursor = element("span", "cursor")
    this.strips.append(this.cursor)
    this.said = element("p", "said")
    this.said.setAttribute("aria-live", "polite")
    this.table = element("div", "table")
    this.root.replaceChildren(controls, this.strips, this.said, this.table)

    const at = (event) => {
      const box = this.rows[0].canvas.getBoundingClientRect()
      const place = Math.floor((this.size * (event.clientX - box.left)) / box.width)
      return place >= 0 && place < this.size ? place : null
    }
    this.strips.onpointermove = (event) => {
      const place = at(event)
      if (place !== null) this.point(place)
    }
    this.strips.onclick = (event) => {
      const place = at(event)
      if (place !== null) this.keep(place)
    }
    this.strips.onkeydown = (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1, PageUp: 16, PageDown: -16 }[event.key]
      const to = by !== undefined ? this.dimension + by : { Home: 0, End: this.size - 1 }[event.key]
      if (to !== undefined) {
        event.preventDefault()
        event.stopPropagation()
        this.point(Math.max(0, Math.min(this.size - 1, to)))
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault()
        this.keep(this.dimension)
      }
    }
  }

  show(data) {
    const same = this.data?.rows === data.rows && this.data?.token === data.token
    this.data = data
    if (same) return this.draw()
    const values = floats(data.rows)
    this.size = values.length / 7
    this.values = [...Array(7)].map((_, i) => values.subarray(i * this.size, (i + 1) * this.size))
    this.kept = [...data.chosen]
    this.dimension = this.kept[0]
    const labels = [
      `word “${data.token}”`, `position ${data.position}`, `segment ${"AB"[data.segment] ?? data.segment}`,
      "sum", "LayerNorm",
    ]
    this.rows.forEach(({ name }, i) => (name.textContent = labels[i]))
    // What is added shares one scale, so that the sum looks like a sum.
    const largest = (rows) => Math.max(...rows.map((row) => row.reduce((m, x) => Math.max(m, Math.abs(x)), 0)))
    this.scales = [largest(this.values.slice(0, 4)), largest([this.values[4]])]
    this.strips.setAttribute("aria-valuemin", "0")
    this.strips.setAttribute("aria-valuemax", String(this.size - 1))
    this.shownSum = this.sum(this.step)
    this.draw()
  }

  sum(step) {
    const [word, position, segment] = this.values
    return word.map((x, i) => x + (step > 0 ? position[i] : 0) + (step > 1 ? segment[i] : 0))
  }

  run() {
    clearTimeout(this.timer)
    this.go(0)
    const next = () => {
      if (this.step < 3) {
        this.go(this.step + 1)
        this.timer = setTimeout(next, 1100)
      }
    }
    this.timer = setTimeout(next, 900)
  }

  go(step) {
    cancelAnimationFrame(this.frame)
    const from = this.shownSum
    const to = this.sum(step)
    this.step = step
    const still = calm()
    const start = performance.now()
    const move = (now) => {
      const part = still ? 1 : Math.min(1, (now - start) / 600)
      this.shownSum = to.map((x, i) => from[i] + (x - from[i]) * part)
      this.draw()
      if (part < 1) this.frame = requestAnimationFrame(move)
    }
    move(start)
  }

  point(dimension) {
    this.dimension = dimension
    this.tell()
  }

  keep(dimension) {
    this.dimension = dimension
    if (!this.kept.includes(dimension)) this.kept = [...this.kept.slice(1), dimension].sort((a, b) => a - b)
    this.tell()
  }

  draw() {
    this.buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === this.step)))
    const colors = colorsOf(this.root)
    this.rows.forEach(({ row, canvas }, i) => {
      const on = i < 3 ? i <= this.step : i === 3 || this.step === 3
      row.classList.toggle("waiting", !on)
      const values = i === 3 ? this.shownSum : this.values[i]
      paint(canvas, values, this.scales[i === 4 ? 1 : 0], colors)
    })
    this.tell()
  }

  tell() {
    const i = this.dimension
    const [word, position, segment, sum, normed, gain, shift] = this.values.map((row) => row[i])
    const { mean, deviation } = this.data
    const canvas = this.rows[0].canvas
    this.cursor.style.left = `${canvas.offsetLeft + ((i + 0.5) * canvas.clientWidth) / this.size}px`
    this.strips.setAttribute("aria-valuenow", String(i))
    this.strips.setAttribute("aria-valuetext", `dimension ${i}: sum ${written(sum)}, after LayerNorm ${written(normed)}`)
    this.said.replaceChildren(
      element("b", "", `Dimension ${i}: `),
      `${written(word)} ${written(position)} ${written(segment)} = ${written(sum)}. `,
      `LayerNorm: (${written(sum)} − (${written(mean)})) ÷ ${deviation.toFixed(3)} × ${gain.toFixed(3)} ${written(shift)} = ${written(normed)}`,
    )
    this.fill()
  }

  fill() {
    const table = element("table")
    const head = element("tr")
    head.append(element("th", "", "dimension"))
    for (const dimension of this.kept) {
      const cell = element("th", dimension === this.dimension ? "here" : "", String(dimension))
      cell.scope = "col"
      head.append(cell)
    }
    table.append(head)
    const signs = ["", "+ ", "+ ", "= ", "→ "]
    NAMES.forEach((name, r) => {
      const line = element("tr", name)
      const title = element("th", "", signs[r] + name)
      title.scope = "row"
      line.append(title)
      for (const dimension of this.kept) {
        line.append(element("td", dimension === this.dimension ? "here" : "", written(this.values[r][dimension])))
      }
      table.append(line)
    })
    this.table.replaceChildren(table)
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".input-sum")
  const { stands, end } = lifetime(root)
  kept(root, stands, () => new View(root, stands)).show(data)
  return end
}
