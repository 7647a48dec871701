"""The lesson's training runs, and what they left."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lessons.classification_heads import compute
from lessons.classification_heads.settings import (
    TASKS,
)
from pages.ui.errors import fragment
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage

SLUG = "classification_heads"
RESULTS = f"{SLUG}.results"  # the outcome of the learner's last run on each task
RATES = f"{SLUG}.rates"  # {race: {learning rate: {head: accuracy}}}


class HeadRuns(SessionRuns):
    """The runs of this lesson: they leave heads, and no model that other lessons could take."""

    def settle(self) -> None:
        """Keep what a run came to; the step is drawn anew, as it rests on what runs have left."""
        run = self.current()
        seen, key = (run and run.id, run and run.over, run and run.saved), f"{SLUG}.seen"
        if st.session_state.get(key, (None, None, None)) != seen:
            st.session_state[key] = seen
            if run is not None and run.over and len(run.moments) > 1 and run.facts:
                kept = st.session_state.setdefault(RESULTS, {})
                task = run.settings["task"]
                kept[task] = compute.result(task, run.facts, run.moments[-1])
                tried = st.session_state.setdefault(RATES, {}).setdefault(race_of(run), {})
                tried[run.settings["learning_rate"]] = {
                    score.head: score.mean for score in compute.scores(run.facts, run.moments[-1])
                }
            st.rerun()


def title(run: Run) -> str:
    return TASKS[run.settings["task"]]


@fragment
def apart(page: LessonPage, draw: Callable[[LessonPage], None]) -> None:
    """Draw what its own controls redraw alone; it says by itself why it can't go on."""
    page.attempt(draw)


mine = HeadRuns(
    SLUG, "lessons.classification_heads.training:FourHeads", title,
    recordings=tuple(task for task in TASKS if task != "own"), same=("task",),
)  # fmt: skip


def race_of(run: Run) -> str:
    """What a run has in common with runs that differ in nothing but their learning rate."""
    return str(sorted((k, v) for k, v in run.settings.items() if k != "learning_rate"))
