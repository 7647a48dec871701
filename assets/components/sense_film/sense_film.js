// One word in many sentences, as points that move from layer to layer. The slider scrubs, Play runs
// through; pointing at a point, or walking through them with the arrow keys, shows its sentence.
// Everything happens here: no layer asks the server for anything. All text is set as textContent.

import { asPicture, saveFile } from "../parts/saving.js"
import { button, drawn, element } from "../parts/element.js"
import { calm } from "../parts/motion.js"
import { lifetime } from "../parts/lifetime.js"
import { percent } from "../parts/numbers.js"

const WIDTH = 640
const HEIGHT = 420
const PAD = 26
const SHAPES = [
  "M-6,0a6,6 0 1,0 12,0a6,6 0 1,0 -12,0", // circle
  "M-5.4,-5.4h10.8v10.8h-10.8z", // square
  "M0,-7.4l7.4,7.4l-7.4,7.4l-7.4,-7.4z", // diamond
  "M-2.2,-6.8h4.4v4.6h4.6v4.4h-4.6v4.6h-4.4v-4.6h-4.6v-4.4h4.6z", // cross
  "M-6.6,-3.4l3.2,-3.2l3.4,3.4l3.4,-3.4l3.2,3.2l-3.4,3.4l3.4,3.4l-3.2,3.2l-3.4,-3.4l-3.4,3.4l-3.2,-3.2l3.4,-3.4z", // x
  "M0,-7l6.6,11.6h-13.2z", // triangle
  "M-5,-5h3l2,-3l2,3h3v3l3,2l-3,2v3h-3l-2,3l-2,-3h-3v-3l-3,-2l3,-2z", // star in a square
]
const STAR = "M0,-13l3.6,8.2l9,0.9l-6.8,5.9l2,8.8l-7.8,-4.7l-7.8,4.7l2,-8.8l-6.8,-5.9l9,-0.9z"

function draw(tag, attributes, parent) {
  const made = drawn(tag, attributes)
  parent.append(made)
  return made
}

function say(line, sentence, sense) {
  const { text, start, end } = sentence
  const chars = [...text].length === text.length ? text : Array.from(text) // offsets count characters
  const cut = (a, b) => (typeof chars === "string" ? chars.slice(a, b) : chars.slice(a, b).join(""))
  line.replaceChildren(element("span", "sense", sense), cut(0, start), element("b", "", cut(start, end)), cut(end))
}

