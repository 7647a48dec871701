"""A color bar under a heat map, which leaves a phone the whole width for the picture."""

from __future__ import annotations

from typing import Any

ROOM_BELOW = 104
"""Pixels of margin that axis title and bar need at the bottom."""


def colorbar_below(title: str) -> dict[str, Any]:
    """Settings of a trace's ``colorbar``: lying at the bottom edge of the figure."""
    return {
        "title": {"text": title, "side": "right", "font": {"size": 13}},
        "orientation": "h",
        "thickness": 10,
        "len": 0.6,
        "y": 0,
        "yref": "container",
        "yanchor": "bottom",
    }
