"""The three views of BertViz."""

from __future__ import annotations

import streamlit as st

from lessons.attention import bertviz_views
from pages.ui import controls
from pages.ui.errors import NothingToShow, fragment
from pages.ui.shell import LessonPage
from pages.views.attention import results as kept


@fragment
def bertviz(page: LessonPage) -> None:
    """BertViz's own three views."""
    view = (
        controls.segmented_control(
            "View",
            list(bertviz_views.VIEWS),
            format_func=bertviz_views.VIEWS.__getitem__,
            default="head",
            key="attention.view",
        )
        or "head"
    )
    encoding = page.masked()
    layers = page.trace().num_layers
    layer = min(3, layers)
    if len(encoding) > bertviz_views.LONGEST[view]:
        layer = page.number("Layer to draw, of a long text", "bertviz_layer", layers, layer)
    try:
        ids = tuple(encoding.input_ids.tolist())
        html = kept.bertviz_page(page.model().name, ids, view, layer - 1, encoding)
    except ValueError as reason:
        raise NothingToShow(str(reason)) from None
    height = bertviz_views.height(view, len(encoding), layers)
    st.iframe(html, height=height, alt=f"BertViz, {bertviz_views.VIEWS[view].lower()}")
