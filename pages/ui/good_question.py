"""Which word of a sentence to hide where the learner hid none: one that makes a good question."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from lessons.engine.gaps import good_questions
from pages.ui import resources, state
from pages.ui.figures import as_plain

if TYPE_CHECKING:
    from lessons.engine import Encoding


@st.cache_data(max_entries=400, show_spinner=False)
def questions(name: str, text: str, pair: str | None) -> tuple[tuple[int, ...], ...]:
    """The words worth hiding, the best question first; empty for a model that predicts no words.

    In the course's own sentence its own gap comes first.
    """
    model = resources.model(name)
    if not model.has_mlm:
        return ()
    encoding = resources.encode(name, text, pair)
    found = good_questions(model, encoding)
    ours = state.DEFAULT_MASKS
    if text == state.DEFAULT_TEXT and ours in found:
        return ours, *(word for word in found if word != ours)
    return found


def said(encoding: Encoding, hidden: Sequence[Sequence[int]], more: bool = False) -> str:
    """Which words were hidden for the learner. ``more``: the learner had hidden one already."""
    words = []
    for positions in hidden:
        first, last = encoding.offsets[positions[0]], encoding.offsets[positions[-1]]
        source = (encoding.text, encoding.pair or "")[encoding.sentence_ids[positions[0]] or 0]
        assert first is not None
        assert last is not None
        words.append(f"“{as_plain(source[first[0] : last[1]])}”")
    are = "is" if len(words) == 1 else "are"
    if more:
        return f"Two gaps are needed, so {words[0]} is hidden as well."
    return f"You hid no word, so {' and '.join(words)} {are} hidden here. Hide another above."
