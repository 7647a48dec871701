"""The gaps of a sentence: what a model says of them, and what every view of them needs.

The views stand beside this: `gap_guesses`, `gap_orders`, `gap_contrasts`, `gap_surprise`. The mask
playground and the masking lesson draw the same ones; ``slug`` is the page that draws, so that each
keeps its own widgets.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lessons.engine import Encoding, ModelUnavailable
from lessons.masking import compute
from pages.ui import resources, state
from pages.ui.errors import NothingToShow
from pages.ui.sentence import Sentence

if TYPE_CHECKING:
    from lessons.engine.model import LoadedModel

TOP = 8
NO_GAP = "There is no word here that could be hidden: type a sentence above."


remember = partial(st.cache_data, max_entries=400, show_spinner=False)
# Plotly takes some 30 ms to build a chart. A finished one is only read, so all may share it.
draw_once = partial(st.cache_resource, max_entries=200, show_spinner=False)
Side = tuple[str, str, str | None, tuple[int, ...]]  # model, text, second text, masks


def setup(name: str, text: str, pair: str | None) -> tuple[LoadedModel, Encoding]:
    """The model of that name, and the text as it reads it."""
    model = resources.model(name)
    return model, resources.encode(name, text, pair)


@remember()
def predicted(
    name: str, text: str, pair: str | None, masks: tuple[int, ...]
) -> tuple[compute.Prediction, ...]:
    """The likeliest words for each masked position, remembered for everybody."""
    model, encoding = setup(name, text, pair)
    return compute.predict(model, encoding, masks, TOP)


@remember()
def _gaps(
    name: str, text: str, pair: str | None, masks: tuple[int, ...]
) -> tuple[compute.Gap, ...]:
    model, encoding = setup(name, text, pair)
    return compute.gaps(model, encoding, masks)


def gaps_of(sentence: Sentence) -> tuple[compute.Gap, ...]:
    """The hidden words of the sentence. Raises ModelUnavailable for a model without masks."""
    load(sentence.model)
    found: tuple[compute.Gap, ...] = _gaps(*sentence.asked)
    return found


def some_gaps(sentence: Sentence) -> tuple[compute.Gap, ...]:
    """The hidden words of the sentence. Raises NothingToShow where there is none."""
    gaps = gaps_of(sentence)
    if not gaps:
        raise NothingToShow(NO_GAP)
    return gaps


def load(name: str) -> LoadedModel:
    """The model, with a word of patience the first time."""
    if resources.ready(name):
        model = resources.model(name)
    else:
        with st.spinner("Loading the model …", show_time=True):
            model = resources.model(name)
    if not model.has_mlm:
        raise ModelUnavailable(
            f"{model.spec.title} has no masked-word head, so it predicts no words: choose another "
            "model above."
        )
    return model


def put_in(gap: compute.Gap, word: str) -> None:
    """Write a token of the model's over the characters of a gap."""
    texts = [state.TEXT.get(), state.PAIR.get()]
    start, end = gap.span
    before, after = texts[gap.sentence][:start], texts[gap.sentence][end:]
    if word.startswith("##"):
        before, word = before.rstrip(), word[2:]
    # The vocabulary has no capitals: one is set where one stood, or where the text begins.
    capital = gap.original[:1].isupper() if gap.original else start == 0
    word = word[:1].upper() + word[1:] if capital else word
    texts[gap.sentence] = f"{before}{word}{after}"
    state.TEXT.set(texts[0])
    state.PAIR.set(texts[1])


def preset_row(slug: str, presets: Sequence[compute.Preset], label: str) -> None:
    """Buttons that put a sentence of ours, with its gaps, in place of the learner's."""
    key = f"{slug}.preset.{label.split()[0].lower()}"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=key):
        st.caption(label, width="content")
        for i, preset in enumerate(presets):
            st.button(
                preset.about,
                key=f"{key}.{i}",
                help=preset.text,
                type="tertiary",
                on_click=_take_preset,
                args=(slug, preset),
            )


def _take_preset(slug: str, preset: compute.Preset) -> None:
    encoding = resources.encode(state.MODEL.default, preset.text, None)
    state.show_example(preset.text, masks=compute.positions_of(encoding, preset.hide))
    for control, value in (("other", preset.other), ("weigh", preset.weigh)):
        st.session_state[f"{slug}.{control}"] = value
