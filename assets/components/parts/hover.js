// The token that somebody points at, told to all views of the page.

const HOVER = "inside-bert:hover"

/**
 * Tell all views that a token's position is pointed at; null for none.
 *
 * @param {number | null} position
 */
export function tellHover(position) {
  window.dispatchEvent(new CustomEvent(HOVER, { detail: { position } }))
}

/**
 * Hear of it, until the signal ends it.
 *
 * @param {(position: number | null) => void} listen
 * @param {AbortSignal} signal
 */
export function hearHover(listen, signal) {
  const hear = (/** @type {any} */ event) => listen(event.detail.position)
  window.addEventListener(HOVER, hear, { signal })
}

/**
 * Light whatever stands for a token (`data-position`) when somebody points at it, in any view.
 *
 * @param {ParentNode} root
 * @param {AbortSignal} signal
 */
export function lightHovered(root, signal) {
  hearHover((position) => {
    for (const one of root.querySelectorAll("[data-position]")) {
      one.classList.toggle("lit", one.dataset.position === String(position))
    }
  }, signal)
}
