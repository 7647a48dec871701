"""One word cut by longest match first, try by try."""

from __future__ import annotations

from itertools import accumulate

import streamlit as st

from lessons.tokenization import compute, figures
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage

ASKED = "unhappiness"


def longest(page: LessonPage) -> None:
    """A guess, and every candidate that WordPiece tries for one word."""
    guess = page.predict(word=ASKED)
    if guess is None:
        return
    pieces = compute.longest_match(ASKED).pieces
    *cuts, _ = accumulate(len(piece.removeprefix("##")) for piece in pieces)
    said = f"“{ASKED}” becomes {compute.plural(len(pieces), 'piece')}: {' '.join(pieces)}."
    page.reveal(guess, cuts, said, word=ASKED)
    word = st.text_input(
        "A word", ASKED, key="tokenization.word", max_chars=100, live="300ms",
        persist_state="session",
    )  # fmt: skip
    words = compute.words_of(word)
    if not words:
        raise NothingToShow("Type a word to see how it is cut.")
    trace = compute.longest_match(words[0].text)
    page.chart(
        figures.candidates_grid(trace),
        key="candidates",
        words=compute.describe_longest_match(trace),
    )
    page.prose("what-the-cut-shows")
