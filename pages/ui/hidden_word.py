"""A gap in the sentence, for lessons that show how a change moves a prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from pages.ui.shell import LessonPage


def with_a_gap(page: LessonPage) -> tuple[Encoding, int | None]:
    """The learner's sentence with a gap to predict, and the position of that gap.

    The gap is the learner's mask: the selected one of several, else the first. Where nothing is
    masked, the longest word of one piece is hidden and a line says so. None for a sentence in which
    no word can be hidden, or a model that predicts no words.
    """
    model = page.model()
    if not model.has_mlm:
        st.caption(f"{model.spec.title} predicts no words, so only its vectors are compared.")
        return page.encoding(), None
    encoding = page.masked()
    gaps = [i for i, number in enumerate(encoding.input_ids) if number == model.mask_token_id]
    if gaps:
        selected = page.sentence.selected
        return encoding, selected if selected in gaps else gaps[0]
    gap = longest_word(encoding)
    if gap is None:
        return encoding, None
    st.caption(
        f"You have masked no word, so “{encoding.tokens[gap]}” is hidden here. "
        "Mask another in the ribbon above."
    )
    return model.masked(encoding, [gap]), gap


def longest_word(encoding: Encoding) -> int | None:
    """Position of the longest word that is one piece of letters; None when there is none."""
    words = list(encoding.word_ids)
    whole = [
        i
        for i, token in enumerate(encoding.tokens)
        if words[i] is not None and words.count(words[i]) == 1 and token.isalpha()
    ]
    return max(whole, key=lambda i: len(encoding.tokens[i]), default=None)
