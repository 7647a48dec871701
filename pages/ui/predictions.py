"""Bars of what the model puts at each mask."""

from __future__ import annotations

from collections.abc import Sequence

from pages.ui.components import component

Word = tuple[str, float] | tuple[str, float, str]

_predictions = component(
    "predictions", '<div class="predictions" role="group" aria-label="Predictions"></div>'
)


def prediction_bars(
    masks: Sequence[tuple[str, Sequence[Word]]], *, key: str, scale: float | None = None
) -> None:
    """Draw one list of bars for each mask: its title, and (word, probability) in order.

    A third entry of a word is a note and marks it as the learner's guess. ``scale`` is the
    probability that fills a bar; left out, it is the largest shown, the same for all lists.
    """
    _predictions(
        key=key,
        data={
            "masks": [
                {"title": title, "words": [list(word) for word in words]} for title, words in masks
            ],
            "scale": scale,
        },
    )
