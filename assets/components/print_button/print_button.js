// The browser's own print dialog, which also saves as PDF.

export default function (component) {
  component.parentElement.querySelector("button").onclick = () => window.print()
}
