// While the server does not answer, Streamlit says so in its own words, which speak of servers and
// of commands. Here it is said in the course's.

import { lifetime } from "../parts/lifetime.js"

const TITLE = "The connection is gone"
const TEXT =
  "The course does not answer at the moment. It comes back by itself as soon as it does, and what " +
  "you typed stays. If it takes long, ask whoever started the course."

function say() {
  const app = document.querySelector('[data-testid="stApp"]')
  if (app?.dataset.testConnectionState === "CONNECTED") return
  for (const box of document.querySelectorAll('[data-testid="stDialog"] [role="dialog"]')) {
    const title = box.querySelector("h2")
    const text = title?.nextElementSibling
    if (!text || title.textContent === TITLE) continue
    title.textContent = TITLE
    text.textContent = TEXT
  }
}

export default function ({ parentElement }) {
  const { signal, end } = lifetime(parentElement)
  const watcher = new MutationObserver(say)
  watcher.observe(document.body, { childList: true, subtree: true, characterData: true })
  signal.addEventListener("abort", () => watcher.disconnect())
  return end
}
