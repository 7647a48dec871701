"""Journeys through the word senses in a real browser: map, film, own sentences, a table."""

import re

from playwright.sync_api import Page, expect

from lessons.word_senses.examples import sense_words
from tests.e2e.conftest import settled

SLOW = 180_000  # milliseconds; the first map of a process loads scikit-learn


def open_bench(page: Page, server, text: str = "We+moored+at+the+bank+of+the+canal.") -> None:
    page.set_default_timeout(SLOW)
    page.goto(f"{server.url}/compare_senses?text={text}")
    expect(page.locator(".film .where")).to_contain_text("layer", timeout=SLOW)
    settled(page)


def points(page: Page) -> list[str]:
    return page.locator(".film .stage path").evaluate_all(
        "marks => marks.map(mark => mark.getAttribute('transform'))"
    )


def test_the_film_is_scrubbed_without_the_server(page, server):
    open_bench(page, server)
    last = points(page)
    assert len(last) == len(sense_words()["bank"].examples) + 1
    page.evaluate("window.runs = 0")
    page.locator("[data-testid=stApp]").evaluate(
        """app => new MutationObserver(() => window.runs++).observe(app, {
            attributes: true, attributeFilter: ['data-test-script-state'] })"""
    )
    slider = page.locator(".film .slider")
    slider.fill("0")
    expect(page.locator(".film .where")).to_contain_text("before any attention")
    first = points(page)
    assert first != last
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".film .where")).to_contain_text("layer 1 of 6")
    slider.fill("0.5")
    assert points(page) not in (first, last), "between two layers the points are on their way"
    page.locator(".film .play").click()
    expect(page.locator(".film .where")).to_contain_text("layer 6 of 6", timeout=SLOW)
    expect(page.locator(".film .play")).to_contain_text("Play")
    assert page.evaluate("window.runs") == 0


def test_points_of_the_film_are_read_by_keyboard_and_senses_dimmed(page, server):
    open_bench(page, server)
    said = page.locator(".film .said")
    expect(said).to_contain_text("We moored at the bank of the canal.")
    page.locator(".film .stage").focus()
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text(sense_words()["bank"].examples[0].text)
    expect(said.locator("b")).to_have_text("bank")
    button = page.locator(".film .legend button").first
    button.click()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert page.locator(".film .stage path").first.get_attribute("opacity") == "0.12"


def test_a_sentence_lands_is_kept_and_stays(page, server):
    open_bench(page, server)
    verdict = page.get_by_text(re.compile("^Here “bank” is nearest to"))
    expect(verdict).to_contain_text("river")
    page.get_by_role("button", name="Keep it", exact=True).click()
    expect(page.get_by_text("Your own sentences (1 kept)")).to_be_visible()
    field = page.get_by_role("textbox", name="Your sentence", exact=True)
    field.fill("My bank sold my mortgage.")
    field.press("Enter")
    expect(verdict).to_contain_text("money")
    expect(page.get_by_text(re.compile("^22 sentences with “bank”")).first).to_be_visible()
    page.wait_for_url(re.compile("own=bank"))
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.get_by_text("Your own sentences (1 kept)")).to_be_visible(timeout=SLOW)


def test_a_clicked_token_becomes_the_star(page, server):
    open_bench(page, server)
    page.locator(".st-key-ribbon .chip").nth(9).locator(".face").click()
    expect(page.get_by_text(re.compile("^Here “canal” is nearest to"))).to_be_visible()


def test_umap_comes_in_the_background_and_the_page_stays_alive(page, server):
    open_bench(page, server)
    method = page.locator(".st-key-compare-method")
    method.get_by_text("UMAP").click()
    # Until UMAP is compiled PCA stands in, and other controls answer.
    expect(page.get_by_text("Until then, PCA stands in")).to_be_visible()
    page.locator(".st-key-compare-more").get_by_text("Every pair").click()
    expect(page.get_by_text(re.compile("^Two sentences with the same sense")).first).to_be_visible()
    expect(page.get_by_text(re.compile("drawn by UMAP")).first).to_be_visible(timeout=2 * SLOW)


def test_a_table_is_uploaded_in_the_browser(page, server):
    open_bench(page, server)
    page.get_by_text("Your own sentences (0 kept)").click()
    page.get_by_role("tab", name="Upload a table").click()
    rows = [
        "sentence,sense,word",
        "The <b>goose</b> hissed.,bird,goose",
        "A goose flew by.,bird,goose",
        "You silly goose!,fool,goose",
        "What a goose I am.,fool,goose",
        "Nothing.,fool,goose",
    ]
    content = "\n".join(rows).encode()
    page.locator("input[type=file]").set_input_files(
        [{"name": "geese.csv", "mimeType": "text/csv", "buffer": content}]
    )
    expect(page.get_by_text("4 of 5 rows are used")).to_be_visible()
    expect(page.get_by_text("Line 6")).to_be_visible()
    expect(page.get_by_text(re.compile("^4 sentences with “goose”")).first).to_be_visible()
    page.locator(".film .stage").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".film .said")).to_contain_text("The <b>goose</b> hissed.")
