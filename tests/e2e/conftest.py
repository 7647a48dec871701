"""One server and one browser for all browser tests; a fresh page for each.

The pages stand in one browser context, so that the app's own code is read once; what a test left
in the browser (storage, cookies, permissions) is taken away after it.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.e2e.browser import FLAGS, find
from tests.e2e.server import Server, running_app, running_class

PATIENCE = 180_000  # ms; a busy machine is slow, not wrong
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items):
    for item in items:
        if "/e2e/" in item.path.as_posix():
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def server(tmp_path_factory, request) -> Iterator[Server]:
    rooms = f"sqlite:///{tmp_path_factory.mktemp('rooms')}/rooms.sqlite3"
    workers = request.config.getoption("workers")
    several = running_class(workers, INSIDE_BERT_ROOMS=rooms)
    with several if workers > 1 else running_app(INSIDE_BERT_ROOMS=rooms) as app:
        yield app


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find()
    assert path, "The browser tests need Chromium: install it, or name it in $CHROMIUM."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page, with all that went wrong on it and all that it asked of other hosts."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.origins: set[str] = set()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._request)

    def _console(self, message) -> None:
        # On an address with a page in it, Streamlit's client first asks for its server below that
        # page and is told 404; it then asks at the root. That is its way, and no error of ours.
        probing = "/_stcore/" in message.location.get("url", "") and "404" in message.text
        if message.type == "error" and not probing:
            self.errors.append(message.text)

    def _request(self, request) -> None:
        address = urlsplit(request.url)
        if address.scheme in {"http", "https", "ws", "wss"} and address.hostname != "127.0.0.1":
            self.foreign.append(request.url)
        elif address.scheme == "http":
            self.origins.add(f"http://{address.netloc}")

    def excuse(self, text: str) -> None:
        """Forget errors that say this: the test brought them about."""
        self.errors = [error for error in self.errors if text not in error]

    def forget(self) -> None:
        """Take away all that the pages of the visited servers have put into the browser."""
        context = self.page.context
        session = context.new_cdp_session(self.page)
        for origin in self.origins:
            session.send(
                "Storage.clearDataForOrigin",
                {"origin": origin, "storageTypes": "cookies,local_storage,indexeddb"},
            )
        context.clear_cookies()
        context.clear_permissions()


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def watched(context: BrowserContext) -> Iterator[Watched]:
    """A fresh page whose console and requests are watched; any error fails the test."""
    watched = Watched(context.new_page())
    watched.page.set_default_timeout(PATIENCE)
    yield watched
    watched.page.goto("about:blank")
    watched.forget()
    watched.page.close()
    assert watched.errors == []
    assert watched.foreign == []


@pytest.fixture
def page(watched: Watched) -> Page:
    return watched.page


def settled(page: Page) -> None:
    """Wait until the script has run to its end."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')


BACKGROUND = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
STILL = """() => {
  const calm = document.querySelector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    && !document.querySelector('[data-stale="true"]')
    && window.insideBertAddress?.tell  // what follows links stands
    && document.getAnimations().every((a) => a.playState !== 'running')
  const now = performance.now()
  if (!calm) window.stillSince = now  // a component may ask for one run more
  return now - window.stillSince > 300
}"""


def at_rest(page: Page) -> None:
    """Wait until nothing is paler than it will be: what a run replaces fades, and back."""
    page.evaluate("window.stillSince = performance.now()")
    page.wait_for_function(STILL, polling=50)


def too_wide(page: Page) -> int:
    """How many pixels of the page stand beyond the right edge of the window."""
    return page.evaluate(
        "document.querySelector('[data-testid=stMain]').scrollWidth - window.innerWidth"
    )


def serious_findings(page: Page, *rules: str) -> list[str]:
    """What axe finds on a page that has come to rest: against WCAG 2 A and AA, or some rules.

    Axe looks for seconds, in which a run may begin and half-fade what it replaces. What is wrong
    stays wrong, so a finding counts when a second look finds it too.
    """
    found = axe(page, *rules)
    return found and sorted(set(found) & set(axe(page, *rules)))


def axe(page: Page, *rules: str) -> list[str]:
    at_rest(page)
    rules = rules or ("wcag2a", "wcag2aa")
    results = Axe().run(page, options={"runOnly": [*rules], "resultTypes": ["violations"]})
    return [
        f"{found['id']}: {node['html'][:160]}"
        for found in results.response["violations"]
        if found["impact"] in {"serious", "critical"}
        for node in found["nodes"]
    ]


def assert_accessible_and_fits_a_phone(page: Page) -> None:
    """Axe in both themes and the width of a phone, on a page that is open in the light theme.

    The themes differ in their colors alone.
    """
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    light = page.evaluate(BACKGROUND)
    assert serious_findings(page) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.wait_for_function(f"{BACKGROUND} !== {light!r}")
    assert serious_findings(page, "color-contrast") == []
    page.set_viewport_size({"width": 390, "height": 844})
    at_rest(page)
    assert too_wide(page) <= 0


def ribbon(page: Page):
    return page.locator(".st-key-ribbon .ribbon")


def type_sentence(page: Page, text: str) -> None:
    field = page.get_by_role("textbox", name="Your sentence", exact=True)
    field.fill(text)
    field.press("Enter")
