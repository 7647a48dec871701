// Elements of the page. What a learner typed is only ever set as text.

const SVG = "http://www.w3.org/2000/svg"

/** An element with its classes and its text. */
export function element(tag, className = "", text = undefined) {
  const made = document.createElement(tag)
  if (className) made.className = className
  if (text !== undefined) made.textContent = text
  return made
}

/** A button that does not send a form. */
export function button(className, text, press) {
  const made = element("button", className, text)
  made.type = "button"
  made.onclick = press
  return made
}

/** An element of a drawing, by its attributes. */
export function drawn(tag, attributes = {}) {
  const made = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  return made
}
