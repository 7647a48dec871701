"""One of the three parts taken away."""

from __future__ import annotations

import streamlit as st

from lessons.engine.comparison import Change, compare, describe_change
from lessons.inputs import compute, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage
from pages.views.inputs.numbers import LONGEST_DRAWN, numbers

CHANGES = {
    "positions": "No positions", "segments": "No segments", "words": "No words",
    "shuffled": "Shuffled places", "moved": "Places from 100", "segment-b": "All in segment B",
}  # fmt: skip


@fragment
def take_one_away(page: LessonPage) -> None:
    guess = page.predict(page.sentence.asked)
    encoding, gap = with_a_gap(page)
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
    if guess and change == "positions" and found.before:
        same = found.before[0][0] == found.after[0][0]
        truth = "Another word leads"
        if same:
            surer = found.after[0][1] >= found.before[0][1]
            truth = "It stays" if surer else "It stays, less sure"
        verdict = "as you guessed" if guess == truth else f"you guessed “{guess}”"
        st.markdown(f"**{truth}**: {verdict}.")
    shown = found.tokens[:LONGEST_DRAWN]
    title = f"{CHANGES[change]}: how much of each vector stays"
    figure = figures.kept_vectors(shown, found.cosines[:LONGEST_DRAWN], gap, title)
    page.chart(figure, key="change_chart", words=describe_change(found))


def predictions(found: Change, name: str, key: str) -> None:
    if found.before:
        prediction_bars([("As it is", found.before), (name, found.after)], key=key)
