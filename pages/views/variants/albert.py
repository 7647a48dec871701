"""ALBERT: one layer in all places, and a factored embedding table."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.engine.timing import pass_times
from lessons.variants import figures, sharing
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage


@fragment
def shared(page: LessonPage, model: Any, encoding: Any, gap: int | None) -> None:
    count = model.spec.layers
    left, right = st.columns(2)
    layer = controls.slider("Layer that is shared", 1, count, 1, key="variants.layer", into=left)
    times = controls.slider(
        "Used how many times", 1, 12, min(count, 12), key="variants.times", into=right
    )
    try:
        found = sharing.share(model, encoding, layer - 1, times, gap)
    except ValueError:
        st.info(
            "Choose a model of the BERT family above to share its layers.",
            icon=":material/neurology:",
        )
        return
    with st.container(horizontal=True):
        st.metric("Weights in the layers", f"{found.encoder[1] / 1e6:.2f} M",
                  f"{found.encoder[1] / found.encoder[0] - 1:.0%}",
                  delta_color="inverse")  # fmt: skip
        st.metric("With embeddings and pooler", f"{found.parameters[1] / 1e6:.2f} M",
                  f"{found.parameters[1] / found.parameters[0] - 1:.0%}",
                  delta_color="inverse")  # fmt: skip
        if took := st.session_state.get("variants.shared_ms"):
            st.metric(f"Time, {took[2]} × one layer", f"{took[1]:.1f} ms",
                      f"{took[1] / took[0] - 1:+.0%}", delta_color="inverse")  # fmt: skip
    if found.before:
        prediction_bars(
            [("The model as it is", found.before), (f"Layer {layer}, {times} times", found.after)],
            key="variants_shared",
        )
    st.caption(sharing.describe_shared(found))
    st.button(
        "Measure the time of both", icon=":material/timer:", key="variants.measure_shared",
        on_click=measure_shared, args=(model, encoding, layer - 1, times),
    )  # fmt: skip


def measure_shared(model: Any, encoding: Any, layer: int, times: int) -> None:
    both = pass_times([model, sharing.shared_model(model, layer, times)], [encoding] * 2)
    st.session_state["variants.shared_ms"] = (*(1000 * seconds for seconds in both), times)


@fragment
def factors(page: LessonPage) -> None:
    left, right = st.columns(2)
    hidden = controls.select_slider(
        "Hidden size D",
        [384, 768, 1024, 2048, 4096],
        768,
        key="variants.hidden",
        into=left,
    )
    inner = controls.select_slider(
        "Inner size E",
        [16, 32, 64, 128, 256, 384, 512, 768, 1024],
        128,
        key="variants.inner",
        into=right,
    )
    sizes = sorted({*range(16, 1025, 16), inner})
    chosen = sharing.Factors(30_000, hidden, inner)
    figure = figures.factor_curve(
        sizes, [sharing.Factors(30_000, hidden, e).factored for e in sizes], chosen.whole, inner
    )
    page.chart(figure, key="factors", words=sharing.describe_factors(chosen))


def albert(page: LessonPage) -> None:
    """The guess, a layer in place of all, and a table in two parts."""
    encoding, gap = with_a_gap(page)
    model = page.model()
    try:
        found = sharing.share(model, encoding, 0, min(model.spec.layers, 12), gap)
    except ValueError:
        found = None
    if found is None or found.kept is None:
        page.go_on()
    else:
        guess = page.predict(page.sentence.asked)
        if guess is None:
            return
        first, now = found.before[0][0], found.after[0][0]
        words = f"“{first}” was first; with layer 1 in all places “{now}” is."
        page.reveal(guess, "yes" if found.kept else "no", words)
    shared(page, model, encoding, gap)
    factors(page)
