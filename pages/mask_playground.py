"""Mask playground: hide words, guess, reveal; the page that people send to each other."""

import streamlit as st

from lessons.masking.compute import presets
from pages.ui import gaps, shell, state
from pages.ui.sentence import Sentence, sentence_bar

SLUG = "mask_playground"


def guess(sentence: Sentence) -> None:
    """The bars, and words of one's own beside them; without a gap, the surprise of each word."""
    if not gaps.gaps_of(sentence):
        st.info(gaps.NO_GAP, icon="👆")
        gaps.every_word(sentence, SLUG)
        return
    many = len(sentence.masks) > 1
    left, right = (st.container(), st.container()) if many else st.columns([3, 2], gap="large")
    with left:
        gaps.guess_and_reveal(sentence, SLUG)
    with right:
        gaps.weigh_words(sentence, SLUG)


VIEWS = {
    "Guess": guess,
    "Fill in order": lambda sentence: gaps.filling_orders(sentence, SLUG),
    "Two sentences": lambda sentence: gaps.two_sentences(sentence, SLUG),
    "Surprise": lambda sentence: gaps.every_word(sentence, SLUG),
}

shell.enter(SLUG)
state.default_gap()
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Mask playground", anchor=False)
    shell.page_tools()
st.markdown(
    "Hide any word of any sentence. Guess what BERT will say, then look. "
    "Send the link to somebody: they see your gaps, and not the answer."
)
sentence = sentence_bar(pair=False)
view = st.segmented_control(
    "View",
    list(VIEWS),
    default="Guess",
    required=True,
    key=f"{SLUG}.view",
    bind="query-params",
    label_visibility="collapsed",
)
gap_presets, slips = presets()
gaps.preset_row(SLUG, slips if view == "Surprise" else gap_presets, "Try one of ours:")
if not sentence.empty:
    with st.container(key=f"{SLUG}.stage"), gaps.calmly():
        VIEWS[view or "Guess"](sentence)
state.publish()
