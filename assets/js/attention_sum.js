// One head, one token that looks: q · k, scale, softmax, mix of values. The model's numbers come
// once; choosing tokens, moving scores and the temperature is arithmetic done here. What the model
// does ("as it is") stays beside what the learner made ("what if"). All text is set as textContent.

const HOVER = "inside-bert:hover"
const MORE = "#2b8cc4"
const LESS = "#d97a1f"
const STEP = 0.5

const floats = (text) => new Float32Array(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer)
const percent = (w) => `${(100 * w).toFixed(1)}%`
const signed = (x, digits = 2) => `${x < 0 ? "−" : ""}${Math.abs(x).toFixed(digits)}`

function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text !== undefined) element.textContent = text
  return element
}

const dot = (a, b) => a.reduce((sum, x, k) => sum + x * b[k], 0)

function softmax(scores, temperature) {
  const most = Math.max(...scores)
  const powers = scores.map((score) => Math.exp((score - most) / temperature))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map((power) => power / sum)
}

/** A vector as bars: up and blue above zero, down and orange below. */
function strip(vector, scale, name) {
  const box = make("div", "strip")
  box.setAttribute("role", "img")
  box.setAttribute("aria-label", `${name}: ${Array.from(vector, (x) => x.toFixed(2)).join(", ")}`)
  vector.forEach((value, k) => {
    const cell = make("span", "cell")
    const bar = make("span", "bar")
    const tall = 50 * Math.min(1, Math.sqrt(Math.abs(value) / scale))
    bar.style.height = `${tall}%`
    bar.style.background = value >= 0 ? MORE : LESS
    bar.style[value >= 0 ? "bottom" : "top"] = "50%"
    cell.append(bar)
    cell.dataset.k = k
    cell.title = `number ${k + 1}: ${value.toFixed(3)}`
    box.append(cell)
  })
  return box
}

class Sum {
  constructor(root, data) {
    this.root = root
    this.data = data
    const T = data.tokens.length
    const d = data.size
    const rows = (text) => {
      const all = floats(text)
      return Array.from({ length: T }, (_, i) => Array.from(all.subarray(i * d, (i + 1) * d)))
    }
    this.queries = rows(data.queries)
    this.keys = rows(data.keys)
    this.values = rows(data.values)
    this.query = data.query
    this.key = null
    this.temperature = 1
    this.moved = new Map()
    this.build()
    this.look(this.query)
  }

  /** Another token looks: its own scores, nothing moved. */
  look(query) {
    this.query = query
    const root = Math.sqrt(this.data.size)
    this.products = this.keys.map((key) => dot(this.queries[query], key))
    this.scores = this.products.map((product) => product / root)
    this.real = softmax(this.scores, 1)
    this.moved.clear()
    this.key = this.real.indexOf(Math.max(...this.real))
    this.root.querySelector(".query").value = String(query)
    this.fill()
  }

  build() {
    const { root, data } = this
    root.replaceChildren()
    const bar = make("div", "controls")
    const queryLabel = make("label", "", "The token that looks ")
    const select = make("select", "query")
    data.tokens.forEach((token, i) => {
      const option = make("option", "", `${token} (${i})`)
      option.value = String(i)
      select.append(option)
    })
    select.onchange = () => this.look(Number(select.value))
    queryLabel.append(select)
    const heat = make("label", "", "Temperature ")
    const slider = make("input", "temperature")
    Object.assign(slider, { type: "range", min: "0.1", max: "4", step: "0.1", value: "1" })
    slider.setAttribute("aria-label", "Temperature")
    const told = make("output", "told", "1.0")
    slider.oninput = () => {
      this.temperature = Number(slider.value)
      told.textContent = this.temperature.toFixed(1)
      this.update()
    }
    heat.append(slider, told)
    const reset = make("button", "reset", "As it is")
    reset.type = "button"
    reset.onclick = () => {
      slider.value = "1"
      this.temperature = 1
      told.textContent = "1.0"
      this.moved.clear()
      this.fill()
    }
    bar.append(queryLabel, heat, reset)

    const table = make("div", "table")
    table.setAttribute("role", "table")
    table.setAttribute("aria-label", "Scores and weights")
    const head = make("div", "row names")
    head.setAttribute("role", "row")
    for (const name of ["looks at", "score", "weight after softmax", ""]) {
      const cell = make("span", "", name)
      cell.setAttribute("role", "columnheader")
      head.append(cell)
    }
    table.append(head)
    this.rows = data.tokens.map((token, i) => {
      const row = make("div", "row")
      row.dataset.position = i
      row.setAttribute("role", "row")
      const name = make("button", "name", token)
      name.type = "button"
      name.title = `Open q · k for ${token}`
      name.onclick = () => this.open(i)
      const score = make("input", "score")
      Object.assign(score, { type: "number", step: String(STEP) })
      score.setAttribute("aria-label", `Score of ${token}, token ${i}`)
      score.oninput = () => {
        const value = Number(score.value)
        if (score.value === "" || !Number.isFinite(value)) return
        const typed = Math.max(-50, Math.min(50, value))
        if (Math.abs(typed - this.scores[i]) < 0.005) this.moved.delete(i)
        else this.moved.set(i, typed)
        this.update()
      }
      score.onfocus = () => this.open(i)
      const track = make("span", "track")
      track.append(make("span", "is"), make("span", "if"))
      const cells = [name, score, track, make("span", "value")].map((part) => {
        const cell = make("span", "cell-of")
        cell.setAttribute("role", "cell")
        cell.append(part)
        return cell
      })
      row.append(...cells)
      table.append(row)
      return row
    })
    table.onpointerover = (event) => {
      const row = event.target.closest("[data-position]")
      if (row) window.dispatchEvent(new CustomEvent(HOVER, { detail: { position: Number(row.dataset.position) } }))
    }
    table.onpointerleave = () => window.dispatchEvent(new CustomEvent(HOVER, { detail: { position: null } }))

    const steps = make("div", "steps")
    steps.append(make("section", "product"), make("section", "mix"))
    const body = make("div", "two")
    body.append(table, steps)
    const said = make("p", "said")
    said.setAttribute("role", "status")
    root.append(bar, body, said)
  }

