"""What is saved as a page opens from a file, with no network, and is as accessible as the app."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Watched, settled

MOST = 300_000  # bytes, of a sentence of up to 32 tokens
SHOWN = {  # where a picture is, and a part of it that the saved page must draw
    "journey": ("journey", "the-way", ".journey", ".journey .strip"),
    "attention sum": ("attention", "sum", ".sum", ".sum button"),
    "explorer": ("attention", "all-heads", ".explorer", ".explorer canvas"),
    "waves": ("positions", "waves", ".instrument", ".instrument canvas"),
    "sense film": ("word_senses", "film", ".film", ".film svg path"),
    "gym": ("pretraining", "gym", ".gym", ".gym svg, .gym canvas"),
    "chart": ("tokenization", "longest-match", ".js-plotly-plot", ".drawing .main-svg text"),
}
ALONE = {".instrument", ".gym"}  # the sentence plays no part in them


@pytest.fixture
def offline(browser):
    """A page in a browser that has no network."""
    context = browser.new_context(offline=True, reduced_motion="reduce")
    watched = Watched(context.new_page())
    yield watched
    assert watched.errors == []
    assert watched.foreign == []
    context.close()


def findings(page: Page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{one['id']}: {node['html'][:160]}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize(("slug", "step", "picture", "part"), SHOWN.values(), ids=SHOWN)
def test_a_saved_page(page, server, offline, tmp_path, slug, step, picture, part):
    page.goto(f"{server.url}/{slug}?step={step}&{slug}.shown.{step}=true")
    expect(page.locator(picture).first).to_be_visible()
    settled(page)
    with page.expect_download() as download:
        page.get_by_role("button", name=re.compile("as a page$")).first.click()
    file = tmp_path / "saved.html"
    download.value.save_as(file)
    assert file.stat().st_size < MOST

    saved = offline.page
    for scheme in ("light", "dark"):
        saved.emulate_media(color_scheme=scheme)
        saved.goto(file.as_uri())
        expect(saved.locator(part).first).to_be_visible()
        assert findings(saved) == []
    ours = ["Sentence", "She sat on the bank", "minilm-mlm"] if picture not in ALONE else []
    for said in (*ours, f"/{slug}"):
        expect(saved.locator("dl")).to_contain_text(said)
    expect(saved.locator(".caption")).not_to_be_empty()
    saved.set_viewport_size({"width": 390, "height": 844})
    assert saved.evaluate("document.documentElement.scrollWidth") <= 390
