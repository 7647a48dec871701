// The explorer's arithmetic, against slow and plain computations on invented weights.

import assert from "node:assert/strict"
import { test } from "node:test"
import { escape } from "../../../assets/components/attention_explorer/drawing.js"
import { readLook, start, writeLook } from "../../../assets/components/attention_explorer/look.js"
import { Weights } from "../../../assets/components/attention_explorer/weights.js"
import { describe, nameOf, points } from "../../../assets/components/attention_explorer/words.js"

const [LAYERS, HEADS] = [3, 2]
const weight = (code) => (code / 255) ** 2
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} is not ${b}`)

/** A text of pieces, "##" marks those that go on; the first and the last are special. */
function text(pieces, seed) {
  const T = pieces.length
  let state = seed
  const next = () => (state = (state * 1103515245 + 12345) % 2147483648)
  const codes = Uint8Array.from({ length: LAYERS * HEADS * T * T }, () => next() % 256)
  const tokens = pieces.map((piece, i) => ({ text: piece, special: i === 0 || i === T - 1, sentence: i > 3 ? 1 : 0 }))
  const words = []
  pieces.forEach((piece, i) => {
    if (piece.startsWith("##")) {
      const word = words[words.length - 1]
      word[0] += piece.slice(2)
      word[1].push(i)
    } else words.push([piece, [i]])
  })
  return { tokens, words, codes: btoa(String.fromCharCode(...codes)), raw: codes }
}

const first = text(["[CLS]", "the", "em", "##bed", "##ding", "[SEP]"], 7)
const second = text(["[CLS]", "a", "em", "##bed", "##ding", "[SEP]"], 8)
const data = {
  layers: LAYERS, heads: HEADS, texts: [first, second],
  pairs: { pieces: [[0, 0], [1, 1], [2, 2], [3, 3], [4, 4], [5, 5]], words: [[0, 0], [1, 1], [2, 2], [3, 3]] },
}
const of = (from, layer, head, i, j) => {
  const T = from.tokens.length
  return weight(from.raw[((layer * HEADS + head) * T + i) * T + j])
}

test("one head's map is its weights; several heads are their mean or their strongest", () => {
  const weights = new Weights(data)
  const look = { ...start(data), heads: [[1, 0], [2, 1]] }
  const one = weights.map({ ...look, heads: [[2, 1]] }, 0)
  const mean = weights.map(look, 0)
  const union = weights.map({ ...look, combine: "max" }, 0)
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      const [a, b] = [of(first, 1, 0, i, j), of(first, 2, 1, i, j)]
      close(one[i * 6 + j], b)
      close(mean[i * 6 + j], (a + b) / 2)
      close(union[i * 6 + j], Math.max(a, b))
    }
  }
})

test("a word is averaged as one that looks and summed as one that is looked at", () => {
  const weights = new Weights(data)
  const { rows, columns, values } = weights.view({ ...start(data), heads: [[0, 1]], words: true }, 0)
  assert.deepEqual(rows.map((unit) => unit.label), ["[CLS]", "the", "embedding", "[SEP]"])
  let sum = 0
  for (const i of [2, 3, 4]) for (const j of [2, 3, 4]) sum += of(first, 0, 1, i, j)
  close(values[2 * columns.length + 2], sum / 3)
})

test("special tokens and sentences are left out where they are hidden", () => {
  const weights = new Weights(data)
  const hidden = weights.view({ ...start(data), hide: true }, 0)
  assert.deepEqual(hidden.rows.map((unit) => unit.label), ["the", "em", "##bed", "##ding"])
  const across = weights.view({ ...start(data), block: "AB" }, 0)
  assert.deepEqual(across.rows.map((unit) => unit.index), [0, 1, 2, 3])
  assert.deepEqual(across.columns.map((unit) => unit.index), [4, 5])
})

test("a difference is the second text less the first, between partners", () => {
  const weights = new Weights(data)
  const look = { ...start(data), heads: [[1, 1]], show: "difference" }
  const { rows, columns, values, signed } = weights.current(look)
  assert.equal(signed, true)
  assert.deepEqual(rows.map((unit) => unit.label), ["[CLS]", "the→a", "em", "##bed", "##ding", "[SEP]"])
  for (let i = 0; i < 6; i++) {
    for (let j = 0; j < 6; j++) {
      close(values[i * columns.length + j], of(second, 1, 1, i, j) - of(first, 1, 1, i, j))
    }
  }
})

test("a thumbnail keeps the strongest weight of each of its cells", () => {
  const cells = new Weights(data).thumbnail(start(data), 2, 0, 3)
  let strongest = 0
  for (const i of [0, 1]) for (const j of [2, 3]) strongest = Math.max(strongest, of(first, 2, 0, i, j))
  close(cells[0 * 3 + 1], strongest)
})

test("a long text's map is there when it was asked for, under the look that asked", () => {
  const long = { ...data, pairs: null, texts: [{ ...first, codes: null }] }
  const weights = new Weights(long)
  const look = { ...start(data), heads: [[0, 1], [2, 0]] }
  assert.equal(weights.current(look), null)
  weights.learn({ ...long, opened: { key: Weights.key(look), maps: [btoa(String.fromCharCode(...Array(36).fill(255)))] } })
  assert.ok(weights.current(look).values.every((value) => value === 1))
  assert.equal(weights.current({ ...look, combine: "max" }), null)
})

test("a look is read from a link as it was written", () => {
  const looks = [
    start(data),
    { ...start(data), heads: [[0, 0], [2, 1]], several: true, combine: "max", hide: true, pin: 4 },
    { ...start(data), rollout: true, words: true, block: "BA", show: "difference" },
  ]
  for (const look of looks) assert.deepEqual(readLook(writeLook(look), data), look)
})

test("what a link says of another model, or nonsense, is left out", () => {
  for (const said of [null, "", "9-9", "1-99_pinx_AC_constructor", "0-0", "-1-1", "1-1-1"]) {
    assert.deepEqual(readLook(said, data), start(data))
  }
  assert.deepEqual(readLook("1-1.9-9", data).heads, [[0, 0]])
})

test("words name the row, its strongest weights, and what is not shown", () => {
  const units = (labels) => labels.map((label, i) => ({ label, index: i }))
  const shown = { rows: units(["x", "y"]), columns: units(["a", "b"]), values: Float32Array.of(0.25, 0.5, 0.125, 0), signed: false }
  const look = start(data)
  const row = describe(shown, look, 0, null)
  assert.equal(row.words, "“x” looks at")
  assert.deepEqual(row.bars, [["b", 0.5], ["a", 0.25]])
  assert.equal(row.note, "25% of its attention goes to what is not shown.")
  assert.equal(describe(shown, { ...look, combine: "max" }, 0, null).note, null)
  assert.equal(describe(shown, look, 0, 1).words, "“x” looks at “b”: 50%.")
  assert.deepEqual(describe(shown, look, null, 0).bars, [["x", 0.25], ["y", 0.125]])
  assert.deepEqual(describe(shown, look, null, null).bars, [["b", 0.25], ["a", 0.1875]])
  const change = describe({ ...shown, values: Float32Array.of(-0.5, 0.5, 0, 0), signed: true }, look, null, null)
  assert.equal(change.words, "On average 25% of a token's attention has moved.")
  assert.deepEqual(change.bars[0], ["x → a", -0.5])
  assert.deepEqual(describe({ ...shown, rows: [] }, look, null, null).bars, [])
})

test("equal names are counted together", () => {
  const units = (labels) => labels.map((label, i) => ({ label, index: i }))
  const shown = { rows: units(["x"]), columns: units(["the", "cat", "the"]), values: Float32Array.of(0.25, 0.375, 0.25), signed: false }
  assert.deepEqual(describe(shown, start(data), null, null).bars, [["the", 0.5], ["cat", 0.375]])
})

test("heads and changes have names", () => {
  const look = start(data)
  assert.equal(nameOf({ ...look, heads: [[1, 0]] }), "Layer 2, head 1")
  assert.equal(nameOf({ ...look, heads: [[1, 0], [0, 0]] }), "Mean of 2 heads")
  assert.equal(nameOf({ ...look, heads: [[1, 0]], rollout: true }), "Rollout up to layer 2")
  assert.deepEqual([points(0.125), points(-0.125)], ["+12.5 points", "−12.5 points"])
})

test("what a learner typed cannot leave its place in a drawing", () => {
  assert.equal(escape('<script>&"'), "&lt;script&gt;&amp;&quot;")
  assert.equal(escape("a\u0000b\uffff"), "a\ufffdb\ufffd")
})
