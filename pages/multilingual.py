"""More than English: what a vocabulary costs 27 languages, and one trained on a mixture."""

import streamlit as st

from lessons.engine import available_models
from lessons.multilingual import compute, figures
from pages.ui import controls, resources
from pages.ui.shell import LessonPage, lesson_page

MULTILINGUAL = ("bert-base-multilingual-cased", "xlm-roberta-base")


def cut_with(name: str) -> compute.Cut:
    """How a model's tokenizer cuts a text, special tokens left out."""

    def cut(text: str) -> list[str]:
        encoding = resources.encode(name, text, None)
        pairs = zip(encoding.tokens, encoding.offsets, strict=True)
        return [token for token, offsets in pairs if offsets is not None]

    return cut


def english_eyes(page: LessonPage) -> None:
    """All languages through the English vocabulary, or one for many that is at hand."""
    guess = page.predict()
    at_hand = [spec.name for spec in available_models() if spec.name in MULTILINGUAL]
    name = "minilm"
    if at_hand:
        name = st.segmented_control(
            "Vocabulary", ["minilm", *at_hand], default="minilm", required=True,
            format_func=lambda n: "BERT, English" if n == "minilm" else n,
            key="multilingual.model", persist_state="session",
        ) or "minilm"  # fmt: skip
    rows = compute.tolls(cut_with(name))
    if guess:
        greek = next(row for row in rows if row.language == "Greek")
        st.markdown(f"You said **{guess}**. Counted: **{greek.beside_english:.1f} times**.")
    page.chart(
        figures.toll_bars(rows), key="tolls", words=compute.describe_tolls(rows, "this vocabulary")
    )
    names = [row.language for row in rows]
    chosen = st.selectbox(
        "Look closer at", names, index=names.index("Greek"), key="multilingual.one",
        persist_state="session",
    )  # fmt: skip
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
    kind = right.segmented_control(
        "Start from", compute.KINDS, default="bytes", required=True, key="multilingual.kind",
        persist_state="session",
    )  # fmt: skip
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


with lesson_page("multilingual") as page:
    page.steps({"english-eyes": english_eyes, "mixture": mixture})
