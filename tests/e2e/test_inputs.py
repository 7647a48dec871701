"""A journey through the inputs lesson: strips that add up, and a part taken away."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled


def numbers(text: str) -> list[float]:
    return [float(x.replace("−", "-")) for x in re.findall(r"[+−]\d+\.\d+", text)]


def test_the_strips_add_up_by_pointer_and_by_key(page: Page, server):
    page.goto(f"{server.url}/inputs?step=sum&text=The+dog+bit+the+man.")
    strips, said = page.locator(".strips"), page.locator(".input-sum .said")
    expect(page.locator(".row.word .name")).to_have_text("word “dog”")
    settled(page)

    step = page.get_by_role("button", name="+ position")
    step.click()
    expect(step).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".row.segment")).to_have_class(re.compile("waiting"))
    expect(page.locator(".row.position")).not_to_have_class(re.compile("waiting"))

    strips.focus()
    page.keyboard.press("Home")
    expect(said).to_contain_text("Dimension 0:")
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("Dimension 1:")
    word, position, segment, total = numbers(said.text_content())[:4]
    assert abs(word + position + segment - total) < 0.002
    page.keyboard.press("Enter")
    expect(page.locator(".input-sum th", has_text=re.compile("^1$"))).to_be_visible()

    before = said.text_content()
    page.locator(".row.sum canvas").hover()
    expect(said).not_to_have_text(before)

    page.locator(".st-key-ribbon .chip .face").nth(5).click()
    expect(page.locator(".row.word .name")).to_have_text("word “man”")
    expect(page.locator(".row.position .name")).to_have_text("position 5")


def test_taking_a_part_away_changes_the_numbers(page: Page, server):
    page.goto(f"{server.url}/inputs?step=ablate&inputs.shown.ablate=true&text=The+dog+bit+the+man.")
    metric = page.get_by_test_id("stMetric").filter(has_text="Vectors kept").first
    expect(metric).to_be_visible()
    settled(page)
    before = metric.text_content()
    page.locator(".st-key-inputs-change").get_by_text("No words").click()
    expect(metric).not_to_have_text(before)
    page.wait_for_url(re.compile(r"inputs\.change=No\+words"))
    settled(page)
    link, after = page.url, metric.text_content()
    page.goto("about:blank")
    page.goto(link)
    expect(metric).to_have_text(after)
