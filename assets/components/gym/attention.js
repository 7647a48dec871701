// The attention of all heads on one sentence, and one head's map in large.

import { pen } from "../parts/canvas.js"
import { button, element } from "../parts/element.js"
import { percent } from "../parts/numbers.js"
import { HELD_OUT } from "./curves.js"
import { between } from "./moments.js"

/** Weights T × T of one head on one of the sentences that are watched, between two moments. */
export function weightsBetween([a, b, part], { probe, tokens, heads, layer, head }) {
  const size = tokens ** 2
  const start = (layer * heads + head) * size
  const [one, two] = [a.attention[probe], b.attention[probe]]
  const found = new Float32Array(size)
  for (let i = 0; i < size; i++) found[i] = between(one[start + i], two[start + i], part) / 255
  return found
}

function paint(canvas, weights, size) {
  const { context: c, width, height } = pen(canvas)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      c.fillStyle = `rgba(0,114,178,${weights[i * size + j]})`
      c.fillRect((j * width) / size, (i * height) / size, width / size, height / size)
    }
  }
}

function paintNamed(gym, canvas, weights, tokens, gap) {
  const { context: c, width, height } = pen(canvas)
  const n = tokens.length
  c.font = gym.font(12)
  const label = Math.min(96, Math.max(...tokens.map((token) => c.measureText(token).width)) + 8)
  const cell = Math.min((width - label - 4) / n, (height - label - 4) / n)
  c.textBaseline = "middle"
  tokens.forEach((token, i) => {
    c.fillStyle = i === gap ? HELD_OUT : gym.style.color
    c.font = gym.font(12, i === gap ? "bold" : "")
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

/** Build the view; returns what draws it at the moment that is shown. */
export function attention(gym, body) {
  const { facts } = gym.data
  const choose = element("select")
  choose.setAttribute("aria-label", "Sentence")
  facts.probes.slice(0, facts.watched).forEach((probe, i) => {
    const option = element("option", "", probe.tokens.slice(1, -1).join(" "))
    option.value = String(i)
    choose.append(option)
  })
  gym.probe = Math.min(gym.probe, Math.max(0, facts.watched - 1))
  choose.value = String(gym.probe)
  choose.onchange = () => {
    gym.probe = Number(choose.value)
    gym.draw()
  }
  const grid = element("div", "heads")
  grid.style.setProperty("--heads", facts.heads)
  const thumbs = []
  for (let layer = 0; layer < facts.layers; layer++) {
    for (let head = 0; head < facts.heads; head++) {
      const thumb = button("", "", () => {
        gym.head = [layer, head]
        gym.draw()
      })
      const canvas = element("canvas")
      const label = element("span")
      thumb.append(canvas, label)
      grid.append(thumb)
      thumbs.push({ thumb, canvas, label, layer, head })
    }
  }
  const matrix = element("canvas", "matrix")
  matrix.setAttribute("role", "img")
  matrix.setAttribute("aria-label", "The weights of the chosen head")
  const about = element("p", "about")
  body.append(choose, grid, about, matrix)

  return () => {
    const { facts } = gym.data
    if (!facts.watched) return
    const moments = gym.around()
    const [a, b, part] = moments
    const score = (layer, head) => (a.heads ? between(a.heads[layer][head], b.heads[layer][head], part) : null)
    const best = thumbs.reduce((x, y) => ((score(y.layer, y.head) ?? 0) > (score(x.layer, x.head) ?? 0) ? y : x))
    const known = gym.head && gym.head[0] < facts.layers && gym.head[1] < facts.heads
    const [layer, head] = known ? gym.head : [best.layer, best.head]
    const { tokens, gap } = facts.probes[gym.probe]
    const weights = (layer, head) =>
      weightsBetween(moments, { probe: gym.probe, tokens: tokens.length, heads: facts.heads, layer, head })
    for (const entry of thumbs) {
      const found = score(entry.layer, entry.head)
      const name = `layer ${entry.layer + 1}, head ${entry.head + 1}`
      const star = facts.rule && entry === best ? "★ " : ""
      entry.label.textContent = found === null ? `${entry.layer + 1}·${entry.head + 1}` : `${star}${percent(found)}`
      entry.thumb.setAttribute("aria-label", found === null ? name : `${name}: ${facts.rule} in ${percent(found)} of sentences`)
      entry.thumb.setAttribute("aria-pressed", String(entry.layer === layer && entry.head === head))
      paint(entry.canvas, weights(entry.layer, entry.head), tokens.length)
    }
    const found = score(layer, head)
    const text = found === null
      ? `Layer ${layer + 1}, head ${head + 1}. Each row is a token that looks; darker is more.`
      : `Layer ${layer + 1}, head ${head + 1}: ${facts.rule}, looked at most in ${percent(found)} of ` +
        `held-out sentences. Without reading, always the same place finds ${percent(facts.head_baseline)}.`
    if (about.textContent !== text) about.textContent = text
    paintNamed(gym, matrix, weights(layer, head), tokens, gap)
    matrix.setAttribute("aria-label", text)
  }
}
