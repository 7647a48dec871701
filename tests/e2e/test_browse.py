"""The whole course in one visit: from home through every lesson to its end, and back."""

import re

import pytest
from playwright.sync_api import Page, expect

from lessons.catalog import catalog
from tests.e2e.conftest import at_rest, ribbon, settled, type_sentence

HOSTILE = (
    'A seal <img src=x onerror="window.broken=1"><script>window.broken=1</script> & <b>bold</b>'
)


def test_the_whole_course_is_walked_with_one_sentence_that_is_shown_and_never_run(page, server):
    lessons = catalog()
    page.goto(server.url)
    at_rest(page)
    type_sentence(page, HOSTILE)
    expect(ribbon(page)).to_contain_text("seal")
    expect(ribbon(page)).to_contain_text("script")
    page.locator(f".st-key-card-{lessons[0].slug} a").click()
    for lesson, following in zip(lessons, [*lessons[1:], None], strict=True):
        expect(page.locator("h1")).to_have_text([lesson.title])
        for step in [*lesson.experiments, None]:
            title = step.title if step else "Check yourself"
            expect(page.locator(".st-key-script h2")).to_have_text([title])
            at_rest(page)
            expect(page.get_by_text("Something went wrong")).to_have_count(0)
            assert page.evaluate("window.broken") is None
            field = page.get_by_role("textbox", name="Your sentence", exact=True)
            if step and step.sentence:
                expect(ribbon(page)).to_contain_text("seal")
                expect(field).to_have_value(HOSTILE)
            else:
                expect(field).to_have_count(0)
            if step:
                page.locator(".st-key-page_ways a").last.click()
        if lesson in (lessons[0], lessons[-1]):
            page.get_by_text("I have finished this lesson").click()
            settled(page)
        label = f"{following.title} →" if following else "All lessons →"
        page.locator(".st-key-page_ways").get_by_text(label, exact=True).click()
    expect(page.locator("h1")).to_have_text(["Inside BERT"])
    expect(page.get_by_text(f"You have finished 2 of {len(lessons)} lessons.")).to_be_visible()
    page.reload()  # the browser remembers
    expect(page.get_by_text(f"You have finished 2 of {len(lessons)} lessons.")).to_be_visible()


@pytest.mark.parametrize("later", [0, 30, 60])
def test_a_link_is_followed_whatever_else_is_said_about_the_old_page(page: Page, server, later):
    page.goto(f"{server.url}/masking?step=check")
    expect(page.locator(".st-key-page_ways a")).to_have_count(2)
    at_rest(page)
    page.evaluate(
        """later => {
          document.querySelector('.st-key-page_ways [href^="./next_sentence"]').click()
          const tick = document.querySelector("[class*=st-key-masking-done] input")
          later ? setTimeout(() => tick.click(), later) : tick.click()
        }""",
        later,
    )
    expect(page).to_have_url(re.compile("/next_sentence"))
    expect(page.locator("h1")).to_have_text(["Does this sentence follow that one?"])
    page.wait_for_timeout(1500)  # what was said of the old page would have come by now
    expect(page.locator("h1")).to_have_text(["Does this sentence follow that one?"])


def for_teachers(page: Page, url: str) -> None:
    """Open the teachers' notes of a page, once nothing above them moves any more."""
    page.goto(url)
    notes = page.get_by_text("For teachers: a 10-minute plan")
    expect(notes).to_be_attached()
    at_rest(page)
    notes.click()


def test_a_lesson_leads_teachers_to_worksheet_and_class_room(page: Page, server):
    for_teachers(page, f"{server.url}/masking?step=check")
    page.get_by_role("link", name="Worksheet to print").click()
    expect(page.locator("h1")).to_have_text(["Worksheets"])
    sheet = page.locator(".st-key-sheet")
    expect(sheet.get_by_role("heading", name="Hide a word, guess a word")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    expect(sheet).to_be_visible()
    page.emulate_media(media="screen")
    for_teachers(page, f"{server.url}/masking?step=check")
    page.get_by_role("link", name="Open a class room").click()
    expect(page.locator("h1")).to_have_text(["Class room"])
    lesson = page.get_by_role("combobox", name="The lesson of your room")
    expect(lesson).to_have_value("Hide a word, guess a word")
