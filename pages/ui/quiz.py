"""The quiz at the end of a lesson: one click, and the answer says why it is right or wrong."""

from __future__ import annotations

import streamlit as st

from lessons.schema import Lesson, Question


def quiz(lesson: Lesson) -> bool:
    """Draw all questions of a lesson; True when each has been answered correctly."""
    answered = [_question(lesson.slug, i, q) for i, q in enumerate(lesson.quiz, 1)]
    return all(answered)


def _question(slug: str, number: int, question: Question) -> bool:
    with st.container(border=True):
        chosen = st.radio(
            f"**{number}.** {question.prompt}",
            range(len(question.answers)),
            index=None,
            format_func=lambda i: question.answers[i].text,
            key=f"{slug}.quiz.{question.id}",
            persist_state="session",
        )
        if chosen is None:
            return False
        answer = question.answers[chosen]
        if answer.correct:
            st.success(answer.feedback, icon="✅")
        else:
            st.info(f"Not quite. {answer.feedback}", icon="💡")
        return answer.correct
