"""The sidebar: the course in its parts, a tick on each finished lesson."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from lessons.catalog import catalog
from pages.ui import shell

PLAYGROUNDS = {
    "mask_playground": "Mask playground",
    "attention_explorer": "Attention explorer",
    "compare_senses": "Compare word senses",
}
TEACHING = {"classroom": "Class room", "worksheet": "Worksheets"}
PAGES = PLAYGROUNDS | TEACHING
"""Pages that are no lesson and stand beside the course."""


def sidebar() -> None:
    """Links to all pages, grouped in parts."""
    finished = set(shell.done())
    with st.sidebar:
        st.page_link("pages/home.py", label="**Inside BERT**", icon="🔎")
        _beside("Playgrounds", PLAYGROUNDS)
        for part, lessons in groupby(catalog(), key=lambda lesson: lesson.part):
            lessons = list(lessons)
            st.caption(f"{part} · {lessons[0].part_title}")
            for lesson in lessons:
                tick = " ✓" if lesson.slug in finished else ""
                st.page_link(
                    shell.path_of(lesson.slug), label=lesson.title + tick, icon=lesson.icon
                )
        _beside("For teachers", TEACHING)


def _beside(title: str, pages: dict[str, str]) -> None:
    st.caption(title)
    for slug, label in pages.items():
        st.page_link(shell.path_of(slug), label=label)
