"""Names found in a sentence."""

from __future__ import annotations

import streamlit as st

from lessons.engine import tasks
from lessons.fine_tuning import compute
from lessons.fine_tuning.settings import (
    BASE,
    checked,
)
from pages.ui import resources
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import code, saved, settings_of, train, tuned, verdict

COLORS = {"person": "blue", "place": "green", "organization": "orange"}


def find_names(page: LessonPage) -> None:
    """A tag for every word."""
    settings = checked({**settings_of("names"), "task": "names"})
    run = train(page, "names", settings)
    if run is None:
        st.markdown("**What it learns from**: sentences whose names are marked.")
        for row in tasks.split_names().train[:6]:
            tagged(row.text, [(name.start, name.end, name.kind) for name in row.names])
    else:
        verdict(run)
    page.attempt(try_names)
    code("tokens", "a tag for every word")


def tagged(text: str, names: list[tuple[int, int, str]]) -> None:
    """A sentence with its names on colored ground."""
    said, at = "", 0
    for start, end, kind in names:
        said += as_plain(text[at:start])
        said += f":{COLORS[kind]}-background[{as_plain(text[start:end])}] :small[{kind}]"
        at = end
    st.markdown(said + as_plain(text[at:]))


def try_names(page: LessonPage) -> None:
    run = saved("names")
    if run is None:
        st.caption("Your own text is tagged here when a run is over.")
        return
    text = st.text_input(
        "Find names in", page.sentence.text, max_chars=tasks.LONGEST_TEXT,
        key="fine_tuning.names_text", live="300ms",
    )  # fmt: skip
    if not text.strip():
        raise NothingToShow("Type a sentence with a name in it.")
    model, _ = tuned(run.model_name, str(run.folder))
    parts = compute.tag_names(resources.model(BASE), model, text)
    st.markdown(
        "".join(
            f":{COLORS[part.kind]}-background[{as_plain(part.text)}] :small[{part.kind}]"
            if part.kind
            else as_plain(part.text)
            for part in parts
        )
    )
    if not any(part.kind for part in parts):
        st.caption("Your model finds no name in this sentence.")
