"""The mask playground and its lessons in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import (
    PATIENCE,
    assert_accessible_and_fits_a_phone,
    ribbon,
    settled,
    type_sentence,
)


def mask(page: Page, word: str) -> None:
    ribbon(page).get_by_role("button", name=re.compile(f"^Mask {word}")).click()


def bars(page: Page):
    return page.locator(".st-key-mask_playground-bars .predictions")


def test_type_mask_guess_reveal_share_and_open_it_fresh(page, server, browser):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server.url}/mask_playground")
    expect(page.locator("h1")).to_have_text(["Mask playground"])
    type_sentence(page, "There are three cats under the table.")
    expect(ribbon(page)).to_contain_text("cats")
    mask(page, "are")
    expect(ribbon(page).locator(".chip.masked")).to_have_count(1)
    expect(bars(page).locator("li.covered")).to_have_count(8)
    expect(bars(page)).not_to_contain_text("were")

    page.get_by_label("Your guess").fill("were")
    page.get_by_label("Your guess").press("Enter")
    expect(bars(page).locator("li.covered")).to_have_count(0)
    expect(bars(page).locator("li").first).to_contain_text("were")
    expect(bars(page).locator("li.guess")).to_contain_text("your guess · number")
    expect(page.get_by_text(re.compile("“were” gets"))).to_be_visible()

    mask(page, "table")  # a second gap is covered, the first stays open
    expect(bars(page).locator("li.covered")).to_have_count(8)
    page.get_by_role("button", name="Reveal").click()
    expect(bars(page).locator("li.covered")).to_have_count(0)
    page.wait_for_url(re.compile(r"mask=2\.7"))
    settled(page)
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert "were" not in link
    lengths = bars(page).locator(".value").all_text_contents()

    fresh = browser.new_context(viewport={"width": 1440, "height": 900})
    other = fresh.new_page()
    other.set_default_timeout(PATIENCE)
    other.goto(link)
    expect(other.get_by_label("Your sentence")).to_have_value(
        "There are three cats under the table."
    )
    expect(ribbon(other).locator(".chip.masked")).to_have_count(2)
    expect(bars(other).locator("li.covered")).to_have_count(16)  # the answers did not travel
    other.get_by_role("button", name="Reveal").click()
    expect(bars(other).locator("li.covered")).to_have_count(0)
    # The same picture, less the mark on the guess, which is nobody else's business.
    shown = [value.split(" · ")[0] for value in lengths]
    expect(bars(other).locator(".value")).to_have_text(shown)
    fresh.close()


def test_a_click_on_a_bar_puts_the_word_into_the_sentence(page, server):
    page.goto(f"{server.url}/mask_playground?text=Thank+you+very+%5BMASK%5D.")
    page.get_by_role("button", name="Reveal").click()
    first = bars(page).locator("li").first.get_by_role("button")
    expect(first).to_have_text("much")
    first.click()
    expect(page.get_by_role("textbox", name="Your sentence", exact=True)).to_have_value(
        "Thank you very much."
    )
    expect(page.get_by_text("You hid no word, so")).to_be_visible()  # another gap, and no dead end


def test_surprise_finds_the_slip_and_a_click_mends_it_from_the_keyboard(page, server):
    page.goto(
        f"{server.url}/mask_playground?mask_playground.view=Surprise"
        "&text=She+is+much+taller+then+her+brother."
    )
    words = page.locator(".surprise .word")
    expect(words).to_have_count(8)
    expect(page.locator(".surprise .worst")).to_have_text("then")
    page.locator(".surprise .worst").focus()
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".surprise .head")).to_contain_text("taller")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".surprise .rival").first).to_contain_text("than")
    page.locator(".surprise .rival").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("textbox", name="Your sentence", exact=True)).to_have_value(
        "She is much taller than her brother."
    )
    expect(page.locator(".surprise .worst")).not_to_have_text("then")


def test_views_change_and_the_link_keeps_the_view(page, server):
    page.goto(f"{server.url}/mask_playground?text=His+wife+gave+him+a+kiss.&mask=4")
    page.get_by_role("radio", name="Two sentences").or_(
        page.get_by_role("button", name="Two sentences")
    ).first.click()
    expect(page.get_by_text("The same words, in one gap and in the other")).to_be_visible()
    page.wait_for_url(re.compile("view=Two"))
    page.reload()
    expect(page.get_by_text("The same words, in one gap and in the other")).to_be_visible()


def test_word2vec_trains_with_progress_and_shows_neighbors(page, server):
    page.goto(f"{server.url}/masking?step=word2vec")
    expect(page.get_by_text("A run that was recorded on")).to_be_visible()
    page.locator(".st-key-masking-start button").click()
    expect(page.get_by_test_id("stProgress")).to_be_visible(timeout=600_000)
    expect(page.get_by_text("A run that was recorded on")).to_be_hidden(timeout=600_000)
    expect(page.get_by_text("An analogy")).to_be_visible(timeout=600_000)
    expect(page.locator(".st-key-masking-neighbors .predictions li")).to_have_count(8)


def test_stop_ends_a_training(page, server):
    page.goto(f"{server.url}/masking?step=word2vec")
    page.locator(".st-key-masking-start button").click()
    expect(page.get_by_text(re.compile(r"step \d+ of"))).to_be_visible(timeout=600_000)
    page.locator(".st-key-masking-stop button").click()
    expect(page.get_by_text("was stopped early")).to_be_visible()


@pytest.mark.parametrize("view", ["Guess", "Fill+in+order", "Two+sentences", "Surprise"])
def test_every_view_is_accessible_in_both_themes_and_fits_a_phone(page, server, view):
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.goto(
        f"{server.url}/mask_playground?mask_playground.view={view}"
        "&text=She+put+the+book+on+the+table+and+turned+off+the+lamp.&mask=7.12"
    )
    shown = {
        "Guess": ".predictions li",
        "Fill+in+order": ".fillings .filled",
        "Two+sentences": "[data-testid=stPlotlyChart]",
        "Surprise": ".surprise .word",
    }[view]
    expect(page.locator(shown).first).to_be_visible()
    assert_accessible_and_fits_a_phone(page)
