// A training run as it goes: curves on the left; gaps, attention, word map or gradients on the
// right; a scrubber over all moments so far. Python sends what is new a few times a second; what
// lies between two moments is interpolated here, frame by frame. All text is set as textContent.

import { button, element } from "../shared/element.js"
import { bytes } from "../shared/bytes.js"
import { calm } from "../shared/motion.js"
import { kept, lifetime, onResize } from "../shared/lifetime.js"
import { pen } from "../shared/canvas.js"
import { percent } from "../shared/numbers.js"

const CURVES = { accuracy: "Accuracy", loss: "Loss", gradient: "Gradient" }
const VIEWS = { gaps: "Gaps", attention: "Attention", map: "Word map", norms: "Gradients" }
const HELD_OUT = "#D55E00" // one idea, one color: predictions
const TRAINING = "#0072B2"
const GUESS = "#CC79A7" // as on every veil
const OTHERS = ["#56B4E9", "#009E73"] // curves of other runs, whole from the beginning
const CLASSES = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#8A8F98"]
const MOMENT = "inside-bert:moment"
const STATUS = {
  waiting: "Waiting", running: "Training", paused: "Paused", finished: "Finished",
  stopped: "Stopped", failed: "Failed",
}

const shown = (x) => (x === null || x === undefined ? "–" : percent(x))
const between = (a, b, part) => (a === null || b === null ? (a ?? b) : a + (b - a) * part)
class Gym {
  constructor(root, stands) {
    this.root = root
    this.curve = "accuracy"
    this.view = "gaps"
    this.head = null // [layer, head]; null: the one that found most
    this.probe = 2 // a sentence with something in between
    this.build()
    this.clear(null)
    onResize(root, () => this.draw(), stands)
    const hear = ({ detail }) => {
      if (!this.data?.compact || detail.from === this) return
      this.goTo(detail.share * (this.moments.length - 1), true)
    }
    window.addEventListener(MOMENT, hear, { signal: stands })
    stands.addEventListener("abort", () => {
      cancelAnimationFrame(this.frame)
      this.clear(null) // hundreds of moments, each with all attention weights
    })
  }

  // The scrubbers of small views move together.
  tellOthers() {
    if (!this.data?.compact) return
    const share = this.wanted / Math.max(1, this.moments.length - 1)
    window.dispatchEvent(new CustomEvent(MOMENT, { detail: { from: this, share } }))
  }

  clear(run) {
    this.run = run
    this.points = []
    this.moments = []
    this.live = true
    this.playing = false
    this.shown = 0 // a moment, or a place between two
    this.where.textContent = "" // that of the run before
    this.drawn = null
    this.asked = 0
    this.built = null
  }

  // --- the frame

  build() {
    this.numbers = element("div", "numbers")
    const panes = element("div", "panes")
    const left = element("section", "pane")
    const right = element("section", "pane")
    this.curveTabs = this.tabs(CURVES, (name) => (this.curve = name))
    this.viewTabs = this.tabs(VIEWS, (name) => (this.view = name))
    this.chart = element("canvas", "chart")
    this.chart.setAttribute("role", "img")
    this.chart.setAttribute("aria-label", "Curves of the run")
    this.key = element("div", "key")
    this.body = element("div", "body")
    left.append(this.curveTabs.box, this.chart, this.key)
    right.append(this.viewTabs.box, this.body)
    panes.append(left, right)

    const scrub = element("div", "scrub")
    this.replay = button("", "▶ Replay", () => this.play())
    this.slider = element("input")
    this.slider.type = "range"
    this.slider.min = 0
    this.slider.step = 1
    this.slider.setAttribute("aria-label", "Moment of the run")
    this.slider.oninput = () => this.goTo(Number(this.slider.value))
    this.now = button("", "Live", () => this.follow())
    this.where = element("span", "where")
    scrub.append(this.replay, this.slider, this.now, this.where)
    this.said = element("p", "said")
    this.said.setAttribute("role", "status")
    this.root.replaceChildren(this.said, this.numbers, panes, scrub)
  }

