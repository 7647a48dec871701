"""Softmax beside sigmoid, on scores that one drags."""

from __future__ import annotations

import streamlit as st

from lessons.classification_heads import compute
from lessons.engine import tasks
from pages.ui.components import component
from pages.ui.shell import LessonPage
from pages.views.classification_heads.runs import SLUG, apart
from pages.views.classification_heads.topics import topic_heads, vector

STARTS = {
    "One clear answer": (4.0, -2.0, -1.0, -3.0, 0.0, -2.0),
    "Two at once": (3.0, -2.0, 2.6, -3.0, -1.0, -2.0),
    "Nothing fits": (-3.0, -2.5, -3.0, -3.5, -2.0, -3.0),
}
OWN_START = "Your sentence"
_activations = component("activations", '<div class="activations"></div>')


def drag(page: LessonPage) -> None:
    start = st.segmented_control(
        "Start from", [*STARTS, OWN_START], default="Two at once", required=True,
        key=f"{SLUG}.start_from", persist_state="session",
    )  # fmt: skip
    if start == OWN_START:
        page.encoding()
        heads = topic_heads(page.sentence.model)
        found = vector(page.sentence.model, page.sentence.text)
        scores = compute.logits(heads.sigmoid, found)[0].astype(float).tolist()
    else:
        scores = list(STARTS[start])
    _activations(
        key=f"{SLUG}.activations",
        data={"labels": list(tasks.TOPICS), "scores": [round(z, 1) for z in scores]},
    )
    st.caption(compute.describe_start(scores))


def activations(page: LessonPage) -> None:
    """Drag scores; both functions follow."""
    apart(page, drag)
