// A training run as it goes: curves on the left; gaps, attention, word map or gradients on the
// right; a scrubber over all moments so far. Python sends what is new a few times a second; what
// lies between two moments is interpolated here, frame by frame.

import { button, element } from "../parts/element.js"
import { kept, lifetime, onResize } from "../parts/lifetime.js"
import { calm } from "../parts/motion.js"
import { attention } from "./attention.js"
import { Curves } from "./curves.js"
import { gaps } from "./gaps.js"
import { gradients } from "./gradients.js"
import { around, between, decoded } from "./moments.js"
import { Numbers } from "./numbers.js"
import { wordMap } from "./word_map.js"

const CURVE_NAMES = { accuracy: "Accuracy", loss: "Loss", gradient: "Gradient" }
const VIEW_NAMES = { gaps: "Gaps", attention: "Attention", map: "Word map", norms: "Gradients" }
const VIEWS = { gaps, attention, map: wordMap, norms: gradients }
const MOMENT = "inside-bert:moment" // where another small view is scrubbed to
const STATUS = {
  waiting: "Waiting", running: "Training", paused: "Paused", finished: "Finished",
  stopped: "Stopped", failed: "Failed",
}

class Gym {
  constructor(root, stands) {
    this.root = root
    this.send = null // tells Python; set with each call
    this.curve = "accuracy"
    this.view = "gaps"
    this.head = null // [layer, head]; null: the one that found most
    this.probe = 2 // a sentence with something in between
    this.build()
    this.clear(null)
    onResize(root, () => this.draw(), stands)
    const hear = (/** @type {any} */ { detail }) => {
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
    this.numbers = new Numbers()
    const panes = element("div", "panes")
    const left = element("section", "pane")
    const right = element("section", "pane")
    this.curveTabs = this.tabs(CURVE_NAMES, (name) => (this.curve = name))
    this.viewTabs = this.tabs(VIEW_NAMES, (name) => (this.view = name))
    this.curves = new Curves(this)
    this.body = element("div", "body")
    left.append(this.curveTabs.box, this.curves.canvas, this.curves.key)
    right.append(this.viewTabs.box, this.body)
    panes.append(left, right)

    const scrub = element("div", "scrub")
    this.replay = button("", "▶ Replay", () => this.play())
    this.slider = element("input")
    this.slider.type = "range"
    Object.assign(this.slider, { min: 0, max: 0, step: 1 })
    this.slider.setAttribute("aria-label", "Moment of the run")
    this.slider.oninput = () => this.goTo(Number(this.slider.value))
    this.now = button("", "Live", () => this.follow())
    this.where = element("span", "where")
    scrub.append(this.replay, this.slider, this.now, this.where)
    this.said = element("p", "said")
    this.said.setAttribute("role", "status")
    this.root.replaceChildren(this.said, this.numbers.box, panes, scrub)
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
    this.slider.max = String(Math.max(0, last))
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
    return around(this.moments, this.shown)
  }

  step() {
    const [a, b, part] = this.around()
    return between(a.step, b.step, part)
  }

  // --- drawing

  draw() {
    if (!this.moments.length || !this.data?.facts) {
      this.numbers.clear()
      this.body.replaceChildren()
      this.built = null
      this.curves.clear()
      return
    }
    this.style = getComputedStyle(this.root)
    this.font = (size, weight = "") => `${weight} ${size}px ${this.style.fontFamily}`
    this.curveTabs.press(this.curve)
    this.viewTabs.press(this.view)
    this.numbers.draw(this)
    this.curves.draw()
    if (this.built !== this.view) {
      this.built = this.view
      this.body.replaceChildren()
      this.drawView = VIEWS[this.view](this, this.body)
    }
    this.drawView()
    this.slider.value = String(Math.round(this.shown))
    const [a] = this.around()
    this.where.textContent = `step ${a.step.toLocaleString("en")} of ${this.data.steps.toLocaleString("en")}`
    this.slider.setAttribute("aria-valuetext", `step ${a.step}`)
    this.now.setAttribute("aria-pressed", String(this.live))
    this.replay.textContent = this.playing ? "❚❚ Replay" : "▶ Replay"
  }
}

/** @param {Component} component */
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
