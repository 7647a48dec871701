"""A gap in the sentence, for lessons that show how a change moves a prediction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.ui import good_question

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from pages.ui.shell import LessonPage


def with_a_gap(page: LessonPage, encoding: Encoding | None = None) -> tuple[Encoding, int | None]:
    """The learner's sentence with a gap to predict, and the position of that gap.

    ``encoding`` takes the place of the page's own, as with a second sentence added. The gap is the
    learner's mask: the selected one of several, else the first; where nothing is masked, a
    `stand_in`. None for a sentence in which no word can be hidden, or a model that predicts no
    words.
    """
    model = page.model()
    encoding = encoding or page.encoding()
    if not model.has_mlm:
        st.caption(f"{model.spec.title} predicts no words, so only its vectors are compared.")
        return encoding, None
    # In a longer input that was cut, a mask's position may hold a separator by now.
    masks = [i for i in page.sentence.masks if encoding.offsets[i] is not None]
    encoding = model.masked(encoding, masks)
    gaps = [i for i, number in enumerate(encoding.input_ids) if number == model.mask_token_id]
    if gaps:
        selected = page.sentence.selected
        return encoding, selected if selected in gaps else gaps[0]
    hidden = stand_in(page, encoding)
    if not hidden:
        return encoding, None
    return model.masked(encoding, hidden), hidden[0]


def stand_in(page: LessonPage, encoding: Encoding) -> tuple[int, ...]:
    """The positions of a word to hide where nothing is masked, with a line that says which."""
    found = good_question.questions(page.sentence.model, encoding.text, encoding.pair)
    if not found:
        return ()
    st.caption(good_question.said(encoding, found[:1]))
    return found[0]
