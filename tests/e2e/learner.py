"""A learner's hands and eyes: find the controls of a page, turn them, read what they say."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from playwright.sync_api import Page, TimeoutError

from tests.e2e.conftest import at_rest

KINDS = ("stSlider", "stCheckbox", "stButtonGroup", "stSelectbox", "stNumberInput", "stRadio")

FOUND = """kinds => [...document.querySelectorAll(
    '[data-testid=stMain] [data-testid=stElementContainer][class*="st-key-"]')].flatMap(box => {
  const key = [...box.classList].find(name => name.startsWith('st-key-'))
  const kind = kinds.find(kind => box.querySelector(`[data-testid=${kind}]`))
  const off = box.querySelector('input:disabled, [aria-disabled=true]')
  return kind && !off && box.offsetParent ? [{key, kind}] : []
})"""

SAYS = """box => {
  const range = box.querySelector('input[type=range]')
  if (range) return [...box.querySelectorAll('input[type=range]')].map(x => x.ariaValueText)
  const box_ = box.querySelector('input[type=checkbox]')
  if (box_) return [String(box_.checked)]
  const radios = box.querySelectorAll('input[type=radio]')
  if (radios.length) return [...radios].map((x, i) => [x, i]).filter(([x]) => x.checked)
    .map(([x, i]) => String(i))
  const input = box.querySelector('input')
  if (input) return [input.value]
  return [...box.querySelectorAll('[aria-checked=true], [aria-pressed=true], [aria-selected=true]')]
    .map(x => x.textContent)
}"""


@dataclass(frozen=True)
class Control:
    """A control of a page: the class that bears its key, and what kind of widget it is."""

    key: str
    kind: str


def controls(page: Page) -> list[Control]:
    """All controls in the page's main part that can be used now."""
    return [Control(**found) for found in page.evaluate(FOUND, list(KINDS))]


def says(page: Page, key: str) -> list[str]:
    """What a control is set to, as a learner reads it."""
    return page.locator(f".{key}").first.evaluate(SAYS)


def turn(page: Page, control: Control, chance: random.Random) -> None:
    """Give a control another value, by hand."""
    box = page.locator(f".{control.key}").first
    if control.kind == "stSlider":
        low, high, now = box.locator("input[type=range]").first.evaluate(
            "x => [Number(x.min), Number(x.max), Number(x.value)]"
        )
        key = "ArrowLeft" if now >= high else "ArrowRight" if now <= low else None
        box.locator("input[type=range]").first.press(
            key or chance.choice(("ArrowLeft", "ArrowRight"))
        )
    elif control.kind == "stCheckbox":
        box.locator("label").first.click()
    elif control.kind == "stNumberInput":
        field = box.locator("input")
        field.press("ArrowUp")
        field.press("Enter")
    elif control.kind == "stSelectbox":
        options = page.get_by_role("option")
        for _ in range(3):  # a run that comes in between closes the list
            box.locator("input").click()
            try:
                options.first.wait_for(timeout=3000)
                options.nth(chance.randrange(options.count())).click(timeout=3000)
                break
            except TimeoutError:
                page.keyboard.press("Escape")
    elif control.kind == "stRadio":
        labels = box.locator("label:has(input)")
        labels.nth(chance.randrange(labels.count())).click()
    else:
        others = box.locator("button:not([aria-checked=true])")
        if others.count():
            others.nth(chance.randrange(others.count())).click()


def named_in(page: Page) -> dict[str, str]:
    """Controls that the address names: the class of each, and its value there."""
    query = parse_qsl(urlsplit(page.url).query)
    return {class_of(name): value for name, value in query if "." in name or name == "lesson"}


def class_of(key: str) -> str:
    """The class that Streamlit gives to what bears a key."""
    return "st-key-" + re.sub(r"[^a-zA-Z0-9_-]", "-", {"lesson": "worksheet.lesson"}.get(key, key))


def failures(page: Page) -> list[str]:
    """What must never stand on a page: the framework's error box, or our own for the unforeseen."""
    found = page.locator("[data-testid=stException], [data-testid=stDialog]").all_inner_texts()
    for text in ("Something went wrong", "encountered an error"):
        found += page.get_by_text(text).all_inner_texts()
    return found


def view(page: Page) -> dict[str, Any]:
    """What a learner sees that a link has to bring back: page, sentence, ribbon, named controls."""
    at_rest(page)
    field = page.get_by_role("textbox", name="Your sentence", exact=True)
    chips = page.locator(".st-key-ribbon .ribbon .chip")
    return {
        "title": page.locator("h1").first.inner_text(),
        "step": page.locator(".st-key-script h2").all_inner_texts(),
        "sentence": field.input_value() if field.count() else None,
        "masked": chips.evaluate_all(
            "chips => chips.filter(x => x.matches('.masked')).map(x => x.dataset.position)"
        ),
        "selected": chips.evaluate_all(
            "chips => chips.filter(x => x.querySelector('[aria-pressed=true]'))"
            ".map(x => x.dataset.position)"
        ),
        "tokens": chips.count(),
        "controls": {
            key: says(page, key)
            for key in sorted(named_in(page))
            if page.locator(f".{key}").count() and page.locator(f".{key}").first.is_visible()
        },
    }
