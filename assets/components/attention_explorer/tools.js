// The buttons above an explorer: what is shown, at which level, of which sentences, and saving.

import { button, element } from "../parts/element.js"

function group(label, ...parts) {
  const box = element("div", "options")
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", label)
  box.append(...parts)
  return box
}

/** The toolbar of an explorer. */
export function buildTools(explorer) {
  const { data } = explorer

  const toggle = (name, text, hint) => {
    const made = button("toggle", text, () => explorer.set({ [name]: !explorer.look[name] }))
    made.dataset.toggle = name
    made.title = hint
    return made
  }

  const options = (name, label, values) =>
    group(label, ...values.map(([value, text, hint = ""]) => {
      const made = button("option", text, () => explorer.set({ [name]: value }))
      made.dataset.option = name
      made.dataset.value = String(value)
      made.title = hint
      return made
    }))

  const tools = element("div", "tools")
  if (data.pairs) {
    tools.append(options("show", "Which sentence", [
      ["first", "First"], ["second", "Second"], ["difference", "Difference", "The second less the first"],
    ]))
  }
  tools.append(
    options("rollout", "What is drawn", [
      [false, "Attention"], [true, "Rollout", "All layers up to the chosen one multiplied, half of each token staying in place"],
    ]),
    options("words", "Level", [[false, "Pieces"], [true, "Words", "Summed to a word, averaged from a word"]]),
    toggle("hide", "Hide special tokens", "[CLS] and [SEP] are left out; the rest is not rescaled"),
  )
  if (explorer.paired()) {
    tools.append(options("block", "Between which sentences", [
      ["all", "All"], ["AA", "A→A"], ["AB", "A→B"], ["BA", "B→A"], ["BB", "B→B"],
    ]))
  }
  tools.append(
    toggle("several", "Several heads", "Then each click adds a head or takes it away; so does Ctrl-click at any time"),
    options("combine", "Several heads become one by their", [
      ["mean", "Mean", "The average of the chosen heads"], ["max", "Union", "The strongest of the chosen heads"],
    ]),
  )
  const save = group(
    "Save the picture",
    element("span", "", "Save"),
    button("", "PNG", () => explorer.save("png")),
    button("", "SVG", () => explorer.save("svg")),
  )
  save.classList.add("save")
  tools.append(save)
  return tools
}

/** Press the buttons that stand for what is shown. */
export function pressTools({ root, look }) {
  for (const toggle of root.querySelectorAll("[data-toggle]")) {
    toggle.setAttribute("aria-pressed", String(Boolean(look[toggle.dataset.toggle])))
  }
  for (const option of root.querySelectorAll("[data-option]")) {
    option.setAttribute("aria-pressed", String(String(look[option.dataset.option]) === option.dataset.value))
  }
  const combine = root.querySelector('[aria-label^="Several heads become"]')
  combine.hidden = look.heads.length < 2 || look.rollout
}
