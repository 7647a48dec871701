// What the scripts know of the page that they run in; for the type checker alone.

/** What Streamlit calls a component with. */
interface Component {
  data: any
  parentElement: HTMLElement
  setTriggerValue: (name: string, value: unknown) => void
  setStateValue: (name: string, value: unknown) => void
}

/** Elements that are found by a selector are not checked; those that are made are. */
interface ParentNode {
  querySelector(selectors: string): any
  querySelectorAll(selectors: string): NodeListOf<any>
}

interface Window {
  insideBertAddress: any
  insideBertBallot: any
}
