"""Rotary positions, relative positions and ALiBi beside them."""

from __future__ import annotations

import streamlit as st

from lessons.positions import alibi, compute, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage
from pages.views.positions.parts import LONGEST_DRAWN, REACH


@fragment
def relatives(page: LessonPage) -> None:
    model, encoding = page.model(), page.encoding()
    trace = page.trace()
    if trace.queries is None or not compute.can_be_without(model):
        st.info(
            f"{model.spec.title} computes its attention in a form of its own, which can't be given "
            "another scheme: choose another model above.",
            icon=":material/neurology:",
        )
        return
    scheme = controls.segmented_control(
        "Scheme", compute.SCHEMES, default="RoPE", key="positions.scheme"
    )
    left, right = st.columns(2)
    head = controls.slider(
        "Head of the first layer",
        1,
        trace.num_heads,
        1,
        key="positions.head",
        into=left,
    )
    base = float(
        controls.select_slider(
            "Base of RoPE", [100, 1000, 10_000, 160_000], 10_000, key="positions.rope",
            into=right,
        )
    )  # fmt: skip
    found = compute.borrowed_attention(model, encoding, head - 1, scheme, base)
    row = page.sentence.selected or min(2, len(encoding) - 1)
    shown = slice(LONGEST_DRAWN)
    left, right = st.columns(2)
    with left:
        title = f"Your sentence with {scheme}"
        weights = found.weights[shown, shown]
        figure = figures.attention_map(weights, encoding.tokens[shown], title=title)
        page.chart(
            figure, key="borrowed",
            words=compute.describe_borrowed(found, encoding.tokens, row, scheme),
        )  # fmt: skip
    with right:
        if scheme == "ALiBi":
            slopes = alibi.slopes(trace.num_heads)
            page.chart(
                figures.alibi_lines(slopes, REACH, head - 1), key="slopes",
                words=f"Head {head} takes {slopes[head - 1]:.4f} off for each step of distance; "
                f"the steepest takes {slopes.max():.3f}, the flattest {slopes.min():.4f}.",
            )  # fmt: skip
        else:
            size = trace.queries.shape[-1]
            curves = {
                f"base {b:,.0f}": compute.score_by_distance(REACH, size, b)
                for b in dict.fromkeys((base, 10_000.0, 160_000.0))
            }
            near = next(iter(curves.values()))
            page.chart(
                figures.closeness_lines(curves, title="RoPE: score by distance", y="score"),
                key="rope_curve",
                words=f"With base {base:,.0f} the score falls from 1 to {near[1]:.2f} one place "
                f"away and {near[20]:.2f} twenty places away, whatever place you start from.",
            )


def other_ways(page: LessonPage) -> None:
    relatives(page)
    page.prose("side-by-side")
