"""Charts on a page: drawn, put into words, and saved."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import streamlit as st

from pages.ui.components import component, nothing

if TYPE_CHECKING:
    import plotly.graph_objects as go

_export = component(
    "figure_export",
    """<div class="export"><span class="said" role="status"></span><span>Save</span>
<button type="button" data-format="png">PNG</button>
<button type="button" data-format="svg">SVG</button>
<button type="button" data-format="html">HTML</button></div>
""",
)


def chart(figure: go.Figure, *, key: str, words: str) -> None:
    """Draw a figure with a line beneath that says in ``words`` what it shows, and save buttons.

    ``key`` names the chart on the page; ``words`` also reach screen readers.
    """
    with st.container(key=f"{key}.frame", gap="xsmall"):
        st.plotly_chart(
            figure,
            key=key,
            alt=words,
            config={"displaylogo": False, "modeBarButtonsToRemove": ["lasso2d", "select2d"]},
        )
        with st.container(horizontal=True, wrap=False, vertical_alignment="top", gap="small"):
            st.caption(as_plain(words), width="stretch")
            _save_buttons(figure, key)


def as_plain(text: str) -> str:
    """Text that may quote a learner, so that Markdown shows it as it is: no links, no emoji."""
    return re.sub(r"[\\`*_~$]|\](?=\()|:(?=[\w+-]+[:\[])", r"\\\g<0>", text)


def _save_buttons(figure: go.Figure, key: str) -> None:
    title = figure.layout.title.text or key
    state = st.session_state.get(f"{key}.save") or {}
    wants_page = bool(state.get("html"))
    _export(
        key=f"{key}.save",
        width="content",
        data={
            "chart": re.sub(r"[^A-Za-z0-9_-]", "-", key),
            "title": title,
            "name": re.sub(r"[^a-z0-9]+", "-", f"inside-bert {title}".lower()).strip("-")[:80],
            # The page carries its own copy of Plotly: it opens anywhere, with no network.
            "html": figure.to_html(include_plotlyjs=True) if wants_page else None,
            "made": time.time() if wants_page else None,
        },
        on_html_change=nothing,
    )
