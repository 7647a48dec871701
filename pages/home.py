"""Home: the learner's sentence on its way through BERT, and all lessons."""

from itertools import groupby

import streamlit as st

from lessons.catalog import catalog
from lessons.engine.gaps import longest_word
from lessons.journey.compute import LONGEST, describe, journey
from lessons.journey.stored import stored
from lessons.schema import PARTS
from pages.ui import errors, resources, shell, state
from pages.ui.sentence import Sentence, sentence_bar
from pages.views.journey.picture import journey_picture


def is_first_view(sentence: Sentence) -> bool:
    """Whether the stored picture is the picture of this sentence."""
    return (
        sentence.text == state.DEFAULT_TEXT
        and sentence.pair is None
        and sentence.masks == state.DEFAULT_MASKS
        and sentence.model == state.MODEL.default
    )


def picture(sentence: Sentence) -> None:
    """The journey: stored for the very first view, so that it does not wait for the model."""
    if is_first_view(sentence) and not resources.ready(sentence.model):
        journey_picture(stored(), focus=state.DEFAULT_MASKS[0])
        return
    assert sentence.encoding is not None
    with st.spinner("Loading the model …", show_time=True):
        model = resources.model(sentence.model)
    found = journey(model, sentence.encoding, sentence.masks)
    focus = next(iter(found.guesses), longest_word(sentence.encoding, LONGEST) or 0)
    journey_picture(found.as_data(), focus=focus, words=describe(found))


def lessons() -> None:
    """All lessons in the parts of the course, a line each."""
    finished = set(shell.done())
    if finished:
        count = len(catalog())
        st.progress(len(finished) / count, f"You have finished {len(finished)} of {count} lessons.")
    for part, group in groupby(catalog(), key=lambda lesson: lesson.part):
        with st.container(key=f"part-{part}", gap="xsmall"):
            st.subheader(f"{part} · {PARTS[part]}", anchor=False)
            for lesson in group:
                with st.container(key=f"card-{lesson.slug}"):
                    tick = " ✓" if lesson.slug in finished else ""
                    title = f"[**{lesson.title}**{tick}](./{lesson.slug})"
                    st.markdown(f"{title} · {lesson.minutes} minutes  \n{lesson.promise}")


shell.enter("home")
state.default_gap()
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Inside BERT", anchor=False)
    shell.page_tools()
st.markdown(
    "Follow **your own sentence** through a language model, from letters to a prediction. "
    "Every number is computed live by a real BERT that came with this app."
)
sentence = sentence_bar(pair=False, gaps=1)
if not sentence.empty:
    with st.container(key="home.picture"), errors.calmly():
        picture(sentence)
lessons()
