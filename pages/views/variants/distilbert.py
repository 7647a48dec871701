"""DistilBERT: a student that learns from the bundled model."""

from __future__ import annotations

import inspect
from functools import partial
from typing import Any

import streamlit as st

from lessons.variants import figures
from pages.ui import guesses
from pages.ui.errors import NothingToShow
from pages.ui.guesses import Guess
from pages.ui.hidden_word import with_a_gap
from pages.ui.predictions import prediction_bars
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage

TEACHER = "minilm-mlm"
TERMS = {"soft": "soft targets", "masked": "hidden words", "cosine": "directions"}


STUDENTS = {"half": "Every second layer", "shared": "One layer, three times"}


def distil_settings() -> dict[str, Any]:
    """The controls of a student."""
    from lessons.variants.distillation import LEARNING_RATES, STEPS, TEMPERATURES

    left, right = st.columns(2)
    with left:
        student = st.segmented_control(
            "Student", list(STUDENTS), default="half", required=True,
            format_func=STUDENTS.__getitem__, key="variants.student", persist_state="session",
        )  # fmt: skip
        temperature = st.select_slider(
            "Temperature of the soft targets", TEMPERATURES, 2.0, format_func="{:g}".format,
            key="variants.temperature", persist_state="session",
        )  # fmt: skip
    with right:
        terms = st.pills(
            "It learns from", list(TERMS), selection_mode="multi", default=list(TERMS),
            format_func=TERMS.__getitem__, key="variants.terms", persist_state="session",
        )  # fmt: skip
        with st.popover("Steps, learning rate, seed", icon=":material/tune:"):
            steps = st.select_slider(
                "Steps", [n for n in STEPS if n >= 20], 80, key="variants.steps",
                persist_state="session",
            )  # fmt: skip
            rate = st.select_slider(
                "Learning rate", LEARNING_RATES, 5e-4, format_func="{:g}".format,
                key="variants.rate", persist_state="session",
            )  # fmt: skip
            seed = st.select_slider(
                "Seed", range(10), 1, key="variants.seed", persist_state="session"
            )
    if not terms:
        raise NothingToShow("Without any of the three there is nothing to learn: switch one on.")
    return {
        "student": student, "temperature": temperature, "steps": steps, "learning_rate": rate,
        "seed": seed, **{name: name in terms for name in TERMS},
    }  # fmt: skip


def draw_student(page: LessonPage, run: Run) -> None:
    from lessons.variants.distillation import describe_distillation

    assert run.facts is not None
    left, right = st.columns(2)
    words = describe_distillation(run.facts, run.moments)
    raced = None if run.recorded else students.ghost()
    with left:
        figure = figures.agreement_curve(run.facts, run.moments, raced.moments if raced else [])
        page.chart(figure, key="agreement", words=words)
    with right:
        figure = figures.loss_curves([[p[0], *p[2:]] for p in run.points], list(TERMS.values()))
        page.chart(figure, key="losses", words="Each part by itself; what is trained is their sum.")


def student(page: LessonPage, guess: Guess) -> None:
    settings = distil_settings()
    run = students.watch(settings, partial(draw_student, page))
    if run is not None and run.over:
        assert run.facts is not None
        last = run.moments[-1]["agreement"]
        page.reveal(
            guess if run.recorded else Guess(guesses.of_run(run.id)),
            100 * last,
            f"Measured on held-out sentences: {last:.0%}.",
        )
        teacher, student = run.facts["weights"]
        slow, fast = run.facts["milliseconds"]
        with st.container(horizontal=True):
            st.metric("Weights", f"{student / 1e6:.1f} M", f"{student / teacher - 1:.0%}",
                      delta_color="inverse")  # fmt: skip
            layers = run.facts["layer_weights"]
            st.metric("In the layers alone", f"{layers[1] / 1e6:.1f} M",
                      f"{layers[1] / layers[0] - 1:.0%}", delta_color="inverse")  # fmt: skip
            if not run.recorded:  # what a clock said on another machine says nothing of this one
                st.metric("A pass over 32 tokens", f"{fast:.1f} ms",
                          f"{fast / slow - 1:.0%}", delta_color="inverse")  # fmt: skip
        if run.saved:
            st.caption(
                "Your student can be chosen under “Model” at the top of every lesson, and beside "
                "another model in the last step of this lesson."
            )
    if page.sentence.model == TEACHER:
        with st.expander("What the teacher tells it, at a gap of your sentence"):
            page.attempt(lambda page: doubts(page, settings["temperature"]))
    with st.expander("The code: what the student is trained on", key="variants.code"):
        from lessons.variants import distillation

        st.code(inspect.getsource(distillation.loss), language="python")


def doubts(page: LessonPage, temperature: float) -> None:
    """What a student is told at a gap of the learner's sentence."""
    from lessons.variants.distillation import softened

    encoding, gap = with_a_gap(page)
    if gap is None:
        return
    model = page.model()
    prediction_bars(
        [
            ("What the teacher says", softened(model, encoding, gap, 1.0)),
            (f"The soft targets, at {temperature:g}", softened(model, encoding, gap, temperature)),
        ],
        key="variants_doubts",
    )


def distilbert(page: LessonPage) -> None:
    guess = page.predict()
    if guess is not None:
        student(page, guess)


def student_title(run: Run) -> str:
    layers = STUDENTS[run.settings["student"]].lower()
    return f"distilled, {layers}"


students = SessionRuns(
    "variants.distil", "lessons.variants.distillation:Distillation", student_title,
    recordings=("distil",), label="Teach the student", leaves_model=True,
)  # fmt: skip
