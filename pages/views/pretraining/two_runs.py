"""Two runs on one page: the last ones, or recorded ones."""

from __future__ import annotations

import streamlit as st

from lessons.pretraining import compute, figures
from lessons.pretraining.settings import checked
from pages.ui.components import nothing
from pages.ui.session_runs import say_recorded_among, whole
from pages.ui.shell import LessonPage
from pages.views.pretraining.runs import _gym, mine, named, title


def side_by_side(page: LessonPage) -> None:
    mine.watch_quietly()
    many = {run.model_name: run for run in [*mine.all(), *mine.recorded()] if run.moments}
    pair = []
    for column, i in zip(st.columns(2), (0, 1), strict=True):
        with column:
            name = st.selectbox(
                ("First run", "Second run")[i], list(many), index=i, key=f"pretraining.run{i}",
                format_func=lambda name: named(many[name]),
            )  # fmt: skip
            pair.append(many[name])
            _gym(key=f"pretraining.gym{i}", data=whole(many[name]), on_resend_change=nothing)
    assert pair[0].facts is not None
    baseline = pair[0].facts["baseline"]
    names, moments = [title(run) for run in pair], [run.moments for run in pair]
    page.chart(
        figures.learning_curves(names, moments, baseline, pair[0].facts.get("ceiling")),
        key="curves", words=compute.describe_two(names, moments),
    )  # fmt: skip
    rows = compute.differences(*(checked(run.settings) for run in pair))
    if rows:
        st.dataframe(
            {
                "setting": [row.name for row in rows],
                "first run": [row.first for row in rows],
                "second run": [row.second for row in rows],
            },
            hide_index=True,
        )
    say_recorded_among(pair, page.lesson.slug, "gym")
