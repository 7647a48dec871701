"""Every control whose value stands in the link, and every way out of its page and back.

All controls of a step are turned first, so each of them has every way out tried on it. Each run of
the tests draws some of the steps and pages; ``--every`` tries all.
"""

import random

from playwright.sync_api import Page, expect

from lessons.catalog import catalog
from pages.ui.links import PAGES
from tests.conftest import share
from tests.e2e.conftest import at_rest
from tests.e2e.learner import Control, controls, failures, named_in, says, turn, view

PLACES = [
    *((page, "") for page in PAGES),
    *((lesson.slug, step.slug) for lesson in catalog() for step in lesson.experiments),
]


def title_of(slug: str) -> str:
    titles = {lesson.slug: lesson.title for lesson in catalog()} | PAGES | {"home": "Inside BERT"}
    return titles[slug]


def turn_all(page: Page, seed: str) -> set[str]:
    """Turn each control once, also those that another one brings; returns those in the address."""
    chance, done = random.Random(seed), set()
    for _ in range(3):  # a control may bring others
        fresh = [c for c in controls(page) if c.key not in done and ours(c)]
        for control in fresh:
            done.add(control.key)
            if page.locator(f".{control.key}").first.is_visible():
                turn(page, control, chance)
                at_rest(page)
                assert failures(page) == [], control
    return set(named_in(page))


def ours(control: Control) -> bool:
    """Whether a control belongs to an experiment: no guess, no quiz, no tick, no example."""
    return not any(part in control.key for part in ("-predict", "-quiz-", "-done-", "-preset"))


def seen(page: Page, keys: set[str]) -> dict[str, list[str]]:
    at_rest(page)
    return {
        key: says(page, key)
        for key in sorted(keys)
        if page.locator(f".{key}").count() and page.locator(f".{key}").first.is_visible()
    }


def arrived(page: Page, slug: str) -> None:
    expect(page.locator("h1")).to_have_text([title_of(slug)])
    at_rest(page)
    assert failures(page) == []


def pytest_generate_tests(metafunc):
    metafunc.parametrize(("slug", "step"), share(metafunc.config, "controls", PLACES, 8))


def test_every_control_of_a_step_survives_every_way_out_and_back(page, server, context, slug, step):
    page.goto(f"{server.url}/{slug}" + (f"?step={step}&{slug}.shown.{step}=true" if step else ""))
    arrived(page, slug)
    keys = turn_all(page, f"{slug} {step}")
    before = seen(page, keys)
    sidebar = page.get_by_test_id("stSidebar")

    # A link of the sidebar, and the browser's way back.
    sidebar.get_by_text("Inside BERT", exact=True).click()
    arrived(page, "home")
    page.go_back()
    arrived(page, slug)
    assert seen(page, keys) == before
    # Forward, and a link back: what was set stays for the visit.
    page.go_forward()
    arrived(page, "home")
    sidebar.get_by_text(title_of(slug), exact=False).first.click()
    arrived(page, slug)
    assert seen(page, keys) == before
    # The link to the next step, at the script's foot.
    if slug not in PAGES:
        title = page.locator(".st-key-script h2").inner_text()
        page.locator(".st-key-page_ways a").last.click()
        expect(page.locator(".st-key-script h2")).not_to_have_text([title])
        arrived(page, slug)
        page.go_back()
        expect(page.locator(".st-key-script h2")).to_have_text([title])
        arrived(page, slug)
        assert seen(page, keys) == before
    # A reload, and the copied link in a fresh visit.
    page.reload()
    arrived(page, slug)
    assert seen(page, keys) == before
    whole = view(page)
    fresh = context.new_page()
    fresh.set_default_timeout(120_000)
    fresh.goto(page.url)
    arrived(fresh, slug)
    assert view(fresh) == whole
    fresh.close()
