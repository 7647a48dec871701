"""What an English vocabulary makes of other scripts."""

from __future__ import annotations

import streamlit as st

from lessons.tokenization import compute, figures
from pages.ui import controls
from pages.ui.shell import LessonPage


def scripts(page: LessonPage) -> None:
    """One sentence in many languages, and the learner's own, through the English vocabulary."""
    measure = controls.segmented_control(
        "Count",
        ["pieces", "pieces_per_word"],
        default="pieces",
        format_func={"pieces": "Pieces", "pieces_per_word": "Pieces per word"}.__getitem__,
        key="tokenization.measure",
    )
    rows = [*compute.survey()]
    if not page.sentence.empty:
        rows.append(compute.coverage(page.sentence.text[:2000], "your sentence"))
    page.chart(
        figures.script_bars(rows, measure or "pieces"),
        key="scripts",
        words=compute.describe_survey(rows),
    )
    text = st.text_input(
        "A few characters", "naïve 🐉 日本", key="tokenization.bytes", max_chars=40, live="300ms",
        persist_state="session",
    )  # fmt: skip
    spelled = compute.utf8(text)
    st.dataframe(
        {
            "character": [char for char, _ in spelled],
            "code point": [f"U+{ord(char):04X}" for char, _ in spelled],
            "bytes": [" ".join(map(str, values)) for _, values in spelled],
        },
        hide_index=True,
    )
