"""Which regions of a lesson are in sight: on a busy server a run draws those alone.

A region is an experiment, or the quiz at the end. A lesson has up to ten, and a learner looks at
one or two of them. While few learners are here, every run draws the whole page. With more, the
charts and passes of the model that nobody sees would keep everybody waiting: what is far from the
window stands as empty room of the same height, and is drawn when the learner comes near. The
browser says what is near.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.components import component, nothing
from pages.ui.errors import fragment

WHOLE_UP_TO = 4  # learners; INSIDE_BERT_WHOLE_PAGES names another number
UNKNOWN = 600  # pixels that an experiment is thought to take before it was drawn once
TALLEST = 20_000

_sight = component("in_sight", "<div hidden></div>")
_sessions: set[str] = set()


def busy() -> bool:
    """Whether so many learners are connected that pages are drawn in part."""
    return _learners() > int(os.environ.get("INSIDE_BERT_WHOLE_PAGES") or WHOLE_UP_TO)


def _learners() -> int:
    """Sessions that opened a lesson and are still connected."""
    context = get_script_run_ctx()
    if context is None or not exists():
        return 1
    _sessions.add(context.session_id)
    still_here = get_instance().is_active_session
    for session in tuple(_sessions):
        if not still_here(session):
            _sessions.discard(session)
    return len(_sessions)


def near(page: str, first: str) -> frozenset[str] | None:
    """The regions of a page that this run shall draw; None for all.

    Until the browser has said what is near, that is ``first``; or all, where the page stands whole
    from a quieter time, so that nothing vanishes under the learner's eyes.
    """
    if not _known(page) and st.session_state.get("sight.whole") == page:
        return None
    return frozenset(_known(page) or [first])


def room_for(page: str, region: str) -> None:
    """Stand in for a region that is far away."""
    height = st.session_state.get("sight.heights", {}).get((page, region), UNKNOWN)
    st.html(f'<div class="far-away" style="height:{height}px"></div>')


@fragment
def watch(page: str, regions: Sequence[str], drawn: Sequence[str]) -> None:
    """Let the browser say what is near, and draw the page again if any of it is missing.

    A fragment, so that a word from the browser costs next to nothing where all is drawn.
    """
    result: Any = _sight(
        key=f"{page}.in_sight",
        data={"regions": list(regions), "drawn": list(drawn), "near": _known(page)},
        on_near_change=nothing,
    )
    heights = result.near
    if not isinstance(heights, Mapping):
        return
    said = [name for name in regions if isinstance(heights.get(name), Mapping)]
    before = _known(page)
    st.session_state["sight.near"] = (page, [x for x in said if heights[x].get("near") is True])
    known = st.session_state.setdefault("sight.heights", {})
    for name in said:
        height = heights[name].get("height")
        if name in drawn and isinstance(height, int) and 0 < height < TALLEST:
            known[page, name] = height
    if _known(page) != before and not set(_known(page)) <= set(drawn):
        st.rerun()


def _known(page: str) -> list[str]:
    """What the browser last said to be near on this page."""
    where, names = st.session_state.get("sight.near", ("", []))
    return names if where == page else []
