"""Whatever is put into any field of any page, the page stays calm.

Each run of the tests draws texts, files and the pages for longer walks, by the seed that it prints;
``--every`` tries all.
"""

import random
from collections.abc import Sequence
from typing import TypeVar

import pytest

from lessons.catalog import catalog
from pages.rooms.rooms import rooms
from pages.ui.links import PAGES
from tests.hostile import HOSTILE
from tests.opening import calm, open_page

T = TypeVar("T")
EVERY = ["home", *PAGES, *(lesson.slug for lesson in catalog())]
STEPS = [
    *((page, None) for page in ["home", *PAGES]),
    *((lesson.slug, step.slug) for lesson in catalog() for step in lesson.experiments),
]
TEXTS = [*HOSTILE.values(), "'; DROP TABLE vote; --", "../../etc/passwd", "-1e309", "{{7*7}}"]
SHORT, LONG = 2, 8  # steps of a walk
STARTS = ("start", "train", "download", "race", "play")  # buttons that begin long work
CANNOT_SET = {"encoder_layer.unit"}  # AppTest formats the choice twice


@pytest.fixture(autouse=True)
def own_rooms(tmp_path, monkeypatch):
    monkeypatch.setenv("INSIDE_BERT_ROOMS", f"sqlite:///{tmp_path}/rooms.sqlite3")
    rooms.cache_clear()
    yield
    rooms.cache_clear()


def drawn(many: Sequence[T], number: int, page: int, request) -> list[T]:
    """A share of many for the page of that place, such that all pages together have them all."""
    if request.config.getoption("every"):
        return list(many)
    first = request.config.getoption("seed") + number * page
    return [many[(first + i) % len(many)] for i in range(number)]


@pytest.mark.parametrize(("slug", "step"), STEPS)
def test_any_text_in_every_field_at_once(slug, step, request):
    app = open_page(slug, step=step)
    for text in drawn(TEXTS, 2, STEPS.index((slug, step)), request):
        for field in [*app.text_input, *app.text_area]:
            limit = field.proto.max_chars or len(text)
            field.set_value(text[:limit])
        app.run()
        calm(app)
        for field in app.text_input:
            if field.key == "sentence.text":
                assert field.value == text


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
UPLOADS = {  # page: its step and what shows its uploader
    "compare_senses": (None, {}),
    "fine_tuning": ("tune", {"fine_tuning.task": "own"}),
    "classification_heads": ("heads", {"classification_heads.task": "own"}),
    "applications": ("sort", {"applications.documents": "A file"}),
}


@pytest.mark.parametrize("slug", UPLOADS)
def test_any_file_has_a_calm_answer(slug, request):
    step, session = UPLOADS[slug]
    app = open_page(slug, session, step=step)
    page = list(UPLOADS).index(slug)
    for name, content in drawn(list(FILES.items()), 4, page, request):
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


@pytest.mark.parametrize(("slug", "step"), STEPS)
def test_a_walk_over_the_controls_with_an_odd_sentence(slug, step, chance, request):
    long_walks = random.Random(request.config.getoption("seed")).sample(STEPS, 10)
    length = LONG if (slug, step) in long_walks or request.config.getoption("every") else SHORT
    texts = ("", "[MASK]", "👩‍👩‍👧", "x" * 3000, "今日は\x00<b>")
    app = open_page(slug, {"sentence.text": chance.choice(texts)}, step=step)
    for _ in range(length):
        controls = [
            widget
            for widget in [
                *app.toggle, *app.checkbox, *app.selectbox, *app.slider,
                *app.number_input, *app.button,
            ]
            if not widget.disabled
            and widget.key not in CANNOT_SET
            and not any(word in (widget.key or "") for word in STARTS)
        ]  # fmt: skip
        if not controls:
            return
        turn(chance.choice(controls), chance)
        app.run()
        calm(app)
