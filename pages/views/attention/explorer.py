"""The attention explorer, as its own page and the lessons draw it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.ui import long_work
from pages.ui.components import component, nothing
from pages.ui.figures import picture_caption
from pages.views.attention.results import key_of

if TYPE_CHECKING:
    from lessons.attention.maps import Maps
    from lessons.engine import Encoding, Trace
    from lessons.engine.model import LoadedModel

_explorer = component("attention_explorer")
_sum = component("attention_sum")


def maps(model: LoadedModel, encoding: Encoding, trace: Trace | None = None) -> Maps:
    """All attention maps of an input, or of its ``trace`` where that is at hand.

    Those of a long one are kept for a while, for all.
    """
    from lessons.attention.maps import all_at_once, maps_of

    if all_at_once(model.spec.layers, model.spec.heads, len(encoding)):
        return maps_of(trace or model.trace(encoding, keep=()))

    def work(progress: Callable[[float], object]) -> Maps:
        return maps_of(trace or model.trace(encoding, keep=(), progress=progress))

    key = ("maps", *key_of(model, encoding))
    return long_work.result(key, "A long text: its maps take a moment", work, large=True)


def attention_explorer(
    first: Maps,
    second: Maps | None = None,
    *,
    key: str,
    model: str,
    labels: list[list[Mapping[str, str]]] | None = None,
    words: str = "",
) -> None:
    """Draw the explorer of one input, or of two that are contrasted.

    ``labels`` says for each layer and head what it does: ``name``, ``color`` and ``words``.
    ``words`` say what it shows.
    """
    from lessons.attention import maps

    extra = {"model": model, "labels": labels}
    _explorer(
        key=key, data=_explorer_data(first, second, key, extra), on_open_change=nothing
    )  # fmt: skip
    picture_caption(
        words or maps.describe(first, second),
        key=key,
        title="Who looks at whom",
        component="attention_explorer",
        data=lambda: {**maps.explorer_data(first, second, whole=True), **extra},
    )


def head_grid(first: Maps, *, key: str) -> tuple[int, int] | None:
    """The grid alone, for a guess: returns the (layer, head) that was clicked, from 0."""
    result: Any = _explorer(
        key=key,
        data=_explorer_data(first, None, key, {"game": True}),
        on_guess_change=nothing,
    )
    guess = result.guess
    layers, heads = first.codes.shape[:2]
    if not isinstance(guess, Mapping):
        return None
    layer, head = guess.get("layer"), guess.get("head")
    if not (isinstance(layer, int) and isinstance(head, int)):
        return None
    return (layer, head) if 0 <= layer < layers and 0 <= head < heads else None


def attention_sum(data: Mapping[str, Any], *, key: str, words: str) -> None:
    """The sum of one head (`lessons.attention.compute.OneHead.as_data`), to be touched."""
    _sum(key=key, data=data)
    picture_caption(
        words, key=key, title="One row of attention", component="attention_sum", data=lambda: data
    )


def _explorer_data(
    first: Maps, second: Maps | None, key: str, extra: Mapping[str, Any]
) -> dict[str, Any]:
    from lessons.attention.maps import explorer_data, read_opened

    sent = (st.session_state.get(key) or {}).get("open")
    data: dict[str, Any] = explorer_data(first, second, read_opened(sent, first))
    digest = hashlib.blake2b(digest_size=8)
    for text in (first, second):
        if text is not None:
            digest.update(repr((text.tokens, text.words, text.sentences)).encode())
            digest.update(text.codes.tobytes() if text.whole else text.rollout[-1].tobytes())
    digest.update(repr(extra).encode())
    return {**data, **extra, "made": digest.hexdigest()}
