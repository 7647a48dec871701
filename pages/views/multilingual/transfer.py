"""A task learned in one language and asked in another."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lessons.multilingual import compute, figures
from lessons.multilingual.settings import MOST_SHARED, READS, RECORDED, Settings, checked
from pages.ui import controls, runner
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage


def title(run: Run) -> str:
    return compute.transfer_title(checked(run.settings))


mine = SessionRuns(
    "multilingual", "lessons.multilingual.transfer:Transfer", title,
    recordings=tuple(RECORDED),
)  # fmt: skip


def transfer(page: LessonPage) -> None:
    """Shared words and what is read, a run, and what it gives in both languages."""
    guess = page.predict()
    if guess is None:
        return
    by_default = mine.recorded()[0]
    share = by_default.moments[-1]["right"][1]
    page.reveal(
        guess, 100 * share,
        f"In the recorded run with {by_default.settings['shared']} shared words a topic: "
        f"{share:.0%}.",
    )  # fmt: skip
    left, middle, right = st.columns([3, 4, 2])
    shared = controls.select_slider(
        "Words that both share, of each topic", range(MOST_SHARED + 1), Settings().shared,
        key="multilingual.shared", into=left,
    )  # fmt: skip
    reads = controls.segmented_control(
        "Pre-training reads", READS, key="multilingual.reads", into=middle
    )
    seed = controls.number_input("Seed", 1, 99, 1, key="multilingual.seed", into=right)
    settings = checked({"shared": shared, "reads": reads, "seed": seed})
    if not mine.changing():
        runner.runs().warm()
    mine.watch(settings.to_dict(), partial(two_languages, page))


def two_languages(page: LessonPage, run: Run) -> None:
    """Curves of both languages, and some sentences of the second one."""
    assert run.facts is not None
    left, right = st.columns(2)
    ghost = None if run.recorded else mine.ghost()
    with left:
        page.chart(
            figures.transfer_curves(run.facts, run.moments, ghost.moments if ghost else []),
            key="transfer", words=compute.describe_transfer(run.facts, run.moments),
        )  # fmt: skip
    with right:
        shared = ", ".join(run.facts["shared"]) or "none"
        st.markdown(f"Words that both share: {shared}. No test sentence holds one.")
        st.dataframe(
            compute.shown_answers(run.facts, run.moments[-1]), hide_index=True,
            column_config={"sentence": st.column_config.TextColumn(width="medium")},
        )  # fmt: skip