  tabs(names, choose) {
    const box = element("div", "tabs")
    box.setAttribute("role", "group")
    const buttons = Object.entries(names).map(([name, title]) => {
      const made = button("", title, () => {
        choose(name)
        this.built = null
        this.draw()
      })
      made.dataset.name = name
      box.append(made)
      return made
    })
    const press = (chosen) =>
      buttons.forEach((made) => made.setAttribute("aria-pressed", String(made.dataset.name === chosen)))
    return { box, press }
  }

  // --- what comes in

  take(data) {
    this.data = data
    this.root.hidden = !data.run
    this.root.classList.toggle("compact", Boolean(data.compact))
    if (data.run !== this.run) this.clear(data.run)
    if (!data.run) return
    const before = this.moments.length
    this.append(this.points, data.points, data.first_point)
    this.append(this.moments, data.moments, data.first_moment, decoded)
    if (this.points.length < data.count_points || this.moments.length < data.count_moments) {
      if (Date.now() - this.asked > 1000) {
        this.asked = Date.now() // something was lost on the way, or this view is new
        this.send("resend", { points: this.points.length, moments: this.moments.length })
      }
    }
    const last = this.moments.length - 1
    this.slider.max = Math.max(0, last)
    if (before === 0 && last > 3) {
      if (data.recorded && !calm()) this.play() // a recorded run plays on arrival
      else this.shown = last // came back to a run: no need to watch it all
    }
    this.tell()
    this.animate()
  }

  append(list, more, first, read = (x) => x) {
    more.forEach((item, i) => {
      if (first + i === list.length) list.push(read(item))
    })
  }

  tell() {
    const { status, place, reason, recorded } = this.data
    let text = STATUS[status] ?? "" // the page says what is recorded
    if (status === "waiting") text = `In line: place ${place}. Your run begins when it is your turn.`
    if (status === "running" && (recorded || !this.moments.length)) text = "Starting …"
    if (reason) text = `${text}. ${reason}`
    if (this.said.textContent !== text) this.said.textContent = text
    this.said.hidden = !text
    this.root.dataset.status = status
    this.root.dataset.recorded = String(Boolean(recorded))
  }

  // --- time

  target() {
    return this.live ? this.moments.length - 1 : this.wanted
  }

  goTo(moment, quietly) {
    this.live = false
    this.playing = false
    this.wanted = moment
    if (!quietly) this.tellOthers()
    this.animate()
  }

  follow() {
    this.live = true
    this.playing = false
    this.animate()
  }

  play() {
    this.playing = !this.playing
    this.live = false
    if (this.playing && this.shown >= this.moments.length - 1.01) this.shown = 0
    this.animate()
  }

  animate() {
    if (this.frame) return
    let last = performance.now()
    const step = (now) => {
      this.frame = null
      const passed = Math.max(0, Math.min(0.1, (now - last) / 1000)) // a frame may be dated back
      last = now
      if (!this.moments.length || !this.root.isConnected) return
      const end = this.moments.length - 1
      if (this.playing) {
        this.shown = Math.min(end, this.shown + passed * Math.max(6, end / 12))
        this.wanted = this.shown
        this.tellOthers()
        if (this.shown >= end) this.follow()
      } else {
        const away = this.target() - this.shown
        const ease = calm() ? 1 : 1 - Math.exp(-passed * 6)
        this.shown = Math.abs(away) < 0.004 ? this.target() : this.shown + away * ease
      }
      this.draw()
      if (this.playing || this.shown !== this.target()) this.frame = requestAnimationFrame(step)
    }
    this.frame = requestAnimationFrame(step)
  }

  // The two moments around what is shown, and the part of the way between them.
  around() {
    const end = this.moments.length - 1
    const low = Math.min(end, Math.max(0, Math.floor(this.shown)))
    return [this.moments[low], this.moments[Math.min(end, low + 1)], this.shown - low]
  }

