"""Bars of what the model puts at each mask."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

import streamlit as st

from pages.ui.components import component, nothing

Word = tuple[str, float] | tuple[str, float, str]

_predictions = component(
    "predictions", '<div class="predictions" role="group" aria-label="Predictions"></div>'
)


@dataclass(frozen=True)
class Bars:
    """One list of bars: its title, and (word, probability) in order.

    A third entry of a word is a note and marks it as the learner's guess. ``position`` is the
    token that the ribbon highlights while the pointer is on the list. ``covered`` hides the words
    and shows the lengths of the bars alone.
    """

    title: str
    words: Sequence[Word]
    note: str = ""
    position: int | None = None
    covered: bool = False


def prediction_bars(
    masks: Sequence[Bars | tuple[str, Sequence[Word]]],
    *,
    key: str,
    scale: float | None = None,
    plain: bool = False,
    on_take: Callable[[], None] | None = None,
) -> None:
    """Draw one list of bars for each mask, given as `Bars` or as (title, words).

    ``scale`` is the probability that fills a bar; left out, it is the largest shown, the same for
    all lists. ``plain`` writes 0.67, not 67%, for numbers that are no probabilities. With
    ``on_take`` words can be clicked; in the callback `taken` says which one was.
    """
    lists = [mask if isinstance(mask, Bars) else Bars(*mask) for mask in masks]
    _predictions(
        key=key,
        data={
            "masks": [
                asdict(bars)
                # What is covered stays here: a look into the page's source gives nothing away.
                | {"words": [["", w[1]] if bars.covered else list(w) for w in bars.words]}
                for bars in lists
            ],
            "scale": scale,
            "plain": plain,
            "takes": on_take is not None,
        },
        on_take_change=on_take or nothing,
    )


def taken(key: str) -> tuple[int, str] | None:
    """The (position, word) that a component sent as ``take``; a browser may send anything."""
    sent = (st.session_state.get(key) or {}).get("take") or {}
    if not isinstance(sent, dict):
        return None
    position, word = sent.get("position"), sent.get("word")
    if isinstance(position, int) and isinstance(word, str) and 0 < len(word) < 100:
        return position, word
    return None
