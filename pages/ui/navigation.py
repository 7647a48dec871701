"""The sidebar: the course in its parts, a tick on each finished lesson."""

from __future__ import annotations

from itertools import groupby

import streamlit as st

from lessons.catalog import catalog
from pages.ui import address, session_runs, shell
from pages.ui.components import component
from pages.ui.links import PLAYGROUNDS, TEACHING, every_page

_connection = component("connection", "<div hidden></div>", frame=True)
_contents = component("contents", '<nav aria-label="The course"></nav>', frame=True)


def sidebar(current: str) -> None:
    """The table of contents; ``current`` is the slug of the page that is open.

    One component for all: thirty links of Streamlit's own took a third of a light page's run.
    """
    with st.sidebar:
        address.watch(every_page())
        _connection(key="connection")
        _contents(
            key="contents",
            data={
                "home": {"slug": address.HOME, "title": "Inside BERT"},
                "parts": _parts(),
                "current": current,
                "runs": session_runs.remembered(),
            },
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
        "entries": [{"slug": slug, "title": label} for slug, label in pages.items()],
    }


def _found() -> None:
    """After a reload the tab names its runs."""
    session_runs.take_over((st.session_state.get("contents") or {}).get("found"))
