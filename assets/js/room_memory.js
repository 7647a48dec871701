// Which room this window sits in, so that it finds its place again after a reload or when the
// server was started anew; and, for all windows of this browser, who a student was in a room, so
// that scanning the code again does not make a second voter.
//
// A visit that knows nothing asks, by a name of its own (`asks`), and is answered once. The answer is
// a single word, not a state: a state would be sent again, as it was then, to a server started anew.

const SEAT = "inside-bert.seat" // this window's
const MEMBERS = "inside-bert.members" // this browser's: code → secret
const MOST = 20

let answered = null // the name of the visit that was answered last

// Where storage is forbidden, as in another site's frame, the mere look at it throws: so it is
// looked at here, by its name.
function read(storage, key) {
  try {
    return JSON.parse(window[storage].getItem(key))
  } catch {
    return null // storage is forbidden, or holds something else
  }
}

function write(storage, key, value) {
  try {
    if (value === null) window[storage].removeItem(key)
    else window[storage].setItem(key, JSON.stringify(value))
  } catch {
    // without storage a reload asks for the code again
  }
}

export default function (component) {
  const { data, setTriggerValue } = component
  if (data.seat) {
    write("sessionStorage", SEAT, data.seat)
    if (data.seat.member) {
      const others = Object.entries(read("localStorage", MEMBERS) ?? {}).filter(
        ([code]) => code !== data.seat.code,
      )
      const kept = [...others.slice(1 - MOST), [data.seat.code, data.seat.member]]
      write("localStorage", MEMBERS, Object.fromEntries(kept))
    }
  } else if (data.left) {
    write("sessionStorage", SEAT, null)
  }
  if (!data.asks || answered === data.asks) return
  answered = data.asks
  const seat = read("sessionStorage", SEAT)
  const members = read("localStorage", MEMBERS)
  if (seat || members) setTriggerValue("found", { to: data.asks, seat, members })
}