  fill() {
    this.rows.forEach((row, i) => {
      row.querySelector(".score").value = this.scores[i].toFixed(2)
    })
    this.open(this.key)
    this.update()
  }

  open(key) {
    this.key = key
    const { data } = this
    this.rows.forEach((row, i) => row.classList.toggle("open", i === key))
    const box = this.root.querySelector(".product")
    const [q, k] = [this.queries[this.query], this.keys[key]]
    const products = q.map((x, n) => x * k[n])
    const scale = Math.max(...q.map(Math.abs), ...k.map(Math.abs), 1e-6)
    const steep = Math.max(...products.map(Math.abs), 1e-6)
    const line = make("p", "detail", "Point at a column to read its three numbers.")
    const strips = make("div", "strips")
    for (const [name, vector, size] of [
      [`q of “${data.tokens[this.query]}”`, q, scale],
      [`k of “${data.tokens[key]}”`, k, scale],
      ["q × k, number by number", products, steep],
    ]) {
      const row = make("div", "line")
      row.append(make("span", "label", name), strip(vector, size, name))
      strips.append(row)
    }
    strips.onpointerover = (event) => {
      const n = event.target.closest("[data-k]")?.dataset.k
      if (n === undefined) return
      for (const cell of strips.querySelectorAll(".cell")) cell.classList.toggle("on", cell.dataset.k === n)
      line.textContent = `Number ${Number(n) + 1}: ${signed(q[n])} × ${signed(k[n])} = ${signed(products[n])}`
    }
    const sum = make("p", "equation")
    sum.append(
      make("span", "", `The ${data.size} products add up to ${signed(this.products[key])}; divided by √${data.size} = ${Math.sqrt(data.size).toFixed(2)} the score is `),
      make("b", "", signed(this.scores[key])),
      make("span", "", "."),
    )
    box.replaceChildren(make("h3", "", `1 · Do they match? q · k for “${data.tokens[key]}”`), strips, line, sum)
  }

  update() {
    const { data } = this
    const scores = this.scores.map((score, i) => this.moved.get(i) ?? score)
    const weights = softmax(scores, this.temperature)
    const changed = this.moved.size > 0 || Math.abs(this.temperature - 1) > 0.001
    const most = Math.max(...weights, ...this.real)
    this.rows.forEach((row, i) => {
      row.classList.toggle("moved", this.moved.has(i))
      row.querySelector(".is").style.width = `${(100 * this.real[i]) / most}%`
      row.querySelector(".if").style.width = `${(100 * weights[i]) / most}%`
      row.querySelector(".value").textContent = changed ? `${percent(this.real[i])} → ${percent(weights[i])}` : percent(weights[i])
    })
    const mix = (by) => this.values[0].map((_, k) => by.reduce((sum, weight, i) => sum + weight * this.values[i][k], 0))
    const is = mix(this.real)
    const now = mix(weights)
    const scale = Math.max(...is.map(Math.abs), ...now.map(Math.abs), 1e-6)
    const box = this.root.querySelector(".mix")
    const strips = make("div", "strips")
    const order = weights.map((weight, i) => [weight, i]).sort((a, b) => b[0] - a[0]).slice(0, 3)
    for (const [weight, i] of order) {
      const row = make("div", "line")
      const name = `${percent(weight)} × v of “${data.tokens[i]}”`
      row.append(make("span", "label", name), strip(this.values[i].map((x) => x * weight), scale, name))
      strips.append(row)
    }
    const outputs = changed ? [["new vector, as it is", is], ["new vector, what if", now]] : [["Σ = the new vector", is]]
    for (const [name, vector] of outputs) {
      const row = make("div", "line total")
      row.append(make("span", "label", name), strip(vector, scale, name))
      strips.append(row)
    }
    const cosine = dot(is, now) / Math.sqrt(dot(is, is) * dot(now, now) || 1)
    const rest = data.tokens.length - order.length
    const words = make("p", "equation", changed
      ? `What if: the new vector has a cosine of ${cosine.toFixed(3)} with the model's own (1 is the same direction), its length is ${Math.sqrt(dot(now, now)).toFixed(2)} instead of ${Math.sqrt(dot(is, is)).toFixed(2)}.`
      : `The three largest parts are drawn${rest > 0 ? `, ${rest} more are added` : ""}. Change a score or the temperature and watch.`)
    box.replaceChildren(make("h3", "", `2 · Mix the values by weight for “${data.tokens[this.query]}”`), strips, words)
    const best = weights.indexOf(Math.max(...weights))
    this.root.querySelector(".said").textContent =
      `“${data.tokens[this.query]}” looks most at “${data.tokens[best]}”: ${percent(weights[best])}` +
      (changed ? `; in the model it is ${percent(this.real[best])}.` : ". All weights of the row add up to 100%.")
  }
}

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".sum")
  const made = JSON.stringify([data.layer, data.head, data.tokens, data.query, data.queries.slice(0, 64), data.values.slice(0, 64)])
  if (root.made === made) return
  root.made = made
  root.sum = new Sum(root, data)
}
