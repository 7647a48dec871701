"""Journeys through the frame of the course, in a real browser.

Each run of the tests looks at some of the pages and steps with axe, drawn by the seed; ``--every``
at all.
"""

import re

import pytest
from playwright.sync_api import Page, expect

from lessons.catalog import catalog, find
from lessons.schema import CHECK
from pages.ui.links import PLAYGROUNDS, TEACHING
from tests.conftest import share
from tests.e2e.conftest import (
    assert_accessible_and_fits_a_phone,
    at_rest,
    ribbon,
    type_sentence,
)
from tests.e2e.server import running_app

PLACES = [
    *((page, "") for page in ["", *PLAYGROUNDS, *TEACHING]),
    *((lesson.slug, step.slug) for lesson in catalog() for step in lesson.experiments),
    *((lesson.slug, CHECK) for lesson in catalog()[::6]),
]
LATE = {  # what comes when a page has long been there
    ("applications", "sort"): "text=/^With 1 example a topic/",
    ("compare_senses", ""): ".film .where",
}


def open_page(page: Page, server, slug: str, step: str) -> None:
    """Open a page and wait until it is whole; where the sentence plays a part it has the ribbon."""
    page.goto(f"{server.url}/{slug}" + (f"?step={step}" if step else ""))
    expect(page.locator("h1").first).to_be_visible()
    expect(page.get_by_test_id("stSidebar").get_by_role("link").last).to_be_attached()
    steps = {x.slug: x.sentence for x in find(slug).experiments} | {CHECK: False} if step else {}
    if slug not in TEACHING and steps.get(step, True):
        expect(ribbon(page).locator(".chip").first).to_be_visible()
    at_rest(page)


def pytest_generate_tests(metafunc):
    if metafunc.function is test_every_page_is_accessible_in_both_themes_and_fits_a_phone:
        metafunc.parametrize(("slug", "step"), share(metafunc.config, "axe", PLACES, 20))


def test_every_page_is_accessible_in_both_themes_and_fits_a_phone(page, server, slug, step):
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    open_page(page, server, slug, step)
    if (slug, step) in LATE:
        expect(page.locator(LATE[slug, step]).first).to_be_attached()
    assert_accessible_and_fits_a_phone(page)


def test_a_deep_link_on_a_cold_server_opens_the_lesson(page):
    lesson = catalog()[8]
    with running_app() as cold:
        page.goto(f"{cold.url}/{lesson.slug}?text=The+weather+is+nice&mask=2")
        expect(page.locator("h1")).to_have_text([lesson.title])
        expect(page.get_by_role("textbox", name="Your sentence", exact=True)).to_have_value(
            "The weather is nice"
        )
        expect(ribbon(page).locator(".chip.masked")).to_have_text(re.compile("weather"))
        expect(page.get_by_test_id("stSidebar").get_by_text(lesson.title)).to_be_visible()
        page.goto("about:blank")  # before the server goes, or the page would call after it


def test_a_sentence_travels_and_its_link_opens_the_same_view(page, server):
    lesson = catalog()[0]
    page.goto(server.url)
    type_sentence(page, "A cat slept on the warm roof")
    expect(ribbon(page)).to_contain_text("roof")
    ribbon(page).get_by_role("button", name=re.compile("^Mask cat")).click()
    expect(ribbon(page).locator(".chip.masked")).to_have_count(1)
    page.get_by_test_id("stSidebar").get_by_text(lesson.title).click()
    expect(page.locator("h1")).to_have_text([lesson.title])
    expect(ribbon(page).locator(".chip.masked")).to_contain_text("cat")
    page.wait_for_url(re.compile(r"mask=2"))
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    expect(page.locator("h1")).to_have_text([lesson.title])
    expect(page.get_by_role("textbox", name="Your sentence", exact=True)).to_have_value(
        "A cat slept on the warm roof"
    )
    expect(ribbon(page).locator(".chip.masked")).to_contain_text("cat")


