"""One gap in two sentences or under two models, and one word in two contexts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lessons.engine import available_models
from lessons.masking import compute
from pages.ui import controls, resources, state
from pages.ui.errors import NothingToShow
from pages.ui.figures import chart
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.sentence import Sentence
from pages.views.masking.masked_words import Side, draw_once, load, predicted, setup, some_gaps

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from lessons.engine.model import LoadedModel

TWO_BANKS = ("The boat lay at the bank of the river.", "He carried the money to the bank.")


def two_sentences(sentence: Sentence, slug: str) -> None:
    """The first gap of the sentence beside the gap of another one, or of another model."""
    model = load(sentence.model)
    some_gaps(sentence)
    against = st.segmented_control(
        "Compare with",
        ["another sentence", "another model"],
        default="another sentence",
        required=True,
        key=f"{slug}.against",
    )
    assert sentence.encoding is not None
    first = sentence.asked
    if against == "another model":
        names = [spec.name for spec in available_models() if spec.name != sentence.model]
        others = [n for n in names if n != "minilm"]  # it was never trained to predict words
        if not others:
            raise NothingToShow(
                "No second model that predicts words is on this machine: download one under "
                "**Model** above, or name a folder of checkpoints when you start the app."
            )
        name = controls.selectbox("The other model", others, key=f"{slug}.other_model")
        other_model = load(name)
        other = resources.encode(name, sentence.text, sentence.pair)
        if sentence.masks and other.tokens != sentence.encoding.tokens:
            raise NothingToShow(
                "That model cuts the sentence into other pieces, so its gaps are not the same: "
                "show the words again, and type [MASK] into the sentence instead."
            )
        second: Side = (name, *first[1:])
        titles = (model.spec.title, other_model.spec.title)
    else:
        own = compute.shown_with_gaps(model, sentence.encoding, sentence.masks)
        # The course's sentence with another pronoun shows next to no effect.
        ours = sentence.text == state.DEFAULT_TEXT and own.count("[MASK]") == 1
        stand_in = compute.stand_in_contrast() if ours else ""
        typed = controls.text_input(
            "Another sentence with a [MASK]",
            key=f"{slug}.other",
            max_chars=400,
            placeholder=stand_in or "Leave empty to change he and she, is and are",
        )
        second, shown = _second_side(sentence, model, typed.strip() or stand_in, own)
        titles = (own, shown)
    figure, words = _contrasted(first, second, titles)
    chart(figure, key=f"{slug}.contrast", words=words)


def _second_side(sentence: Sentence, model: LoadedModel, typed: str, own: str) -> tuple[Side, str]:
    """The other sentence, and its text with gaps; ``own`` is that of the first."""
    if typed:
        encoding = resources.encode(sentence.model, typed, None)
        if not compute.gaps(model, encoding, ()):
            raise NothingToShow("The other sentence needs a gap too: type [MASK] for a word.")
        return (sentence.model, typed, None, ()), typed
    turned = compute.counterpart(sentence.text)
    if turned is not None:
        encoding = resources.encode(sentence.model, turned, sentence.pair)
        assert sentence.encoding is not None
        shown = compute.shown_with_gaps(model, encoding, sentence.masks)
        # What changed may itself be hidden, or may have moved the gaps.
        if shown != own and len(encoding) == len(sentence.encoding):
            return (sentence.model, turned, sentence.pair, sentence.masks), shown
    return _second_side(sentence, model, compute.stand_in_contrast(), own)


@draw_once()
def _contrasted(first: Side, second: Side, titles: tuple[str, str]) -> tuple[go.Figure, str]:
    from lessons.masking import figures

    sides = [(*setup(name, text, pair), masks) for name, text, pair, masks in (first, second)]
    found = compute.contrast(sides[0], sides[1])
    return figures.contrast_bars(found, *titles), compute.describe_contrast(found)


def two_contexts(name: str, word: str, slug: str) -> None:
    """What the model predicts for a word's place in two sentences of the learner's."""
    model = load(name)
    start = TWO_BANKS if word == "bank" else ("", "")
    bars = []
    for i, one in enumerate(("A sentence", "Another sentence")):
        text = st.text_input(
            f"{one} with “{word}”",
            start[i],
            key=f"{slug}.context.{word}.{i}",
            max_chars=300,
            placeholder=f"… {word} …",
        )
        encoding = resources.encode(name, text or "", None)
        masks = compute.positions_of(encoding, [word])
        if masks:
            found = predicted(name, text or "", None, masks)[0]
            shown = compute.shown_with_gaps(model, encoding, masks)
            bars.append(Bars(shown, found.words[:6], compute.describe_uncertainty(found)))
    if bars:
        prediction_bars(bars, key=f"{slug}.contexts")
    else:
        raise NothingToShow(f"Write a sentence with “{word}” to see what BERT makes of its place.")
