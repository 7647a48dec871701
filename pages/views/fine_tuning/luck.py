"""The same settings with several seeds: better, or luckier?"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lessons.fine_tuning import compute, figures, spread
from lessons.fine_tuning.settings import WAYS, checked, of_way
from lessons.fine_tuning.spread import Spread
from pages.ui import controls, runner
from pages.ui.errors import fragment
from pages.ui.runner import Run
from pages.ui.session_runs import WATCH_EVERY, how_it_stands, say_recorded_among, train_and_stop
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import classes, ways


def luck(page: LessonPage) -> None:
    """Seeds as dots, the interval of dev beside them, and the verdict on two settings."""
    guess = page.predict()
    if guess is None:
        return
    runs = sentiment_runs()
    spreads = same_settings(runs)
    recorded = next(one for one in spreads if one.title.startswith("all"))
    apart = 100 * (max(recorded.scores) - min(recorded.scores))
    page.reveal(
        guess, apart, f"Between the worst and the best of {len(recorded.seeds)} seeds of the "
        f"whole model lie {apart:.1f} points.",
    )  # fmt: skip
    way = controls.segmented_control(
        "One more seed of", list(WAYS), default="lora", format_func=lambda n: WAYS[n].title,
        key="fine_tuning.luck_way",
    )  # fmt: skip
    known = {run.settings["seed"] for run in runs}
    seed = next(seed for seed in range(1, 100) if seed not in known)
    if not ways.changing():
        runner.runs().warm()
    every = WATCH_EVERY if ways.changing() else None
    fragment(one_more, run_every=every)(of_way(way, seed=seed).to_dict())
    page.chart(figures.spread_dots(spreads), key="spread", words=spread.describe_spreads(spreads))
    titles = [one.title for one in spreads]
    left, right = st.columns(2)
    first = controls.selectbox("Is", titles, key="fine_tuning.luck_first", into=left)
    others = [title for title in titles if title != first]
    second = controls.selectbox("better than", others, key="fine_tuning.luck_second", into=right)
    of = {one.title: one for one in spreads}
    st.markdown(
        spread.describe_gap(
            spread.gap_of(of[first], of[second], spread.groups_of(runs[0].facts or {}))
        )
    )
    say_recorded_among(runs, page.lesson.slug, "lora")


def one_more(settings: dict[str, Any]) -> None:
    """Train another seed of a setting; it becomes a dot when it is over."""
    run = ways.current()
    going = run is not None and not run.over
    seed = run.settings["seed"] if run is not None and going else settings["seed"]
    train_and_stop("fine_tuning.ways", run, ways.start, settings, label=f"Train seed {seed}")
    how_it_stands(run if going else None, "", "Reading the model and the sentences …")
    if run is not None and going and run.facts:
        st.progress(min(1.0, run.steps / run.facts["steps"]), ways.title(run))
    ways.settle()


def sentiment_runs() -> list[Run]:
    """All runs that went to their end and are measured on the same sentences: one's own of any
    step, and recorded ones."""
    recorded = ways.recorded()
    measured = (recorded[0].facts or {})["dev"]
    own = [run for run in (*classes.finished(), *ways.finished()) if not run.recorded]
    return [
        *(r for r in own if r.status == "finished" and (r.facts or {})["dev"] == measured),
        *recorded,
    ]


def same_settings(runs: list[Run]) -> list[Spread]:
    """Runs put together that differ in their seed alone, the recorded settings first."""
    together: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: not run.recorded):
        settings = checked(run.settings)
        name = f"{compute.settings_title(settings)}, batch {settings.batch_size}"
        together.setdefault(name, []).append(run)
    return [
        Spread(
            name.removesuffix(", batch 16"),
            tuple(run.settings["seed"] for run in group),
            tuple(not run.recorded for run in group),
            np.stack([spread.hits_of(run.facts or {}, run.moments[-1]) for run in group]),
        )
        for name, group in together.items()
    ]
