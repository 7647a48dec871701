"""A model of one's own shape, with its parameters as areas."""

from __future__ import annotations

import streamlit as st

from lessons.architecture import compute, figures
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
    if "architecture.layers" not in st.session_state:
        _take("Base")
    with st.container(horizontal=True, key="architecture.presets"):
        for name in compute.PRESETS:
            st.button(name, key=f"architecture.preset.{name}", on_click=_take, args=(name,))
    one, two, three = st.columns(3)
    with one:
        layers = st.slider("Layers (L)", 1, 24, key="architecture.layers", persist_state="session")
        wide = st.slider(
            "Feed-forward size (I)", 128, 4096, step=128, key="architecture.wide",
            persist_state="session",
        )  # fmt: skip
    with two:
        hidden = st.slider(
            "Hidden size (D)", 64, 1024, step=64, key="architecture.hidden", persist_state="session"
        )
        vocab = st.number_input(
            "Pieces in the vocabulary (V)", 1000, 260000, step=1000, key="architecture.vocab",
            persist_state="session",
        )  # fmt: skip
    with three:
        heads = st.select_slider(
            "Heads (H)", [1, 2, 4, 8, 12, 16], key="architecture.heads", persist_state="session"
        )
        view = st.segmented_control(
            "Show", ["Stack", "Areas", "One block"], default="Stack", required=True,
            key="architecture.view", persist_state="session",
        )  # fmt: skip
    if hidden % heads:
        raise NothingToShow(
            f"{heads} heads cannot share {hidden} numbers evenly: choose a hidden size that is a "
            f"multiple of {heads}."
        )
    return compute.Shape(layers, hidden, heads, wide, int(vocab)), view or "Stack"


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
