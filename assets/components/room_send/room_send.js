// A student offers the teacher what stands in this window, for the board: its address says all of it.

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const root = parentElement.querySelector(".tools")
  const said = root.querySelector(".said")
  root.querySelector("button").onclick = () => {
    root.number = Date.now()
    said.textContent = "Sending …"
    setTriggerValue("view", { search: location.search, number: root.number })
  }
  if (!data.reply || data.reply.number !== root.number) return
  root.number = null // the same reply comes again with every rerun
  said.textContent = data.reply.said
  setTimeout(() => (said.textContent = ""), 6000)
}
