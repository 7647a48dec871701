// The gym's arithmetic: what lies between two moments of a run, and which curves it shows.

import assert from "node:assert/strict"
import { test } from "node:test"
import { weightsBetween } from "../../../assets/components/gym/attention.js"
import { series } from "../../../assets/components/gym/curves.js"
import { around, between, decoded } from "../../../assets/components/gym/moments.js"
import { numbersOf } from "../../../assets/components/gym/numbers.js"

const base64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))

test("a value between two is on the way; where one is missing, the other counts", () => {
  assert.equal(between(1, 3, 0.25), 1.5)
  assert.deepEqual([between(null, 3, 0.25), between(1, null, 0.25), between(null, null, 0.5)], [3, 1, null])
})

test("a place among moments has two neighbors, at both ends too", () => {
  const moments = ["a", "b", "c"]
  assert.deepEqual(around(moments, 1.25), ["b", "c", 0.25])
  assert.deepEqual(around(moments, 0), ["a", "b", 0])
  assert.deepEqual(around(moments, 2), ["c", "c", 0])
})

test("a moment's attention and map come back from their bytes", () => {
  const sent = { step: 3, map: base64(Int16Array.of(32767, -32767, 0).buffer), attention: [btoa("\x00\xff")] }
  const { step, map, attention } = decoded(sent)
  assert.equal(step, 3)
  assert.deepEqual([...map], [1, -1, 0])
  assert.deepEqual([...attention[0]], [0, 255])
})

test("the weights of a head are its own, between two moments", () => {
  const layers = 2, heads = 2, tokens = 2
  const codes = (add) => Uint8Array.from({ length: layers * heads * tokens ** 2 }, (_, i) => i + add)
  /** @type {[any, any, number]} */
  const moments = [{ attention: [null, codes(0)] }, { attention: [null, codes(100)] }, 0.5]
  const found = weightsBetween(moments, { probe: 1, tokens, heads, layer: 1, head: 0 })
  assert.deepEqual([...found].map((w) => Math.round(255 * w)), [8 + 50, 9 + 50, 10 + 50, 11 + 50])
})

const facts = { baseline: { accuracy: 0.2, loss: 3, chance: 0.01, word: "the" }, ceiling: 0.9, parameters: 12345 }
const moments = [
  { step: 0, train: [4, 0.1], held_out: [5, 0], decided: 0, pairs: null },
  { step: 10, train: [2, 0.5], held_out: [3, 0.4], decided: 0.5, pairs: null },
]
const gym = (curve, data = {}) => ({ curve, data: { facts, steps: 10, ...data }, moments, points: [[0, 4, 1.5, null], [5, 3, 0.5, 800]] })

test("accuracy stands beside chance, the most frequent word and a perfect reader; loss beside frequencies", () => {
  const accuracy = series(gym("accuracy"))
  assert.equal(accuracy.top, 1)
  assert.deepEqual(accuracy.lines.map((line) => line.rows), [[[0, 0.1], [10, 0.5]], [[0, 0], [10, 0.4]]])
  assert.deepEqual(accuracy.levels.map((level) => level.value), [0.2, 0.01, 0.9])
  const loss = series(gym("loss"))
  assert.deepEqual(loss.lines.map((line) => line.rows), [[[0, 4], [10, 2]], [[0, 5], [10, 3]]])
  assert.deepEqual(loss.levels.map((level) => level.value), [3])
})

test("the gradient's curve has its own norm and where it is clipped", () => {
  const { lines, levels } = series(gym("gradient"))
  assert.deepEqual(lines[0].rows, [[0, 1.5], [5, 0.5]])
  assert.equal(levels[0].value, 1)
})

test("a drawn guess and other runs lie behind the run's own curves, whole", () => {
  const more = { drawn: [0, 50, 100], others: [{ name: "slow", rows: [[0, 6, 0], [10, 5, 0.1]] }] }
  const { lines } = series(gym("accuracy", more))
  assert.deepEqual(lines.map((line) => line.name), ["slow, held out", "your guess", "training", "held out"])
  assert.deepEqual(lines[1].rows, [[0, 0], [5, 0.5], [10, 1]])
  assert.deepEqual(lines[0].rows, [[0, 0], [10, 0.1]])
  assert.ok(lines.slice(0, 2).every((line) => line.whole))
  assert.ok(!series(gym("loss", more)).lines.some((line) => line.name === "your guess"))
})

test("the numbers are those of the place that is shown", () => {
  const at = (shown, data = {}) => {
    const found = { ...gym("accuracy", data), around: () => around(moments, shown) }
    return Object.fromEntries(numbersOf(found).map(([name, value]) => [name, value]))
  }
  assert.equal(at(0.5)["held out"], "20%")
  assert.equal(at(1)["certain gaps"], "50%")
  assert.equal(at(1)["tokens a second"], "800")
  assert.ok(!("tokens a second" in at(1, { recorded: true })))
  assert.ok(!("parameters" in at(1, { compact: true })))
})
