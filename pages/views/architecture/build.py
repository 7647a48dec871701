"""A model of one's own shape, with its parameters as areas."""

from __future__ import annotations

import streamlit as st

from lessons.architecture import compute, figures
from pages.ui import controls
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage

DRAWN = 16  # tokens in the drawing of one block


def _take(name: str) -> None:
    shape = compute.PRESETS[name]
    for key, value in {
        "layers": shape.num_hidden_layers,
        "hidden": shape.hidden_size,
        "heads": shape.num_attention_heads,
        "wide": shape.intermediate_size,
        "vocab": shape.vocab_size,
    }.items():
        st.session_state[f"architecture.{key}"] = value


def shape_controls() -> tuple[compute.Shape, str]:
    """Presets and sliders; returns the shape that they make, and the view of it."""
    base = compute.PRESETS["Base"]
    with st.container(horizontal=True, key="architecture.presets"):
        for name in compute.PRESETS:
            st.button(name, key=f"architecture.preset.{name}", on_click=_take, args=(name,))
    one, two, three = st.columns(3)
    with one:
        layers = controls.slider(
            "Layers (L)", 1, 24, base.num_hidden_layers, key="architecture.layers"
        )
        wide = controls.slider(
            "Feed-forward size (I)", 128, 4096, base.intermediate_size, 128, key="architecture.wide"
        )
    with two:
        hidden = controls.slider(
            "Hidden size (D)", 64, 1024, base.hidden_size, 64, key="architecture.hidden"
        )
        vocab = controls.number_input(
            "Pieces in the vocabulary (V)", 1000, 260000, base.vocab_size, step=1000,
            key="architecture.vocab",
        )  # fmt: skip
    with three:
        heads = controls.select_slider(
            "Heads (H)", [1, 2, 4, 8, 12, 16], base.num_attention_heads, key="architecture.heads"
        )
        view = controls.segmented_control(
            "Show", ["Stack", "Areas", "One block"], default="Stack", key="architecture.view"
        )
    if hidden % heads:
        raise NothingToShow(
            f"{heads} heads cannot share {hidden} numbers evenly: choose a hidden size that is a "
            f"multiple of {heads}."
        )
    return compute.Shape(layers, hidden, heads, wide, vocab), view


def build(page: LessonPage) -> None:
    """A BERT of the learner's shape, as a stack and as areas."""
    guess = page.predict()
    if guess is None:
        return
    tiny = compute.levels(compute.PRESETS["Tiny"])
    table, whole = tiny[0].parameters, sum(level.parameters for level in tiny)
    page.reveal(
        guess,
        100 * table / whole,
        f"Counted just now: {table:,} of the {whole:,} parameters of BERT-tiny are embeddings.",
    )
    shape, view = shape_controls()
    levels = compute.levels(shape)
    with st.container(horizontal=True):
        st.metric("Parameters", compute.short(compute.parameters(shape)))
        for name, megabytes in compute.memory(shape).items():
            st.metric(f"Memory, {name}", f"{megabytes:,.0f} MB")
        st.metric("Numbers in a head", shape.head_size)
    words = compute.describe_levels(shape)
    if view == "One block":
        stages = compute.stages(shape, DRAWN)
        drawing = figures.block_drawing(stages, layers=shape.num_hidden_layers)
        page.chart(drawing, key="block", words=compute.describe_stages(shape, DRAWN))
    else:
        figure = figures.stack(levels) if view == "Stack" else figures.treemap(levels)
        page.chart(figure, key="parts", words=words)
