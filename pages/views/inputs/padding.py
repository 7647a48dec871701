"""What happens when padding is looked at."""

from __future__ import annotations

import streamlit as st

from lessons.inputs import compute, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.shell import LessonPage
from pages.views.inputs.numbers import LONGEST_DRAWN


@fragment
def forgotten_mask(page: LessonPage) -> None:
    encoding, gap = with_a_gap(page)
    room = page.model().max_tokens - len(encoding)
    if room < 1:
        st.info(
            "Your text fills every place, so there is no room for padding.",
            icon=":material/content_cut:",
        )
        return
    extra = controls.slider("Padding tokens", 1, min(64, room), min(8, room), key="inputs.padding")
    found = compute.padded(page.model(), page.trace(encoding), encoding, extra, gap)
    left, right = st.columns(2)
    left.metric(
        "Largest change, mask right", f"{found.right_error:.0e}" if found.right_error else "0"
    )
    right.metric("Mean cosine, mask of ones", f"{found.wrong.cosines.mean():.3f}")
    shown = slice(LONGEST_DRAWN)
    figure = figures.two_masks(
        found.wrong.tokens[shown], found.right.cosines[shown], found.wrong.cosines[shown]
    )
    page.chart(figure, key="padding_chart", words=compute.describe_padded(found, extra))
    if found.wrong.before:
        scale = max(found.right.after[0][1], found.wrong.after[0][1])
        left, right = st.columns(2)
        with left:
            prediction_bars([("Padding hidden", found.right.after)], key="inputs_hid", scale=scale)
        with right:
            prediction_bars(
                [("Padding looked at", found.wrong.after)], key="inputs_saw", scale=scale
            )
