"""One of the three parts taken away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from lessons.engine.comparison import Change, compare, describe_change
from lessons.inputs import compute, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage
from pages.views.inputs.numbers import LONGEST_DRAWN, numbers

if TYPE_CHECKING:
    from lessons.engine import Encoding

CHANGES = {
    "positions": "No positions", "segments": "No segments", "words": "No words",
    "shuffled": "Shuffled places", "moved": "Places from 100", "segment-b": "All in segment B",
}  # fmt: skip


def take_one_away(page: LessonPage) -> None:
    """The guess, and each part taken away."""
    encoding, gap = with_a_gap(page)
    model = page.model()
    first = page.trace(encoding)
    if gap is None or first.position_embeddings is None:
        page.go_on()
    else:
        guess = page.predict(page.sentence.asked)
        if guess is None:
            return
        found = compare(model, first, compute.ablated(model, encoding, "positions", 0), gap)
        truth, words = compute.without_positions(found)
        page.reveal(guess, truth, words)
    taken_away(page, encoding, gap)


@fragment
def taken_away(page: LessonPage, encoding: Encoding, gap: int | None) -> None:
    """What one of the changes does to the vectors and to the prediction."""
    change = controls.segmented_control(
        "What to change",
        list(CHANGES),
        format_func=CHANGES.__getitem__,
        default="positions",
        key="inputs.change",
    )
    seed = 0
    if change == "shuffled":
        seed = controls.slider("Seed of the shuffle", 0, 20, 1, key="inputs.seed")
    model = page.model()
    try:
        second = compute.ablated(model, encoding, change, seed)
    except ValueError as reason:
        st.info(f"This change can't be made here: {reason}.", icon=":material/content_cut:")
        return
    found = compare(model, page.trace(encoding), second, gap)
    st.markdown(compute.ABLATIONS[change])
    numbers(found)
    other = None if page.sentence.pair else compute.AS_SILENT.get(change)
    if other and found.moved is not None:
        beside = compare(model, page.trace(encoding), compute.ablated(model, encoding, other), gap)
        assert beside.moved is not None
        st.caption(compute.describe_both(change, found.moved, beside.moved))
    predictions(found, CHANGES[change], "inputs_change_words")
    shown = found.tokens[:LONGEST_DRAWN]
    title = f"{CHANGES[change]}: how much of each vector stays"
    figure = figures.kept_vectors(shown, found.cosines[:LONGEST_DRAWN], gap, title)
    page.chart(figure, key="change_chart", words=describe_change(found))


def predictions(found: Change, name: str, key: str) -> None:
    if found.before:
        prediction_bars([("As it is", found.before), (name, found.after)], key=key)
