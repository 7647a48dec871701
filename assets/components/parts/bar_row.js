import { element } from "./element.js"

/** A line of a list: a name, a bar that fills a share of its track, 0 to 1, and what it says. */
export function barRow(name, share, value) {
  const bar = element("span", "bar")
  bar.style.width = `${100 * share}%`
  const track = element("span", "track")
  track.append(bar)
  const row = element("li")
  row.append(element("span", "word", name), track, element("span", "value", value))
  return row
}
