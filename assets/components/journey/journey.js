// One sentence on its way through BERT, as one picture. The data comes once; choosing a token,
// opening a stage, stepping and playing happen here. Only masking asks Python for a new pass.
// All text is set as textContent.

import { NEGATIVE, POSITIVE } from "../parts/signed_bars.js"
import { barRow } from "../parts/bar_row.js"
import { bytes } from "../parts/bytes.js"
import { calm } from "../parts/motion.js"
import { every, lifetime, onResize } from "../parts/lifetime.js"
import { drawn, element, within } from "../parts/element.js"
import { percent } from "../parts/numbers.js"
import { sized } from "../parts/canvas.js"
import { lightHovered, tellHover } from "../parts/hover.js"

const NARROW = 37 // px, the least and the most that one token's column is wide
const WIDE = 76
const STRIP = 20 // px, the height of one vector
const FALL = 46 // px, the height that attention falls through
const BEAT = 1300 // ms, one step of the play button

const LONGEST_TYPED = 280 // characters: the picture below must stay in sight

// The beginning of a long text, cut between two words.
function opening(text) {
  const letters = [...text]
  if (letters.length <= LONGEST_TYPED) return text
  return `${letters.slice(0, LONGEST_TYPED).join("").replace(/\s+\S*$/, "")} …`
}

/** Vectors as bars, one cell a token: up and blue above zero, down and orange below. */
function strip(values, offset, tokens, dimensions, CELL) {
  const canvas = element("canvas", "strip")
  canvas.setAttribute("aria-hidden", "true")
  const pen = sized(canvas, tokens * CELL, STRIP)
  const room = CELL - 8
  const middle = STRIP / 2
  for (let t = 0; t < tokens; t++) {
    for (let k = 0; k < dimensions; k++) {
      const value = values[offset + t * dimensions + k] / 127
      // small numbers are many: a root makes them visible beside the few large ones
      const tall = Math.sign(value) * Math.sqrt(Math.abs(value)) * middle
      pen.fillStyle = value >= 0 ? POSITIVE : NEGATIVE
      pen.fillRect(t * CELL + 4 + (k * room) / dimensions, middle, Math.max(0.8, room / dimensions - 0.5), -tall)
    }
  }
  return canvas
}

/** Lines from every token to every token that looks at it; those of the focus stand out. */
function fall(attention, layer, tokens, focus, CELL) {
  const size = { width: tokens * CELL, height: FALL, viewBox: `0 0 ${tokens * CELL} ${FALL}` }
  const picture = drawn("svg", { ...size, class: "fall", "aria-hidden": "true" })
  const line = (from, to, weight, strong) => {
    const a = (from + 0.5) * CELL
    const b = (to + 0.5) * CELL
    picture.append(
      drawn("path", {
        d: `M${a},0 C${a},${FALL * 0.6} ${b},${FALL * 0.4} ${b},${FALL}`,
        class: strong ? "strong" : "faint",
        "stroke-width": strong ? 0.8 + 9 * weight : 0.6,
        "stroke-opacity": strong ? Math.min(1, 0.12 + 1.6 * weight) : Math.min(0.22, 0.5 * weight),
      }),
    )
  }
  const weight = (to, from) => attention[(layer * tokens + to) * tokens + from] / 255
  for (let to = 0; to < tokens; to++) {
    if (to === focus) continue
    for (let from = 0; from < tokens; from++) if (weight(to, from) > 0.12) line(from, to, weight(to, from), false)
  }
  for (let from = 0; from < tokens; from++) line(from, focus, weight(focus, from), true)
  return picture
}

function cells(tokens, write) {
  const row = element("div", "cells")
  tokens.forEach((token, i) => {
    const cell = write(token, i)
    cell.dataset.position = i
    row.append(cell)
  })
  return row
}

function wordBars(words) {
  const list = element("ol", "bars")
  const best = Math.max(...words.map(([, p]) => p), 0.01)
  for (const [word, p] of words) list.append(barRow(word, Math.max(0.01, p / best), percent(p)))
  return list
}

function numbers(data, focus) {
  const table = element("table")
  const names = ["word", "+ position", "+ segment", "= sum", "after LayerNorm"]
  names.forEach((name, part) => {
    const row = element("tr")
    row.append(element("th", "", name))
    for (const value of data.written[part][focus]) row.append(element("td", "", value.toFixed(2)))
    row.append(element("td", "", "…"))
    table.append(row)
  })
  return table
}

/** @typedef {{ title: string, lesson?: string, rows?: string[], aside?: [string, number], draw: () => Element[], say: () => Element[] }} Stage */

