// The token that somebody points at, told to all views of the page.

const HOVER = "inside-bert:hover"

/** Tell all views that a token's position is pointed at; null for none. */
export function tellHover(position) {
  window.dispatchEvent(new CustomEvent(HOVER, { detail: { position } }))
}

/** Hear of it, until the signal ends it. */
export function hearHover(listen, signal) {
  window.addEventListener(HOVER, (event) => listen(event.detail.position), { signal })
}