  step() {
    const [a, b, part] = this.around()
    return between(a.step, b.step, part)
  }

  // --- drawing

  draw() {
    if (!this.moments.length || !this.data?.facts) {
      this.numbers.replaceChildren()
      this.body.replaceChildren()
      this.built = null
      pen(this.chart)
      return
    }
    this.style = getComputedStyle(this.root)
    this.font = (size, weight = "") => `${weight} ${size}px ${this.style.fontFamily}`
    this.curveTabs.press(this.curve)
    this.viewTabs.press(this.view)
    this.drawNumbers()
    this.drawCurves()
    if (this.built !== this.view) {
      this.built = this.view
      this.body.replaceChildren()
      this[`${this.view}Build`]()
    }
    this[`${this.view}Draw`]()
    this.slider.value = Math.round(this.shown)
    const [a] = this.around()
    this.where.textContent = `step ${a.step.toLocaleString("en")} of ${this.data.steps.toLocaleString("en")}`
    this.slider.setAttribute("aria-valuetext", `step ${a.step}`)
    this.now.setAttribute("aria-pressed", String(this.live))
    this.replay.textContent = this.playing ? "❚❚ Replay" : "▶ Replay"
  }

  drawNumbers() {
    const { facts } = this.data
    const [a, b, part] = this.around()
    const speed = this.points.slice(-10).map((p) => p[3]).filter((x) => x !== null)
    const rate = speed.length ? speed.reduce((x, y) => x + y, 0) / speed.length : null
    const rows = [
      ["held out", shown(between(a.held_out[1], b.held_out[1], part)), "of hidden words found in sentences that it was not trained on"],
      ["most frequent word", percent(facts.baseline.accuracy), `found by always saying “${facts.baseline.word}”`],
      ["chance", percent(facts.baseline.chance), "one in all words"],
    ]
    if (typeof facts.ceiling === "number") {
      rows.push(["a perfect reader", percent(facts.ceiling), "would find so many: the other gaps can be filled in several ways"])
      rows.push(["certain gaps", shown(between(a.decided, b.decided, part)), "found by the model, of those where only one word fits"])
    }
    if (a.pairs !== null) rows.push(["pairs judged right", shown(between(a.pairs, b.pairs, part)), "next sentence or not, held out; chance is 50%"])
    if (!this.data.compact) {
      rows.push(["parameters", facts.parameters.toLocaleString("en"), "numbers that training moves"])
      if (!this.data.recorded) rows.push(["tokens a second", rate === null ? "–" : Math.round(rate).toLocaleString("en"), "while a step is computed"])
    }
    if (this.numbers.childElementCount !== rows.length) {
      this.numbers.replaceChildren(...rows.map(() => {
        const cell = element("div", "number")
        cell.append(element("b"), element("span", "name"))
        return cell
      }))
    }
    rows.forEach(([name, value, help], i) => {
      const [big, small] = this.numbers.children[i].children
      if (big.textContent !== value) big.textContent = value
      if (small.textContent !== name) small.textContent = name
      this.numbers.children[i].title = help
    })
  }

  series() {
    const { facts, others = [] } = this.data
    const pick = (name, side) => this.moments.map((m) => [m.step, m[name][side]])
    if (this.curve === "gradient") {
      return {
        axis: "norm of the gradient, before it is clipped at 1", floor: 0,
        lines: [{ name: "gradient", color: TRAINING, rows: this.points.map((p) => [p[0], p[2]]) }],
        levels: [{ name: "clipped above", value: 1, dash: [2, 4] }],
      }
    }
    const side = this.curve === "accuracy" ? 1 : 0
    const lines = [
      { name: "training", color: TRAINING, rows: pick("train", side), dash: [6, 3] },
      { name: "held out", color: HELD_OUT, rows: pick("held_out", side), width: 2.5 },
    ]
    const { drawn, steps } = this.data
    if (drawn && side) {
      const rows = drawn.map((y, i) => [(steps * i) / (drawn.length - 1), y / 100])
      lines.unshift({ name: "your guess", color: GUESS, rows, dash: [4, 4], whole: true })
    }
    for (const [i, { name, rows }] of others.entries()) {
      lines.unshift({ name: `${name}, held out`, color: OTHERS[i], rows: rows.map((m) => [m[0], m[1 + side]]), whole: true, dash: [5, 4] })
    }
    const levels = [{ name: "most frequent word", value: side ? facts.baseline.accuracy : facts.baseline.loss, dash: [6, 4] }]
    if (side) levels.push({ name: "chance", value: facts.baseline.chance, dash: [2, 4] })
    else levels[0].name = "word frequencies alone"
    if (side && typeof facts.ceiling === "number") levels.push({ name: "a perfect reader", value: facts.ceiling, dash: [10, 4] })
    return { axis: side ? "share of hidden words found" : "loss in nats", floor: 0, top: side ? 1 : null, lines, levels }
  }

