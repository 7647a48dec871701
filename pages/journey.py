"""One sentence through BERT: the picture, and one word in two sentences."""

import streamlit as st

from lessons.engine.gaps import longest_word
from lessons.journey import compute, figures
from pages.ui import resources
from pages.ui.errors import NothingToShow
from pages.ui.journey import journey_picture
from pages.ui.shell import lesson_page

ELSEWHERE = "The bank lent her the money for a small house."

with lesson_page("journey", gap=True) as page:
    page.prose("what-bert-is")
    if page.experiment("the-way"):
        guess = page.predict(page.sentence.asked)
        page.prose("how-to-read-the-picture")
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
            st.info("Press mask under a piece to see the prediction form.", icon="👆")
        page.prose("what-to-notice")
    if page.experiment("elsewhere"):
        page.prose("one-word-in-two-places")
        other = st.text_input(
            "Another sentence with one of the same words",
            ELSEWHERE,
            key="journey.other",
            live="400ms",
            persist_state="session",
        )
        first = page.encoding()
        second = resources.encode(page.sentence.model, other, None)
        words = compute.shared_words(first, second)
        if not words:
            raise NothingToShow("The two sentences have no word in common: use one of the first.")
        best = "bank" if "bank" in words else words[0]
        word = st.segmented_control(
            "Word",
            words[:8],
            default=best,
            required=True,
            key=f"journey.word.{'.'.join(words[:8])}",
        )
        met = compute.meeting(page.model(), first, second, word or best)
        page.chart(figures.meeting_curve(met), key="meeting", words=compute.describe_meeting(met))
