"""Raw [CLS] vectors against others."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lessons.similarity import compute, figures
from pages.ui import controls
from pages.ui.drawings import drawing
from pages.ui.shell import LessonPage
from pages.views.similarity.vectors import our_scores

GUESSES = {"Below 0.2": 0.1, "0.2 to 0.4": 0.3, "Above 0.4": 0.7}


def raw_cls(page: LessonPage) -> None:
    """The prediction, unrelated sentences by each method, and how each orders our pairs."""
    guess = page.predict(page.sentence.model)
    methods = tuple(compute.methods(page.sentence.model))
    rows = our_scores(methods)
    strangers = [(m, values) for m, _, values in rows]
    if guess:
        value = strangers[1][1].mean()
        st.markdown(f"You said **{guess.lower()}**. Measured now: **{value:.2f}**.")
    figure, words = drawing(
        "random",
        f"{page.sentence.model}/{guess}",
        lambda: (
            figures.random_boxes(strangers, GUESSES.get(guess or "")),
            compute.describe_random(strangers),
        ),
    )
    page.chart(figure, key="random", words=words)
    ours = np.array([pair.score for pair in compute.pairs()])
    traps = [bool(pair.trap) for pair in compute.pairs()]
    which = controls.segmented_control(
        "Pairs", ["all", "with a trap", "without a trap"], default="all", key="similarity.pairs"
    )
    chosen = [
        i for i, trap in enumerate(traps) if which == "all" or trap == (which == "with a trap")
    ]
    found = [(m, compute.rank_correlation(values[chosen], ours[chosen])) for m, values, _ in rows]
    title = f"Agreement with our ratings of {len(chosen)} pairs"
    figure, words = drawing(
        "correlations",
        f"{page.sentence.model}/{which}",
        lambda: (
            figures.correlation_bars(found, title=title),
            compute.describe_correlations(found, len(chosen), "our ratings"),
        ),
    )
    page.chart(figure, key="correlations", words=words)
    figure, words = drawing("sourced", "", lambda: (figures.sourced_bars(), compute.SOURCED))
    page.chart(figure, key="sourced", words=words)
    page.prose("what-others-measured")
