"""A journey through the four heads: a short race, scores dragged, a threshold moved."""

import math

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled

SLUG = "classification_heads"


def row(page: Page, label: str):
    return page.locator(".activations .row").filter(has=page.locator(".label", has_text=label))


def shown(page: Page, label: str, kind: str) -> float:
    text = row(page, label).locator(f".bar.{kind} .value").text_content()
    return float(text.rstrip("%")) / 100


def test_a_short_race_ends_with_a_verdict_and_heads_to_ask(page: Page, server):
    page.goto(f"{server.url}/{SLUG}?text=The+king+calmed+a+lion.")
    page.locator(".veil").get_by_text("LSTM").click()
    steps = page.locator(f".st-key-{SLUG}-steps input[type=range]")
    steps.focus()
    page.keyboard.press("Home")
    settled(page)
    start = page.locator(f".st-key-{SLUG}-start button")
    start.click()
    expect(page.get_by_text("You guessed LSTM")).to_be_visible(timeout=600_000)
    settled(page)
    page.get_by_role("link", name="Step 2: Ask all four").click()
    expect(page.get_by_text("The heads differ on")).to_be_visible()
    said = page.get_by_text("The heads say:")
    before = said.text_content()
    settled(page)
    page.locator(f".st-key-{SLUG}-try-twin0 button").first.click()
    expect(said).not_to_have_text(before)

    page.reload()  # this tab remembers its run
    expect(page.get_by_text("The heads differ on")).to_be_visible()


def test_dragged_scores_follow_in_the_browser(page: Page, server):
    page.goto(f"{server.url}/{SLUG}?step=activations")
    sums = page.locator(".activations .sums")
    expect(sums.locator(".softmax")).to_have_text("1.00")
    settled(page)
    food, travel = (page.get_by_label(f"Score of {label}") for label in ("food", "travel"))
    before = shown(page, "travel", "softmax"), shown(page, "travel", "sigmoid")
    food.focus()
    page.keyboard.press("Home")
    expect(row(page, "food").locator(".score .value")).to_have_text("−6.0")
    assert shown(page, "travel", "softmax") > before[0]  # what food lost
    assert shown(page, "travel", "sigmoid") == before[1]  # asks of itself alone
    assert abs(shown(page, "food", "sigmoid") - 1 / (1 + math.exp(6))) < 1e-3

    share, yes = shown(page, "travel", "softmax"), shown(page, "travel", "sigmoid")
    travel.scroll_into_view_if_needed()
    page.get_by_role("button", name="All +1").click()
    assert shown(page, "travel", "sigmoid") > yes
    assert abs(shown(page, "travel", "softmax") - share) <= 2e-3
    expect(sums.locator(".softmax")).to_have_text("1.00")

    sure = shown(page, "money", "softmax")
    page.get_by_label("Temperature").focus()
    page.keyboard.press("End")
    assert shown(page, "money", "softmax") < sure
    page.get_by_role("button", name="Start again").click()
    assert (shown(page, "travel", "softmax"), shown(page, "travel", "sigmoid")) == before

    page.locator(f".st-key-{SLUG}-start_from").get_by_text("Nothing fits").click()
    expect(page.locator(".activations .said")).to_contain_text("none, and that is an answer too")


def test_the_threshold_is_in_the_link(page: Page, server):
    page.goto(f"{server.url}/{SLUG}?step=topics&{SLUG}.threshold=0.8")
    expect(page.get_by_text("At 0.80, for all labels")).to_be_visible(timeout=180_000)
    settled(page)
    page.locator(f".st-key-{SLUG}-threshold input[type=range]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("At 0.85, for all labels")).to_be_visible()
