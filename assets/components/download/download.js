// A file that the server makes when it is asked for, and that is saved here: no link to it is left
// on the server, where a rerun might take it away before the browser has fetched it.

import { saveFile } from "../parts/saving.js"

/** @param {Component} component */
export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  const button = parentElement.querySelector("button")
  button.textContent = data.label
  button.onclick = () => setTriggerValue("wanted", true)
  if (data.number && button.saved !== data.number) {
    button.saved = data.number // the same data comes again with every rerun
    saveFile(data.name, data.text, data.type)
  }
}
