"""One word in two sentences, layer by layer."""

from __future__ import annotations

import streamlit as st

from lessons.journey import compute, figures
from pages.ui import resources
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage

ELSEWHERE = "The bank lent her the money for a small house."


def elsewhere(page: LessonPage) -> None:
    other = st.text_input(
        "Another sentence with one of the same words",
        ELSEWHERE,
        key="journey.other",
        live="400ms",
        persist_state="session",
    )
    first = page.encoding()
    second = resources.encode(page.sentence.model, other, None)
    words = compute.shared_words(first, second)
    if not words:
        raise NothingToShow("The two sentences have no word in common: use one of the first.")
    best = "bank" if "bank" in words else words[0]
    word = st.segmented_control(
        "Word",
        words[:8],
        default=best,
        required=True,
        key=f"journey.word.{'.'.join(words[:8])}",
    )
    met = compute.meeting(page.model(), first, second, word or best)
    page.chart(figures.meeting_curve(met), key="meeting", words=compute.describe_meeting(met))
