"""What the learner's runs came to, task by task."""

from __future__ import annotations

import streamlit as st

from lessons.classification_heads import compute, figures
from lessons.classification_heads.settings import (
    TASKS,
)
from pages.ui.session_runs import train_first
from pages.ui.shell import LessonPage
from pages.views.classification_heads.runs import RESULTS, SLUG, mine


def across(page: LessonPage) -> None:
    """What the learner's runs came to, task by task."""
    mine.watch_quietly()
    kept: dict[str, compute.Result] = st.session_state.get(RESULTS, {})
    if len(kept) < 2:
        left = [name for task, name in TASKS.items() if task not in kept and task != "own"]
        train_first(
            "Train on two tasks or more, then they are compared here. "
            f"Not yet: {', '.join(left)}.",
            SLUG, "heads",
        )  # fmt: skip
        if not kept:
            return
    found = [kept[task] for task in TASKS if task in kept]
    page.chart(figures.task_heatmap(found), key="tasks", words=compute.describe_results(found))
