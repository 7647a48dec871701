"""Mask playground: hide words, guess, reveal; the page that people send to each other."""

from collections.abc import Callable

import streamlit as st

from lessons.masking.compute import presets
from pages.ui import controls, errors, shell, state
from pages.ui.sentence import Sentence, sentence_bar
from pages.views.masking import contrasts, guessing, masked_words
from pages.views.masking.orders import filling_orders
from pages.views.masking.surprise import every_word

SLUG = "mask_playground"


def guess(sentence: Sentence) -> None:
    """The bars, and words of one's own beside them."""
    many = len(sentence.masks) > 1
    left, right = (st.container(), st.container()) if many else st.columns([3, 2], gap="large")
    with left:
        guessing.guess_and_reveal(sentence, SLUG)
    with right:
        guessing.weigh_words(sentence, SLUG)


VIEWS: dict[str, Callable[[Sentence], None]] = {
    "Guess": guess,
    "Fill in order": lambda sentence: filling_orders(sentence, SLUG),
    "Two sentences": lambda sentence: contrasts.two_sentences(sentence, SLUG),
    "Surprise": lambda sentence: every_word(sentence, SLUG),
}
GAPS = {"Fill in order": 2, "Surprise": 0}  # words to hide; one without

shell.enter(SLUG)
state.default_gap()
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Mask playground", anchor=False)
    shell.page_tools()
st.markdown(
    "Hide any word of any sentence. Guess what BERT will say, then look. "
    "Send the link to somebody: they see your gaps, and not the answer."
)
bar = st.container(key=f"{SLUG}.bar")
view = controls.segmented_control(
    "View",
    list(VIEWS),
    default="Guess",
    key=f"{SLUG}.view",
    label_visibility="collapsed",
)
with bar:
    sentence = sentence_bar(pair=False, gaps=GAPS.get(view, 1))
gap_presets, slips = presets()
masked_words.preset_row(SLUG, slips if view == "Surprise" else gap_presets, "Try one of ours:")
if not sentence.empty:
    with st.container(key=f"{SLUG}.stage"), errors.calmly():
        VIEWS[view or "Guess"](sentence)
