"""The quiz at the end of a lesson: one click, and the answer says why it is right or wrong."""

from __future__ import annotations

import random

import streamlit as st

from lessons.schema import Lesson, Question
from pages.ui.links import link

SEED = "quiz.seed"


def quiz(lesson: Lesson) -> bool:
    """Draw all questions of a lesson; True when each has been answered correctly."""
    orders = lesson.orders(_seed())
    answered = [
        _question(lesson, i, question, orders[question.id])
        for i, question in enumerate(lesson.quiz, 1)
    ]
    return all(answered)


def _question(lesson: Lesson, number: int, question: Question, order: tuple[int, ...]) -> bool:
    with st.container(border=True):
        chosen = st.radio(
            f"**{number}.** {question.prompt}",
            order,
            index=None,
            format_func=lambda i: question.answers[i].text,
            key=f"{lesson.slug}.quiz.{question.id}",
            persist_state="session",
        )
        if chosen is None:
            return False
        answer = question.answers[chosen]
        if answer.correct:
            st.success(answer.feedback, icon=":material/check_circle:")
        else:
            st.info(f"Not quite. {answer.feedback}", icon=":material/lightbulb:")
        title = lesson.experiment(question.step).title
        link(lesson.slug, f"See it in “{title}”", step=question.step)
        return answer.correct


def _seed() -> int:
    """Drawn once for each visitor: neighbors see other orders, and a rerun keeps one's own."""
    seed: int = st.session_state.setdefault(SEED, random.randrange(2**32))
    return seed
