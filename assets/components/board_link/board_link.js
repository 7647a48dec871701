// A link that opens in a window of its own: the board goes to the projector, the panel stays here.

export default function (component) {
  const { data, parentElement } = component
  const link = parentElement.querySelector("a")
  link.href = data.href
  link.textContent = data.label
}
