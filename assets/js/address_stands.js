// Tells the server once that `address.js` stands, so that the address can be written. Whoever has
// clicked before that may be on the way by a plain link of the browser's, and any word to the
// history would stop it: then it is told a moment later.

const EVERY = 20 // milliseconds
const ON_THE_WAY = 1000

export default function (component) {
  const { data, setStateValue } = component
  if (data.known) return
  const clicked = navigator.userActivation?.hasBeenActive
  const tell = () => {
    if (window.insideBertAddress?.tell) setStateValue("stands", true)
    else setTimeout(tell, EVERY)
  }
  setTimeout(tell, clicked ? ON_THE_WAY : 0)
}
