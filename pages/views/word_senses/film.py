"""The uses of a word from layer to layer."""

from __future__ import annotations

import streamlit as st

from lessons.word_senses import compute
from lessons.word_senses.examples import sense_words
from pages.ui.shell import LessonPage
from pages.views.word_senses import maps, workbench
from pages.views.word_senses.parts import on_the_bench

GUESSES = {"Nearly always": 1.0, "About as often as a coin": 0.5, "Nearly never": 0.0}


def film(page: LessonPage) -> None:
    """A guess about layer 0, then the film."""
    bench = on_the_bench(page)
    guess = page.predict(page.sentence.model)
    if guess:
        bank = sense_words()["bank"]
        vectors = workbench.vectors_of(page.sentence.model, bank)
        first, last = (compute.leave_one_out(vectors[i], bank.labels).accuracy for i in (0, -1))
        st.markdown(
            f"You said **{guess.lower()}**. For “bank” it is right for "
            f"**{compute.percent(first)}** at layer 0, and for **{compute.percent(last)}** at the "
            "last layer. See it happen:"
        )
    about_bank = bench.word.word == "bank"
    maps.film_view(
        bench, key="word_senses.film", guess=GUESSES.get(guess or "") if about_bank else None
    )
