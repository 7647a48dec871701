// A page of the course inside the board: what a student saw, live, at the size of a wall. It is laid
// out for a laptop's width and enlarged from there, so that the last row reads it.

const WIDTH = 1280 // pixels

export default function (component) {
  const { data, parentElement } = component
  const root = parentElement.querySelector(".view")
  let frame = root.querySelector("iframe")
  if (!frame) {
    frame = document.createElement("iframe")
    frame.name = "inside-bert-view" // room_memory.js: who looks at it has no seat in the room
    root.append(frame)
  }
  frame.title = data.title
  if (frame.dataset.href !== data.href) {
    frame.dataset.href = data.href
    frame.src = data.href
  }
  const fit = () => root.style.setProperty("--scale", Math.max(1, root.clientWidth / WIDTH))
  root.watcher?.disconnect()
  root.watcher = new ResizeObserver(fit)
  root.watcher.observe(root)
  fit()
  return () => root.watcher.disconnect()
}
