"""Answers marked in a paragraph."""

from __future__ import annotations

import streamlit as st

from lessons.engine import tasks
from lessons.fine_tuning import compute
from lessons.fine_tuning.settings import (
    BASE,
    checked,
)
from pages.ui import resources
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import code, saved, settings_of, train, tuned, verdict


def ask(page: LessonPage) -> None:
    """The start and the end of an answer."""
    settings = checked({**settings_of("questions"), "task": "questions"})
    run = train(page, "questions", settings)
    if run is None:
        row = tasks.split_questions().train[0]
        st.markdown(f"**What it learns from**, for instance: *{as_plain(row.question)}*")
        answered(row.paragraph, row.start, row.end)
    else:
        verdict(run)
    page.attempt(try_questions)
    code("span", "find an answer in a paragraph")


def answered(paragraph: str, start: int, end: int) -> None:
    """A paragraph with the answer on colored ground."""
    before, answer, after = paragraph[:start], paragraph[start:end], paragraph[end:]
    st.markdown(f"{as_plain(before)}:orange-background[{as_plain(answer)}]{as_plain(after)}")


def try_questions(page: LessonPage) -> None:
    run = saved("questions")
    if run is None:
        st.caption("Your own paragraph is asked here when a run is over.")
        return
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
