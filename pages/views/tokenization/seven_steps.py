"""From characters to ids in seven steps."""

from __future__ import annotations

import streamlit as st

from lessons.tokenization import compute
from lessons.tokenization.steps import steps_data
from pages.ui.components import component
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage

STEPPED = 5000  # characters that go through the seven steps; more than 512 tokens hold
_steps = component("seven_steps", '<div class="steps" role="group" aria-label="Seven steps"></div>')


def steps(page: LessonPage) -> None:
    """The learner's sentence through all seven steps."""
    sentence = page.sentence
    if sentence.empty:
        raise NothingToShow("Type a sentence above, and see each step cut it.")
    result = compute.tokenize(sentence.text[:STEPPED], (sentence.pair or "")[:STEPPED])
    _steps(key="tokenization.steps", data={"steps": steps_data(result)})
    if len(sentence.text) > STEPPED:
        st.caption(f"The first {STEPPED:,} characters are followed here.")
