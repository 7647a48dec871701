"""ModernBERT: windows, and what they save."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import streamlit as st

from lessons.variants import figures, windows
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.guesses import Guess
from pages.ui.links import link
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage
from pages.views.variants.deberta import LONGEST

TIMES = {"2 times": 2, "8 times": 8, "64 times": 64, "4,000 times": 4000}
BELOW_THE_LAST = (20, 19, 18, 17)  # layers of 22, counted from 0: local, local, global, local
timings = SessionRuns(
    "variants.timing", "lessons.variants.windows:AttentionTiming", label="Measure on this machine"
)


NAMES = {"global": "everything", "local": "a window of 128", "rest": "the rest of the layer"}


@fragment
def window_maps(page: LessonPage) -> None:
    tokens = page.encoding().tokens[:LONGEST]
    left, right = st.columns(2)
    window = controls.select_slider(
        "Window (ModernBERT's is 128; your sentence is shorter)",
        [2, 4, 6, 8, 16, 32, 128],
        4,
        key="variants.window",
        into=left,
    )
    usual = min(page.sentence.selected or 2, len(tokens) - 1)
    selected = right.select_slider(
        "Token", range(len(tokens)), usual, key=f"variants.token.{len(tokens)}",
        format_func=lambda i: tokens[i],
    ) if len(tokens) > 1 else 0  # fmt: skip
    mask = windows.local_mask(len(tokens), window)
    layers = BELOW_THE_LAST
    rows = windows.reach(len(tokens), window, layers, selected)
    left, right = st.columns(2)
    with left:
        seen = int(mask[selected].sum())
        page.chart(
            figures.mask_map(mask, tokens, selected, window), key="window_map",
            words=f"“{tokens[selected]}” sees {seen} of {len(tokens)} tokens in a local layer.",
        )  # fmt: skip
    with right:
        page.chart(
            figures.reach_map(rows, layers, tokens), key="reach",
            words=windows.describe_reach(tokens[selected], rows, layers),
        )  # fmt: skip


@st.cache_resource
def measured() -> dict[str, Any]:
    """What was measured on this machine, for everybody who asks later."""
    return {}


def draw_timing(page: LessonPage, run: Run) -> None:
    following = run.moments[-1]["next"]
    if run.over:
        if following is None:
            measured()["found"] = run.moments[-1]["found"]
    elif following:
        length, kind = following
        st.caption(f"Measuring: {length:,} tokens, {NAMES[kind]} …")


def prices(page: LessonPage, guess: Guess) -> None:
    last = windows.cost(windows.LENGTHS[-1])
    times = last.global_operations / last.local_operations
    truth = min(TIMES, key=lambda option: abs(math.log(TIMES[option] / times)))
    page.reveal(
        guess, truth, f"Counted just now, at {windows.LENGTHS[-1]:,} tokens: {times:.1f} times."
    )
    view = st.segmented_control(
        "Show", ["Operations", "Memory of the scores", "Milliseconds"], default="Operations",
        required=True, key="variants.price", persist_state="session",
    )  # fmt: skip
    costs = [windows.cost(length) for length in windows.LENGTHS]
    if view == "Milliseconds":
        milliseconds(page)
        return
    if view == "Operations":
        series = {
            "everything": [c.global_operations / 1e9 for c in costs],
            "a window of 128": [c.local_operations / 1e9 for c in costs],
            "the rest of the layer": [c.rest_operations / 1e9 for c in costs],
        }
        title, y = "One layer: operations by length", "billion operations"
    else:
        series = {
            "everything": [c.global_bytes / 1e6 for c in costs],
            "a window of 128": [c.local_bytes / 1e6 for c in costs],
        }
        title, y = "One layer: memory of its scores, all kept", "MB (fp32)"
    figure = figures.price_lines(windows.LENGTHS, series, title=title, y=y)
    page.chart(figure, key="prices", words=windows.describe_cost(costs))


def milliseconds(page: LessonPage) -> None:
    run = timings.watch(
        {"lengths": list(windows.LENGTHS)}, partial(draw_timing, page),
        before="One layer, one thread, random weights, a block of queries at a time so that "
        "memory stays small. It takes up to a minute; you can stop it.",
    )  # fmt: skip
    found = run.moments[-1]["found"] if run is not None else measured().get("found")
    if not found:
        return
    series = {
        NAMES[kind]: [found.get(str(n), {}).get(kind) for n in windows.LENGTHS]
        for kind in windows.KINDS
    }
    figure = figures.price_lines(
        windows.LENGTHS, series, title="One layer: milliseconds on this machine", y="milliseconds"
    )
    page.chart(figure, key="measured", words=windows.describe_timing(found))


def modernbert(page: LessonPage) -> None:
    page.encoding()
    window_maps(page)
    link("positions", "Rotary positions: Where a word stands", icon=":material/location_on:")
    guess = page.predict()
    if guess is not None:
        prices(page, guess)
