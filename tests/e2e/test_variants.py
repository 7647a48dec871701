"""A journey through the family: a mechanism from the link, a round of the game, a chooser."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled

PATIENCE = 180_000  # ms


def test_a_link_opens_a_mechanism_and_its_controls_answer(page: Page, server):
    page.goto(f"{server.url}/variants?step=deberta&mask=8")
    heading = page.get_by_role("heading", name=re.compile("^DeBERTa:"))
    expect(heading).to_be_visible(timeout=PATIENCE)
    line = page.get_by_text(re.compile("^Row of “sat” in head 1"))
    expect(line).to_be_visible(timeout=PATIENCE)
    settled(page)
    page.locator(".st-key-variants-shuffle label").first.click()
    metric = page.get_by_test_id("stMetric").filter(has_text="Content to position")
    expect(metric.get_by_test_id("stMetricValue")).to_have_text("0.00", timeout=PATIENCE)

    page.get_by_role("link", name=re.compile("^Step 6: ModernBERT")).click()
    expect(page.get_by_role("heading", name=re.compile("^ModernBERT"))).to_be_visible()
    expect(page.get_by_text("“sat” sees 5 of 17 tokens")).to_be_visible(timeout=PATIENCE)
    expect(page).to_have_url(re.compile("step=modernbert"))


def test_a_round_is_played_and_a_run_is_stopped(page: Page, server):
    page.goto(f"{server.url}/variants?step=electra")
    words = page.locator("[class*=st-key-variants-picks] button")
    expect(words.first).to_be_visible(timeout=PATIENCE)
    settled(page)
    label = page.locator("[class*=st-key-variants-picks] label").first.text_content() or ""
    count = int(label.split()[0])
    for i in range(count):
        words.nth(i + 1).click()
        settled(page)
    check = page.locator(".st-key-variants-check button")
    expect(check).to_be_enabled(timeout=PATIENCE)
    check.click()
    expect(page.get_by_text(re.compile("stood for"))).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_test_id("stMetric").filter(has_text="Picking at random")).to_be_visible()

    page.locator(".st-key-variants-electra-start button").click()
    stop = page.locator(".st-key-variants-electra-stop button")
    expect(stop).to_be_enabled(timeout=PATIENCE)
    stop.click()
    expect(page.locator(".st-key-variants-electra-start button")).to_be_enabled(timeout=PATIENCE)


def test_the_chooser_explains_itself(page: Page, server):
    page.goto(f"{server.url}/variants?step=chooser")
    answer = page.locator(".st-key-variants-answer")
    expect(answer).to_contain_text("DeBERTa-v3-base", timeout=PATIENCE)
    settled(page)
    page.locator(".st-key-variants-ask_length").get_by_text("longer").click()
    expect(answer).to_contain_text("ModernBERT-base")
    expect(answer).to_contain_text("8,192 tokens")
