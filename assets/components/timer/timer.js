// How much time is left: the server says it now and then, in between it is counted here.

import { every, lifetime } from "../parts/lifetime.js"

/** @param {Component} component */
export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".timer")
  const until = performance.now() + 1000 * data.left
  root.classList.toggle("large", Boolean(data.large))
  function show() {
    const left = Math.max(0, Math.ceil((until - performance.now()) / 1000))
    root.classList.toggle("over", left === 0)
    root.textContent = left
      ? `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`
      : "Time is up"
  }
  show()
  const { signal, end } = lifetime(root)
  every(250, show, signal)
  return end
}
