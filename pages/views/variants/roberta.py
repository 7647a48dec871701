"""RoBERTa: new masks for each pass."""

from __future__ import annotations

import streamlit as st

from lessons.variants import coverage, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage
from pages.views.variants.runs import resolve

COPIES = 10


def roberta(page: LessonPage) -> None:
    page.encoding()  # a fragment has no way to say that there is no sentence
    masks(page, page.predict())


@fragment
def masks(page: LessonPage, said: str | None) -> None:
    encoding = page.encoding()
    left, middle, right = st.columns(3)
    epochs = controls.slider("Epochs", 2, 40, 40, key="variants.epochs", into=left)
    copies = controls.slider(
        "Copies drawn beforehand", 2, 20, COPIES, key="variants.copies", into=middle
    )
    seed = controls.slider("Seed", 1, 50, 1, key="variants.mask_seed", into=right)
    try:
        ways = [coverage.coverage(encoding, epochs, n, seed) for n in (1, copies, None)]
    except ValueError:
        st.info("Type a sentence with a word in it.", icon=":material/edit:")
        return
    if said:
        ten = coverage.coverage(encoding, 10, None, seed)
        resolve(said, f"{ten.seen[-1]:.0%} after ten epochs, {ten.expected[-1]:.0%} expected")
    named = [(coverage.name_of(way.copies), way) for way in ways]
    left, right = st.columns(2)
    with left:
        page.chart(
            figures.coverage_curves(named), key="coverage", words=coverage.describe_coverage(ways)
        )
    with right:
        drawn = [named[0], named[2]]
        figure = figures.times_asked(ways[0].tokens, drawn)
        page.chart(figure, key="times", words=coverage.describe_times(ways[2]))
