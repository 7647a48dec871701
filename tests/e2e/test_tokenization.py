"""The tokenization lesson in a real browser: point, guess, train, save."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled


def open_lesson(page: Page, server, text: str, step: str, veiled: bool = False) -> None:
    lifted = "" if veiled else f"&tokenization.shown.{step}=true"
    page.goto(f"{server.url}/tokenization?text={text}&step={step}{lifted}")
    expect(page.locator(f".st-key-stage-{step}")).to_be_visible()
    settled(page)


def test_pointing_at_a_piece_shows_its_letters_in_every_step(page, server):
    open_lesson(page, server, "Unhappiness+fades", "seven-steps")
    steps = page.locator(".st-key-tokenization-steps")
    expect(steps.locator(".step")).to_have_count(8)
    steps.locator('.step[data-step="wordpiece"] .chip', has_text="##ha").hover()
    expect(steps.locator('.step[data-step="typed"] .pointed')).to_have_text(["h", "a"])
    expect(steps.locator('.step[data-step="split"] .pointed')).to_have_text("unhappiness")
    expect(steps.locator('.step[data-step="input-ids"] .pointed')).to_have_count(1)


def test_a_guess_is_answered_and_another_text_changes_the_race(page, server):
    open_lesson(page, server, "Walking+the+dog", "longest-match", veiled=True)
    page.get_by_role("button", name="Cut between un and happiness").click()
    page.get_by_role("button", name="Lift the veil").click()
    expect(page.locator(".veil .ghost .piece")).to_have_text(["un", "happiness"])
    expect(page.get_by_text("“unhappiness” becomes 4 pieces")).to_be_visible()
    page.locator(".st-key-steps").get_by_role("link", name=re.compile("^Step 3:")).click()
    words = page.locator(".st-key-tokenization-race-frame").get_by_text(re.compile("^Pieces for"))
    before = words.text_content()
    page.locator(".st-key-tokenization-text").get_by_role("combobox").click()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(words).not_to_have_text(before)


def test_a_chart_is_saved_as_png_and_svg(page, server):
    open_lesson(page, server, "Save+me", "longest-match")
    frame = page.locator(".st-key-tokenization-candidates-frame")
    frame.locator(".js-plotly-plot").scroll_into_view_if_needed()
    for format_, head in (("PNG", b"\x89PNG"), ("SVG", b"<svg")):
        with page.expect_download() as download:
            frame.get_by_role("button", name=re.compile(f"as {format_}$")).click()
        assert download.value.suggested_filename.endswith(f".{format_.lower()}")
        content = download.value.path().read_bytes()
        assert content.lstrip()[: len(head)] == head
        assert len(content) > 2000
