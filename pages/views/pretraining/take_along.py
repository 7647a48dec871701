"""The trained model, to keep and to use in all lessons."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lessons.catalog import catalog
from lessons.engine import add_trained
from lessons.pretraining.languages import (
    MASK,
)
from pages.ui import resources, state
from pages.ui.links import link
from pages.ui.predictions import prediction_bars
from pages.ui.sentence import OWN_MODELS
from pages.ui.session_runs import STAND_HERE, say_recorded
from pages.ui.shell import LessonPage
from pages.views.pretraining.runs import mine, named, title


@st.cache_data(max_entries=8, show_spinner=False)
def archive(name: str, folder: str) -> bytes:
    """The checkpoint as a zip; ``name`` keeps one run's apart from another's."""
    from lessons.engine.checkpoint import zipped

    return zipped(Path(folder))


def take_along(page: LessonPage) -> None:
    mine.watch_quietly()
    many = {run.model_name: run for run in mine.finished() if run.saved}
    if mine.changing():
        st.caption("Your model is still learning: it stands here when its run is over.")
    name = st.selectbox(
        "Model", list(many), format_func=lambda name: named(many[name]), key="pretraining.model",
    )  # fmt: skip
    run = many[name]
    say_recorded(run, "", STAND_HERE)
    if run.recorded:
        add_trained(name, run.folder, f"Recorded model: {title(run)}")
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
        st.success("This model now computes every lesson. The ribbon above holds its sentence.")
        with st.container(horizontal=True):
            for lesson in catalog():
                if lesson.slug in ("attention", "encoder_layer", "masking", "positions"):
                    link(lesson.slug, lesson.title)


def use(name: str, sentence: str) -> None:
    """Choose the model for all lessons, with a sentence that it can read."""
    st.session_state[OWN_MODELS] = list(
        dict.fromkeys([*st.session_state.get(OWN_MODELS, ()), name])
    )
    state.MODEL.set(name)
    state.show_example(sentence)
