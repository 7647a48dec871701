// The teacher's window hears of keys that are pressed at the board: see board_keys.js.

export default function (component) {
  const { data, parentElement: root, setTriggerValue } = component
  root.channel?.close()
  const channel = (root.channel = new BroadcastChannel(`inside-bert.board.${data.code}`))
  channel.onmessage = (event) => setTriggerValue("press", event.data)
  return () => channel.close()
}
