"""The sidebar: the course in its parts, a tick on each finished lesson."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import streamlit as st

from lessons.catalog import catalog
from pages.ui import shell

# Pages that are no lesson and stand beside the course; they are shown as their scripts arrive.
_BESIDE = {
    "mask_playground": "Mask playground",
    "attention_explorer": "Attention explorer",
    "compare_senses": "Compare word senses",
}
PAGES = {
    slug: title
    for slug, title in _BESIDE.items()
    if (Path(__file__).parents[1] / f"{slug}.py").is_file()
}


def sidebar() -> None:
    """Links to all pages, grouped in parts."""
    finished = set(shell.done())
    with st.sidebar:
        st.page_link("pages/home.py", label="**Inside BERT**", icon="🔎")
        if PAGES:
            st.caption("Playgrounds")
            for slug, title in PAGES.items():
                st.page_link(f"pages/{slug}.py", label=title)
        for part, lessons in groupby(catalog(), key=lambda lesson: lesson.part):
            lessons = list(lessons)
            st.caption(f"{part} · {lessons[0].part_title}")
            for lesson in lessons:
                tick = " ✓" if lesson.slug in finished else ""
                st.page_link(
                    shell.path_of(lesson.slug), label=lesson.title + tick, icon=lesson.icon
                )
