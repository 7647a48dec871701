"""The controls at the top of a step, and the bench they choose."""

from __future__ import annotations

import streamlit as st

from pages.ui.shell import LessonPage
from pages.views.word_senses import workbench

AT_A_LAYER = ("land", "layers", "static", "alike")  # steps that look at one layer of all


def on_the_bench(page: LessonPage) -> workbench.Bench:
    """The word that is chosen at the top of a step, and the layer where the step has one."""
    layer = None
    with st.container(border=True, key="senses_choice"):
        left, right = st.columns([1, 2], vertical_alignment="bottom")
        with left:
            word = workbench.choose_word()
        if page.step in AT_A_LAYER:
            with right:
                layer = workbench.choose_layer(workbench.last_layer(page.sentence.model))
        workbench.choose_occurrence(page.sentence, word)
    return workbench.bench(page.sentence, word, layer)
