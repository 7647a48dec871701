"""A journey through the positions lesson: words dragged, waves pointed at."""

import math
import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled

TEXT = "text=The+dog+bit+the+man."


def words(page: Page):
    return page.locator(".word-order .face")


def metric(page: Page, name: str):
    return page.get_by_test_id("stMetric").filter(has_text=name)


def value(page: Page, name: str) -> float:
    return float(metric(page, name).get_by_test_id("stMetricValue").text_content())


def test_words_move_by_pointer_key_and_button(page: Page, server):
    page.goto(f"{server.url}/positions?step=order&positions.shown.order=true&{TEXT}&mask=3")
    expect(words(page)).to_have_text(["the", "man", "[MASK]", "the", "dog", "."])
    expect(metric(page, "Largest change, without")).to_be_visible()
    settled(page)

    before = metric(page, "Largest change, with positions").text_content()
    first, last = words(page).nth(1), words(page).nth(4)
    first.scroll_into_view_if_needed()
    start, end = first.bounding_box(), last.bounding_box()
    page.mouse.move(start["x"] + 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 12, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 12, steps=8)
    page.mouse.up()
    expect(words(page)).to_have_text(["the", "[MASK]", "the", "dog", "man", "."])
    expect(metric(page, "Largest change, with positions")).not_to_have_text(before)
    settled(page)
    assert value(page, "Largest change, without") < 1e-5
    assert value(page, "Largest change, with positions") > 0.1

    words(page).nth(4).focus()
    page.keyboard.press("Alt+ArrowLeft")
    expect(words(page)).to_have_text(["the", "[MASK]", "the", "man", "dog", "."])
    expect(words(page).nth(3)).to_be_focused()

    page.get_by_role("button", name="Move man right").click()
    expect(words(page)).to_have_text(["the", "[MASK]", "the", "dog", "man", "."])
    settled(page)
    page.get_by_role("button", name="First order").click()
    expect(words(page)).to_have_text(["the", "dog", "[MASK]", "the", "man", "."])
    expect(page.get_by_text("stand in their first order")).to_be_visible()


def test_pointing_at_a_position_moves_all_views(page: Page, server):
    page.goto(f"{server.url}/positions?step=waves&{TEXT}")
    heat, said = page.locator("figure.table canvas"), page.locator(".instrument .said")
    expect(said).to_contain_text("Position")
    settled(page)
    heat.focus()
    page.keyboard.press("Home")
    expect(said).to_contain_text("Position 0, dimension 0: sin(0 × 1.00) = +0.000")
    for _ in range(5):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    shown = float(re.search(r"= ([+−]\d\.\d+)", said.text_content())[1].replace("−", "-"))
    assert abs(shown - math.cos(5 / 10_000 ** (2 / 64))) < 0.001

    canvases = page.locator(".instrument canvas")
    expect(canvases).to_have_count(4)

    def pictures() -> list[str]:
        return [canvas.evaluate("canvas => canvas.toDataURL()") for canvas in canvases.all()]

    before = pictures()
    box = heat.bounding_box()
    heat.hover(position={"x": box["width"] * 0.505, "y": box["height"] * 0.755})
    expect(said).to_contain_text("Position 48, dimension 32")
    assert all(old != new for old, new in zip(before, pictures(), strict=True))

    page.locator(".st-key-ribbon .chip .face").nth(2).hover()
    expect(said).to_contain_text("Position 2, ")
