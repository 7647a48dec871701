"""Whatever is put into any field of any page, the page stays calm."""

import random

import pytest

from lessons.catalog import catalog
from pages.rooms.rooms import rooms
from pages.ui.navigation import PAGES
from tests.hostile import HOSTILE
from tests.opening import calm, open_page

EVERY = ["home", *PAGES, *(lesson.slug for lesson in catalog())]
TEXTS = [*HOSTILE.values(), "'; DROP TABLE vote; --", "../../etc/passwd", "-1e309", "{{7*7}}"]
STEPS = 8
STARTS = ("start", "train", "download", "race", "play")  # buttons that begin long work


@pytest.fixture(autouse=True)
def own_rooms(tmp_path, monkeypatch):
    monkeypatch.setenv("INSIDE_BERT_ROOMS", f"sqlite:///{tmp_path}/rooms.sqlite3")
    rooms.cache_clear()
    yield
    rooms.cache_clear()


@pytest.mark.parametrize("slug", EVERY)
def test_any_text_in_every_field_at_once(slug):
    app = open_page(slug)
    chance = random.Random(slug)
    for text in chance.sample(TEXTS, 4):
        for field in [*app.text_input, *app.text_area]:
            limit = field.proto.max_chars or len(text)
            field.set_value(text[:limit])
        app.run()
        calm(app)


FILES = {
    "empty": b"",
    "blank lines": b"\n\r\n\t\n",
    "a picture": b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
    "another encoding": "text,label\ncaf\u00e9,good\n".encode("utf-16"),
    "an open quote": b'text,label,sentence,sense,word\n"never closed',
    "one long line": b"text,label" + b",x" * 50_000,
    "HTML and formulas": b"text,label\n<script>alert(1)</script>,=A1\n[x](javascript:y),$x$\n",
    "zeros": b"text,label\n" + b"\x00" * 5_000,
    "another table": b"id;price\n1;2\n",
    "rows of unequal length": b"text,label\na\nb,c,d,e\n,\n",
}
UPLOADS = {  # page: what shows its uploader
    "compare_senses": {},
    "fine_tuning": {"fine_tuning.task": "own"},
    "classification_heads": {"classification_heads.task": "own"},
    "applications": {"applications.documents": "A file"},
}


@pytest.mark.parametrize("slug", UPLOADS)
def test_any_file_has_a_calm_answer(slug):
    app = open_page(slug, UPLOADS[slug])
    for name, content in FILES.items():
        (uploader,) = app.file_uploader
        uploader.set_value((f"{name} <b>.csv", content, "text/csv"))
        app.run()
        calm(app)
        said = [*app.info, *app.warning, *app.success, *app.caption, *app.markdown]
        assert not any("<script>" in element.value for element in said), name


def turn(widget, chance: random.Random) -> None:
    """Give a control another value that it offers."""
    kind = type(widget).__name__
    if kind in ("Toggle", "Checkbox"):
        widget.set_value(not widget.value)
    elif kind == "Selectbox":
        widget.select_index(chance.randrange(len(widget.options)))
    elif kind in ("Slider", "NumberInput"):
        widget.set_value(chance.choice((widget.min, widget.max)))
    elif kind == "Button":
        widget.click()


@pytest.mark.parametrize("slug", EVERY)
def test_a_walk_over_the_controls_with_an_odd_sentence(slug):
    chance = random.Random(f"walk {slug}")
    texts = ("", "[MASK]", "👩‍👩‍👧", "x" * 3000, "今日は\x00<b>")
    app = open_page(slug, {"sentence.text": chance.choice(texts)})
    for _ in range(STEPS):
        controls = [
            widget
            for widget in [
                *app.toggle, *app.checkbox, *app.selectbox, *app.slider,
                *app.number_input, *app.button,
            ]
            if not widget.disabled and not any(word in (widget.key or "") for word in STARTS)
        ]  # fmt: skip
        if not controls:
            return
        turn(chance.choice(controls), chance)
        app.run()
        calm(app)
