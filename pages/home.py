"""Home: what the course is, a first prediction on the learner's sentence, and all lessons."""

from itertools import groupby

import streamlit as st

from lessons.catalog import catalog
from lessons.schema import PARTS
from pages.ui import resources, shell, state
from pages.ui.predictions import prediction_bars
from pages.ui.sentence import Sentence, sentence_bar

COLUMNS = 3


def first_prediction(sentence: Sentence) -> None:
    """What the bundled model puts where the learner masked a word."""
    assert sentence.encoding is not None
    model = resources.model(sentence.model)
    encoding = sentence.encoding
    masked = model.masked(encoding, sentence.masks)
    places = [i for i, token_id in enumerate(masked.input_ids) if token_id == model.mask_token_id]
    guesses = model.fill_mask(masked, top_k=5)
    prediction_bars(
        [
            (f"In place of “{encoding.tokens[place]}”", words)
            for place, words in zip(places, guesses, strict=True)
        ],
        key="home.predictions",
    )


def lesson_cards() -> None:
    """One card for each lesson, in the parts of the course."""
    finished = set(shell.done())
    for part, group in groupby(catalog(), key=lambda lesson: lesson.part):
        st.subheader(f"Part {part} · {PARTS[part]}", anchor=False)
        lessons = list(group)
        for start in range(0, len(lessons), COLUMNS):
            for column, lesson in zip(
                st.columns(COLUMNS), lessons[start : start + COLUMNS], strict=False
            ):
                with column, st.container(border=True, key=f"card-{lesson.slug}"):
                    tick = " ✓" if lesson.slug in finished else ""
                    st.page_link(
                        shell.path_of(lesson.slug),
                        label=f"**{lesson.title}**{tick}",
                        icon=lesson.icon,
                    )
                    st.markdown(lesson.promise)
                    st.caption(f"{lesson.minutes} minutes")


shell.enter("home")
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Inside BERT", anchor=False)
    shell.page_tools()
st.markdown(
    "See a language model at work **on your own sentence**. Nothing here is a canned picture: "
    "every number is computed live, by a real BERT that came with this app."
)
sentence = sentence_bar(pair=False)
st.markdown(
    "Press **mask** under a word. BERT has to guess it from the words on both sides."
    if not sentence.masks
    else "BERT reads what stands left and right of the gap, and spreads its bets:"
)
slot = st.container(key="home.first")
lesson_cards()
if sentence.encoding is not None and not sentence.empty:
    has_gap = sentence.masks or "[MASK]" in sentence.encoding.tokens
    if has_gap:
        with slot:
            first_prediction(sentence)
state.publish()
