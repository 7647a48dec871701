"""One word cut by longest match first, try by try."""

from __future__ import annotations

import streamlit as st

from lessons.tokenization import compute, figures
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage


def longest(page: LessonPage) -> None:
    """A guess, and every candidate that WordPiece tries for one word."""
    guess = page.predict()
    word = st.text_input(
        "A word", "unhappiness", key="tokenization.word", max_chars=100, live="300ms",
        persist_state="session",
    )  # fmt: skip
    words = compute.words_of(word)
    if not words:
        raise NothingToShow("Type a word to see how it is cut.")
    trace = compute.longest_match(words[0].text)
    if guess:
        pieces = compute.plural(len(trace.pieces), "piece")
        st.markdown(f"You said **{guess}** for “unhappiness”. Here “{trace.word}” makes {pieces}.")
    page.chart(
        figures.candidates_grid(trace),
        key="candidates",
        words=compute.describe_longest_match(trace),
    )
    if guess:
        page.prose("what-the-cut-shows")
