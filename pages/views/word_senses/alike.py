"""How alike any two vectors of a layer are."""

from __future__ import annotations

import streamlit as st

from pages.ui.shell import LessonPage
from pages.views.word_senses import verdicts
from pages.views.word_senses.parts import on_the_bench


def alike(page: LessonPage) -> None:
    """Every pair of sentences, and mean cosines beside random words."""
    bench = on_the_bench(page)
    left, right = st.columns(2, gap="medium")
    with left:
        verdicts.matrix_view(bench, key="word_senses.matrix")
    with right:
        verdicts.alike_view(bench, key="word_senses.alike")