  drawCurves() {
    const { context: c, width, height } = pen(this.chart)
    const { axis, lines, levels, top: fixed } = this.series()
    const box = { left: 44, right: width - 12, top: 26, bottom: height - 36 }
    const last = Math.max(this.data.steps, 1)
    const seen = lines.flatMap((line) => line.rows.map((row) => row[1])).filter((x) => x !== null)
    const sorted = [...seen, ...levels.map((level) => level.value)].sort((x, y) => x - y)
    // A spike must not flatten all the rest.
    const largest = fixed ?? Math.max(sorted[Math.floor(0.98 * (sorted.length - 1))] ?? 1, ...levels.map((l) => l.value)) * 1.1
    const x = (step) => box.left + ((box.right - box.left) * step) / last
    const y = (value) => box.bottom - ((box.bottom - box.top) * Math.min(value, largest)) / largest
    c.font = this.font(12)
    c.fillStyle = this.style.color
    c.textBaseline = "middle"
    for (let i = 0; i <= 4; i++) {
      const value = (largest * i) / 4
      c.globalAlpha = 0.16
      c.fillRect(box.left, y(value), box.right - box.left, 1)
      c.globalAlpha = 0.85
      c.textAlign = "right"
      c.fillText(this.curve === "accuracy" ? percent(value) : value.toFixed(1), box.left - 6, y(value))
    }
    c.textBaseline = "top"
    for (let i = 0; i <= 4; i++) {
      c.textAlign = i === 4 ? "right" : i ? "center" : "left"
      c.fillText(Math.round((last * i) / 4).toLocaleString("en"), x((last * i) / 4), box.bottom + 6)
    }
    c.textAlign = "center"
    c.fillText("step", (box.left + box.right) / 2, box.bottom + 20)
    c.textAlign = "left"
    c.fillText(axis, 4, 4)
    c.globalAlpha = 1

    for (const level of levels) {
      c.strokeStyle = this.style.color
      c.globalAlpha = 0.6
      c.setLineDash(level.dash)
      c.lineWidth = 1
      c.beginPath()
      c.moveTo(box.left, y(level.value))
      c.lineTo(box.right, y(level.value))
      c.stroke()
    }
    c.globalAlpha = 1
    const here = this.step()
    for (const { rows, color, dash = [], width: thick = 1.6, whole } of lines) {
      c.strokeStyle = color
      c.lineWidth = thick
      c.setLineDash(dash)
      c.beginPath()
      let begun = false
      let [atStep, atValue] = [null, null]
      for (const [step, value] of rows) {
        if (value === null || (step > last)) continue
        if (!whole && step > here) {
          if (begun && step > atStep) c.lineTo(x(here), y(between(atValue, value, (here - atStep) / (step - atStep))))
          break
        }
        if (begun) c.lineTo(x(step), y(value))
        else c.moveTo(x(step), y(value))
        begun = true
        atStep = step
        atValue = value
      }
      c.stroke()
    }
    c.setLineDash([])
    if (!this.live) {
      c.strokeStyle = this.style.color
      c.lineWidth = 1
      c.beginPath()
      c.moveTo(x(here), box.top)
      c.lineTo(x(here), box.bottom)
      c.stroke()
    }
    this.drawKey([...lines].reverse(), levels)
  }

