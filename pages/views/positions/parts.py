"""Sliders and limits that several steps share."""

from __future__ import annotations

import streamlit as st

from pages.ui import controls

LONGEST_DRAWN = 60  # tokens in a chart; more can't be read
REACH = 120  # positions along a curve


def formula(prefix: str) -> tuple[int, float]:
    """Sliders for the number of dimensions and the base."""
    left, right = st.columns(2)
    size = controls.select_slider(
        "Dimensions d",
        [8, 16, 32, 64, 128, 256],
        64,
        key=f"positions.{prefix}d",
        into=left,
    )
    base = controls.select_slider(
        "Base b",
        [10, 100, 1000, 10_000, 160_000],
        10_000,
        key=f"positions.{prefix}base",
        into=right,
    )
    return size, float(base)
