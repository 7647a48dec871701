"""A gap in the sentence, for lessons that show how a change moves a prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lessons.engine.gaps import longest_word
from pages.ui import state

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from pages.ui.shell import LessonPage


def with_a_gap(page: LessonPage, encoding: Encoding | None = None) -> tuple[Encoding, int | None]:
    """The learner's sentence with a gap to predict, and the position of that gap.

    ``encoding`` takes the place of the page's own, as with a second sentence added. The gap is the
    learner's mask: the selected one of several, else the first. Where nothing is masked, the
    longest word of one piece is hidden (in the course's own sentence, its first gap) and a line
    says so. None for a sentence in which no word can
    be hidden, or a model that predicts no words.
    """
    model = page.model()
    encoding = encoding or page.encoding()
    if not model.has_mlm:
        st.caption(f"{model.spec.title} predicts no words, so only its vectors are compared.")
        return encoding, None
    encoding = model.masked(encoding, page.sentence.masks)
    gaps = [i for i, number in enumerate(encoding.input_ids) if number == model.mask_token_id]
    if gaps:
        selected = page.sentence.selected
        return encoding, selected if selected in gaps else gaps[0]
    if page.sentence.text == state.DEFAULT_TEXT:
        gap: int | None = state.DEFAULT_MASKS[0]
    else:
        gap = longest_word(encoding)
    if gap is None:
        return encoding, None
    st.caption(
        f"You have masked no word, so “{encoding.tokens[gap]}” is hidden here. "
        "Mask another in the ribbon above."
    )
    return model.masked(encoding, [gap]), gap
