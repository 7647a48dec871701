"""What takes longer in the attention lesson, kept for a while and for everybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lessons.attention import bertviz_views, detective, importance
from pages.ui import resources

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.trace import Floats


@st.cache_resource(max_entries=8, show_spinner=False)
def investigated(name: str) -> dict[str, detective.Score]:
    """Scores of a model's heads over our sentences, once for everybody."""
    bar = st.progress(0.0, "Every head reads every sentence …")
    scores = detective.investigate(resources.model(name), progress=bar.progress)
    bar.empty()
    return scores


@st.cache_resource(max_entries=64, show_spinner=False)
def effects_of(name: str, ids: tuple[int, ...], position: int, _encoding: Encoding) -> Floats:
    """`importance.each_head`, kept for a while."""
    bar = st.progress(0.0, "Every head in turn …")
    effects = importance.each_head(resources.model(name), _encoding, position, bar.progress)
    bar.empty()
    return effects


@st.cache_resource(max_entries=64, show_spinner="Five methods are asked …")
def importance_of(
    name: str, ids: tuple[int, ...], position: int, _encoding: Encoding
) -> importance.Importance:
    """`importance.importance`, kept for a while."""
    return importance.importance(resources.model(name), _encoding, position)


@st.cache_resource(max_entries=12, show_spinner="BertViz is drawn …")
def bertviz_page(
    name: str, ids: tuple[int, ...], view: bertviz_views.View, layer: int, _encoding: Encoding
) -> str:
    """One BertViz page, kept so that a rerun sends nothing anew."""
    return bertviz_views.view_page(resources.model(name).trace(_encoding), view, layer)
