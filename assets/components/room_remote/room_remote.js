// The teacher's window hears of keys that are pressed at the board: see board_keys.js.

import { lifetime } from "../parts/lifetime.js"

/** @param {Component} component */
export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component
  const { signal, end } = lifetime(root)
  const channel = new BroadcastChannel(`inside-bert.board.${data.code}`)
  channel.onmessage = (event) => setTriggerValue("press", event.data)
  signal.addEventListener("abort", () => channel.close())
  return end
}
