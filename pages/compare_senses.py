"""Compare word senses: one word in many sentences, on a bench to try whatever one likes."""

from collections.abc import Callable

import streamlit as st

from lessons.word_senses import compute
from pages.ui import errors, shell
from pages.ui.sentence import Sentence, sentence_bar
from pages.views.word_senses import maps, verdicts, workbench

MORE: dict[str, Callable[[workbench.Bench], None]] = {
    "Film": lambda bench: maps.film_view(bench, key="compare.film"),
    "Layer by layer": lambda bench: verdicts.layers_view(bench, key="compare.layers"),
    "Static or in context": lambda bench: verdicts.static_view(bench, key="compare.static"),
    "Nearest sentences": verdicts.neighbors_view,
    "Every pair": lambda bench: verdicts.matrix_view(bench, key="compare.matrix"),
    "How alike": lambda bench: verdicts.alike_view(bench, key="compare.alike"),
    "Two models": lambda bench: verdicts.models_view(bench, key="compare.models"),
}


def bench_and_views(sentence: Sentence) -> None:
    """Controls, the map and the verdict beside it, and one more view below."""
    left, right = st.columns([1, 2], vertical_alignment="bottom")
    with left:
        word = workbench.choose_word()
    with right:
        layer = workbench.choose_layer(workbench.last_layer(sentence.model))
    workbench.choose_occurrence(sentence, word)
    verdicts.tries_view(word)
    bench = workbench.bench(sentence, word, layer)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        maps.map_view(bench, maps.map_settings("compare"), key="compare.map")
    with right:
        verdicts.verdict_view(bench, sentence, key="compare.verdict")
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
count = len(workbench.own_sentences())
with st.expander(f"Your own sentences ({count} kept)", key="compare.own"):
    kept, table = st.tabs(["Kept sentences", "Upload a table"])
    with kept:
        verdicts.kept_view()
    with table:
        verdicts.upload_view()
with errors.calmly():
    bench_and_views(sentence)
workbench.publish()