/** What a stage is called, what it draws, and what it says when it is opened. */
function stagesOf(data, view) {
  const T = data.tokens.length
  const K = data.dimensions
  const parts = new Int8Array(bytes(data.parts).buffer)
  const states = new Int8Array(bytes(data.states).buffer)
  const attention = bytes(data.attention)
  const name = (i) => data.tokens[i].text
  const gap = data.guesses[view.focus]

  /** @type {Stage[]} */
  const stages = [
    {
      title: "Your text",
      draw: () => [element("div", "typed", opening(data.text))],
      say: () => [element("p", "", `${[...data.text].length} characters. A model computes with numbers, so the text has to become numbers first.`)],
    },
    {
      title: "Word pieces",
      lesson: "tokenization",
      draw: () => [
        cells(data.tokens, (token, i) => {
          const cell = element("div", "cell")
          const face = element("button", "piece", token.text)
          face.type = "button"
          // long pieces are written smaller, so that the columns stay narrow
          face.style.fontSize = `${Math.max(0.6, Math.min(0.88, (view.cell - 8) / (8.4 * token.text.length)))}rem`
          face.title = token.text
          face.setAttribute("aria-pressed", String(i === view.focus))
          face.setAttribute("aria-label", `Follow ${token.text}, token ${i}`)
          face.classList.toggle("special", token.special)
          face.classList.toggle("gap", String(i) in data.guesses)
          face.onclick = () => view.follow(i)
          cell.append(face)
          if (!token.special && !data.saved) {
            const masked = token.text !== token.original
            const mask = element("button", "mask", masked ? "show" : "mask")
            mask.type = "button"
            mask.setAttribute("aria-label", `${masked ? "Show" : "Mask"} ${token.original}, token ${i}`)
            mask.onclick = () => view.send("mask", { position: i, at: Date.now() })
            cell.append(mask)
          }
          return cell
        }),
      ],
      say: () => [
        element("p", "", `The text is cut into ${data.tokens.filter((token) => !token.special).length} pieces that BERT knows; it adds [CLS] in front and [SEP] at the end.${data.saved ? "" : " Press mask to hide a piece from the model."}`),
      ],
    },
    {
      title: "Ids",
      lesson: "tokenization",
      draw: () => [cells(data.tokens, (token) => element("div", "cell id", String(token.id)))],
      say: () => [element("p", "", `Each piece has a number: its place in a vocabulary of ${data.vocabulary.toLocaleString("en")} pieces. “${name(view.focus)}” is ${data.tokens[view.focus].id}.`)],
    },
    {
      title: "Embeddings",
      lesson: "inputs",
      rows: ["word", "+ position", "+ segment", "→ input"],
      draw: () => [0, 1, 2, 4].map((part) => strip(parts, part * T * K, T, K, view.cell)),
      say: () => [
        element("p", "", `Three vectors are added for each token: what it is, where it stands, and which sentence it is in. LayerNorm then brings the sum to a common scale. The first ${data.written[0][0].length} of ${data.hidden} numbers for “${name(view.focus)}”:`),
        numbers(data, view.focus),
      ],
    },
  ]
  for (let layer = 0; layer < data.layers; layer++) {
    stages.push({
      title: `Layer ${layer + 1}`,
      lesson: layer === data.layers - 1 ? "encoder_layer" : "attention",
      draw: () => [fall(attention, layer, T, view.focus, view.cell), strip(states, layer * T * K, T, K, view.cell)],
      aside: gap ? gap[layer][0] : null,
      say: () => {
        const looks = data.tokens
          .map((token, i) => [token.text, attention[(layer * T + view.focus) * T + i] / 255])
          .sort((a, b) => b[1] - a[1])
          .slice(0, 4)
          .map(([word, weight]) => `${word} ${percent(weight)}`)
          .join(", ")
        /** @type {HTMLElement[]} */
        const said = [
          element("p", "", `Here “${name(view.focus)}” looks most at ${looks} (mean over the heads). Its vector before and after the layer: cosine ${data.turn[layer][view.focus].toFixed(2)}, where 1 means the same direction.`),
        ]
        if (gap) said.push(element("p", "", `Asked now, before the layers that follow, the model would say:`), wordBars(gap[layer]))
        return said
      },
    })
  }
  const gaps = Object.entries(data.guesses)
  stages.push({
    title: "Prediction",
    lesson: "masking",
    draw: () => {
      const box = element("div", "predictions")
      if (!gaps.length) box.append(element("p", "", data.saved ? "Nothing is masked here." : "Nothing is masked. Press mask under a piece above, and the model has to guess it."))
      for (const [position, layers] of gaps) {
        const one = element("div", "prediction")
        one.append(element("h3", "", `In place of “${data.tokens[position].original}”`), wordBars(layers[layers.length - 1]))
        box.append(one)
      }
      return [box]
    },
    say: () => [element("p", "", "The last vector of a masked token is compared with every piece of the vocabulary. The likelier a piece, the longer its bar.")],
  })
  return stages
}

