"""What each head matters to a prediction: silence it, and look again."""

from __future__ import annotations

import streamlit as st

from lessons.attention import figures, importance
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.shell import LessonPage
from pages.views.attention import results as kept
from pages.views.attention.gap import gap

HOW: dict[importance.How, str] = {"silent": "Silent: hands on nothing", "even": "Looks evenly"}


@fragment
def matter(page: LessonPage) -> None:
    """Silence heads, and see what becomes of the prediction."""
    model, encoding, position = gap(page)
    layers, heads = range(model.spec.layers), range(model.spec.heads)
    left, right = st.columns(2)
    with left:
        choices: list[str | int] = ["all", *(i + 1 for i in layers)]
        layer = controls.segmented_control(
            "Layer", choices, default=min(3, len(layers)), key=f"attention.off_layer.{len(layers)}"
        )
    with right:
        how = controls.segmented_control(
            "The chosen heads",
            list(HOW),
            format_func=HOW.__getitem__,
            default="silent",
            key="attention.how",
        )
    chosen = st.pills(
        "Heads", [i + 1 for i in heads], selection_mode="multi",
        default=[i + 1 for i in heads], key=f"attention.off.{len(heads)}",
        persist_state="session",
    )  # fmt: skip
    off = [
        (i, head - 1) for i in (layers if layer == "all" else [int(layer or 1) - 1])
        for head in chosen or []
    ]  # fmt: skip
    change = importance.silence(model, encoding, position, off, how or "silent")
    prediction_bars(
        [
            Bars("As it is", change.before, position=position),
            Bars("With these heads changed", change.after, position=position),
        ],
        key="attention_change",
    )
    st.caption(importance.describe_change(change, off, how or "silent"))
    if not controls.toggle("Silence every head in turn", key="attention.each"):
        return  # a pass for each head: only for those who ask
    if len(encoding) > importance.LONGEST:
        st.info(
            f"Every head alone is tried on up to {importance.LONGEST} tokens.",
            icon=":material/lightbulb:",
        )
        return
    effects = kept.effects_of(model, encoding, position)
    page.chart(
        figures.head_effects(effects, change.word),
        key="effects",
        words=importance.describe_each_head(effects),
    )
