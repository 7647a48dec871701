"""Answers marked in a paragraph."""

from __future__ import annotations

import streamlit as st

from lessons.engine import tasks
from lessons.fine_tuning import compute
from lessons.fine_tuning.settings import (
    BASE,
)
from pages.ui import resources
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain
from pages.ui.runner import Run
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import code, questions, train_and_try, tuned

SHOWN = 3  # questions of dev


def ask(page: LessonPage) -> None:
    """The start and the end of an answer."""
    train_and_try(page, questions, "questions", answers_of, try_questions)
    code("span", "find an answer in a paragraph")


def answers_of(run: Run, moment: int, page: LessonPage) -> None:
    """What a run answered at one of its moments, to questions that it did not learn from."""
    assert run.facts is not None
    answers = run.moments[moment]["answers"]
    # One question a paragraph, so that no paragraph stands there twice.
    about = {row["text"]: i for i, row in enumerate(run.facts["dev"])}
    for i in list(about.values())[:SHOWN]:
        row, (start, end, sure) = run.facts["dev"][i], answers[i]
        st.markdown(f"*{as_plain(row['question'])}* :small[sure to {sure:.0%}]")
        answered(row["text"], start, end)
    st.caption("Questions that it did not learn from. Train it yourself, and you can ask it.")


def answered(paragraph: str, start: int, end: int) -> None:
    """A paragraph with the answer on colored ground."""
    before, answer, after = paragraph[:start], paragraph[start:end], paragraph[end:]
    st.markdown(f"{as_plain(before)}:orange-background[{as_plain(answer)}]{as_plain(after)}")


def try_questions(run: Run, page: LessonPage) -> None:
    example = tasks.split_questions().dev[0]
    paragraph = st.text_area(
        "Paragraph", example.paragraph, max_chars=1500, key="fine_tuning.par",
        persist_state="session",
    )  # fmt: skip
    question = st.text_input(
        "Question", example.question, max_chars=200, key="fine_tuning.ask",
        persist_state="session",
    )  # fmt: skip
    if not paragraph.strip() or not question.strip():
        raise NothingToShow("Type a paragraph and a question about it.")
    model, _ = tuned(run.model_name, str(run.folder))
    start, end, sure = compute.answer_question(resources.model(BASE), model, question, paragraph)
    answered(paragraph, start, end)
    st.caption(f"Probability among all spans of up to 12 pieces: {sure:.0%}")
