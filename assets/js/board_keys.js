// The keys of a presenter, pressed at the board: they are told to the teacher's own window, if it is
// open in this browser (room_remote.js). What is on the board goes along: a key is about that.

const MEANS = {
  PageDown: "next", ArrowRight: "next", " ": "next",
  PageUp: "back", ArrowLeft: "back",
  b: "pause", B: "pause", ".": "pause", // by which presenters blank the screen
}

export default function (component) {
  const { data, parentElement: root } = component
  root.off?.()
  const channel = new BroadcastChannel(`inside-bert.board.${data.code}`)
  function onKey(event) {
    const key = MEANS[event.key]
    if (!key || event.altKey || event.ctrlKey || event.metaKey || event.repeat) return
    if (event.composedPath()[0]?.matches?.("input, textarea, button, a")) return
    event.preventDefault()
    channel.postMessage({ key, at: data.at })
  }
  document.addEventListener("keydown", onKey)
  root.off = () => {
    document.removeEventListener("keydown", onKey)
    channel.close()
  }
  return root.off
}
