"""The loudest dimensions, and what the prediction is without them."""

from __future__ import annotations

import streamlit as st

from lessons.encoder_layer import figures, outliers
from pages.ui import controls
from pages.ui.errors import NothingToShow, fragment
from pages.ui.shell import LessonPage
from pages.views.encoder_layer.gap import gap

USUAL, MOST = 5, 20


@fragment
def loud_dimensions(page: LessonPage) -> None:
    """Every dimension's size, and the loudest ones set to zero beside as many others."""
    loud = outliers.loudness_of(page.trace())
    most = min(MOST, len(loud.order) // 2)  # as many others must be left
    count = controls.slider(
        "Dimensions set to zero", 1, most, min(USUAL, most), key="encoder_layer.silenced"
    )
    left, right = st.columns(2)
    with left:
        page.chart(
            figures.loudness_skyline(loud, count), key="loudness",
            words=outliers.describe_loudness(loud, min(count, USUAL)),
        )  # fmt: skip
    with right:
        page.attempt(lambda page: without_them(page, loud, count))


def without_them(page: LessonPage, loud: outliers.Loudness, count: int) -> None:
    model, encoding, position, _ = gap(page)
    if page.trace().attention_norm is None:
        raise NothingToShow("The steps of this model cannot be edited: choose a BERT.")
    found = outliers.silenced(model, encoding, position, loud, count)
    page.chart(
        figures.silenced_bars(found), key="without_them", words=outliers.describe_silenced(found)
    )
