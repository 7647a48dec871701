"""What runs came to, task by task: the learner's own, and recorded ones for the others."""

from __future__ import annotations

import streamlit as st

from lessons.classification_heads import compute, figures
from lessons.classification_heads.settings import (
    TASKS,
)
from pages.ui.runner import Run
from pages.ui.session_runs import say_recorded_among
from pages.ui.shell import LessonPage
from pages.views.classification_heads.runs import RESULTS, SLUG, mine


def across(page: LessonPage) -> None:
    """All heads on all tasks."""
    mine.watch_quietly()
    recorded = {run.settings["task"]: run for run in mine.recorded()}
    own: dict[str, compute.Result] = st.session_state.get(RESULTS, {})
    kept = {task: recorded_result(run) for task, run in recorded.items()} | own
    found = [kept[task] for task in TASKS if task in kept]
    page.chart(figures.task_heatmap(found), key="tasks", words=compute.describe_results(found))
    if own:
        st.caption(f"Your own runs: {', '.join(TASKS[task] for task in TASKS if task in own)}.")
    say_recorded_among([run for task, run in recorded.items() if task not in own], SLUG, "heads")


def recorded_result(run: Run) -> compute.Result:
    """What a recorded run came to."""
    return compute.result(run.settings["task"], run.facts or {}, run.moments[-1])
