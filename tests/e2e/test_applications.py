"""A journey through the five programs in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled

SLOW = 180_000  # milliseconds; the first visit of a process loads two models and scikit-learn
HOSTILE = "<img src=x onerror=alert(1)>"


def open_lesson(page: Page, server, step: str) -> None:
    page.set_default_timeout(SLOW)
    page.goto(f"{server.url}/applications?step={step}&applications.shown.{step}=true")
    expect(page.locator(f".st-key-stage-{step}")).to_be_visible(timeout=SLOW)
    settled(page)


def go_on(page: Page, title: str) -> None:
    """To the next step of the lesson, by the link at the end of its script."""
    page.locator(".st-key-page_ways").get_by_role("link", name=f"{title} →").click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=SLOW)
    settled(page)


def test_a_journey_through_all_five_programs(page, server):
    open_lesson(page, server, "search")

    question = page.locator(".st-key-applications-question input")
    question.fill("noise from a hinge")
    expect(page.get_by_text("Rub the hinge of a door that squeals").first).to_be_visible()
    page.get_by_role("button", name="how to reset a BX-200", exact=True).click()
    expect(question).to_have_value("how to reset a BX-200")
    expect(page.get_by_text("They disagree: what the words put first has rank")).to_be_visible()

    open_lesson(page, server, "rerank")
    expect(page.get_by_text("Found first, of 77 questions").first).to_be_visible()
    page.locator(".st-key-applications-depth input[type=range]").press("ArrowLeft")
    expect(page.get_by_text("look at the first 9 could exceed").first).to_be_visible()

    go_on(page, "Cut a long text")
    question = page.locator("input[aria-label=Question]")
    question.fill(f"Which mistake saved the library? {HOSTILE}")
    expect(page.get_by_text("The library was saved by a mistake").first).to_be_visible()
    page.get_by_role("radio", name="a half", exact=True).click()
    page.wait_for_url(
        re.compile("applications.chunk_overlap=a\\+half|applications.chunk_overlap=a%20half")
    )

    go_on(page, "A shorter text")
    page.locator(".st-key-applications-length input[type=range]").press("ArrowLeft")
    expect(page.get_by_text("18 sentences in 3 groups").first).to_be_visible()
    page.wait_for_url(re.compile("applications.length=3"))

    go_on(page, "Spot the mistake")
    letter = page.locator(".st-key-applications-letter textarea")
    letter.fill(f"I ate a peace of cake. {HOSTILE}")
    letter.press("Control+Enter")
    expect(page.get_by_text("→ piece")).to_be_visible()
    assert page.locator("[data-testid=stMarkdown] img").count() == 0

    go_on(page, "Answer from a paragraph")
    page.get_by_role("button", name="Who taught him the trade?").click()
    expect(page.get_by_text("Cosine with the nearest sentence")).to_be_visible()
    page.locator(".st-key-applications-no_answer input[type=range]").press("End")
    expect(page.get_by_text("No answer.", exact=True)).to_be_visible()

    go_on(page, "Sort documents")
    expect(page.get_by_text(re.compile("^With 1 example a topic")).first).to_be_visible()
    page.locator(".st-key-applications-documents").get_by_text("A file").click()
    page.locator("input[type=file]").set_input_files(
        [{"name": "mine.csv", "mimeType": "text/csv", "buffer": b"text\nA loaf of bread.\n=1+1\n"}]
    )
    expect(page.get_by_text(re.compile("^2 documents:")).first).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save as CSV").click()
    saved = download.value.path().read_text(encoding="utf-8").splitlines()
    assert saved[0] == "text,folder,score,second,lead"
    assert saved[1].startswith("A loaf of bread.,food,")
    assert saved[2].startswith("'=1+1,")


def test_the_readers_training_shows_its_steps_and_can_be_stopped(page, server):
    open_lesson(page, server, "answers")
    page.get_by_role("button", name="Train the reader").click()
    expect(page.get_by_text(re.compile(r"^Step \d+ of \d+")).first).to_be_visible(timeout=SLOW)
    page.locator(".st-key-applications-stop button").click()
    expect(page.get_by_role("button", name="Train again")).to_be_enabled(timeout=SLOW)
