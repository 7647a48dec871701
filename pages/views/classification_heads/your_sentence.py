"""The trained heads on a sentence of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from lessons.classification_heads import compute, figures
from lessons.classification_heads.settings import (
    BASE,
)
from lessons.engine import tasks
from pages.ui import resources
from pages.ui.drawings import drawing
from pages.ui.figures import as_plain
from pages.ui.session_runs import STAND_HERE, say_recorded
from pages.ui.shell import LessonPage
from pages.views.classification_heads.runs import SLUG, apart, mine, title


@st.cache_resource(max_entries=4, show_spinner="Reading your heads …")
def trained(folder: str) -> Any:
    """The heads of a run, by its folder."""
    from lessons.classification_heads.training import load_heads

    return load_heads(Path(folder), resources.model(BASE).spec.hidden)


@st.cache_data(max_entries=200, show_spinner=False)
def answers(folder: str, text: str) -> list[compute.Reply]:
    from lessons.classification_heads.training import ask

    return compute.replies(ask(resources.model(BASE), trained(folder)[0], text))


def box(page: LessonPage) -> None:
    """The learner's own text by all heads, and the sentences on which the heads differ."""
    run = mine.saved()
    assert run is not None  # a recorded one at least
    assert run.facts is not None
    if mine.changing():
        st.caption("Your heads are still learning: they answer here when their run is over.")
    say_recorded(run, title(run), STAND_HERE)
    facts = run.facts
    key = f"{SLUG}.try"
    about = (run.id, page.sentence.text)
    if key not in st.session_state or st.session_state.get(f"{key}.of") != about:
        st.session_state[f"{key}.of"] = about
        st.session_state[key] = page.sentence.text[: tasks.LONGEST_TEXT]
    st.text_input(
        f"A sentence for the heads of “{title(run)}”", max_chars=tasks.LONGEST_TEXT, key=key,
        live="300ms", persist_state="session",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for i, text in enumerate(compute.twins(facts)):
            st.button(
                as_plain(text if len(text) < 70 else f"{text[:68]}…"), key=f"{key}.twin{i}",
                on_click=st.session_state.__setitem__, args=(key, text), help=as_plain(text),
            )  # fmt: skip
    text = st.session_state[key]
    if text.strip():
        labels = facts["labels"]
        found = answers(str(run.folder), text)
        figure, words = drawing(
            f"{SLUG}.replies",
            f"{run.id}/{text}",
            lambda: (figures.reply_bars(found, labels), compute.describe_replies(found, labels)),
        )
        page.chart(figure, key="replies", words=words)
    else:
        st.info("Type a sentence, and all four heads answer.", icon=":material/lightbulb:")
    apart = compute.disagreements(facts, run.moments[-1])
    st.markdown(
        f"**The heads differ on {len(apart)} of {len(facts['dev'])} new sentences.** "
        "For each head, the label that most of its seeds give."
    )
    if apart:
        st.dataframe(apart, hide_index=True, height=260, key=f"{SLUG}.apart")


def ask_all(page: LessonPage) -> None:
    mine.watch_quietly()
    apart(page, box)
