"""The residual stream through a layer."""

from __future__ import annotations

import streamlit as st

from lessons.encoder_layer import compute, figures
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage
from pages.views.encoder_layer.gap import token


@fragment
def the_stream(page: LessonPage) -> None:
    """Lengths of what is added, and how a token turns."""
    stream = compute.stream_of(page.trace(), page.model().norm_first)
    chosen = token(page)
    left, right = st.columns(2)
    with left:
        page.chart(
            figures.stream_lengths(stream, chosen),
            key="lengths",
            words=compute.describe_stream(stream, chosen),
        )
    with right:
        page.chart(figures.layers_alike(stream), key="alike", words=compute.describe_alike(stream))
