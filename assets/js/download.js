// A file that the server makes when it is asked for, and that is saved here: no link to it is left
// on the server, where a rerun might take it away before the browser has fetched it.

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.onclick = () => setTriggerValue("wanted", true)
  if (data.number && button.saved !== data.number) {
    button.saved = data.number // the same data comes again with every rerun
    const link = document.createElement("a")
    link.download = data.name
    link.href = URL.createObjectURL(new Blob([data.text], { type: data.type }))
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  }
}
