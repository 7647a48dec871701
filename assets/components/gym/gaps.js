// Held-out sentences with a gap: what the model puts there as it learns.

import { element } from "../parts/element.js"
import { percent } from "../parts/numbers.js"
import { between } from "./moments.js"

/** Build the view; returns what draws it at the moment that is shown. */
export function gaps(gym, body) {
  const { probes } = gym.data.facts
  const rows = probes.map((probe) => {
    const line = element("p", "line")
    probe.tokens.slice(1, -1).forEach((token, i) => {
      const here = i + 1 === probe.gap
      line.append(element("span", here ? "hole" : "", here ? " ▁▁▁ " : ` ${token}`))
    })
    line.append(element("span", "about", probe.about))
    const bar = element("div", "right")
    const fill = element("i")
    const text = element("span")
    bar.append(fill, text)
    const others = element("p", "others")
    const row = element("div", "gap")
    row.append(line, bar, others)
    body.append(row)
    return { fill, text, others }
  })
  if (!rows.length) body.append(element("p", "about", "No held-out sentence can be spelled with this vocabulary."))

  return () => {
    const [a, b, part] = gym.around()
    rows.forEach(({ fill, text, others }, i) => {
      const share = between(a.probes[i][1], b.probes[i][1], part)
      const { right } = gym.data.facts.probes[i]
      fill.style.width = `${100 * share}%`
      text.textContent = `${right.join(" or ")} ${percent(share)}`
      const near = part < 0.5 ? a : b
      const words = near.probes[i][0].map(([word, p]) => `${word} ${percent(p)}`).join(" · ")
      if (others.textContent !== words) others.textContent = words
      others.classList.toggle("wrong", !right.includes(near.probes[i][0][0]?.[0]))
    })
  }
}
