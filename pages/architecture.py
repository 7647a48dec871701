"""What BERT is made of: any shape built and counted, its cost, and four ways to read a sentence."""

import streamlit as st

from lessons.architecture import compute, figures
from pages.ui.errors import NothingToShow
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage, lesson_page

LENGTHS = (8, 16, 32, 64, 128, 256, 384, 512)
MEASURED = (8, 64, 128, 256, 512)
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
    if guess:
        tiny = compute.levels(compute.PRESETS["Tiny"])
        share = tiny[0].parameters / sum(level.parameters for level in tiny)
        st.markdown(f"You said **{guess}**. Counted just now: **{share:.1%}**.")
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


def price(page: LessonPage) -> None:
    """Operations against length for the shape that was built, and milliseconds of the model."""
    shape = compute.PRESETS["Base"]
    if "architecture.layers" in st.session_state:
        layers, hidden, heads, wide, vocabulary = (
            int(st.session_state[f"architecture.{name}"])
            for name in ("layers", "hidden", "heads", "wide", "vocab")
        )
        if hidden % heads == 0:
            shape = compute.Shape(layers, hidden, heads, wide, vocab_size=vocabulary)
    longest = st.segmented_control(
        "Up to", [512, 2048, 8192], default=512, required=True, key="architecture.longest",
        format_func="{:,} tokens".format, persist_state="session",
    )  # fmt: skip
    length = st.slider(
        "Tokens (T)", 2, longest or 512, 128, key=f"architecture.length.{longest}",
        persist_state="session",
    )  # fmt: skip
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


def both_sides(page: LessonPage) -> None:
    """One gap, four ways to read."""
    model = page.model()
    if not model.has_mlm:
        raise NothingToShow(f"{model.spec.title} predicts no words: choose another model above.")
    _, gap = with_a_gap(page)
    if gap is None:
        raise NothingToShow("Type a sentence with a word of one piece: it is guessed four ways.")
    masks = sorted({*page.sentence.masks, gap})
    found = compute.readings(model, page.encoding(), masks, gap)
    prediction_bars(
        [(reading.name.capitalize(), reading.words) for reading in found], key="architecture.bars"
    )
    st.caption(compute.describe_readings(found))


with lesson_page("architecture") as page:
    page.steps({"build": build, "cost": price, "both-sides": both_sides})
