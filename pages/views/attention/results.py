"""What takes longer in the attention lesson, kept for a while and for everybody."""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lessons.attention import bertviz_views, detective, importance
from pages.ui import long_work, resources

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.model import LoadedModel
    from lessons.engine.trace import Floats


def investigated(model: LoadedModel) -> dict[str, detective.Score]:
    """Scores of a model's heads over our sentences, once for everybody."""
    return long_work.result(
        ("detective", model.name, model.version),
        "Every head reads every sentence",
        lambda progress: detective.investigate(model, progress=progress),
    )


def key_of(model: LoadedModel, encoding: Encoding) -> tuple[str, ...]:
    """What tells one input of one model from all others."""
    arrays = encoding.input_ids.tobytes() + encoding.token_type_ids.tobytes()
    return model.name, model.version, hashlib.blake2b(arrays, digest_size=8).hexdigest()


def effects_of(model: LoadedModel, encoding: Encoding, position: int) -> Floats:
    """`importance.each_head`, kept for a while."""
    return long_work.result(
        ("each head", *key_of(model, encoding), position),
        "Every head in turn",
        partial(importance.each_head, model, encoding, position),
    )


def importance_of(model: LoadedModel, encoding: Encoding, position: int) -> importance.Importance:
    """`importance.importance`, kept for a while."""
    return long_work.result(
        ("five methods", *key_of(model, encoding), position),
        "Five methods are asked",
        partial(importance.importance, model, encoding, position),
    )


@st.cache_resource(max_entries=12, show_spinner="BertViz is drawn …")
def bertviz_page(
    name: str, ids: tuple[int, ...], view: bertviz_views.View, layer: int, _encoding: Encoding
) -> str:
    """One BertViz page, kept so that a rerun sends nothing anew."""
    return bertviz_views.view_page(resources.model(name).trace(_encoding), view, layer)
