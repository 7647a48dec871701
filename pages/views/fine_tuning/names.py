"""Names found in a sentence."""

from __future__ import annotations

import streamlit as st

from lessons.engine import tasks
from lessons.fine_tuning import compute
from lessons.fine_tuning.settings import (
    BASE,
)
from pages.ui import resources
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain
from pages.ui.runner import Run
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import code, names, train_and_try, tuned

COLORS = {"person": "blue", "place": "green", "organization": "orange"}
SHOWN = 5  # sentences of dev


def find_names(page: LessonPage) -> None:
    """A tag for every word."""
    train_and_try(page, names, "names", found_in_new, try_names)
    code("tokens", "a tag for every word")


def found_in_new(run: Run, moment: int, page: LessonPage) -> None:
    """What a run found at one of its moments, in sentences that it did not learn from."""
    assert run.facts is not None
    answers = run.moments[moment]["answers"]
    rows = [i for i, row in enumerate(run.facts["dev"]) if any(tag != "O" for tag in row["right"])]
    for i in rows[:SHOWN]:
        tagged(compute.parts_of(run.facts["dev"][i]["text"], answers[i]))
    st.caption("Sentences that it did not learn from. Train it yourself, and it reads yours.")


def tagged(parts: list[compute.Part]) -> None:
    """A sentence with its names on colored ground."""
    st.markdown(
        "".join(
            f":{COLORS[part.kind]}-background[{as_plain(part.text)}] :small[{part.kind}]"
            if part.kind
            else as_plain(part.text)
            for part in parts
        )
    )


def try_names(run: Run, page: LessonPage) -> None:
    text = st.text_input(
        "Find names in", page.sentence.text, max_chars=tasks.LONGEST_TEXT,
        key="fine_tuning.names_text", live="300ms",
    )  # fmt: skip
    if not text.strip():
        raise NothingToShow("Type a sentence with a name in it.")
    model, _ = tuned(run.model_name, str(run.folder))
    parts = compute.tag_names(resources.model(BASE), model, text)
    tagged(parts)
    if not any(part.kind for part in parts):
        st.caption("Your model finds no name in this sentence.")
