"""Three vectors added, number by number."""

from __future__ import annotations

import base64

import numpy as np
import streamlit as st

from lessons.inputs import compute, figures
from pages.ui.components import component
from pages.ui.shell import LessonPage
from pages.views.inputs.numbers import LONGEST_DRAWN

_strips = component("sum_of_parts", '<div class="input-sum"></div>')


def sum_of_parts(page: LessonPage) -> None:
    trace = page.trace()
    chosen = page.sentence.selected
    if chosen is None:
        chosen = min(2, len(trace.tokens) - 1)
    found = compute.input_sum(page.model(), trace, chosen)
    rows = np.stack([*found.parts, found.total, found.normed, found.gain, found.shift])
    st.caption(
        f"Token {chosen}, “{found.token}”. Click another in the ribbon above to see its sum."
    )
    _strips(
        key="inputs_strips",
        data={
            "token": found.token, "position": found.position, "segment": found.segment,
            "rows": base64.b64encode(rows.astype("<f4").tobytes()).decode(),
            "chosen": compute.loudest(found.parts), "mean": found.mean,
            "deviation": found.deviation,
        },
    )  # fmt: skip
    st.caption(compute.describe_sum(found))
    shown = trace.tokens[:LONGEST_DRAWN]
    lengths = compute.lengths(trace)[:, : len(shown)]
    page.chart(
        figures.part_lengths(shown, lengths, chosen if chosen < len(shown) else None),
        key="lengths", words=compute.describe_lengths(shown, lengths),
    )  # fmt: skip


def strips(page: LessonPage) -> None:
    if compute.shows_parts(page.trace()):
        sum_of_parts(page)
    else:
        st.info(
            f"{page.model().spec.title} does not show the vectors that it adds: choose a model "
            "of the BERT family above.",
            icon=":material/neurology:",
        )
