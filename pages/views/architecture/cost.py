"""What attention and feed-forward cost as inputs grow longer."""

from __future__ import annotations

import streamlit as st

from lessons.architecture import compute, figures
from pages.ui import controls
from pages.ui.shell import LessonPage

MEASURED = (8, 64, 128, 256, 512)


def price(page: LessonPage) -> None:
    """Operations against length for the shape that was built, and milliseconds of the model."""
    base = shape = compute.PRESETS["Base"]
    built = compute.Shape(
        controls.kept("architecture.layers", base.num_hidden_layers),
        controls.kept("architecture.hidden", base.hidden_size),
        controls.kept("architecture.heads", base.num_attention_heads),
        controls.kept("architecture.wide", base.intermediate_size),
        vocab_size=controls.kept("architecture.vocab", base.vocab_size),
    )
    if built.hidden_size % built.num_attention_heads == 0:
        shape = built
    longest = controls.segmented_control(
        "Up to",
        [512, 2048, 8192],
        default=512,
        key="architecture.longest",
        format_func="{:,} tokens".format,
    )
    length = controls.slider(
        "Tokens (T)", 2, longest or 512, 128, key=f"architecture.length.{longest}"
    )
    grid = sorted({max(1, round((longest or 512) * i / 60)) for i in range(1, 61)} | {length})
    page.chart(
        figures.cost_curve([compute.cost(shape, tokens) for tokens in grid], length),
        key="cost",
        words=compute.describe_cost(shape, length),
    )
    if st.button(
        "Measure the model at hand on this machine",
        key="architecture.measure",
        icon=":material/timer:",
    ):
        with st.spinner("Reading sentences of several lengths …"):
            model = page.model()
            st.session_state["architecture.timings"] = (
                compute.measure(model, MEASURED),
                compute.shape_of(model),
            )
    if "architecture.timings" in st.session_state:
        timings, measured = st.session_state["architecture.timings"]
        expected = [compute.cost(measured, timing.tokens) for timing in timings]
        page.chart(
            figures.timing_curve(timings, expected),
            key="timing",
            words=compute.describe_timings(timings),
        )
