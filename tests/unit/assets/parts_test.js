// What the components share: numbers as they are written, numbers as they are sent, lifetimes.

import assert from "node:assert/strict"
import { test } from "node:test"
import { bytes, floats } from "../../../assets/components/parts/bytes.js"
import { every, kept, lifetime } from "../../../assets/components/parts/lifetime.js"
import { negative, percent, signed } from "../../../assets/components/parts/numbers.js"
import { softmax } from "../../../assets/components/parts/softmax.js"
import { keep, recall } from "../../../assets/components/parts/storage.js"

test("a probability has a decimal only where it is small, and is never written as none", () => {
  const written = [1, 0.5, 0.1, 0.0996, 0.0994, 0.01, 0.0011, 0.0009, 1e-9, 0].map(percent)
  assert.deepEqual(written, ["100%", "50%", "10%", "10%", "9.9%", "1.0%", "0.1%", "<0.1%", "<0.1%", "0%"])
})

test("where there is no probability, none is written", () => {
  assert.deepEqual([null, undefined, NaN].map(percent), ["–", "–", "–"])
})

test("a larger probability is never written as a smaller one", () => {
  const read = (text) => (text === "<0.1%" ? 0.05 : parseFloat(text))
  let before = -1
  for (let p = 0; p <= 1; p += 0.0001) {
    const now = read(percent(p))
    assert.ok(now >= before, `${p} is written ${percent(p)}`)
    assert.ok(Math.abs(now - 100 * p) <= 0.5, `${p} is written ${percent(p)}`)
    before = now
  }
})

test("signs are real minus signs", () => {
  assert.deepEqual([signed(-1.25, 1), signed(0.5, 2), negative(-3, 0), negative(3, 0)], ["−1.3", "+0.50", "−3", "3"])
})

test("bytes and floats come back as they were sent", () => {
  const sent = Float32Array.of(0, -1.5, 3e-9, 70000)
  const text = btoa(String.fromCharCode(...new Uint8Array(sent.buffer)))
  assert.deepEqual(floats(text), sent)
  assert.deepEqual([...bytes(btoa("\x00\x7f\xff"))], [0, 127, 255])
})

test("softmax adds up to one, keeps the order and is sharpened by a low temperature", () => {
  const scores = [1000, 999, -1000] // too large for an exponential of their own
  const warm = softmax(scores, 2)
  const cold = softmax(scores, 0.5)
  for (const shares of [warm, cold, softmax(scores)]) {
    assert.ok(Math.abs(shares.reduce((a, b) => a + b) - 1) < 1e-12)
    assert.ok(shares[0] > shares[1] && shares[1] > shares[2])
  }
  assert.ok(cold[0] > warm[0])
  assert.ok(Math.abs(warm[0] / warm[1] - Math.exp(1 / 2)) < 1e-9)
})

test("another call ends what the one before switched on; the end ends all", () => {
  const root = {}
  const first = lifetime(root)
  const second = lifetime(root)
  assert.deepEqual([first.signal.aborted, second.signal.aborted], [true, false])
  assert.equal(first.stands, second.stands)
  first.end() // comes late: the component has been called again
  assert.deepEqual([second.signal.aborted, second.stands.aborted], [false, false])
  second.end()
  assert.deepEqual([second.signal.aborted, second.stands.aborted], [true, true])
})

test("what is kept is made once as long as the component stands, and anew when it is back", () => {
  const root = {}
  const call = () => {
    const { stands, end } = lifetime(root)
    return { made: kept(root, stands, () => ({})), end }
  }
  const [first, second] = [call(), call()]
  assert.equal(first.made, second.made)
  second.end()
  assert.notEqual(call().made, first.made)
})

test("a timer ends with its signal, and when it is stopped", async () => {
  const ending = new AbortController()
  let [ticks, stopped] = [0, 0]
  every(5, () => (ticks += 1), ending.signal)
  const stop = every(5, () => (stopped += 1), ending.signal)
  stop()
  await new Promise((resolve) => setTimeout(resolve, 60))
  ending.abort()
  const then = ticks
  await new Promise((resolve) => setTimeout(resolve, 30))
  assert.ok(then > 0)
  assert.deepEqual([ticks, stopped], [then, 0])
})

test("where storage is forbidden or holds something else, nothing is kept and nothing fails", () => {
  const values = new Map([["odd", "{no json"]])
  const storage = { getItem: (key) => values.get(key) ?? null, setItem: (key, value) => values.set(key, value), removeItem: (key) => values.delete(key) }
  const before = Object.getOwnPropertyDescriptor(globalThis, "window")
  const forbidden = () => {
    throw new DOMException("forbidden", "SecurityError")
  }
  globalThis.window = /** @type {any} */ ({ sessionStorage: storage, get localStorage() { return forbidden() } })
  try {
    keep("sessionStorage", "a", { b: [1] })
    assert.deepEqual(recall("sessionStorage", "a"), { b: [1] })
    keep("sessionStorage", "a", null)
    assert.deepEqual([recall("sessionStorage", "a"), recall("sessionStorage", "odd")], [null, null])
    keep("localStorage", "a", 1)
    assert.equal(recall("localStorage", "a"), null)
  } finally {
    if (before) Object.defineProperty(globalThis, "window", before)
    else delete globalThis.window
  }
})
