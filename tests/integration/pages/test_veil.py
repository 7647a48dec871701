"""Before the guess a step sends nothing that tells the answer; then guess and truth are there."""

import pytest

from lessons.catalog import catalog, find
from pages.ui import guesses
from tests.opening import calm, elements, guess, open_page, type_sentence, veil

ASKED = [(lesson.slug, asked.step) for lesson in catalog() for asked in lesson.predictions]
WITHIN = {("pretraining", "gym"), ("classification_heads", "heads")}  # a run's figure shows it
FRAME = {
    "room_memory", "page_tools", "steps", "ribbon", "veil", "address", "connection", "contents",
}  # fmt: skip
# What stands on a stage before the guess, as far as it is about something else.
BESIDE = {
    ("applications", "slips"): {"applications.suspicion", "figure_export", ""},  # "": its code
    ("variants", "modernbert"): {"variants.window_map", "variants.reach", "figure_export"},
}
FIGURES = {"plotly_chart", "arrow_data_frame", "arrow_table", "metric", "imgs", "code"}


def some_guess(slug, step):
    asked = find(slug).prediction(step)
    if asked.form == "bars":
        return asked.options[0]
    if asked.form == "cuts":
        return [1]
    middle = (asked.axis.low + asked.axis.high) / 2
    return middle if asked.form == "marker" else [middle] * guesses.KNOTS


def held_back(slug, step):
    lesson = find(slug)
    return [lesson.section(name) for name in lesson.prediction(step).after]


@pytest.mark.parametrize(("slug", "step"), ASKED)
def test_the_answer_is_nowhere_before_the_guess_and_stands_beside_it_after(slug, step):
    app = open_page(slug, step=step, veiled=True)
    calm(app)
    before = list(elements(app))
    asked = veil(app)
    assert not asked["open"]
    assert {"guess", "truth", "words", "values"}.isdisjoint(asked)
    for kind, name, _ in before:
        if kind == "bidi_component":
            assert name in FRAME | BESIDE.get((slug, step), set())
        elif kind in FIGURES:
            assert name in BESIDE.get((slug, step), set()), name
    text = "\n".join(text for *_, text in before)
    assert not [section for section in held_back(slug, step) if section in text]

    made = some_guess(slug, step)
    guess(app, slug, step, made)
    calm(app)
    after = "\n".join(text for *_, text in elements(app))
    assert all(section in after for section in held_back(slug, step))
    if (slug, step) in WITHIN:
        said = f"You guessed **{made}**" if isinstance(made, str) else f'"drawn": {made}'
        assert said in after
        return
    shown = veil(app)
    assert shown["open"]
    assert shown["guess"] == made
    assert shown["truth"] is not None
    assert shown["words"]
    assert shown["words"] not in text


@pytest.mark.parametrize(("slug", "step"), ASKED[:3])
def test_a_link_to_a_lifted_veil_opens_it_lifted(slug, step):
    app = open_page(slug, query={f"{slug}.shown.{step}": "true"}, step=step, veiled=True)
    assert veil(app)["open"]
    assert app.query_params[f"{slug}.shown.{step}"] == "true"


def test_a_guess_belongs_to_the_sentence_for_which_it_was_made():
    app = open_page("inputs", step="ablate", veiled=True)
    first = app.session_state["sentence.text"]
    guess(app, "inputs", "ablate", "It stays")
    type_sentence(app, "A dog slept by the warm fire.")
    assert not veil(app)["open"]
    type_sentence(app, first)
    assert veil(app)["guess"] == "It stays"


def test_what_cannot_be_a_guess_is_none():
    lesson = find("encoder_layer").predict
    for sent in (None, "50", True, float("nan"), -1, 101, {"value": 3}):
        assert guesses.read(lesson, sent, {}) is None
    assert guesses.read(lesson, 50, {}) == 50.0
    cuts = find("tokenization").predict
    assert guesses.read(cuts, [3, 1, 3], {"word": "abcd"}) == [1, 3]
    for sent in ("12", [0], [4], ["1"], [{}]):
        assert guesses.read(cuts, sent, {"word": "abcd"}) is None
    curve = find("pretraining").predict
    assert guesses.read(curve, [1] * guesses.KNOTS, {}) == [1.0] * guesses.KNOTS
    assert guesses.read(curve, [1], {}) is None
    assert guesses.read(find("journey").predict, "No option", {}) is None
