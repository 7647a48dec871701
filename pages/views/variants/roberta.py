"""RoBERTa: new masks for each pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lessons.variants import coverage, figures
from pages.ui import controls
from pages.ui.errors import NothingToShow, fragment
from pages.ui.shell import LessonPage

if TYPE_CHECKING:
    from lessons.engine import Encoding

COPIES, SEED = 10, 1


def roberta(page: LessonPage) -> None:
    encoding = page.encoding()  # a fragment has no way to say that there is no sentence
    try:
        ten = coverage.coverage(encoding, 10, None, SEED)
    except ValueError:
        raise NothingToShow("Type a sentence with a word in it.") from None
    guess = page.predict(page.sentence.text, page.sentence.pair)
    if guess is None:
        return
    page.reveal(
        guess,
        100 * float(ten.expected[-1]),
        f"By the law of chance {ten.expected[-1]:.0%} after ten epochs; in the draws below, "
        f"{ten.seen[-1]:.0%} of your tokens.",
    )
    masks(page, encoding)


@fragment
def masks(page: LessonPage, encoding: Encoding) -> None:
    left, middle, right = st.columns(3)
    epochs = controls.slider("Epochs", 2, 40, 40, key="variants.epochs", into=left)
    copies = controls.slider(
        "Copies drawn beforehand", 2, 20, COPIES, key="variants.copies", into=middle
    )
    seed = controls.slider("Seed", 1, 50, SEED, key="variants.mask_seed", into=right)
    ways = [coverage.coverage(encoding, epochs, n, seed) for n in (1, copies, None)]
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
