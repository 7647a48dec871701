// How one answers a question of the room. An answer is sent until the server confirms it: what was
// chosen without a connection goes out when it is back, under the round that it was chosen in.

import { element } from "../parts/element.js"
import { every, lifetime } from "../parts/lifetime.js"

const AGAIN = 2500 // milliseconds between two tries

// One for the window: a run of the page may mount the ballot anew.
const own = (window.insideBertBallot ??= { waiting: new Map(), number: 0 })

function connected() {
  const app = document.querySelector('[data-testid="stApp"]')
  return navigator.onLine && (!app || app.dataset.testConnectionState === "CONNECTED")
}

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".ballot")
  const place = `${data.question}.${data.round}`
  const before = `${data.question}.${data.round - 1}` // that vote is over: too late for its answer
  if (own.waiting.delete(before)) root.dataset.late = place
  const status = () => root.querySelector(".status")

  function send() {
    const waits = own.waiting.get(place)
    if (!waits) return
    try {
      setTriggerValue("vote", { question: data.question, round: data.round, ...waits })
    } catch {
      // not connected: the next try comes
    }
  }

  function choose(answer) {
    own.number = Math.max(own.number + 1, Date.now())
    own.waiting.set(place, { answer, number: own.number })
    send()
    tell()
  }

  function tell() {
    const waits = own.waiting.get(place)
    const line = status()
    if (!line) return
    line.classList.toggle("waits", Boolean(waits))
    line.classList.toggle("refused", !waits && Boolean(data.reply?.refused))
    if (waits) {
      line.textContent = connected()
        ? "Sending …"
        : "Not sent yet: there is no connection. Your answer goes out by itself when it is back."
    } else if (data.reply?.refused) line.textContent = data.reply.refused
    else if (data.mine !== null) line.textContent = `Sent: ${data.said}. You can change it while the vote is open.`
    else if (root.dataset.late === place) line.textContent = "Your answer of before did not arrive in time: choose again."
    else if (data.takes === "several") line.textContent = "Choose all that are right, then send."
    else line.textContent = ""
  }

  function build() {
    const form = element("form")
    form.noValidate = true
    const waits = own.waiting.get(place)
    const chosen = waits ? waits.answer : data.mine
    if (data.takes === "words") {
      const label = element("label", "words")
      const field = element("input")
      field.type = "text"
      field.maxLength = 200
      field.autocomplete = "off"
      field.value = typeof chosen === "string" ? chosen : ""
      label.append(element("span", "name", "Your answer"), field)
      form.append(label)
      form.onsubmit = () => field.value.trim() && choose(field.value.trim())
    } else {
      const set = element("fieldset", data.takes)
      set.append(element("legend", "name", "Your answer"))
      data.options.forEach((option, i) => {
        const label = element("label", "option")
        const box = element("input")
        box.type = data.takes === "several" ? "checkbox" : "radio"
        box.name = place
        box.value = String(i)
        box.checked = Array.isArray(chosen) ? chosen.includes(i) : chosen === i
        if (data.takes !== "several") box.onchange = () => choose(i)
        if (data.takes !== "scale") label.append(box, element("span", "letter", data.letters[i]))
        else label.append(box)
        label.append(element("span", "text", option))
        set.append(label)
      })
      form.append(set)
      form.onsubmit = () => {
        const places = [...set.querySelectorAll("input:checked")].map((box) => Number(box.value))
        if (data.takes === "several" && places.length) choose(places)
      }
    }
    if (data.takes === "words" || data.takes === "several") {
      const button = element("button", "send", "Send")
      button.type = "submit"
      form.append(button)
    }
    form.addEventListener("submit", (event) => event.preventDefault())
    const line = element("p", "status")
    line.setAttribute("role", "status")
    root.replaceChildren(form, line)
  }

  const waits = own.waiting.get(place)
  const replied = waits && data.reply?.number === waits.number
  const refused = replied && data.reply.refused
  if (replied) own.waiting.delete(place)
  // What is being typed or chosen stays as it is, unless another question or an answer comes in.
  const asked = JSON.stringify([place, data.takes, data.options])
  const mine = JSON.stringify(data.mine)
  const elsewhere = root.dataset.mine !== mine && !replied
  if (root.dataset.asked !== asked || elsewhere || refused) build()
  root.dataset.asked = asked
  root.dataset.mine = mine
  tell()

  const { signal, end } = lifetime(root)
  every(AGAIN, () => {
    if (!own.waiting.has(place)) return
    send()
    tell()
  }, signal)
  return end
}
