"""The lesson's training runs: start, watch, read again."""

from __future__ import annotations

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
    SEEDS,
    TRAINED,
    Settings,
    checked,
)
from pages.ui import guesses, resources, runner
from pages.ui.errors import fragment
from pages.ui.runner import NoRoom, Run
from pages.ui.session_runs import how_it_stands, train_and_stop
from pages.ui.shell import LessonPage

TASK = "lessons.fine_tuning.training:FineTuning"
MINE = "fine_tuning.runs"  # ids of the learner's runs, the newest first
KEPT = 8
LOOK_EVERY = 1.0  # seconds


def group_of(task: str) -> str:
    return task if task in ("names", "questions") else "class"


def mine(group: str | None = None) -> list[Run]:
    """The learner's runs, the newest first; looking keeps them alive."""
    found = [runner.runs().look(run_id) for run_id in st.session_state.get(MINE, [])]
    return [
        run
        for run in found
        if run is not None and group in (None, group_of(str(run.settings["task"])))
    ]


def start(settings: Settings) -> None:
    for run in mine():
        runner.runs().command(run.id, "stop")
    try:
        run = runner.runs().start(TASK, settings.to_dict())
    except NoRoom as reason:
        st.session_state["fine_tuning.no_room"] = str(reason)
        return
    guesses.hand_over("fine_tuning", run.id)
    st.session_state[MINE] = [run.id, *st.session_state.get(MINE, [])][:KEPT]


def title(run: Run) -> str:
    return compute.title_of(checked(run.settings))


def train(page: LessonPage, group: str, settings: Settings | None) -> Run | None:
    """Buttons and the live view of a group's newest run. Returns the run when it has begun."""
    run = next(iter(mine(group)), None)
    going = run is not None and not run.over
    if not going:
        runner.runs().warm()
    fragment(live, run_every=LOOK_EVERY if going else None)(page, group, settings)
    return run if run and run.facts and run.moments else None


def live(page: LessonPage, group: str, settings: Settings | None) -> None:
    run = next(iter(mine(group)), None)
    train_and_stop(
        "fine_tuning", run, start, settings, ready=settings is not None, suffix=f".{group}"
    )
    how_it_stands(
        run,
        "Press Train: the curves grow while the model learns.",
        "Reading the model and the sentences …",
    )
    if run is not None and run.facts is not None:
        progress(page, group, run)
    # What stands below this fragment depends on whether the run goes on.
    seen, key = (run and run.id, run and run.over), f"fine_tuning.seen.{group}"
    if st.session_state.get(key, (None, None)) != seen:
        st.session_state[key] = seen
        st.rerun()


def progress(page: LessonPage, group: str, run: Run) -> None:
    facts, moments = run.facts, list(run.moments)
    assert facts is not None
    st.progress(min(1.0, run.steps / facts["steps"]), f"{title(run)}: step {run.steps}")
    st.caption(
        f"{facts['n_train']} rows to learn from, {facts['n_dev']} to measure on; "
        f"{facts['learning']:,} of {facts['weights']:,} weights learn."
    )
    if moments:
        first, second = compute.SCORES[facts["kind"]]
        figure = figures.curves(list(run.points), moments, facts, first)
        words = compute.describe_curves(facts, moments)
        page.chart(figure, key=f"curves.{group}", words=words)
        if second:
            st.caption(f"Also: {second} {compute.percent(moments[-1]['second'])}.")


def verdict(run: Run) -> None:
    if run.over:
        assert run.facts is not None
        st.markdown(compute.describe_run(run.facts, run.moments))
        st.markdown(compute.describe_forgetting(run.facts, run.moments))


def saved(group: str) -> Run | None:
    """The newest run of a group that left a model."""
    return next((run for run in mine(group) if run.over and run.saved), None)


def watch_quietly() -> None:
    """For a step that shows what runs have left: it is drawn again when one of them ends."""

    def look() -> None:
        seen, key = [(r.id, r.over, bool(r.moments), r.saved) for r in mine("class")], "look"
        if st.session_state.setdefault(f"fine_tuning.seen.{key}", seen) != seen:
            st.session_state[f"fine_tuning.seen.{key}"] = seen
            st.rerun()

    going = any(not run.over for run in mine("class"))
    fragment(look, run_every=LOOK_EVERY if going else None)()


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
