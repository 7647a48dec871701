"""Cased and uncased vocabularies of one text."""

from __future__ import annotations

import streamlit as st

from lessons.tokenization import compute
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.tokenization.own_text import COMPARED


def case(page: LessonPage) -> None:
    """The same sentence through a vocabulary with and without capitals and accents."""
    text = next(iter(compute.training_texts())).text
    sentence = page.sentence.text[:COMPARED]
    views = compute.case_contrast(text, sentence, 250)
    if not views[0].words:
        raise NothingToShow("Type a sentence with capitals or accents above.")
    for view in views:
        pieces = [segment for word in view.words for cut in word.cuts.values() for segment in cut]
        st.markdown(f"**Learned {'with' if view.cased else 'without'} capitals**")
        st.code(" ".join(segment.text for segment in pieces), language=None, wrap_lines=True)
    st.markdown("**The mistake**: capitals kept, BERT's uncased vocabulary")
    wrong = compute.tokenize(sentence, cased=True)
    st.code(" ".join(wrong.tokens[1:-1]), language=None, wrap_lines=True)
    st.caption(compute.describe_case(*views))
    if len(page.sentence.text) > COMPARED:
        st.caption(f"Shown for the first {COMPARED} characters of your sentence.")
    same = compute.merged_spellings(sentence)
    if same:
        st.markdown(
            "Uncased, these become one: "
            + "; ".join(" = ".join(f"`{spelling}`" for spelling in many) for many in same.values())
        )
