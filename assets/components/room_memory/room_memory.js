// Which room this window sits in, so that it finds its place again after a reload or when the
// server was started anew; and, for all windows of this browser, who a student was in a room, so
// that scanning the code again does not make a second voter.
//
// A visit that knows nothing asks, by a name of its own (`asks`), and is answered once. The answer is
// a single word, not a state: a state would be sent again, as it was then, to a server started anew.

import { keep, recall } from "../parts/storage.js"

const SEAT = "inside-bert.seat" // this window's
const MEMBERS = "inside-bert.members" // this browser's: code → secret
const MOST = 20

let answered = null // the name of the visit that was answered last

/** @param {Component} component */
export default function (component) {
  const { data, setTriggerValue } = component
  if (data.seat) {
    keep("sessionStorage", SEAT, data.seat)
    if (data.seat.member) {
      const others = Object.entries(recall("localStorage", MEMBERS) ?? {}).filter(
        ([code]) => code !== data.seat.code,
      )
      const newest = [...others.slice(1 - MOST), [data.seat.code, data.seat.member]]
      keep("localStorage", MEMBERS, Object.fromEntries(newest))
    }
  } else if (data.left) {
    keep("sessionStorage", SEAT, null)
  }
  if (!data.asks || answered === data.asks) return
  answered = data.asks
  const seat = recall("sessionStorage", SEAT)
  const members = recall("localStorage", MEMBERS)
  if (seat || members) setTriggerValue("found", { to: data.asks, seat, members })
}
