// Elements of the page. What a learner typed is only ever set as text.

/**
 * An element with its classes and its text.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {string} [text]
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, className, text) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/**
 * A button that does not send a form.
 *
 * @param {string} [className]
 * @param {string} [text]
 * @param {(event: PointerEvent) => void} [press]
 */
export function button(className, text, press) {
  const made = element("button", className, text)
  made.type = "button"
  made.onclick = press
  return made
}

/**
 * An element of a drawing, by its attributes.
 *
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function drawn(tag, attributes = {}) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  return made
}

/**
 * The element in which an event happened, or the nearest around it, that fits a selector.
 *
 * @param {{ target: any }} event
 * @param {string} selector
 * @returns {HTMLElement | undefined}
 */
export const within = (event, selector) => event.target?.closest?.(selector) ?? undefined