async function save(svg, kind, name, colors) {
  const copy = svg.cloneNode(true)
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg")
  copy.setAttribute("width", WIDTH * 2)
  copy.setAttribute("height", HEIGHT * 2)
  copy.style.color = colors.color
  copy.insertBefore(drawn("rect", { width: WIDTH, height: HEIGHT, fill: colors.background }), copy.firstChild)
  const text = new XMLSerializer().serializeToString(copy)
  saveFile(`${name}.${kind}`, kind === "svg" ? text : await asPicture(text, WIDTH, HEIGHT), "image/svg+xml")
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".film")
  const find = (name) => root.querySelector(`.${name}`)
  const svg = find("stage")
  const slider = find("slider")
  const play = find("play")
  const said = find("said")
  const last = data.points.length - 1
  const count = data.labels.length

  // A rerun with other sentences keeps the moment at which the learner stopped the film.
  const kept = root.at === undefined || root.layers !== last ? last : root.at
  root.at = kept
  root.layers = last
  slider.max = last
  slider.value = kept
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`)

  const senseOf = (i) => (data.labels[i] < 0 ? "your sentence" : data.senses[data.labels[i]].name)
  const muted = new Set()
  const x = (value) => WIDTH / 2 + value * (WIDTH / 2 - PAD)
  // One scale for both directions, so that a distance means the same across and up.
  const y = (value) => HEIGHT / 2 - value * (WIDTH / 2 - PAD)

  svg.replaceChildren()
  draw("title", {}, svg).textContent = `“${data.word}” in ${count} sentences, layer by layer`
  // The picture is as wide as it is; what lies above or below is brought in by one common factor.
  let tall = 0
  for (const layer of data.points) for (const [, v] of layer) tall = Math.max(tall, Math.abs(v))
  const shrink = Math.min(1, (HEIGHT / 2 - PAD) / Math.max(tall * (WIDTH / 2 - PAD), 1e-6))
  const dots = data.labels.map((label, i) => {
    const own = data.sentences[i].own || label < 0
    const dot = drawn("path", {
      d: label < 0 ? STAR : SHAPES[data.senses[label].symbol],
      fill: label < 0 ? data.star : data.senses[label].color,
      stroke: own ? "currentColor" : "none",
      "stroke-width": own ? 1.6 : 0,
      "fill-opacity": 0.88,
      "data-i": i,
    })
    svg.append(dot)
    return dot
  })
  const ring = draw("circle", { r: 13, fill: "none", stroke: "currentColor", "stroke-width": 2, visibility: "hidden" }, svg)
  let focus = -1

  const place = (i, at) => {
    const low = Math.floor(at)
    const high = Math.min(last, low + 1)
    const t = at - low
    const [a, b] = data.points[low][i]
    const [c, d] = data.points[high][i]
    return [x((a + (c - a) * t) * shrink), y((b + (d - b) * t) * shrink)]
  }

  // --- the little curve under the slider: how often the nearest center is right
  const curve = find("curve")
  curve.setAttribute("viewBox", "0 0 640 74")
  curve.setAttribute("preserveAspectRatio", "none")
  curve.replaceChildren()
  const cx = (layer) => 10 + (620 * layer) / Math.max(last, 1)
  const cy = (share) => 66 - 56 * share
  draw("line", { x1: 10, x2: 630, y1: cy(data.chance), y2: cy(data.chance), class: "chance" }, curve)
  draw("polyline", { points: data.accuracy.map((share, layer) => `${cx(layer)},${cy(share)}`).join(" "), class: "line" }, curve)
  if (data.guess !== null && data.guess !== undefined) {
    draw("line", { x1: cx(0), x2: cx(0) + 14, y1: cy(data.guess), y2: cy(data.guess), class: "guess", stroke: data.star }, curve)
  }
  const marker = draw("line", { y1: 2, y2: 72, class: "marker" }, curve)

  function show(at) {
    root.at = at
    slider.value = at
    for (const [i, dot] of dots.entries()) {
      const [px, py] = place(i, at)
      dot.setAttribute("transform", `translate(${px.toFixed(1)},${py.toFixed(1)})`)
      dot.setAttribute("opacity", muted.has(data.labels[i]) ? 0.12 : 1)
    }
    if (focus >= 0) {
      const [px, py] = place(focus, at)
      ring.setAttribute("cx", px)
      ring.setAttribute("cy", py)
    }
    ring.setAttribute("visibility", focus >= 0 ? "visible" : "hidden")
    const layer = Math.round(at)
    const there = layer === 0 ? "layer 0: before any attention" : `layer ${layer} of ${last}`
    find("where").textContent = `${there} · nearest center is right for ${percent(data.accuracy[layer])}`
    slider.setAttribute("aria-valuetext", `${there}, ${percent(data.accuracy[layer])} right`)
    marker.setAttribute("x1", cx(at))
    marker.setAttribute("x2", cx(at))
  }

  function look(i) {
    focus = i
    if (i >= 0) say(said, data.sentences[i], senseOf(i))
    show(root.at)
  }

  // --- playing
  function stop() {
    cancelAnimationFrame(root.frame)
    root.playing = false
    play.textContent = "▶ Play"
  }
  function start() {
    root.playing = true
    play.textContent = "⏸ Pause"
    let at = root.at >= last - 0.01 ? 0 : root.at
    let before = null
    const step = (now) => {
      if (!root.playing) return
      const seconds = before === null ? 0 : Math.min(0.1, (now - before) / 1000)
      before = now
      at = Math.min(last, at + seconds * 1.1)
      // A little rest at each layer lets the eye read it.
      const low = Math.floor(at)
      const t = Math.min(1, Math.max(0, (at - low - 0.18) / 0.64))
      show(calm() ? Math.round(at) : Math.min(last, low + t * t * (3 - 2 * t)))
      if (at >= last) stop()
      else root.frame = requestAnimationFrame(step)
    }
    root.frame = requestAnimationFrame(step)
  }
  play.onclick = () => (root.playing ? stop() : start())
  slider.oninput = () => {
    stop()
    show(Number(slider.value))
  }
  // Arrow keys go from layer to layer; the pointer scrubs smoothly between them.
  slider.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    stop()
    show(Math.max(0, Math.min(last, Math.round(root.at) + by)))
  }

  // --- looking at points
  svg.onpointermove = (event) => {
    const box = svg.getBoundingClientRect()
    const scale = Math.min(box.width / WIDTH, box.height / HEIGHT)
    const px = (event.clientX - box.left - (box.width - WIDTH * scale) / 2) / scale
    const py = (event.clientY - box.top - (box.height - HEIGHT * scale) / 2) / scale
    let best = -1
    let nearest = 22 ** 2
    for (let i = 0; i < count; i++) {
      if (muted.has(data.labels[i])) continue
      const [a, b] = place(i, root.at)
      const distance = (a - px) ** 2 + (b - py) ** 2
      if (distance < nearest) [nearest, best] = [distance, i]
    }
    if (best >= 0 && best !== focus) look(best)
  }
  svg.onkeydown = (event) => {
    const by = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (by === undefined) return
    event.preventDefault()
    look((focus + by + count) % count)
  }

  // --- legend: a click dims a sense
  const legend = find("legend")
  legend.replaceChildren(
    ...data.senses.map((sense, k) => {
      const toggle = button("", undefined, () => {
        if (muted.has(k)) muted.delete(k)
        else muted.add(k)
        toggle.setAttribute("aria-pressed", String(!muted.has(k)))
        show(root.at)
      })
      toggle.setAttribute("aria-pressed", "true")
      const icon = drawn("svg", { viewBox: "-9 -9 18 18", width: 16, height: 16, "aria-hidden": "true" })
      draw("path", { d: SHAPES[sense.symbol], fill: sense.color }, icon)
      toggle.append(icon, element("span", "", sense.name))
      return toggle
    }),
  )

  for (const button of root.querySelectorAll("[data-save]")) {
    button.onclick = () => {
      const style = getComputedStyle(root)
      const colors = { color: style.color, background: style.getPropertyValue("--st-background-color") || "#fff" }
      save(svg, button.dataset.save, `inside-bert-senses-layer-${Math.round(root.at)}`, colors)
    }
  }

  said.textContent = "Point at a sentence's mark, or use the arrow keys, to read it."
  if (data.labels[count - 1] === -1) look(count - 1)
  else show(kept)
  stop()
  const { signal, end } = lifetime(root)
  signal.addEventListener("abort", stop)
  return end
}
