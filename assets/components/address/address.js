// The browser's side of `pages/ui/address.py`, which says what this is for: the address belongs to
// this module alone. It follows the links of the course and the browser's back and forward; what
// Streamlit would write into the history replaces the entry that is there.

import { keep, recall } from "../parts/storage.js"

const LOOK = "look" // what the attention explorer shows, set in the browser: inside-bert:look
const STORED = "inside-bert.kept" // sentences that are too long for the address
const MOST_KEPT = 4
const ON_THE_WAY = 1000 // milliseconds
const PHONE = "(max-width: 767px)" // here the sidebar lies over the page

const { history, location } = window

// One for the window, should Streamlit load this module a second time.
const own = (window.insideBertAddress ??= {
  tell: null, // sends a word to the server; null until the first page stands
  pages: new Set(),
  travels: [], // what stands in the address of every page
  wishes: 0, // the number of the last wish that was sent
  seen: 0, // … and of the last one that the server knows of
  held: null, // what the address shall say once that page is there
  moves: 0, // how often the app went to another page by itself
  here: location.pathname + location.search,
  push: history.pushState.bind(history),
  replace: history.replaceState.bind(history),
  spoken: false, // whether the server has said what stands in the address
  brought: null, // the name of the sentence that the server was given last
  leaving: null, // what waits for the end of a change of pages
  listens: false,
})

const under = () => own.wishes > own.seen // a page is wanted that is not there yet

function pageOf(path) {
  const last = path.replace(/\/+$/, "").split("/").pop()
  return own.pages.has(last) ? last : "home"
}

// All pages stand side by side, below whatever path the app has.
function pathOf(page) {
  return new URL(page === "home" ? "./" : `./${page}`, location.href).pathname
}

function write(how, url) {
  how(history.state, "", url)
  own.here = location.pathname + location.search
}

function toTop() {
  document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0)
}

// Old parts of the page that is left are not shown beside the new ones: see app.css.
function leave() {
  const app = document.querySelector('[data-testid="stApp"]')
  toTop()
  document.documentElement.classList.add("leaving")
  own.leaving?.disconnect() // from the page before
  own.leaving = new MutationObserver(() => {
    if (under() || app.dataset.testScriptState !== "notRunning") return
    document.documentElement.classList.remove("leaving")
    own.leaving.disconnect()
  })
  own.leaving.observe(app, { attributeFilter: ["data-test-script-state"] })
}

// The page that a link of the course leads to, with its address; null for any other link.
function ofTheCourse(link) {
  if (!link?.href || link.hasAttribute("download")) return null
  if (link.relList.contains("external")) return null // for a window of its own
  const url = new URL(link.href, document.baseURI)
  if (url.origin !== location.origin || pathOf(pageOf(url.pathname)) !== url.pathname) return null
  if (url.hash && url.pathname === location.pathname) return null // a place within the page
  return { page: pageOf(url.pathname), url }
}

function followLink(event) {
  const inNewTab = event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey
  const link = event.composedPath().find((node) => node.localName === "a")
  const goal = own.tell && !inNewTab && ofTheCourse(link)
  if (!goal) return
  event.preventDefault()
  event.stopPropagation()
  if (matchMedia(PHONE).matches) {
    const sidebar = link.getRootNode().host?.closest('[data-testid="stSidebar"]') ?? link.closest("aside")
    sidebar?.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click()
  }
  const query = new URLSearchParams(location.search)
  for (const name of [...query.keys()]) if (!own.travels.includes(name)) query.delete(name)
  for (const [name, value] of goal.url.searchParams) query.set(name, value)
  // Streamlit does not announce a query that the address shows already. A word about the page before,
  // late on its way, would then be the last: the "&" makes sure that the new page's comes after it.
  write(own.push, `${goal.url.pathname}?${query}&`)
  own.wishes += 1
  own.held = null
  leave()
  own.tell("go", { page: goal.page, search: goal.url.search, number: own.wishes })
}

