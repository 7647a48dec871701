"""The lesson's training runs: start, watch, read again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from lessons.fine_tuning import compute, figures
from lessons.fine_tuning.settings import (
    BASE,
    BATCH_SIZES,
    DEFAULTS,
    EPOCHS,
    LEARNING_RATES,
    PRESETS,
    SEEDS,
    TRAINED,
    WAY_SEEDS,
    WAYS,
    Settings,
    checked,
)
from pages.ui import controls, resources, runner
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage

TASK = "lessons.fine_tuning.training:FineTuning"


def title(run: Run) -> str:
    return compute.title_of(checked(run.settings))


classes = SessionRuns("fine_tuning", TASK, title, recordings=tuple(PRESETS), same=("task",))
ways = SessionRuns(
    "fine_tuning.ways", TASK, title,
    recordings=tuple(f"{way}-{seed}" for way in WAYS for seed in WAY_SEEDS),
)  # fmt: skip
names = SessionRuns("fine_tuning.names", TASK, title, recordings=("names",))
questions = SessionRuns("fine_tuning.questions", TASK, title, recordings=("questions",))


def train(page: LessonPage, mine: SessionRuns, group: str, settings: Settings | None) -> Run | None:
    """Buttons and the run of a group that is on the stage, which is returned."""
    if not mine.changing():
        runner.runs().warm()
    return mine.watch(
        settings.to_dict() if settings else None,
        partial(progress, page, mine, group),
        suffix=f".{group}",
    )


def progress(page: LessonPage, mine: SessionRuns, group: str, run: Run) -> None:
    facts, moments = run.facts, list(run.moments)
    assert facts is not None
    if moments:
        first, second = compute.SCORES[facts["kind"]]
        ghost = None if run.recorded else mine.ghost()
        raced = ghost.moments if ghost else []
        figure = figures.curves(list(run.points), moments, facts, first, raced)
        page.chart(figure, key=f"curves.{group}", words=compute.describe_curves(facts, moments))
        if second:
            st.caption(f"Also: {second} {compute.percent(moments[-1]['second'])}.")
    st.caption(
        f"{facts['n_train']} rows to learn from, {facts['n_dev']} to measure on; "
        f"{facts['learning']:,} of {facts['weights']:,} weights learn."
    )


def train_and_try(
    page: LessonPage,
    mine: SessionRuns,
    task: str,
    recorded: Callable[[Run, int, LessonPage], None],
    own: Callable[[Run, LessonPage], None],
) -> None:
    """A task with usual settings, and its model beneath: one's own to try, once there is one.

    Until then ``recorded`` shows what the recorded run answered, at the moment that is chosen.
    """
    settings = checked({**settings_of(task), "task": task})
    run = train(page, mine, task, settings)
    if run is None:
        return
    left = mine.saved()
    if left is not None:
        page.attempt(partial(own, left))
    else:
        run_before = mine.recorded()[0]
        steps = [moment["step"] for moment in run_before.moments]
        at = controls.select_slider(
            "What it answers after step", steps, steps[-1], key=f"fine_tuning.{task}_step"
        )
        page.attempt(partial(recorded, run_before, steps.index(at)))
    verdict(run)


def verdict(run: Run) -> None:
    if run.over:
        assert run.facts is not None
        st.markdown(compute.describe_run(run.facts, run.moments))
        st.markdown(compute.describe_forgetting(run.facts, run.moments))


@st.cache_resource(max_entries=3, show_spinner="Reading your model …")
def tuned(name: str, folder: str) -> Any:
    """A trained model by the name of its run."""
    from lessons.engine.fine_tuned import load_fine_tuned

    return load_fine_tuned(resources.model(BASE), Path(folder))


def settings_of(group: str) -> dict[str, Any]:
    """Sliders of a group, and what they say."""
    options: dict[str, tuple[str, tuple[Any, ...], Any]] = {
        "trained_layers": ("What learns", tuple(TRAINED), TRAINED.__getitem__),
        "learning_rate": ("Learning rate", LEARNING_RATES, compute.rate_text),
        "epochs": ("Epochs", EPOCHS, str),
        "batch_size": ("Batch", BATCH_SIZES, str),
        "seed": ("Seed", tuple(SEEDS), str),
    }
    values = {}
    for column, (name, (label, choices, write)) in zip(
        st.columns(len(options)), options.items(), strict=True
    ):
        with column:
            values[name] = st.select_slider(
                label, choices, DEFAULTS[group].get(name, 1), format_func=write,
                key=f"fine_tuning.{group}.{name}", persist_state="session",
            )  # fmt: skip
    return values


def code(name: str, what: str) -> None:
    with st.expander(f"The code: {what}", key=f"fine_tuning.code.{name}"):
        st.code(compute.snippet(name), language="python")


def way_of(run: Run) -> str:
    """The name of the way with whose settings, but for rank and seed, a run was trained."""
    settings = checked(run.settings)
    lora, everything = bool(settings.rank), settings.trained_layers > 0
    return "lora" if lora else "all" if everything else "head"
