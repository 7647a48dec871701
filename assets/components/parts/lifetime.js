// What a component has switched on, and when it is switched off. Streamlit calls a component anew with
// all that changes, and calls what it returned when the component goes.

/**
 * How long listeners, observers and timers live, as two abort signals: `signal` until the component
 * is called again or goes, `stands` until it goes. Return `end` to Streamlit.
 */
export function lifetime(root) {
  root.lifetime?.abort()
  const call = (root.lifetime = new AbortController())
  const stay = (root.stay ??= new AbortController())
  const end = () => {
    if (root.lifetime !== call) return // it may come late, when the next call has been made
    call.abort()
    stay.abort()
    root.stay = null
  }
  return { signal: call.signal, stands: stay.signal, end }
}

/** What `make` returned at the first call, as long as the component stands. */
export function kept(root, stands, make) {
  if (root.kept?.stands !== stands) root.kept = { stands, made: make() }
  return root.kept.made
}

/** Call again and again, every so many milliseconds, until the signal ends it; returns what stops it. */
export function every(milliseconds, act, signal) {
  const timer = setInterval(act, milliseconds)
  const stop = () => clearInterval(timer)
  signal.addEventListener("abort", stop)
  return stop
}

/** Call when an element of the page has another size, until the signal ends it. */
export function onResize(watched, act, signal) {
  // One that was taken out of the page has no size; its component is told later that it is gone.
  const observer = new ResizeObserver(() => watched.isConnected && act())
  observer.observe(watched)
  signal.addEventListener("abort", () => observer.disconnect())
}
