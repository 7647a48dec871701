// What an explorer shows: heads, level, sentences, the pinned token. A link keeps it.

import { keep, recall } from "../parts/storage.js"

const STORED = "inside-bert.look"

/** What is shown before anybody chose. */
export const start = (data) => ({
  heads: [[Math.floor(data.layers / 2), 0]], combine: "mean", several: false, rollout: false,
  words: false, hide: false, block: "all", show: "first", pin: null,
})

/** A look as it stands in a link. */
export function writeLook(look) {
  const parts = [look.heads.map(([l, h]) => `${l + 1}-${h + 1}`).join(".")]
  if (look.combine === "max") parts.push("union")
  for (const name of ["rollout", "words", "hide"]) if (look[name]) parts.push(name)
  if (look.block !== "all") parts.push(look.block)
  if (look.show !== "first") parts.push(look.show)
  if (look.pin !== null) parts.push(`pin${look.pin}`)
  return parts.join("_")
}

/** A look from a link; what it does not know, or this model does not have, stays as at the start. */
export function readLook(text, data) {
  const look = start(data)
  for (const part of (text ?? "").split("_")) {
    if (/^\d+-\d+(\.\d+-\d+)*$/.test(part)) {
      const heads = part.split(".").map((pair) => pair.split("-").map((n) => n - 1))
      const known = heads.filter(([l, h]) => l >= 0 && h >= 0 && l < data.layers && h < data.heads)
      if (known.length) look.heads = known
      look.several = known.length > 1
    } else if (part === "union") look.combine = "max"
    else if (["rollout", "words", "hide"].includes(part)) look[part] = true
    else if (/^[AB][AB]$/.test(part)) look.block = part
    else if (["second", "difference"].includes(part)) look.show = part
    else if (/^pin\d+$/.test(part)) look.pin = Number(part.slice(3))
  }
  return look
}

/** The look of the address, else the one that this tab showed last. */
export function lastLook(data) {
  const address = new URLSearchParams(window.location.search).get("look")
  return readLook(address ?? recall("sessionStorage", STORED), data)
}

/** Keep a look in the address and for this tab. */
export function remember(look) {
  const written = writeLook(look)
  window.dispatchEvent(new CustomEvent("inside-bert:look", { detail: written })) // see address.js
  keep("sessionStorage", STORED, written)
}