  drawKey(lines, levels) {
    const names = [...lines, ...levels].map((entry) => entry.name).join("|")
    if (this.key.dataset.names === names) return
    this.key.dataset.names = names
    this.key.replaceChildren(...[...lines, ...levels].map(({ name, color, dash }) => {
      const entry = element("span", "entry")
      const mark = element("i", dash ? (dash[0] < dash[1] ? "dotted" : "dashed") : "")
      mark.style.borderColor = color ?? "currentColor"
      entry.append(mark, name)
      return entry
    }))
  }

  // --- the gaps

  gapsBuild() {
    this.rows = this.data.facts.probes.map((probe) => {
      const row = element("div", "gap")
      const line = element("p", "line")
      probe.tokens.slice(1, -1).forEach((token, i) => {
        const word = element("span", i + 1 === probe.gap ? "hole" : "", i + 1 === probe.gap ? " ▁▁▁ " : ` ${token}`)
        line.append(word)
      })
      line.append(element("span", "about", probe.about))
      const bar = element("div", "right")
      const fill = element("i")
      const text = element("span")
      bar.append(fill, text)
      const others = element("p", "others")
      row.append(line, bar, others)
      this.body.append(row)
      return { fill, text, others }
    })
    if (!this.rows.length) this.body.append(element("p", "about", "No held-out sentence can be spelled with this vocabulary."))
  }

  gapsDraw() {
    const [a, b, part] = this.around()
    this.rows.forEach(({ fill, text, others }, i) => {
      const share = between(a.probes[i][1], b.probes[i][1], part)
      const { right } = this.data.facts.probes[i]
      fill.style.width = `${100 * share}%`
      text.textContent = `${right.join(" or ")} ${percent(share)}`
      const near = part < 0.5 ? a : b
      const words = near.probes[i][0].map(([word, p]) => `${word} ${percent(p)}`).join(" · ")
      if (others.textContent !== words) others.textContent = words
      others.classList.toggle("wrong", !right.includes(near.probes[i][0][0]?.[0]))
    })
  }

  // --- attention

  attentionBuild() {
    const { facts } = this.data
    const choose = element("select")
    choose.setAttribute("aria-label", "Sentence")
    facts.probes.slice(0, facts.watched).forEach((probe, i) => {
      const option = element("option", "", probe.tokens.slice(1, -1).join(" "))
      option.value = i
      choose.append(option)
    })
    this.probe = Math.min(this.probe, Math.max(0, facts.watched - 1))
    choose.value = this.probe
    choose.onchange = () => {
      this.probe = Number(choose.value)
      this.draw()
    }
    const grid = element("div", "heads")
    grid.style.setProperty("--heads", facts.heads)
    this.thumbs = []
    for (let layer = 0; layer < facts.layers; layer++) {
      for (let head = 0; head < facts.heads; head++) {
        const thumb = button("", "", () => {
          this.head = [layer, head]
          this.draw()
        })
        const canvas = element("canvas")
        const label = element("span")
        thumb.append(canvas, label)
        grid.append(thumb)
        this.thumbs.push({ thumb, canvas, label, layer, head })
      }
    }
    this.matrix = element("canvas", "matrix")
    this.matrix.setAttribute("role", "img")
    this.matrix.setAttribute("aria-label", "The weights of the chosen head")
    this.about = element("p", "about")
    this.body.append(choose, grid, this.about, this.matrix)
  }

  weights(layer, head) {
    const [a, b, part] = this.around()
    const { tokens } = this.data.facts.probes[this.probe]
    const size = tokens.length ** 2
    const start = (layer * this.data.facts.heads + head) * size
    const one = a.attention[this.probe]
    const two = b.attention[this.probe]
    const found = new Float32Array(size)
    for (let i = 0; i < size; i++) found[i] = (one[start + i] + (two[start + i] - one[start + i]) * part) / 255
    return found
  }

