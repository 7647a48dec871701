"""One pair of sentences by every pooling and model."""

from __future__ import annotations

import streamlit as st

from lessons.similarity import compute, figures
from pages.ui import state
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.similarity.vectors import our_scores, vectors

PRESETS = (0, 1, 4, 11, 18, 49)  # places among our pairs


def one_pair(page: LessonPage) -> None:
    """The learner's two sentences by every method, each on its band of random pairs."""
    first, second = page.sentence.text, page.sentence.pair
    if page.sentence.empty:
        raise NothingToShow("Type a sentence above, or take one of the example pairs.")
    with st.container(horizontal=True, gap="small", key="similarity_presets"):
        for place in PRESETS:
            pair = compute.pairs()[place]
            st.button(
                pair.first, key=f"similarity.preset{place}", on_click=state.show_example,
                args=(pair.first, pair.second),
                help=f"{pair.first} / {pair.second}",
            )  # fmt: skip
    if not second:
        second = compute.stand_in()
        st.caption(f"No second sentence above yet, so yours is compared with “{second}”")
    methods = tuple(compute.methods(page.sentence.model))
    texts = [first, second]
    mine = vectors(methods, texts)
    found = [
        compute.standing(m, compute.scores(m, texts, mine, [(0, 1)])[0], strangers)
        for m, _, strangers in our_scores(methods)
    ]
    page.chart(
        figures.standing_plot(found), key="standings", words=compute.describe_standings(found)
    )