def test_the_sentence_stays_in_sight_while_the_page_scrolls(page, server):
    lesson = catalog()[0]
    page.goto(f"{server.url}/{lesson.slug}")
    at_rest(page)
    page.locator(".st-key-page_ways").scroll_into_view_if_needed()
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollTop") > 100
    expect(ribbon(page)).to_be_in_viewport()


@pytest.mark.parametrize("slug", ["", "attention"])
def test_using_the_sentence_moves_nothing_that_one_looks_at(page, server, slug):
    page.goto(f"{server.url}/{slug}")
    at_rest(page)
    main = page.get_by_test_id("stMain")
    main.evaluate("main => main.scrollTo(0, (main.scrollHeight - main.clientHeight) / 2)")
    at_rest(page)
    before = main.evaluate("main => main.scrollTop")
    assert before > 100
    ribbon(page).locator(".chip").nth(2).locator(".mask").click()
    expect(ribbon(page).locator(".chip").nth(2)).to_have_class(re.compile("masked"))
    ribbon(page).locator(".chip").nth(3).locator(".face").click()
    expect(ribbon(page).locator(".chip .face").nth(3)).to_have_attribute("aria-pressed", "true")
    at_rest(page)
    # What is above may get another height, and the browser then holds what is in the window.
    assert abs(main.evaluate("main => main.scrollTop") - before) < 150


