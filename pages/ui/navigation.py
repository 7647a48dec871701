"""The sidebar: the course in its parts, a tick on each finished lesson."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from lessons.catalog import catalog
from pages.ui import session_runs, shell
from pages.ui.components import component
from pages.ui.moves import moves

PLAYGROUNDS = {
    "mask_playground": "Mask playground",
    "attention_explorer": "Attention explorer",
    "compare_senses": "Compare word senses",
}
TEACHING = {"classroom": "Class room", "worksheet": "Worksheets"}
PAGES = PLAYGROUNDS | TEACHING
"""Pages that are no lesson and stand beside the course."""

_contents = component("contents", '<nav aria-label="The course"></nav>')


def sidebar(current: str) -> None:
    """The table of contents; ``current`` is the slug of the page that is open, "" for home.

    One component for all: thirty links of Streamlit's own took a third of a light page's run.
    """
    with st.sidebar:
        _contents(
            key="contents",
            data={
                "home": {"slug": "", "title": "Inside BERT", "icon": "🔎"},
                "parts": _parts(),
                "current": current,
                "moves": moves(),
                "runs": session_runs.remembered(),
            },
            on_go_change=_go,
            on_found_change=_found,
        )


def _parts() -> list[dict[str, object]]:
    finished = set(shell.done())
    lessons: list[dict[str, object]] = [
        {
            "title": f"{part} · {title}",
            "entries": [
                {
                    "slug": lesson.slug,
                    "title": lesson.title + (" ✓" if lesson.slug in finished else ""),
                    "icon": lesson.icon,
                }
                for lesson in group
            ],
        }
        for (part, title), group in groupby(catalog(), key=lambda x: (x.part, x.part_title))
    ]
    return [_beside("Playgrounds", PLAYGROUNDS), *lessons, _beside("For teachers", TEACHING)]


def _beside(title: str, pages: dict[str, str]) -> dict[str, object]:
    return {
        "title": title,
        "entries": [{"slug": slug, "title": label, "icon": ""} for slug, label in pages.items()],
    }


def _sent(name: str) -> dict[str, object]:
    """What the component in the browser says under a name."""
    sent = (st.session_state.get("contents") or {}).get(name)
    return sent if isinstance(sent, dict) else {}


def _found() -> None:
    session_runs.take_over(_sent("found"))


def _go() -> None:
    """Note which page was asked for; `follow` goes there before anything is drawn."""
    sent = _sent("go")
    slug, query = sent.get("slug"), sent.get("query")
    lesson = query.get("lesson") if isinstance(query, dict) else None
    st.session_state["contents.goal"] = (
        slug if isinstance(slug, str) else None,
        {"lesson": lesson} if isinstance(lesson, str) else None,
    )


def follow(current: str) -> None:
    """Go to the page that was asked for by a link, if one was.

    The wish is forgotten on arrival only: another request may overtake the first attempt.
    """
    goal, query = st.session_state.get("contents.goal") or (None, None)
    if goal == current:
        st.session_state["contents.goal"] = None
    elif goal == "":
        st.switch_page("pages/home.py")
    elif goal in {*PAGES, *(lesson.slug for lesson in catalog())}:
        st.switch_page(shell.path_of(goal), query_params=query)