  score(layer, head) {
    const [a, b, part] = this.around()
    return a.heads ? between(a.heads[layer][head], b.heads[layer][head], part) : null
  }

  best() {
    const scored = this.thumbs.map(({ layer, head }) => [this.score(layer, head) ?? 0, layer, head])
    return scored.reduce((x, y) => (y[0] > x[0] ? y : x))
  }

  attentionDraw() {
    const { facts } = this.data
    if (!facts.watched) return
    const [, bestLayer, bestHead] = this.best()
    const [layer, head] = this.head && this.head[0] < facts.layers && this.head[1] < facts.heads ? this.head : [bestLayer, bestHead]
    const { tokens, gap } = facts.probes[this.probe]
    for (const entry of this.thumbs) {
      const score = this.score(entry.layer, entry.head)
      const best = facts.rule && entry.layer === bestLayer && entry.head === bestHead
      const name = `layer ${entry.layer + 1}, head ${entry.head + 1}`
      entry.label.textContent = score === null ? `${entry.layer + 1}·${entry.head + 1}` : `${best ? "★ " : ""}${percent(score)}`
      entry.thumb.setAttribute("aria-label", score === null ? name : `${name}: ${facts.rule} in ${percent(score)} of sentences`)
      entry.thumb.setAttribute("aria-pressed", String(entry.layer === layer && entry.head === head))
      this.paint(entry.canvas, this.weights(entry.layer, entry.head), tokens.length)
    }
    const score = this.score(layer, head)
    const text = score === null
      ? `Layer ${layer + 1}, head ${head + 1}. Each row is a token that looks; darker is more.`
      : `Layer ${layer + 1}, head ${head + 1}: ${facts.rule}, looked at most in ${percent(score)} of ` +
        `held-out sentences. Without reading, always the same place finds ${percent(facts.head_baseline)}.`
    if (this.about.textContent !== text) this.about.textContent = text
    this.drawMatrix(this.weights(layer, head), tokens, gap)
    this.matrix.setAttribute("aria-label", text)
  }

  paint(canvas, weights, size) {
    const { context: c, width, height } = pen(canvas)
    for (let i = 0; i < size; i++) {
      for (let j = 0; j < size; j++) {
        c.fillStyle = `rgba(0,114,178,${weights[i * size + j]})`
        c.fillRect((j * width) / size, (i * height) / size, width / size, height / size)
      }
    }
  }

  drawMatrix(weights, tokens, gap) {
    const { context: c, width, height } = pen(this.matrix)
    const n = tokens.length
    c.font = this.font(12)
    const label = Math.min(96, Math.max(...tokens.map((token) => c.measureText(token).width)) + 8)
    const cell = Math.min((width - label - 4) / n, (height - label - 4) / n)
    c.textBaseline = "middle"
    tokens.forEach((token, i) => {
      c.fillStyle = i === gap ? HELD_OUT : this.style.color
      c.font = this.font(12, i === gap ? "bold" : "")
      c.textAlign = "right"
      c.fillText(token, label - 5, label + (i + 0.5) * cell)
      c.save()
      c.translate(label + (i + 0.5) * cell, label - 5)
      c.rotate(-Math.PI / 2)
      c.textAlign = "left"
      c.fillText(token, 0, 0)
      c.restore()
      for (let j = 0; j < n; j++) {
        c.fillStyle = `rgba(0,114,178,${weights[i * n + j]})`
        c.fillRect(label + j * cell, label + i * cell, cell - 1, cell - 1)
      }
    })
    c.strokeStyle = HELD_OUT
    c.lineWidth = 1.5
    c.strokeRect(label - 1, label + gap * cell - 1, n * cell + 1, cell + 1)
  }

  // --- the map of words

