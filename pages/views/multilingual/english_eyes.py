"""Other languages through an English vocabulary."""

from __future__ import annotations

import streamlit as st

from lessons.engine import available_models
from lessons.multilingual import compute, figures
from pages.ui import controls, resources
from pages.ui.shell import LessonPage

MULTILINGUAL = ("bert-base-multilingual-cased", "xlm-roberta-base")


def english_eyes(page: LessonPage) -> None:
    """All languages through the English vocabulary, or one for many that is at hand."""
    guess = page.predict()
    if guess is None:
        return
    greek = next(row for row in compute.tolls(cut_with("minilm")) if row.language == "Greek")
    page.reveal(
        guess,
        greek.beside_english,
        f"Counted just now: {greek.beside_english:.1f} times as many pieces as in English.",
    )
    at_hand = [spec.name for spec in available_models() if spec.name in MULTILINGUAL]
    name = "minilm"
    if at_hand:
        name = (
            controls.segmented_control(
                "Vocabulary",
                ["minilm", *at_hand],
                default="minilm",
                format_func=lambda n: "BERT, English" if n == "minilm" else n,
                key="multilingual.model",
            )
            or "minilm"
        )
    rows = compute.tolls(cut_with(name))
    page.chart(
        figures.toll_bars(rows), key="tolls", words=compute.describe_tolls(rows, "this vocabulary")
    )
    names = [row.language for row in rows]
    chosen = controls.selectbox("Look closer at", names, default="Greek", key="multilingual.one")
    row = rows[names.index(chosen)]
    language = compute.languages()[names.index(chosen)]
    left, right = st.columns(2)
    left.code("\n".join(language.held_out), language=None, wrap_lines=True)
    right.code(" ".join(row.cut), language=None, wrap_lines=True)
    st.caption(compute.describe_fit(row))
    if not at_hand:
        st.caption(
            "No multilingual checkpoint is on this computer. With one in your models folder or "
            "downloaded from the Model menu, its vocabulary can be chosen here."
        )


def cut_with(name: str) -> compute.Cut:
    """How a model's tokenizer cuts a text, special tokens left out."""

    def cut(text: str) -> list[str]:
        encoding = resources.encode(name, text, None)
        pairs = zip(encoding.tokens, encoding.offsets, strict=True)
        return [token for token, offsets in pairs if offsets is not None]

    return cut