// Streamlit tells the server of it.
function backOrForward() {
  const path = location.pathname + location.search
  if (path !== own.here) leave()
  own.here = path
}

// Streamlit writes a change of the query as a new entry, and the page that it believes to be open.
function fromStreamlit(state, title, url) {
  if (!own.tell) return own.push(state, title, url)
  const to = new URL(url, location.href)
  own.spoken = true
  if (to.pathname !== location.pathname) return
  if (under()) own.held = to.searchParams // it may be about the page before: the last word counts
  else say(to.searchParams)
}

// Let the address of this page say something else; a place within the page stays in it.
function say(query) {
  const look = new URLSearchParams(location.search).get(LOOK)
  if (look) query.set(LOOK, look)
  const path = location.pathname + (query.size ? `?${query}` : "") + location.hash
  if (path !== location.pathname + location.search + location.hash) write(own.replace, path)
}

// What Streamlit wrote before this stood here took the place within the page out of the address.
function backToThePlace() {
  const [opened] = performance.getEntriesByType("navigation")
  const { pathname, hash } = new URL(opened.name)
  if (hash && !location.hash && pathname === location.pathname) {
    write(own.replace, location.pathname + location.search + hash)
  }
}

function setLook(event) {
  const url = new URL(location.href)
  url.searchParams.set(LOOK, event.detail)
  if (url.href !== location.href) write(own.replace, url)
}

if (!own.listens) {
  own.listens = true
  history.pushState = fromStreamlit
  addEventListener("popstate", backOrForward)
  addEventListener("inside-bert:look", setLook)
  document.addEventListener("click", followLink, true)
}

// After a time without connection another process may answer, which knows nothing of this window: a
// word at once, so that it has drawn the page before anything is done there.
function sayWhenBack() {
  const app = document.querySelector('[data-testid="stApp"]')
  let before = app.dataset.testConnectionState
  new MutationObserver(() => {
    const now = app.dataset.testConnectionState
    if (now === "CONNECTED" && before !== now) own.tell("back", Date.now())
    before = now
  }).observe(app, { attributeFilter: ["data-test-connection-state"] })
}

// The sentences that this tab keeps, by their names in its links; the newest is the last.
const stored = () => recall("sessionStorage", STORED) ?? {}

function store({ name, text, pair }) {
  const others = Object.entries(stored()).filter(([other]) => other !== name)
  const all = [...others.slice(1 - MOST_KEPT), [name, { text, pair }]]
  keep("sessionStorage", STORED, Object.fromEntries(all))
}

/** @param {Component} component */
export default function (component) {
  const { data, setTriggerValue } = component
  const first = own.tell === null
  own.tell = setTriggerValue
  own.pages = new Set(data.pages)
  own.travels = data.travels
  // A server that was started anew has seen nothing, and runs what the address says.
  own.seen = data.place === pageOf(location.pathname) ? own.wishes : data.seen
  if (!under() && data.place !== pageOf(location.pathname)) {
    const moved = data.moves > own.moves
    // What the new page says may stand in the address already, or comes later.
    write(moved ? own.push : own.replace, pathOf(data.place) + (moved ? location.search : ""))
    if (moved) toTop()
  }
  own.moves = data.moves
  if (!under() && own.held) {
    say(own.held)
    own.held = null
  }
  if (first) sayWhenBack()
  if (first) backToThePlace()
  if (first) {
    // Whoever has clicked before this stood here may be on the way by a plain link of the browser's,
    // and any word to the history would stop it.
    const wait = navigator.userActivation?.hasBeenActive ? ON_THE_WAY : 0
    setTimeout(() => own.spoken || say(new URLSearchParams(data.query)), wait)
  }
  if (data.kept) store(data.kept)
  const kept = data.awaited && stored()[data.awaited]
  if (kept && own.brought !== data.awaited) setTriggerValue("kept", kept)
  own.brought = data.awaited
}
