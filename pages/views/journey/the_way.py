"""The sentence on its way through the layers."""

from __future__ import annotations

import streamlit as st

from lessons.engine.gaps import longest_word
from lessons.journey import compute
from pages.ui.shell import LessonPage
from pages.views.journey.picture import journey_picture


def the_way(page: LessonPage) -> None:
    encoding, model = page.encoding(), page.model()
    hides_a_word = model.has_mlm and bool(page.sentence.masks)
    if hides_a_word:
        guess = page.predict(page.sentence.asked)
        if guess is None:
            return
    else:
        guess = None
        page.go_on()
    picture = compute.journey(model, encoding, page.sentence.masks)
    followed = next((p for p in picture.guesses if p in page.sentence.masks), None)
    if guess and followed is not None:
        truth = compute.arrival(picture, followed)
        page.reveal(guess, truth, compute.describe_arrival(picture, followed))
    focus = next(iter(picture.guesses), longest_word(encoding, compute.LONGEST) or 0)
    journey_picture(picture.as_data(), focus=focus, words=compute.describe(picture))
    for position in picture.guesses:
        if position != followed and picture.originals[position] != "[MASK]":
            st.markdown(compute.describe_arrival(picture, position))
