"""What `make class` starts: two app processes behind one address."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from deploy.prove import serves
from tests.e2e.conftest import ribbon, settled, type_sentence
from tests.e2e.server import Server, running_class, workers_of


@pytest.fixture(scope="module")
def two_processes(tmp_path_factory) -> Iterator[Server]:
    rooms = tmp_path_factory.mktemp("rooms") / "rooms.sqlite3"
    with running_class(2, INSIDE_BERT_ROOMS=f"sqlite:///{rooms}") as app:
        yield app


@pytest.fixture(autouse=True)
def a_process_is_killed(watched) -> Iterator[None]:
    """Streamlit's client reports what it could not send in the moment after that."""
    yield
    watched.excuse("disconnected from server")


def kill_the_process_of(page: Page, app: Server) -> None:
    """Kill the one that serves this page, and wait until the page has found another."""
    cookies = {c["name"]: c["value"] for c in page.context.cookies()}
    cookie = f"inside_bert={cookies['inside_bert']}"
    (worker,) = [worker for worker in workers_of(app) if serves(worker, cookie)]
    with page.expect_websocket():
        worker.kill()
    settled(page)


def test_a_learner_goes_through_a_page_and_loses_nothing_with_a_process(page, two_processes):
    page.goto(f"{two_processes.url}/masking")
    type_sentence(page, "The captain steered the ship into the harbor")
    expect(ribbon(page).get_by_text("harbor")).to_be_visible()
    heading = page.locator(".st-key-script h2").first
    first = heading.text_content()
    page.locator(".st-key-page_ways a").last.click()
    expect(heading).not_to_have_text(first)
    step = heading.text_content()
    settled(page)
    kill_the_process_of(page, two_processes)
    expect(ribbon(page).get_by_text("harbor")).to_be_visible()
    expect(heading).to_have_text(step)
    type_sentence(page, "A farmer fed the horses")
    expect(ribbon(page).get_by_text("horses")).to_be_visible()


@pytest.mark.parametrize("what", ["sentence", "slider"])
def test_what_is_set_before_another_process_has_drawn_the_page_is_not_lost(
    page, two_processes, what
):
    """The browser is stopped from speaking first, as a slow one would be."""
    page.goto(f"{two_processes.url}/attention")
    page.wait_for_function("Boolean(window.insideBertAddress?.tell)")
    settled(page)
    head = page.locator(".st-key-attention-head input[type=range]")
    expect(head).to_have_value("1")
    page.evaluate("[window.tell, insideBertAddress.tell] = [insideBertAddress.tell, () => {}]")
    kill_the_process_of(page, two_processes)
    if what == "sentence":
        type_sentence(page, "A farmer fed the horses")
    else:
        head.press("ArrowRight")  # asks for a part of the page that the new process never drew
        page.evaluate("window.tell('back', Date.now())")
    for _ in range(2):  # as it is, and by the link
        settled(page)
        if what == "sentence":
            expect(ribbon(page).get_by_text("horses")).to_be_visible()
            expect(page.get_by_label("Your sentence")).to_have_value("A farmer fed the horses")
        else:
            expect(head).to_have_value("2")
        page.wait_for_url("**horses**" if what == "sentence" else "**attention.head=2**")
        page.reload()


def test_a_student_keeps_the_seat(page, two_processes, browser):
    context = browser.new_context()
    teacher = context.new_page()
    teacher.goto(f"{two_processes.url}/classroom?lesson=masking")
    teacher.get_by_role("button", name="Open a room").click()
    code = teacher.locator(".room-code").text_content()
    page.goto(f"{two_processes.url}/classroom?room={code}")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_text("You are in room")).to_be_visible()
    kill_the_process_of(page, two_processes)
    expect(page.get_by_text("You are in room")).to_be_visible()
    page.reload()
    expect(page.get_by_text("You are in room")).to_be_visible()
    context.close()