def test_back_leaves_the_page_however_often_the_sentence_was_changed(page, server):
    page.goto(server.url)
    page.get_by_test_id("stSidebar").get_by_text("Word pieces").click()
    expect(page.locator("h1")).to_have_text(["Word pieces"])
    for text in ("One.", "One, two.", "One, two, three."):
        type_sentence(page, text)
        expect(ribbon(page)).to_contain_text(text.split()[-1].strip("."), ignore_case=True)
        at_rest(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text(["Inside BERT"])
    page.go_forward()
    expect(page.locator("h1")).to_have_text(["Word pieces"])
    expect(ribbon(page)).to_contain_text("three")


def test_one_press_of_back_leaves_the_first_page_and_one_that_was_loaded_anew(page, server):
    page.goto("about:blank")
    page.goto(server.url)  # home hides a word, which a link would say
    at_rest(page)
    page.get_by_test_id("stSidebar").get_by_text("Who looks at whom").click()
    expect(page.locator("h1")).to_have_text(["Who looks at whom"])
    page.locator(".st-key-attention-layer input").first.press("ArrowRight")
    at_rest(page)
    page.reload()
    expect(page.locator("h1")).to_have_text(["Who looks at whom"])
    at_rest(page)
    page.go_back()
    expect(page.locator("h1")).to_have_text(["Inside BERT"])
    at_rest(page)
    page.go_back()
    assert page.url == "about:blank"


def test_a_teachers_secret_leaves_the_address_when_the_page_stands(page, server):
    page.goto(f"{server.url}/classroom?room=ABCDEF&key=none")
    at_rest(page)
    expect(page).not_to_have_url(re.compile("key="))


def test_an_old_link_to_a_place_within_the_page_leads_to_its_step(page, server):
    page.goto(f"{server.url}/masking#orders")
    expect(page.locator(".st-key-script h2")).to_have_text(["Several gaps: which one first?"])
    at_rest(page)
    assert "step=orders" in page.url
    assert "#" not in page.url


def test_the_ribbon_works_from_the_keyboard(page, server):
    page.goto(f"{server.url}/?text=Snow+falls")
    chips = ribbon(page).locator(".chip")
    expect(chips).to_have_count(4)
    chips.nth(0).locator(".face").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("m")
    expect(chips.nth(1)).to_have_class(re.compile("masked"))
    expect(chips.nth(1).locator(".face")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(chips.nth(2).locator(".face")).to_have_attribute("aria-pressed", "true")


def test_masking_a_word_brings_predictions(page, server):
    page.goto(f"{server.url}/?text=The+cat+drank+the+milk.&mask=5")
    rows = page.locator(".predictions li")
    expect(rows).to_have_count(5)
    first = rows.first.text_content()
    type_sentence(page, "The capital of France is Paris.")
    ribbon(page).get_by_role("button", name=re.compile("^Mask france")).click()
    expect(rows).to_have_count(5)
    expect(rows.first).not_to_have_text(first)


def test_the_quiz_answers_and_a_finished_lesson_stays_ticked(page, server):
    lesson = catalog()[0]
    page.goto(f"{server.url}/{lesson.slug}?step=check")
    for question in lesson.quiz:
        wrong = next(answer for answer in question.answers if not answer.correct)
        right = next(answer for answer in question.answers if answer.correct)
        box = page.locator(f".st-key-{lesson.slug}-quiz-{question.id}")
        box.get_by_text(wrong.text, exact=True).click()
        expect(page.get_by_text(wrong.feedback[:40])).to_be_visible()
        box.get_by_text(right.text, exact=True).click()
        expect(page.get_by_text(right.feedback[:40])).to_be_visible()
    sidebar = page.get_by_test_id("stSidebar")
    expect(sidebar.get_by_text(f"{lesson.title} ✓")).to_be_visible()
    page.reload()
    expect(page.locator("h1")).to_have_text([lesson.title])
    expect(sidebar.get_by_text(f"{lesson.title} ✓")).to_be_visible()


def open_step(page: Page, title: str) -> None:
    """Wait until this step is open, and its page at rest."""
    expect(page.locator(".st-key-script h2")).to_have_text([title])
    at_rest(page)


def test_steps_are_walked_by_link_key_and_history(page, server):
    lesson = catalog()[2]
    first, second, third = (step.title for step in lesson.experiments[:3])
    page.goto(f"{server.url}/{lesson.slug}")
    open_step(page, first)
    steps = page.get_by_role("navigation", name="Steps of the lesson")
    expect(steps.get_by_role("link")).to_have_count(len(lesson.experiments) + 1)
    steps.get_by_role("link", name=second).click()
    open_step(page, second)
    assert f"step={lesson.experiments[1].slug}" in page.url
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    open_step(page, third)
    page.get_by_role("textbox", name="Your sentence", exact=True).focus()
    page.keyboard.press("ArrowLeft")  # moves the caret, not the lesson
    at_rest(page)
    open_step(page, third)
    page.go_back()
    open_step(page, second)
    page.go_back()
    open_step(page, first)
    page.go_forward()
    open_step(page, second)
    page.reload()
    open_step(page, second)
    page.locator(".st-key-page_ways a").first.click()
    open_step(page, first)
    assert "step=" not in page.url


def test_presenter_mode_shows_a_step_alone_and_moves_by_key(page, server):
    lesson = catalog()[0]
    page.goto(f"{server.url}/{lesson.slug}")
    page.get_by_role("button", name="Present").click()
    first, second = lesson.experiments[:2]
    expect(page.locator(".st-key-script")).to_have_count(0)
    expect(page.get_by_role("heading", name=first.title)).to_be_visible()
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    at_rest(page)
    page.locator("h1").click()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("heading", name=second.title)).to_be_visible()
    expect(page.get_by_role("heading", name=first.title)).to_have_count(0)
    # What a presenter sends, a space, the number of a step; Esc ends it.
    for key, step in (("PageUp", first), (" ", second), ("1", first), ("PageDown", second)):
        at_rest(page)
        page.keyboard.press(key)
        expect(page.get_by_role("heading", name=step.title)).to_be_visible()
    at_rest(page)
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-script h2").first).to_have_text(second.title)
    expect(page).not_to_have_url(re.compile("present="))


def test_the_link_is_copied(page, server):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"{server.url}/?text=Copy+me")
    expect(ribbon(page)).to_contain_text("copy")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_text("Link copied")).to_be_visible()
    assert "text=Copy+me" in page.evaluate("navigator.clipboard.readText()")
