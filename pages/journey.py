"""One sentence through BERT: the picture, and one word in two sentences."""

import streamlit as st

from lessons.engine.gaps import longest_word
from lessons.journey import compute, figures
from pages.ui import resources
from pages.ui.errors import NothingToShow
from pages.ui.journey import journey_picture
from pages.ui.shell import LessonPage, lesson_page

ELSEWHERE = "The bank lent her the money for a small house."


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


def elsewhere(page: LessonPage) -> None:
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


with lesson_page("journey", gap=True) as page:
    page.steps({"the-way": the_way, "elsewhere": elsewhere})
