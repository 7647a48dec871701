"""Is a classifier right as often as it is sure?"""

from __future__ import annotations

import numpy as np
import streamlit as st

from lessons.fine_tuning import calibration, compute, figures, spread
from lessons.fine_tuning.settings import PRESETS, checked
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.runner import Run
from pages.ui.session_runs import say_recorded_among
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import classes, ways


def how_sure(page: LessonPage) -> None:
    """A run's reliability, and a temperature to turn."""
    classes.watch_quietly()
    ways.watch_quietly()
    knob(page)


@fragment
def knob(page: LessonPage) -> None:
    """The run, the temperature, and what both give."""
    runs: dict[str, Run] = {}
    for run in candidates():
        runs.setdefault(name_of(run), run)
    own = next((name for name, run in runs.items() if not run.recorded), None)
    left, right = st.columns([4, 3])
    chosen = controls.selectbox(
        "A classifier", list(runs), default=own or PRESETS["heart"].title,
        key="fine_tuning.sure_run", into=left,
    )  # fmt: skip
    run = runs[chosen]
    answers, labels = calibration.arrays(run.facts, run.moments[-1:])
    own_rows = run.settings["task"] == "own"
    groups = np.arange(len(labels)) if own_rows else spread.groups_of(run.facts or {})
    scaled = calibration.cross_fitted(answers, labels, groups)
    fitted = round(sum(scaled.temperatures) / 2, 1)
    temperature = controls.slider(
        "Temperature", calibration.COLDEST, calibration.HOTTEST, fitted, 0.1,
        key=f"fine_tuning.temperature.{run.model_name}", into=right,
    )  # fmt: skip
    page.chart(
        figures.reliability(
            calibration.bins_of(answers, labels),
            calibration.bins_of(calibration.tempered(answers, temperature), labels), temperature,
        ),
        key="reliability", words=calibration.describe_calibration(answers, labels, scaled),
    )  # fmt: skip
    say_recorded_among([run], page.lesson.slug, "tune")


def candidates() -> list[Run]:
    """Runs whose answers are classes and that are over, one's own first."""
    own = [run for run in (*classes.finished(), *ways.finished()) if not run.recorded]
    return [*own, *classes.recorded()]


def name_of(run: Run) -> str:
    """What a run is called in the menu: a recorded one by what it is worth trying for."""
    if run.recorded:
        return PRESETS[run.id.rpartition(".")[2]].title
    return f"Yours: {compute.title_of(checked(run.settings))}"
