"""The sentence on its way through the layers."""

from __future__ import annotations

import streamlit as st

from lessons.engine.gaps import longest_word
from lessons.journey import compute
from pages.ui.shell import LessonPage
from pages.views.journey.picture import journey_picture


def the_way(page: LessonPage) -> None:
    guess = page.predict(page.sentence.asked)
    encoding = page.encoding()
    picture = compute.journey(page.model(), encoding, page.sentence.masks)
    focus = next(iter(picture.guesses), longest_word(encoding, compute.LONGEST) or 0)
    journey_picture(picture.as_data(), focus=focus)
    st.caption(compute.describe(picture))
    for position in picture.guesses:
        if picture.originals[position] != "[MASK]":
            said = f"You said: *{guess}*. " if guess else ""
            st.markdown(said + compute.describe_arrival(picture, position))
    if not picture.guesses:
        st.info("Press mask under a piece to see the prediction form.", icon=":material/touch_app:")
