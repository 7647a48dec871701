"""One file to send: what it holds, and what cannot break out of it."""

import json
import re

import pytest

import inside_bert as ib
from lessons.figures.saved import COMPONENTS, DRAWING, component_page, figure_page

NASTY = "</script><script>alert(1)</script> <b>&amp; ' \" \u2028"
FRAMED = sorted(path.stem for path in COMPONENTS.glob("*/*.html"))


def parts_of(page):
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.html, re.S)
    assert found is not None
    return json.loads(found[1])


@pytest.mark.parametrize("name", FRAMED)
def test_a_page_holds_its_component_and_asks_for_nothing_else(name):
    data = {"text": NASTY}
    page = component_page(name, data, title=NASTY, words=NASTY, about={"Sentence": NASTY})
    assert parts_of(page)["data"] == {**data, "saved": True}
    assert page.html.count("</script>") == 2
    assert "function mount" in page.html
    assert "export " not in re.sub(r"//.*", "", page.html.split('type="module">')[1])[:200]
    assert not re.search(r"(src|href)=[\"']?(https?:)?//", page.html)
    for scheme in ("prefers-color-scheme:dark", "--st-primary-color", "Made with"):
        assert scheme in page.html


def test_a_figure_has_a_place_for_its_drawing():
    page = figure_page(title=NASTY, words=NASTY, about={"Model": NASTY})
    assert page.count(DRAWING) == 1
    assert "<script>" not in page


def test_pictures_of_the_library(mlm, tmp_path):
    text = "She sat on the bank of the river and watched the boats go by until the evening came."
    first, second = mlm.trace(text), mlm.trace(text.replace("river", "money"))
    for page in (ib.explorer(first, second), ib.journey(mlm, text.replace("river", "[MASK]"))):
        kept = page.save(tmp_path / "page.html")
        assert kept.read_text(encoding="utf-8") == page.html
        assert kept.stat().st_size < 300_000
        assert page._repr_html_().startswith("<iframe")
        assert "\n" not in repr(page)
    pairs = parts_of(ib.explorer(first, second))["data"]["pairs"]["pieces"]
    assert len(pairs) == len(first.tokens)


def test_the_explorer_of_a_long_text_is_whole(mlm):
    trace = mlm.trace("bank " * 200)
    texts = parts_of(ib.explorer(trace))["data"]["texts"]
    assert texts[0]["codes"] is not None


def test_two_traces_of_different_models(mlm, tmp_path):
    from tests.checkpoints import make_bert

    other = ib.load(make_bert(tmp_path / "small")).trace("the bank")
    with pytest.raises(ValueError, match="6 layers of 12 heads, the second 3 of 2"):
        ib.explorer(mlm.trace("the bank"), other)
