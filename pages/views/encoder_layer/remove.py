"""One sublayer taken out."""

from __future__ import annotations

import streamlit as st

from lessons.encoder_layer import compute, figures
from pages.ui import controls
from pages.ui.errors import NothingToShow, fragment
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.shell import LessonPage
from pages.views.encoder_layer.gap import gap


@fragment
def remove(page: LessonPage) -> None:
    """Take parts out of the running model."""
    guess = page.predict(page.sentence.asked)
    model, encoding, position, _ = gap(page)
    if page.trace().attention_norm is None:
        raise NothingToShow("The steps of this model cannot be edited: choose a BERT.")
    parts = st.pills(
        "Take out", list(compute.PARTS), format_func=compute.PARTS.__getitem__,
        selection_mode="multi", default=["attention_residual"],
        key="encoder_layer.parts", persist_state="session",
    )  # fmt: skip
    count = model.spec.layers
    where = controls.segmented_control(
        "In layer", ["all", *range(1, count + 1)], default="all", key=f"encoder_layer.where.{count}"
    )
    layers = list(range(count)) if where == "all" else [int(where or 1) - 1]
    found = compute.without(model, encoding, position, parts or [], layers)
    if guess:
        st.markdown(f"You said: *{guess}*.")
    prediction_bars(
        [
            Bars("As it is", found.before, position=position),
            Bars("Without", found.after, position=position),
        ],
        key="encoder_layer_change",
    )
    page.chart(
        figures.lengths_without(found),
        key="without",
        words=compute.describe_without(found, parts or [], layers),
    )
