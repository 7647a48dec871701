"""One sublayer taken out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lessons.encoder_layer import compute, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.shell import LessonPage
from pages.views.encoder_layer.gap import gap

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.model import LoadedModel


def remove(page: LessonPage) -> None:
    """The guess, and parts taken out of the running model."""
    model, encoding, position, _ = gap(page)
    with_all = compute.first_now(model, page.trace(encoding), position)
    guess = page.predict(page.sentence.asked, now=100 * with_all)
    if guess is None:
        return
    layers = list(range(model.spec.layers))
    found = compute.without(model, encoding, position, ["attention_residual"], layers)
    page.reveal(
        guess,
        100 * found.probability[1],
        f"“{found.word}” goes from {found.probability[0]:.1%} to {found.probability[1]:.1%}; the "
        f"model now says “{found.after[0][0]}” ({found.after[0][1]:.0%}).",
        now=100 * with_all,
    )
    taken_out(page, model, encoding, position)


@fragment
def taken_out(page: LessonPage, model: LoadedModel, encoding: Encoding, position: int) -> None:
    """Parts to choose, and what becomes of the prediction."""
    names = compute.parts_of(model)
    parts = st.pills(
        "Take out", list(names), format_func=names.__getitem__,
        selection_mode="multi", default=["attention_residual"],
        key=f"encoder_layer.parts.{len(names)}", persist_state="session",
    )  # fmt: skip
    count = model.spec.layers
    where = controls.segmented_control(
        "In layer", ["all", *range(1, count + 1)], default="all", key=f"encoder_layer.where.{count}"
    )
    layers = list(range(count)) if where == "all" else [int(where or 1) - 1]
    found = compute.without(model, encoding, position, parts or [], layers)
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
        words=compute.describe_without(found, parts or [], layers, names),
    )
