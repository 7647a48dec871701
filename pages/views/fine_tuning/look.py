"""What a run learned: its errors, and one's own sentences."""

from __future__ import annotations

import streamlit as st

from lessons.engine import tasks
from lessons.fine_tuning import compute, figures
from lessons.fine_tuning.settings import (
    BASE,
)
from pages.ui import resources
from pages.ui.errors import NothingToShow
from pages.ui.session_runs import STAND_HERE, say_recorded
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import classes, title, tuned


def look(page: LessonPage) -> None:
    """The learner's own text by the newest run, and inside it: map, confusion, mistakes."""
    classes.watch_quietly()
    page.attempt(try_classes)
    run = classes.shown()
    assert run is not None
    assert run.facts is not None
    facts, moments = run.facts, run.moments
    say_recorded(run, title(run), STAND_HERE)
    figure = figures.vector_maps(facts, moments[0], moments[-1])
    words = compute.describe_map(facts, moments[0], moments[-1])
    page.chart(figure, key="map", words=words)
    counts = compute.confusion(facts, moments[-1])
    figure = figures.confusion_heatmap(facts["labels"], counts)
    words = compute.describe_confusion(facts, counts)
    page.chart(figure, key="confusion", words=words)
    wrong = compute.mistakes(facts, moments[-1])
    st.markdown(f"**{len(wrong)} mistakes on dev**, the surest first")
    st.dataframe(
        [{"text": m.text, "right": m.right, "model": m.said, "sure": m.probability} for m in wrong],
        hide_index=True, height=220,
        column_config={
            "text": st.column_config.TextColumn(width="large"),
            "sure": st.column_config.NumberColumn(format="percent"),
        },
    )  # fmt: skip


def try_classes(page: LessonPage) -> None:
    run = classes.saved()
    assert run is not None  # a recorded one at least
    text = st.text_input(
        "Try your own", page.sentence.text, max_chars=tasks.LONGEST_TEXT, key="fine_tuning.try",
        live="300ms",
    )  # fmt: skip
    pair = None
    if run.settings["task"] == "pairs":
        pair = st.text_input("Second sentence", page.sentence.pair or "", key="fine_tuning.pair")
    if not text.strip():
        raise NothingToShow("Type a sentence, and your model says what it is.")
    model, about = tuned(run.model_name, str(run.folder))
    found = compute.classify(resources.model(BASE), model, about["labels"], text, pair)
    words = f"{found[0][0]}, with a probability of {found[0][1]:.1%}."
    page.chart(figures.label_bars(found), key="answer", words=words)
    say_recorded(run, title(run), STAND_HERE)
