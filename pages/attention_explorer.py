"""All attention of the learner's sentence, or of two sentences contrasted."""

import streamlit as st

from pages.ui import controls, errors, resources, shell
from pages.ui.sentence import Sentence, sentence_bar
from pages.views.attention.explorer import attention_explorer, maps

CONTRAST = "explorer.contrast"
OTHER = "explorer.other"


def explore(sentence: Sentence) -> None:
    """The explorer of the sentence; with another one beside it when the learner asks for it."""
    other = None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if controls.toggle("Contrast with another sentence", key=CONTRAST):
            other = controls.text_input(
                "Another sentence",
                key=OTHER,
                live="400ms",
                max_chars=1000,
                placeholder="Change a word of yours and see which heads move",
            )
    assert sentence.encoding is not None
    with st.spinner("Loading the model …"):
        model = resources.model(sentence.model)
    first = maps(model, model.masked(sentence.encoding, sentence.masks))
    second = None
    if other and other.strip():
        second = maps(model, resources.encode(sentence.model, other, None))
    attention_explorer(first, second, key="explorer", model=model.spec.title)


shell.enter("attention_explorer")
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Attention explorer", anchor=False)
    shell.page_tools()
st.markdown(
    "Every head of every layer, on your sentence. **Choose a head** in the grid, **point at a "
    "token** to see where it looks, **click** it to keep it. The link keeps what you see."
)
sentence = sentence_bar(pair=True)
if not sentence.empty:
    with errors.calmly():
        explore(sentence)
