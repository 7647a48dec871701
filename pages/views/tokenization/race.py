"""Three subword trainers race on one text."""

from __future__ import annotations

import streamlit as st

from lessons.tokenization import compute, figures
from pages.ui import controls
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.tokenization.own_text import cut

OWN_TEXT = "Your own text"
HOW = {
    "WordPiece": "wordpiece-joins-what-belongs-together",
    "BPE": "bpe-joins-what-is-frequent",
    "Unigram": "unigram-throws-away",
}


@st.cache_resource(max_entries=24, show_spinner=False)
def trained(text: str, size: int, cased: bool) -> compute.Trained:
    """Three vocabularies for a text. A new choice on the page stops a training that still runs."""
    bar = st.progress(0.0, "Learning three vocabularies …")
    try:
        return compute.train(text, size, cased, progress=bar.progress)
    finally:
        bar.empty()


@st.cache_data(max_entries=24, show_spinner=False)
def growth(text: str, size: int) -> dict[str, list[tuple[int, int]]]:
    """Pieces that the text takes as the three vocabularies grow."""
    return compute.growth(trained(text, size, False))


def choose_text() -> str:
    """The text to train on: one of ours, or the learner's."""
    texts = {text.title: text for text in compute.training_texts()}
    title = controls.selectbox("Text to learn from", [*texts, OWN_TEXT], key="tokenization.text")
    if title != OWN_TEXT:
        st.caption(texts[title].note)
        return texts[title].text
    return st.text_area(
        "Paste a text", key="tokenization.own_text", height=160, persist_state="session"
    )


def race(page: LessonPage) -> None:
    """WordPiece, BPE and Unigram trained on one text, and the learner's sentence cut by all."""
    left, right = st.columns(2)
    with left:
        text = choose_text()
    with right:
        size = controls.slider(
            "Pieces in the vocabulary",
            60,
            600,
            250,
            10,
            key="tokenization.size",
        )
        view = controls.segmented_control(
            "Show",
            ["The cut", "Step by step", "How it grows"],
            default="The cut",
            key="tokenization.view",
        )
    if not compute.count_words(text):
        raise NothingToShow("Paste a text of some sentences to learn a vocabulary from.")
    models = trained(text, size, False)
    if models.n_cut:
        st.caption(f"The last {models.n_cut:,} characters were left out to keep this quick.")
    if view == "The cut":
        cut(page, models)
    elif view == "Step by step":
        step_by_step(page, models)
    else:
        curves = growth(text, size)
        page.chart(
            figures.vocabulary_growth(curves, size),
            key="growth",
            words=compute.describe_growth(curves, size),
        )


def step_by_step(page: LessonPage, models: compute.Trained) -> None:
    """One step of one training: what was joined or dropped, and over what it was chosen."""
    histories = {model.name: model.history for model in models.tokenizers}
    name = controls.segmented_control(
        "Training of", list(histories), default="WordPiece", key="tokenization.trainer"
    )
    history = histories[name or "WordPiece"]
    if not history:
        raise NothingToShow("The letters alone fill this vocabulary: make it larger.")
    number = controls.slider("Step", 1, len(history), 1, key=f"tokenization.step.{name}")
    taken = history[number - 1]
    if isinstance(taken, compute.Merge):
        page.chart(
            figures.merge_scores(taken, name or ""),
            key="merge",
            words=compute.describe_merge(taken, name or ""),
        )
    else:
        page.chart(figures.dropping_costs(taken), key="round", words=compute.describe_round(taken))
    page.prose(HOW[name or "WordPiece"])
