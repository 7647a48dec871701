"""Trouble from outside the course: no storage in the browser, a server that goes and comes back."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import at_rest, ribbon, type_sentence
from tests.e2e.learner import failures
from tests.e2e.server import free_port, running_app

FORBIDDEN = """for (const name of ["localStorage", "sessionStorage"]) {
  Object.defineProperty(window, name, {
    get() { throw new DOMException("The operation is insecure.", "SecurityError") },
  })
}"""


@pytest.mark.parametrize("slug", ["", "positions", "pretraining", "classroom"])
def test_a_browser_without_storage_works_all_the_same(page, server, slug):
    page.add_init_script(FORBIDDEN)
    page.goto(f"{server.url}/{slug}")
    at_rest(page)
    assert failures(page) == []
    page.get_by_test_id("stSidebar").get_by_text("Word pieces").click()
    expect(page.locator("h1")).to_have_text(["Word pieces"])
    type_sentence(page, "A seal slept on the warm rocks.")
    expect(ribbon(page)).to_contain_text("seal")
    at_rest(page)
    assert failures(page) == []


def test_work_goes_on_after_an_outage(watched):
    page, port = watched.page, free_port()
    with running_app(port) as app:
        page.goto(f"{app.url}/tokenization?step=race&tokenization.size=260")
        type_sentence(page, "A seal slept on the warm rocks.")
        expect(ribbon(page)).to_contain_text("seal")
        at_rest(page)
    expect(page.get_by_role("dialog")).to_contain_text("The course does not answer at the moment")
    expect(page.get_by_role("dialog")).not_to_contain_text("streamlit")
    with running_app(port):
        expect(page.get_by_role("dialog")).to_have_count(0)
        at_rest(page)
        page.get_by_test_id("stSidebar").get_by_text("What goes in").click()
        expect(page.locator("h1")).to_have_text(["What goes in"])
        expect(ribbon(page)).to_contain_text("seal")
        page.go_back()
        expect(page.locator("h1")).to_have_text(["Word pieces"])
        expect(page.locator(".st-key-tokenization-size input").first).to_have_attribute(
            "aria-valuetext", "260"
        )
        at_rest(page)
        assert failures(page) == []
        page.goto("about:blank")
    watched.errors.clear()  # the browser reports each attempt to reach the server
