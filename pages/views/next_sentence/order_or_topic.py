"""Whether the head reads order or topic."""

from __future__ import annotations

import streamlit as st

from lessons.next_sentence import compute
from pages.ui import controls, long_work
from pages.ui.errors import calmly, fragment
from pages.ui.shell import LessonPage
from pages.views.next_sentence.parts import SLUG, judged


@fragment
def order_or_topic(page: LessonPage) -> None:
    """All our pairs judged, in small batches with progress."""
    from lessons.next_sentence import figures

    seed = controls.number_input(
        "Seed of the shuffling", 0, 9999, 0, key=f"{SLUG}.shuffle", width=180
    )
    asked: set[tuple[str, int]] = st.session_state.setdefault(f"{SLUG}.asked", set())
    key = (page.sentence.model, seed)
    with calmly():
        if key not in asked:
            count = len(compute.all_pairs(seed)) * len(compute.KINDS)
            place = st.empty()
            if not place.button(f"Judge all {count} pairs", key=f"{SLUG}.go", type="primary"):
                a_few(page, seed)
                return
            place.empty()
            asked.add(key)
        model = page.model()
        measured = long_work.result(
            ("all pairs", model.name, model.version, seed),
            "All pairs are judged",
            lambda progress: compute.measure(model, seed, progress),
        )
        page.chart(
            figures.score_bars(measured), key="scores", words=compute.describe_scores(measured)
        )
        page.chart(
            figures.kind_strips(measured), key="kinds", words=compute.describe_kinds(measured)
        )


def a_few(page: LessonPage, seed: int) -> None:
    """Some of our pairs, judged before anybody asks for all."""
    from lessons.next_sentence import figures

    page.model()
    rows = compute.few(seed)
    flat = tuple((pair.first, pair.second) for row in rows for pair in row)
    measured = compute.gathered(rows, judged(page.sentence.model, flat))
    page.chart(figures.kind_strips(measured), key="few", words=compute.describe_kinds(measured))
