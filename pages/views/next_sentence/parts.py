"""Judged pairs, kept for everybody."""

from __future__ import annotations

import streamlit as st

from lessons.next_sentence import compute

SLUG = "next_sentence"
OWN = "your own"
OURS = "ours"


@st.cache_data(max_entries=400, show_spinner=False)
def judged(name: str, pairs: tuple[tuple[str, str], ...]) -> list[float]:
    """Probabilities of pairs, remembered for everybody."""
    from pages.ui import resources

    return [float(p) for p in compute.probabilities(resources.model(name), pairs)]
