"""All pages there are, and links between them, which `pages.ui.address` follows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from lessons.catalog import catalog, find
from pages.ui.address import HOME

PLAYGROUNDS = {
    "mask_playground": "Mask playground",
    "attention_explorer": "Attention explorer",
    "compare_senses": "Compare word senses",
}
TEACHING = {"classroom": "Class room", "worksheet": "Worksheets"}
PAGES = PLAYGROUNDS | TEACHING
"""Pages that are no lesson and stand beside the course."""
BOARD = {"board": "Board of a class room"}
"""The page for the wall: the panel leads to it, the contents do not."""


def every_page() -> list[str]:
    """The slugs of all pages, home first."""
    return [HOME, *PAGES, *BOARD, *(lesson.slug for lesson in catalog())]


def title_of(page: str) -> str:
    """What a page is called, in a window's title and in the browser's history."""
    if page == HOME:
        return "Inside BERT"
    return f"{(PAGES | BOARD).get(page) or find(page).title} · Inside BERT"


def place_of(page: str, step: str = "") -> str:
    """Where somebody is, in words: a page, and of a lesson the step."""
    lessons = {lesson.slug: lesson for lesson in catalog()}
    if page not in lessons:
        return title_of(page).partition(" · ")[0] if page in every_page() else ""
    titles = {experiment.slug: experiment.title for experiment in lessons[page].experiments}
    return lessons[page].title + (f": {titles[step]}" if step in titles else "")


def link(page: str, label: str, *, icon: str = "", into: Any = st, **query: str) -> None:
    """A link to a page of the course; ``query`` says what is chosen there.

    All pages stand side by side, below whatever path the app has, so the address is relative.
    """
    path = "./" + ("" if page == HOME else page) + (f"?{urlencode(query)}" if query else "")
    into.markdown(f"[{icon} {label}]({path})" if icon else f"[{label}]({path})", width="content")
