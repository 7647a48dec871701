"""How far a changed input moved the vectors, in numbers."""

from __future__ import annotations

import streamlit as st

from lessons.engine.comparison import Change

LONGEST_DRAWN = 60  # tokens in a chart; more can't be read


def numbers(found: Change) -> None:
    first, second, third = st.columns(3)
    first.metric(
        "Vectors kept", f"{found.cosines.mean():.2f}",
        help="Mean cosine of each token's last vector with the one from the unchanged input.",
    )  # fmt: skip
    before, after = found.alike
    second.metric(
        "How alike tokens are", f"{after:.2f}", f"{after - before:+.2f}", delta_color="off",
        help="Mean cosine between different tokens of the input, after the last layer.",
    )  # fmt: skip
    if found.moved is not None:
        third.metric(
            "Prediction moved", f"{found.moved:.0%}",
            help="Share of the probability that now goes to other words than before.",
        )  # fmt: skip
