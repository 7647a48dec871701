// The keys of a presenter, pressed at the board: they are told to the teacher's own window, if it is
// open in this browser (room_remote.js). What is on the board goes along: a key is about that.

import { lifetime } from "../parts/lifetime.js"

const MEANS = {
  PageDown: "next", ArrowRight: "next", " ": "next",
  PageUp: "back", ArrowLeft: "back",
  b: "pause", B: "pause", ".": "pause", // by which presenters blank the screen
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement: root } = component
  const { signal, end } = lifetime(root)
  const channel = new BroadcastChannel(`inside-bert.board.${data.code}`)
  signal.addEventListener("abort", () => channel.close())
  function onKey(event) {
    const key = MEANS[event.key]
    if (!key || event.altKey || event.ctrlKey || event.metaKey || event.repeat) return
    const on = event.composedPath()[0]
    if (on instanceof Element && on.matches("input, textarea, button, a")) return
    event.preventDefault()
    channel.postMessage({ key, at: data.at })
  }
  document.addEventListener("keydown", onKey, { signal })
  return end
}
