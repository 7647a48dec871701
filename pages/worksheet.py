"""A lesson on paper: as a worksheet (what to guess, to try, to answer), or its whole text."""

import streamlit as st

from lessons.catalog import catalog, find
from lessons.schema import Lesson, Question
from pages.ui import controls, shell
from pages.ui.components import component
from pages.ui.links import PAGES

SHEET, TEXT = "Worksheet", "The lesson's text"

_print = component(
    "print_button",
    '<div class="print"><button type="button">Print</button></div>',
)


def lines(count: int) -> None:
    """Room to write."""
    st.html(f'<div class="sheet-lines" aria-hidden="true">{"<div></div>" * count}</div>')


def boxes(texts: tuple[str, ...]) -> None:
    st.markdown("  \n".join(f"☐ {text}" for text in texts))


def sheet(lesson: Lesson, *, answers: bool) -> None:
    """The whole sheet of a lesson; the answers begin a page of their own."""
    st.markdown(f"Inside BERT · Part {lesson.part} · {lesson.part_title}")
    st.header(lesson.title, anchor=False)
    st.markdown(f"*{lesson.promise}*")
    st.html('<div class="sheet-name">Name</div>')
    st.subheader("You will be able to", anchor=False)
    st.markdown("\n".join(f"- {objective}" for objective in lesson.objectives))
    st.subheader("The sentence I take", anchor=False)
    lines(1)
    st.subheader("Before I look", anchor=False)
    st.markdown(lesson.predict.prompt)
    if lesson.predict.options:
        boxes(lesson.predict.options)
        st.markdown("Because")
    lines(2)
    for number, experiment in enumerate(lesson.experiments, 1):
        with st.container(key=f"sheet_experiment{number}"):
            st.subheader(f"{number}. {experiment.title}", anchor=False)
            st.markdown("What I tried, what I expected, and what I saw:")
            lines(3)
    st.subheader("Check yourself", anchor=False)
    for number, question in enumerate(lesson.quiz, 1):
        with st.container(key=f"sheet_question{number}"):
            st.markdown(f"**{number}.** {question.prompt}")
            # One order for all sheets of a class, so that they can be read out together.
            order = question.order(lesson.slug)
            boxes(tuple(question.answers[i].text for i in order))
    if answers:
        with st.container(key="sheet_answers"):
            st.header("Answers", anchor=False)
            for number, question in enumerate(lesson.quiz, 1):
                solution(number, question)


def whole_text(lesson: Lesson) -> None:
    """All that the lesson says, also what its stages show of it, with its sources."""
    st.markdown(f"Inside BERT · Part {lesson.part} · {lesson.part_title}")
    st.header(lesson.title, anchor=False)
    st.markdown(f"*{lesson.promise}*")
    for name, text in lesson.sections.items():
        st.subheader(lesson.titles[name], anchor=False)
        st.markdown(text)
    st.subheader("Sources", anchor=False)
    st.markdown(
        "\n".join(f"- {r.authors} ({r.year}). {r.title}. {r.url}" for r in lesson.references)
    )


def solution(number: int, question: Question) -> None:
    right = next(answer for answer in question.answers if answer.correct)
    st.markdown(f"**{number}.** {right.text}. {right.feedback}")


shell.enter("worksheet")
slugs = [lesson.slug for lesson in catalog()]
with st.container(key="sheet_controls"):
    st.title(PAGES["worksheet"], anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        slug = controls.selectbox(
            "Lesson",
            slugs,
            format_func=lambda name: find(name).title,
            key="worksheet.lesson",
            name="lesson",
        )
        kind = controls.segmented_control("What", [SHEET, TEXT], key="worksheet.kind")
        answers = kind == SHEET and controls.toggle("With answers", key="worksheet.answers")
        _print(key="worksheet.print", width="content")
with st.container(border=True, key="sheet"):
    if kind == TEXT:
        whole_text(find(slug))
    else:
        sheet(find(slug), answers=answers)
