"""A busy server draws what is near the window; whoever scrolls there finds it."""

import pytest
from playwright.sync_api import expect

from lessons.catalog import find
from tests.e2e.conftest import at_rest, ribbon, settled, type_sentence
from tests.e2e.server import running_app


@pytest.fixture(scope="module")
def busy():
    with running_app(INSIDE_BERT_WHOLE_PAGES="0") as app:
        yield app


def test_all_of_a_page_comes_into_sight(page, busy):
    lesson = find("positions")
    page.goto(f"{busy.url}/positions")
    far = page.locator(".far-away")
    expect(page.get_by_role("heading", name="Check yourself")).to_be_attached()
    settled(page)
    assert far.count() >= len(lesson.experiments) - 2
    for name in [*(experiment.slug for experiment in lesson.experiments), "quiz"]:
        region = page.locator(f".st-key-region-{name}")
        region.locator("h2").scroll_into_view_if_needed()
        expect(region.locator(".far-away")).to_have_count(0)
        expect(region.locator("h2")).to_be_in_viewport()
    assert far.count() > 0  # the first ones, by now

    # Back among them: nothing jumps, and a new sentence changes what is in sight.
    main = page.get_by_test_id("stMain")
    at_rest(page)
    height = main.evaluate("main => main.scrollHeight")
    page.locator(".st-key-region-waves h2").scroll_into_view_if_needed()
    expect(page.locator(".st-key-region-waves .far-away")).to_have_count(0)
    at_rest(page)
    assert abs(main.evaluate("main => main.scrollHeight") - height) < 60
    type_sentence(page, "A seal slept on the warm rocks.")
    expect(ribbon(page)).to_contain_text("seal")
    expect(page.locator(".st-key-region-waves .far-away")).to_have_count(0)
    expect(page.get_by_text("Something went wrong")).to_have_count(0)


def test_a_link_to_an_experiment_opens_it(page, busy):
    page.goto(f"{busy.url}/positions#shift")
    region = page.locator(".st-key-region-shift")
    expect(region.locator(".far-away")).to_have_count(0)
    expect(region.locator("h2")).to_be_in_viewport()
