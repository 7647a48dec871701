"""Compare word senses: one word in many sentences, on a bench to try whatever one likes."""

from collections.abc import Callable

import streamlit as st

from lessons.word_senses import compute
from pages.ui import errors, sense_maps, sense_views, senses, shell
from pages.ui.sentence import Sentence, sentence_bar

MORE: dict[str, Callable[[senses.Bench], None]] = {
    "Film": lambda bench: sense_maps.film_view(bench, key="compare.film"),
    "Layer by layer": lambda bench: sense_views.layers_view(bench, key="compare.layers"),
    "Static or in context": lambda bench: sense_views.static_view(bench, key="compare.static"),
    "Nearest sentences": sense_views.neighbors_view,
    "Every pair": lambda bench: sense_views.matrix_view(bench, key="compare.matrix"),
    "How alike": lambda bench: sense_views.alike_view(bench, key="compare.alike"),
    "Two models": lambda bench: sense_views.models_view(bench, key="compare.models"),
}


def workbench(sentence: Sentence) -> None:
    """Controls, the map and the verdict beside it, and one more view below."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        word = senses.choose_word()
    with right:
        layer = senses.choose_layer(senses.last_layer(sentence.model))
    senses.choose_occurrence(sentence, word)
    sense_views.tries_view(word)
    bench = senses.bench(sentence, word, layer)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        sense_maps.map_view(bench, sense_maps.map_settings("compare"), key="compare.map")
    with right:
        sense_views.verdict_view(bench, sentence, key="compare.verdict")
    view = st.segmented_control(
        "Look further", list(MORE), default="Film", required=True, key="compare.more",
        persist_state="session",
    )  # fmt: skip
    MORE[view or "Film"](bench)


shell.enter("compare_senses")
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Compare word senses", anchor=False)
    shell.page_tools()
words, meanings, sentences = compute.counts()
st.markdown(
    f"One word, many sentences: each point is the vector of the word in one of them. {words} words "
    f"with {meanings} senses in {sentences} sentences are here, and **your sentence joins them as "
    "a star**. Groups on a map can be trusted more than distances."
)
sentence = sentence_bar(pair=False)
count = len(senses.own_sentences())
with st.expander(f"Your own sentences ({count} kept)", key="compare.own"):
    kept, table = st.tabs(["Kept sentences", "Upload a table"])
    with kept:
        sense_views.kept_view()
    with table:
        sense_views.upload_view()
with errors.calmly():
    workbench(sentence)
senses.publish()
