"""Vocabularies trained on mixtures of languages."""

from __future__ import annotations

import streamlit as st

from lessons.multilingual import compute, figures
from pages.ui import controls
from pages.ui.shell import LessonPage
from pages.views.multilingual.english_eyes import cut_with


def mixture(page: LessonPage) -> None:
    """A vocabulary trained now on chosen languages, beside one for English alone, and BERT's."""
    everything = [language.name for language in compute.languages()]
    names = st.pills(
        "Languages to learn from", everything, selection_mode="multi", default=everything,
        key="multilingual.languages", persist_state="session",
    )  # fmt: skip
    left, right = st.columns(2)
    size = controls.slider(
        "Pieces in the vocabulary",
        300,
        2500,
        400,
        100,
        key="multilingual.size",
        into=left,
    )
    kind = controls.segmented_control(
        "Start from", compute.KINDS, default="bytes", key="multilingual.kind", into=right
    )
    with st.expander("Add a text of your own", key="multilingual.own"):
        extra = st.text_area(
            "Your text, one sentence a line", key="multilingual.extra", max_chars=20_000,
            persist_state="session",
        )  # fmt: skip
    if not names and not extra.strip():
        st.info(
            "Choose a language, or add a text, to learn a vocabulary from.",
            icon=":material/lightbulb:",
        )
        return
    tokenizer = compute.train_mixture(size, kind or "bytes", names, extra)
    english = compute.train_mixture(size, kind or "bytes", [everything[0]])
    alone, mixed = (compute.tolls(compute.cut_by(one)) for one in (english, tokenizer))
    page.chart(
        figures.alone_and_mixed(alone, mixed, compute.tolls(cut_with("minilm"))),
        key="mixture",
        words=compute.describe_mixture(alone, mixed),
    )
    text = page.sentence.text[:300]
    if text.strip():
        pieces = compute.cut_by(tokenizer)(text)
        st.markdown(
            f"Your sentence: {len(cut_with('minilm')(text))} pieces by BERT, {len(pieces)} by "
            f"your vocabulary of {tokenizer.get_vocab_size():,}."
        )
