"""The browser components come and go: what they switch on, they switch off."""

from collections import Counter

from playwright.sync_api import Page, expect

from tests.e2e.conftest import at_rest, ribbon

COUNT = """() => {
  // A component's scripts have its name in their address: what it asks for has that in the stack.
  const alive = (window.alive = new Map())
  const ofComponent = () => new Error().stack.match(/inside_bert\\.([a-z_]+)/)?.[1]
  const began = (what, kind) => {
    const name = ofComponent()
    if (name) alive.set(what, `${name}: ${kind}`)
  }

  const { addEventListener, removeEventListener } = EventTarget.prototype
  EventTarget.prototype.addEventListener = function (type, listener, options) {
    addEventListener.call(this, type, listener, options)
    if (this !== window && this !== document) return // an element's go with the element
    began(listener, type)
    options?.signal?.addEventListener('abort', () => alive.delete(listener))
  }
  EventTarget.prototype.removeEventListener = function (type, listener, options) {
    removeEventListener.call(this, type, listener, options)
    alive.delete(listener)
  }

  for (const name of ['ResizeObserver', 'MutationObserver']) {
    const Original = window[name]
    window[name] = class extends Original {
      observe(...args) { super.observe(...args); began(this, name) }
      disconnect() { super.disconnect(); alive.delete(this) }
    }
  }

  const { setInterval, clearInterval } = window
  window.setInterval = (...args) => {
    const timer = setInterval(...args)
    began(timer, 'interval')
    return timer
  }
  window.clearInterval = (timer) => {
    clearInterval(timer)
    alive.delete(timer)
  }
}"""

STEPS = {
    "attention_explorer": {
        "attention_explorer: interval",
        "attention_explorer: ResizeObserver",
    },
    "positions?step=waves": {"waves: inside-bert:hover", "waves: ResizeObserver"},
    "inputs?step=sum": {"sum_of_parts: ResizeObserver"},
    "journey?step=the-way&journey.shown.the-way=true": {"journey: ResizeObserver"},
    "pretraining?step=gym&pretraining.shown.gym=true": {
        "gym: inside-bert:moment",
        "gym: ResizeObserver",
    },
    "masking?step=play": {"ribbon: inside-bert:hover"},
}
HOME = "encoder_layer?step=code"


def follow(page: Page, href: str, component: str) -> None:
    """Follow a link of the course, until a component of its page stands."""
    page.evaluate(
        """href => {
          const link = Object.assign(document.createElement('a'), { href })
          document.body.append(link)
          link.click()
          link.remove()
        }""",
        f"./{href}",
    )
    page.wait_for_function(
        "name => [...window.alive.values()].some(what => what.startsWith(`${name}:`))",
        arg=component,
    )
    at_rest(page)


def alive(page: Page) -> Counter[str]:
    """All that components listen to, watch or repeat now, by component and kind.

    What follows links belongs to the window and waits, at times, for the end of a change of pages.
    """
    found = Counter(page.evaluate("[...window.alive.values()]"))
    del found["address: MutationObserver"]
    return found


def test_what_a_component_switches_on_ends_with_it(page: Page, server):
    page.add_init_script(f"({COUNT})()")
    page.goto(f"{server.url}/{HOME}")
    page.locator(".layercode .line").first.wait_for()
    at_rest(page)
    before = alive(page)
    assert before["steps: keydown"] == 1
    for step, expected in STEPS.items():
        component = next(iter(expected)).split(":")[0]
        for _ in range(2):
            follow(page, step, component)
            there = alive(page)
            assert {what: there[what] for what in expected} == dict.fromkeys(expected, 1)
            follow(page, HOME, "steps")
            page.locator(".layercode .line").first.wait_for()
            at_rest(page)
            assert alive(page) == before


def test_a_token_that_is_pointed_at_is_lit_in_the_ribbon_and_in_the_figure(page: Page, server):
    page.goto(f"{server.url}/attention?step=sum&text=The+cat+drank+milk.")
    rows = page.locator(".sum .row[data-position]")
    expect(rows).to_have_count(7)
    at_rest(page)
    ribbon(page).locator(".face").nth(3).hover()
    expect(page.locator(".sum .row.lit")).to_have_attribute("data-position", "3")
    rows.nth(5).hover()
    expect(ribbon(page).locator(".chip.hovered")).to_have_attribute("data-position", "5")
    page.mouse.move(0, 0)
    expect(page.locator(".sum .row.lit")).to_have_count(0)
    ribbon(page).locator(".face").nth(0).focus()  # the keyboard points too
    page.keyboard.press("ArrowRight")
    expect(page.locator(".sum .row.lit")).to_have_attribute("data-position", "1")
