"""The trained model, to keep and to use in all lessons."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lessons.catalog import catalog
from lessons.pretraining.languages import (
    MASK,
)
from pages.ui import resources, state
from pages.ui.links import link
from pages.ui.predictions import prediction_bars
from pages.ui.session_runs import train_first
from pages.ui.shell import LessonPage
from pages.views.pretraining.runs import mine, title


@st.cache_data(max_entries=8, show_spinner=False)
def archive(name: str, folder: str) -> bytes:
    """The checkpoint as a zip; ``name`` keeps one run's apart from another's."""
    from lessons.engine.checkpoint import zipped

    return zipped(Path(folder))


def take_along(page: LessonPage) -> None:
    mine.watch_quietly()
    many = {run.model_name: run for run in mine.all() if run.over and run.saved}
    if not many:
        train_first(
            "Your model is still learning: when its run is over, it can be used here."
            if mine.changing()
            else "Train a model first: when its run is over, you can ask it, keep it, and use it "
            "in every lesson.",
            page.lesson.slug, "gym",
        )  # fmt: skip
        return
    name = st.selectbox(
        "Your model", list(many), format_func=lambda name: f"{title(many[name])} ({name})",
        key="pretraining.model",
    )  # fmt: skip
    run = many[name]
    probes = run.facts["probes"] if run.facts else []
    example = " ".join(probes[0]["tokens"][1:-1]) if probes else MASK
    text = st.text_input(
        "Ask it: a sentence in its language with [MASK]", example, max_chars=400,
        key=f"pretraining.ask.{name}", live="300ms",
    )  # fmt: skip
    model = resources.model(name)
    lists = model.fill_mask(text, top_k=5)
    if lists:
        prediction_bars(
            [(f"Gap {i + 1}", words) for i, words in enumerate(lists[:4])],
            key="pretraining_answers",
        )
    else:
        st.caption("Put [MASK] where a word is to be guessed.")
    if unknown := model.encode(text).tokens.count("[UNK]"):
        st.caption(f"{unknown} words are not in its vocabulary: the model reads them as [UNK].")
    with st.container(horizontal=True):
        st.download_button(
            "Download the checkpoint", archive(name, str(run.folder)), f"{name}.zip",
            icon=":material/save:", key="pretraining.download", on_click="ignore",
        )  # fmt: skip
        sentence = example.replace(MASK, probes[0]["right"][0]) if probes else text
        st.button(
            "Use it in every lesson",
            icon=":material/neurology:",
            key="pretraining.use",
            on_click=use,
            args=(name, sentence),
        )
    if state.MODEL.get() == name:
        st.success("Your model now computes every lesson. The ribbon above holds its sentence.")
        with st.container(horizontal=True):
            for lesson in catalog():
                if lesson.slug in ("attention", "encoder_layer", "masking", "positions"):
                    link(lesson.slug, lesson.title)


def use(name: str, sentence: str) -> None:
    """Choose the model for all lessons, with a sentence that it can read."""
    state.MODEL.set(name)
    state.show_example(sentence)
