"""The learner's sentence as each trainer cuts it."""

from __future__ import annotations

import streamlit as st

from lessons.tokenization import compute, figures
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage

COMPARED = 240  # characters of the sentence that the race and the case contrast lay side by side


def cut(page: LessonPage, models: compute.Trained) -> None:
    """The sentence as each of the three cuts it."""
    result = compute.race(models, page.sentence.text[:COMPARED])
    if not result.words:
        raise NothingToShow("Type a sentence above to see it cut three ways.")
    page.chart(figures.race_cuts(result), key="race", words=compute.describe_race(result))
    if len(page.sentence.text) > COMPARED:
        st.caption(f"Shown for the first {COMPARED} characters of your sentence.")
    st.dataframe(
        {
            "": [standing.name for standing in result.standings],
            "vocabulary": [standing.vocabulary_size for standing in result.standings],
            "pieces in your sentence": [standing.pieces for standing in result.standings],
            "not known": [standing.unknown for standing in result.standings],
            "pieces per word": [round(s.pieces_per_word, 2) for s in result.standings],
            "… in the text": [round(s.text_pieces_per_word, 2) for s in result.standings],
        },
        hide_index=True,
    )
