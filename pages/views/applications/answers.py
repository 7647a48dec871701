"""Answers from a paragraph, with a reader that the learner trains."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lessons.applications import answers, compute, figures
from lessons.engine import tasks
from lessons.engine.trace import Floats
from pages.ui import controls, resources, runner
from pages.ui.errors import NothingToShow, fragment
from pages.ui.session_runs import how_it_stands, train_and_stop
from pages.ui.shell import LessonPage
from pages.views.applications.parts import (
    OWN,
    PREDICTS,
    code,
    drawn,
    examples,
    first_value,
    highlighted,
    pasted,
    plain,
    put,
    shaded,
    vector,
    vectors,
)

TASK = "lessons.fine_tuning.training:FineTuning"
RUNS = "fine_tuning.runs"  # that lesson's list: a reader trained in either serves in both
LOOK_EVERY = 1.0  # seconds
KEPT = 8  # runs that a session can look back on


@st.cache_resource(max_entries=1, show_spinner=False)
def question_vectors() -> dict[str, Floats]:
    texts = answers.texts()
    return dict(zip(texts, vectors(tuple(texts)), strict=True))


@st.cache_resource(max_entries=1, show_spinner=False)
def refusals() -> answers.Refusals:
    return answers.refusals(question_vectors())


@st.cache_resource(max_entries=1, show_spinner=False)
def untrained() -> list[answers.Score]:
    return answers.scores(tasks.split_questions().dev, question_vectors(), None)


@st.cache_resource(max_entries=4, show_spinner="Reading your model …")
def reader(name: str, folder: str) -> tuple[answers.Read, list[answers.Score]]:
    """A trained reader by the name of its run, and its scores on the questions set aside."""
    from lessons.engine.fine_tuned import load_fine_tuned
    from lessons.engine.spans import answer_question

    model = resources.model(PREDICTS)
    tuned, _ = load_fine_tuned(model, Path(folder))

    def read(question: str, text: str) -> tuple[int, int]:
        start, end, _ = answer_question(model, tuned, question, text)
        return start, end

    return read, answers.scores(tasks.split_questions().dev, question_vectors(), read)


def reader_run() -> runner.Run | None:
    """The learner's newest run that trains a reader; looking keeps it alive."""
    found = (runner.runs().look(run_id) for run_id in st.session_state.get(RUNS, []))
    return next((run for run in found if run and run.settings["task"] == "questions"), None)


def start_reader() -> None:
    for run_id in st.session_state.get(RUNS, []):
        runner.runs().command(run_id, "stop")
    try:
        run = runner.runs().start(TASK, {**answers.READER, "rows": ()})
    except runner.NoRoom as reason:
        put("no_room", str(reason))
        return
    st.session_state[RUNS] = [run.id, *st.session_state.get(RUNS, [])][:KEPT]


def training() -> None:
    """Buttons and progress of the reader."""
    run = reader_run()
    split = tasks.split_questions()
    train_and_stop(
        "applications", run, start_reader,
        label="Train again" if run is not None and run.over else "Train the reader",
    )  # fmt: skip
    how_it_stands(
        run,
        f"It learns from {len(split.train)} questions, about a minute on a laptop; "
        f"{len(split.dev)} others are kept to measure it. Until then, whole sentences answer.",
        "Reading the model and the questions …",
    )
    if run is not None and run.over and run.facts and not run.saved and not run.reason:
        st.caption("It was stopped before it had anything to keep: whole sentences answer.")
    if run is not None and run.facts is not None and not run.over:
        st.progress(
            min(1.0, run.steps / run.facts["steps"]), f"Step {run.steps} of {run.facts['steps']}"
        )
    seen = (run and run.id, run and run.over, run and run.saved)
    if st.session_state.get("applications.seen", (None, None, None)) != seen:
        put("seen", seen)
        st.rerun()


