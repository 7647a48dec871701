"""The gym in a real browser: train, pause, reload, scrub, look closer, and nobody else sees it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import settled
from tests.e2e.server import Server, running_app

SMALL = "&".join(
    f"pretraining.{name}={value}"
    for name, value in (("layers", 1), ("heads", 2), ("hidden_size", 16), ("batch_size", 8))
)
PATIENCE = 600_000  # ms: a training process starts and runs when the machine has time for it


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """An app that has room for one run, however many processors this machine has."""
    with running_app(INSIDE_BERT_RUNS="1") as app:
        yield app


def open_gym(page: Page, server, steps: int) -> None:
    page.goto(
        f"{server.url}/pretraining?{SMALL}&pretraining.shown.gym=true&pretraining.steps={steps}"
    )
    expect(page.locator(".st-key-pretraining-start")).to_be_visible()
    settled(page)


def press(page: Page, key: str) -> None:
    button = page.locator(f".st-key-pretraining-{key} button")
    expect(button).to_be_enabled(timeout=PATIENCE)
    button.click()


def gym(page: Page):
    return page.locator(".st-key-pretraining-gym .gym")


def step_shown(page: Page) -> int:
    text = gym(page).locator(".where").text_content() or ""
    return int(text.split()[1].replace(",", "")) if text else 0


def wait_for_steps(page: Page, more_than: int) -> None:
    page.wait_for_function(
        """(least) => {
          const roots = [document, ...[...document.querySelectorAll('*')]
            .filter((e) => e.shadowRoot).map((e) => e.shadowRoot)]
          const own = '.gym[data-recorded=false] .where'
          const where = roots.map((r) => r.querySelector(own)).find(Boolean)
          const step = Number((where?.textContent.split(' ')[1] ?? '0').replace(',', ''))
          return step > least
        }""",
        arg=more_than,
        timeout=PATIENCE,
    )


def test_a_paused_run_is_found_again_after_a_reload_and_goes_on(page, server):
    open_gym(page, server, 4000)
    press(page, "start")
    wait_for_steps(page, 20)
    press(page, "pause")
    expect(gym(page)).to_have_attribute("data-status", "paused")
    address = page.url
    page.reload()
    expect(gym(page)).to_have_attribute("data-status", "paused", timeout=PATIENCE)
    wait_for_steps(page, 20)
    assert page.url == address
    before = step_shown(page)
    press(page, "resume")
    wait_for_steps(page, before + 20)
    press(page, "stop")
    expect(gym(page)).to_have_attribute("data-status", "stopped")
    expect(page.locator(".st-key-pretraining-start button")).to_be_enabled()


def test_a_run_is_watched_scrubbed_and_looked_into(page, server):
    open_gym(page, server, 200)
    press(page, "start")
    expect(gym(page)).to_have_attribute("data-status", "finished", timeout=PATIENCE)
    wait_for_steps(page, 199)
    trained = gym(page).locator(".number b").first.text_content()
    slider = gym(page).get_by_label("Moment of the run")
    slider.focus()
    page.keyboard.press("Home")
    expect(gym(page).locator(".where")).to_have_text("step 0 of 200")
    expect(gym(page).locator(".number b").first).not_to_have_text(trained or "")
    gym(page).get_by_role("button", name="Live").click()
    expect(gym(page).locator(".where")).to_have_text("step 200 of 200")

    gym(page).get_by_role("button", name="Attention").click()
    heads = gym(page).locator(".heads button")
    expect(heads).to_have_count(2)
    heads.nth(1).click()
    expect(heads.nth(1)).to_have_attribute("aria-pressed", "true")
    expect(gym(page).locator(".body .about")).to_contain_text("Layer 1, head 2")
    gym(page).get_by_role("button", name="Gradients").click()
    expect(gym(page).locator(".norms tr")).to_have_count(4)
    gym(page).get_by_role("button", name="Gaps").click()
    expect(gym(page).locator(".gap")).to_have_count(6)

    page.get_by_role("link", name="Step 3: Take your model with you").click()
    press(page, "use")
    chip = page.locator(".st-key-ribbon .chip", has_text="dogs")
    expect(chip).to_be_visible()


def test_nobody_else_sees_a_run_not_even_with_its_link(page, server, browser):
    open_gym(page, server, 4000)
    press(page, "start")
    wait_for_steps(page, 5)
    other = browser.new_context()
    stranger = other.new_page()
    stranger.goto(page.url)
    expect(stranger.locator(".st-key-pretraining-start button")).to_be_enabled(timeout=PATIENCE)
    expect(stranger.locator(".st-key-pretraining-gym .gym")).to_have_attribute(
        "data-status", "recorded"
    )
    # The machine has room for one run: the stranger's waits, with its place in line.
    press(stranger, "start")
    said = stranger.locator(".st-key-pretraining-gym .said")
    expect(said.or_(stranger.locator(".where")).first).to_contain_text("place 1", timeout=PATIENCE)
    press(page, "stop")
    wait_for_steps(stranger, 5)
    other.close()


def test_a_recorded_run_plays_before_any_other_unless_motion_is_unwelcome(page, server):
    open_gym(page, server, 200)
    expect(gym(page)).to_have_attribute("data-status", "recorded")
    expect(page.get_by_text("A run that was recorded on")).to_be_visible()
    expect(gym(page).locator(".where")).to_have_text("step 1,000 of 1,000", timeout=60_000)
    gym(page).get_by_role("button", name="Replay").click()
    expect(gym(page).locator(".where")).not_to_have_text("step 1,000 of 1,000")
    page.emulate_media(reduced_motion="reduce")
    page.reload()
    expect(gym(page).locator(".where")).to_have_text("step 1,000 of 1,000")
    page.get_by_role("link", name="Step 3: Take your model with you").click()
    expect(page.locator(".st-key-pretraining-use button")).to_be_enabled()


def test_a_run_goes_on_while_another_step_is_open_and_is_there_when_it_ends(page, server):
    open_gym(page, server, 500)
    press(page, "start")
    wait_for_steps(page, 5)
    page.get_by_role("link", name="Step 3: Take your model with you").click()
    expect(page.locator(".st-key-pretraining-use button")).to_be_enabled(timeout=PATIENCE)
    page.get_by_role("link", name="Step 1: The gym").click()
    expect(gym(page)).to_have_attribute("data-status", "finished", timeout=PATIENCE)
