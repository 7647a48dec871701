"""Three ways to fine-tune: the head, LoRA, everything."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lessons.fine_tuning import compute, figures
from lessons.fine_tuning.settings import (
    ADAPTED,
    HIDDEN,
    RANKS,
    WAY_SEEDS,
    WAYS,
    Settings,
    of_way,
)
from pages.ui import controls, runner
from pages.ui.runner import Run
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import verdict, way_of, ways

USUAL = Settings(**WAYS["lora"].values)


def change_little(page: LessonPage) -> None:
    """What learns in each way, as area, and what each reaches."""
    left, right = st.columns([3, 4])
    rank = controls.select_slider(
        "Rank of B and A", RANKS[1:], USUAL.rank, key="fine_tuning.rank", into=left
    )
    adapted = controls.segmented_control(
        "Beside", list(ADAPTED), default=USUAL.adapted, key="fine_tuning.adapted", into=right
    )
    left, right = st.columns([4, 3])
    way = controls.segmented_control(
        "Train", list(WAYS), default="lora", format_func=lambda name: WAYS[name].title,
        key="fine_tuning.way", into=left,
    )  # fmt: skip
    seed = controls.number_input(
        "Seed", 1, 99, 1 + max(WAY_SEEDS), key="fine_tuning.way_seed", into=right
    )
    lora = {"rank": rank, "adapted": adapted} if way == "lora" else {}
    settings = of_way(way, seed=seed, **lora)
    if not ways.changing():
        runner.runs().warm()
    run = ways.watch(settings.to_dict(), partial(three_ways, page, rank, adapted), suffix=".ways")
    if run is not None and not run.recorded:
        verdict(run)
    with st.expander("The code: LoRA beside one matrix", key="fine_tuning.code.lora"):
        st.code(compute.lora_code(), language="python")


def three_ways(page: LessonPage, rank: int, adapted: str, run: Run) -> None:
    """What learns on the left, on the right the scores of all ways and of one's own run."""
    recorded: dict[str, list[Run]] = {}
    for one in ways.recorded():
        recorded.setdefault(way_of(one), []).append(one)
    counts = {name: (runs[0].facts or {})["learning"] for name, runs in recorded.items()}
    thin, _ = compute.lora_numbers(rank, adapted)
    counts["lora"] = counts["head"] + thin
    sizes = {name: (WAYS[name].title, counts[name]) for name in WAYS}
    left, right = st.columns([3, 4])
    with left:
        page.chart(
            figures.what_learns(rank, HIDDEN, sizes), key="what_learns",
            words=compute.describe_lora(rank, adapted, counts["head"]),
        )  # fmt: skip
    with right:
        moments = {
            name: (WAYS[name].title, [list(one.moments) for one in runs])
            for name, runs in recorded.items()
        }
        facts = run.facts or {}
        own = None if run.recorded else (ways.title(run), list(run.moments))
        page.chart(
            figures.ways_curves(moments, own, facts["steps"], max(facts["baselines"].values())),
            key="ways", words=compute.describe_ways(dict(moments.values())),
        )  # fmt: skip
