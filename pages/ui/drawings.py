"""Figures that are made once: building one costs more than most of what they show."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go

Drawing = tuple["go.Figure", str]
"""A figure, and the words that say what it shows."""


@st.cache_resource(max_entries=200, show_spinner=False)
def drawing(name: str, key: str, _make: Callable[[], Drawing]) -> Drawing:
    """What ``_make`` gives, kept for everybody under ``name`` and ``key``.

    ``key`` must name all that the figure depends on. Nobody may change a figure that came from
    here. What ``_make`` raises goes through, and is not kept.
    """
    return _make()
