"""Which tokens an encoder, and which a decoder, may look at."""

from __future__ import annotations

import streamlit as st

from lessons.architecture import compute
from pages.ui.errors import NothingToShow
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage


def both_sides(page: LessonPage) -> None:
    """One gap, four ways to read."""
    model = page.model()
    if not model.has_mlm:
        raise NothingToShow(f"{model.spec.title} predicts no words: choose another model above.")
    _, gap = with_a_gap(page)
    if gap is None:
        raise NothingToShow("Type a sentence with a word of one piece: it is guessed four ways.")
    masks = sorted({*page.sentence.masks, gap})
    found = compute.readings(model, page.encoding(), masks, gap)
    prediction_bars(
        [(reading.name.capitalize(), reading.words) for reading in found], key="architecture.bars"
    )
    st.caption(compute.describe_readings(found))