  mapBuild() {
    this.plane = element("canvas", "plane")
    this.plane.setAttribute("role", "img")
    this.plane.setAttribute("aria-label", "Word embeddings on their two main axes")
    this.plane.onpointermove = (event) => {
      const box = this.plane.getBoundingClientRect()
      this.pointer = [event.clientX - box.left, event.clientY - box.top]
      this.draw()
    }
    this.plane.onpointerleave = () => {
      this.pointer = null
      this.draw()
    }
    const key = element("div", "key")
    this.data.facts.class_names.forEach((name, i) => {
      const entry = element("span", "entry")
      const mark = element("i", "dot")
      mark.style.background = CLASSES[i % CLASSES.length]
      entry.append(mark, name)
      key.append(entry)
    })
    this.body.append(this.plane, key, element("p", "about", "Each dot is a word's vector, on the two axes along which the vectors differ most. Words that are used alike come together."))
  }

  mapDraw() {
    const { context: c, width, height } = pen(this.plane)
    const { words, classes } = this.data.facts
    const [a, b, part] = this.around()
    const places = words.map((_, i) => [0, 1].map((k) => between(a.map[2 * i + k], b.map[2 * i + k], part)))
    const x = (place) => width / 2 + place[0] * (width / 2 - 40)
    const y = (place) => height / 2 - place[1] * (height / 2 - 16)
    let nearest = null
    if (this.pointer) {
      const away = places.map((place) => Math.hypot(x(place) - this.pointer[0], y(place) - this.pointer[1]))
      const least = Math.min(...away)
      if (least < 24) nearest = away.indexOf(least)
    }
    c.font = this.font(12)
    c.textBaseline = "middle"
    places.forEach((place, i) => {
      c.globalAlpha = nearest === null || classes[i] === classes[nearest] ? 1 : 0.25
      c.fillStyle = CLASSES[classes[i] % CLASSES.length]
      c.beginPath()
      c.arc(x(place), y(place), i === nearest ? 6 : 4, 0, 7)
      c.fill()
      if (words.length <= 70 || i === nearest) {
        c.fillStyle = this.style.color
        c.font = this.font(12, i === nearest ? "bold" : "")
        c.fillText(words[i], x(place) + 7, y(place))
      }
    })
    c.globalAlpha = 1
  }

  // --- gradients and weights

  normsBuild() {
    const table = element("table", "norms")
    const head = element("tr")
    for (const name of ["part", "gradient of the last step", "size of its weights"]) head.append(element("th", "", name))
    table.append(head)
    this.bars = this.moments[0].norms.map(([name]) => {
      const row = element("tr")
      const title = element("th", "", name)
      title.scope = "row"
      const cells = [0, 1].map((i) => {
        const cell = element("td")
        const bar = element("i", i ? "weight" : "gradient")
        const text = element("span")
        cell.append(bar, text)
        row.append(cell)
        return { bar, text }
      })
      row.prepend(title)
      table.append(row)
      return cells
    })
    this.body.append(table, element("p", "about", "A gradient says how each weight should move. Its norm is its length. If a part's bar is near 0, nothing is learned there; if it jumps, the steps are too large."))
  }

  normsDraw() {
    const [a, b, part] = this.around()
    const largest = [1, 2].map((k) => Math.max(1e-6, ...this.moments.flatMap((m) => m.norms.map((row) => row[k] ?? 0))))
    this.bars.forEach((cells, i) =>
      cells.forEach(({ bar, text }, k) => {
        const value = between(a.norms[i][k + 1], b.norms[i][k + 1], part)
        bar.style.width = `${(62 * (value ?? 0)) / largest[k]}%`
        text.textContent = value === null ? "not a number" : value.toFixed(2)
      }),
    )
  }
}

function decoded(moment) {
  const map = new Int16Array(bytes(moment.map).buffer)
  return { ...moment, attention: moment.attention.map(bytes), map: Float32Array.from(map, (v) => v / 32767) }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".gym")
  const send = (name, value) => setTriggerValue(name, { ...value, at: Date.now() })
  const { stands, end } = lifetime(root)
  const gym = kept(root, stands, () => new Gym(root, stands))
  gym.send = send
  gym.take(data)
  return end
}