function render(root, data, send) {
  const view = root.view
  view.send = send
  view.follow = (position) => {
    view.focus = position
    render(root, data, send)
    root.querySelector(`.piece[aria-label^="Follow"][aria-label$="token ${position}"]`)?.focus()
  }
  const board = root.querySelector(".board")
  const label = parseFloat(getComputedStyle(root.querySelector(".controls")).fontSize) * 6.6
  const room = board.clientWidth - label
  view.cell = Math.max(NARROW, Math.min(WIDE, Math.floor(room / data.tokens.length)))
  root.style.setProperty("--cell", `${view.cell}px`)
  const stages = stagesOf(data, view)
  const last = stages.length - 1
  if (view.step === null || view.step > last) view.step = last

  const left = board.scrollLeft
  board.replaceChildren()
  stages.forEach((stage, i) => {
    const section = element("section", "stage")
    section.dataset.stage = String(i)
    const side = element("div", "label")
    const open = element("button", "open", stage.title)
    open.type = "button"
    open.setAttribute("aria-expanded", String(view.open === i))
    open.onclick = () => {
      view.open = view.open === i ? null : i
      render(root, data, send)
      root.querySelector(`[data-stage="${i}"] .open`).focus()
    }
    side.append(open)
    for (const row of stage.rows ?? []) side.append(element("span", "rowname", row))
    if (stage.aside) {
      const aside = element("div", "aside")
      aside.append(element("span", "said", "says"), element("b", "", stage.aside[0]), element("span", "", percent(stage.aside[1])))
      aside.title = stage.aside[0]
      side.append(aside)
    }
    const body = element("div", "body")
    body.append(...stage.draw())
    section.append(side, body)
    board.append(section)
    if (view.open === i) {
      const detail = element("div", "detail")
      detail.append(...stage.say())
      if (stage.lesson && data.lessons[stage.lesson]) {
        const more = element("button", "lesson", `Lesson: ${data.lessons[stage.lesson]} →`)
        more.type = "button"
        more.onclick = () => send("open", { slug: stage.lesson, at: Date.now() })
        detail.append(more)
      }
      board.append(detail)
    }
  })
  const band = element("div", "band")
  band.style.left = `calc(var(--label) + ${view.focus * view.cell}px)`
  band.style.width = `${view.cell}px`
  board.append(band)
  board.scrollLeft = left
  mark(root, stages)
  wire(root, stages)
}

/** Show how far the walk has come. */
function mark(root, stages) {
  const view = root.view
  for (const section of root.querySelectorAll(".stage")) {
    const i = Number(section.dataset.stage)
    section.classList.toggle("ahead", i > view.step)
    section.classList.toggle("current", view.walking && i === view.step)
  }
  root.querySelector(".where").textContent = view.walking ? `${view.step + 1} of ${stages.length} · ${stages[view.step].title}` : ""
  root.querySelector(".play").textContent = view.timer ? "❚❚ Pause" : "▶ Play"
}

function wire(root, stages) {
  const view = root.view
  const stop = () => {
    view.timer?.()
    view.timer = null
  }
  const go = (step) => {
    view.walking = true
    view.step = Math.max(0, Math.min(stages.length - 1, step))
    mark(root, stages)
    root.querySelector(`[data-stage="${view.step}"]`)?.scrollIntoView({ block: "nearest", behavior: calm() ? "auto" : "smooth" })
  }
  root.querySelector(".play").onclick = () => {
    if (view.timer) stop()
    else {
      go(view.walking && view.step < stages.length - 1 ? view.step + 1 : 0)
      view.timer = every(BEAT, () => {
        if (view.step >= stages.length - 1) {
          stop()
          view.walking = false
          mark(root, stages)
        } else go(view.step + 1)
      }, view.stands)
    }
    mark(root, stages)
  }
  root.querySelector(".back").onclick = () => (stop(), go(view.walking ? view.step - 1 : stages.length - 1))
  root.querySelector(".next").onclick = () => (stop(), go(view.walking ? view.step + 1 : 0))
  root.onkeydown = (event) => {
    if (!within(event, ".controls")) return
    const step = { ArrowRight: ".next", ArrowLeft: ".back" }[event.key]
    if (!step) return
    event.preventDefault()
    event.stopPropagation()
    root.querySelector(step).click()
  }
  const board = root.querySelector(".board")
  board.onpointermove = (event) => {
    const position = within(event, "[data-position]")?.dataset.position ?? null
    if (position === view.told) return
    view.told = position
    tellHover(position === null ? null : Number(position))
  }
  board.onpointerleave = () => {
    view.told = null
    tellHover(null)
  }
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".journey")
  const { signal, stands, end } = lifetime(root)
  const fresh = JSON.stringify([data.text, Object.keys(data.guesses), data.focus])
  if (root.fresh !== fresh) {
    root.fresh = fresh
    const before = root.view
    before?.timer?.()
    root.view = { focus: data.focus, open: before?.open ?? null, step: null, walking: false, timer: null, told: null }
  }
  root.view.stands = stands
  root.style.setProperty("--tokens", data.tokens.length)
  root.querySelector(".note").textContent = data.not_drawn ? `The first ${data.tokens.length} tokens are drawn; ${data.not_drawn} more went through the model with them.` : ""
  render(root, data, setTriggerValue)
  lightHovered(root, signal)

  let width = root.clientWidth
  onResize(root, () => {
    if (root.clientWidth === width) return
    width = root.clientWidth
    render(root, data, setTriggerValue)
  }, signal)
  return end
}