def train() -> answers.Read | None:
    """Training, live. Returns the trained reader, when there is one."""
    run = reader_run()
    going = run is not None and not run.over
    if not going:
        runner.runs().warm()
    fragment(training, run_every=LOOK_EVERY if going else None)()
    return trained(run)[0]


def trained(run: runner.Run | None) -> tuple[answers.Read | None, list[answers.Score]]:
    """The reader of a run, and the scores of every way to answer."""
    if run is not None and run.over and run.saved:
        return reader(run.model_name, str(run.folder))
    return None, untrained()


def scored(page: LessonPage) -> None:
    """How good the answers are, on questions that nothing learned from."""
    _, scores = trained(reader_run())
    n_dev = len(tasks.split_questions().dev)
    drawn(
        page, "answer_scores", "/".join(f"{score.f1:.4f}" for score in scores),
        lambda: (figures.answer_bars(scores), answers.describe_scores(scores, n_dev)),
    )  # fmt: skip
    code("answers")


def ask(page: LessonPage, read: answers.Read | None) -> float:
    """A question to a paragraph, and its answer. Returns the limit below which none is given."""
    dev = tasks.split_questions().dev
    ours = {f"{row.paragraph[:44].rstrip()} …": row for row in reversed(dev)}
    left, right = st.columns([3, 2], gap="large")
    with left:
        title = controls.selectbox(
            "Paragraph", [*reversed(ours), OWN], key="applications.paragraph"
        )
    row = ours.get(title or "")
    with right:
        limit: float = controls.slider(
            "No answer below",
            0.0,
            1.0,
            0.3,
            0.05,
            key="applications.no_answer",
        )
    paragraph = row.paragraph if row else pasted("own_paragraph", "Your paragraph")[:3000]
    about = [r.question for r in dev if row and r.paragraph == row.paragraph]
    missing = [q for p, q in answers.unanswerable() if row and p == row.paragraph]
    question = st.text_input(
        "Your question", max_chars=300, live="300ms", persist_state="session",
        key=first_value(f"about.{title}", about[0] if about else ""),
    )  # fmt: skip
    examples(
        "abouts", {q: q for q in (*about, *missing)} or {"Your sentence": page.sentence.text},
        f"about.{title}",
    )  # fmt: skip
    page.attempt(lambda page: answered(page, read, paragraph, question, limit))
    return limit


def answered(
    page: LessonPage, read: answers.Read | None, paragraph: str, question: str, limit: float
) -> None:
    sentences = answers.sentences_of(paragraph)[: compute.MOST_PARTS]
    if not sentences:
        raise NothingToShow("Paste a paragraph, and ask it something.")
    if not question.strip():
        raise NothingToShow("Ask the paragraph a question.")
    paragraph = paragraph[: compute.sentence_spans(paragraph)[len(sentences) - 1][1]]
    known = dict(zip(sentences, vectors(tuple(sentences)), strict=True))
    found = answers.located(question, paragraph, {**known, question: vector(question)})
    start, end = found.spans[found.best]
    if found.score < limit:
        st.markdown(f"**No answer.** {plain(paragraph)}")
    elif read is None:
        st.markdown(highlighted(paragraph, [(start, end)], "blue"))
    else:
        first, last = answers.read_in_sentence(read, question, paragraph, (start, end))
        st.markdown(f"**{plain(paragraph[first:last])}**")
        st.markdown(
            plain(paragraph[:start])
            + shaded(paragraph[start:first], "blue")
            + shaded(paragraph[first:last], "orange", "**")
            + shaded(paragraph[last:end], "blue")
            + plain(paragraph[end:])
        )
    st.caption(answers.describe_located(found, limit))


def refused(page: LessonPage, limit: float) -> None:
    """Which of our questions get an answer at a limit."""
    every = refusals()
    drawn(
        page, "refusals", f"{limit}",
        lambda: (
            figures.refusal_curves(
                answers.THRESHOLDS, [every.answered(t) for t in answers.THRESHOLDS], limit
            ),
            answers.describe_refusals(every, limit),
        ),
    )  # fmt: skip
