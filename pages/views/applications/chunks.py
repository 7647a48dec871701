"""A long text cut into pieces, and which of them answers a question."""

from __future__ import annotations

import streamlit as st

from lessons.applications import chunks, compute, figures
from lessons.applications.chunks import OVERLAPS, SIZES, Chunk, Measured
from lessons.engine import tasks
from pages.ui import controls
from pages.ui.drawings import Drawing
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.applications.parts import (
    OWN,
    drawn,
    examples,
    first_value,
    highlighted,
    pasted,
    plain,
    vector,
    vectors,
)

OURS = "Our long text"
ASKED = (0, 27, 60)  # places among our questions
LOOKS = ("One question", "All our questions")


def cut(page: LessonPage) -> None:
    """Size and overlap, then the pieces for one question, or all our questions at each size."""
    look = controls.segmented_control(
        "Look at", LOOKS, key="applications.chunks_look", label_visibility="collapsed"
    )
    left, right = st.columns(2)
    with left:
        size = controls.select_slider("Words of a piece", SIZES, 40, key="applications.chunk_size")
    with right:
        overlap = controls.segmented_control(
            "Overlap", tuple(OVERLAPS), default="none", key="applications.chunk_overlap"
        )
    if look == LOOKS[0]:
        page.attempt(lambda page: one_question(page, size, overlap))
    else:
        all_questions(page, size, overlap)


def one_question(page: LessonPage, size: int, overlap: str) -> None:
    """The pieces of a text on the scale of their cosine, and the best one to read."""
    text, source = source_text()
    questions = [tasks.questions()[i].question for i in ASKED]
    first = questions[0] if source == OURS else ""
    question = st.text_input(
        "Question", key=first_value(f"chunk_question.{source}", first), max_chars=300,
        persist_state="session", live="300ms",
    )  # fmt: skip
    if source == OURS:
        choices = dict(zip(questions, questions, strict=True))
        examples("chunk_asked", choices, f"chunk_question.{source}")
    found = chunks.chunks(text, size, OVERLAPS[overlap])
    if not found:
        raise NothingToShow("Paste a text: it is then cut into pieces and searched.")
    if not question.strip():
        raise NothingToShow("Ask something: each piece is then compared with it.")
    scores = vectors(tuple(chunks.texts_of(text, found))) @ vector(question)

    def make() -> Drawing:
        words = chunks.describe_chunks(found, scores)
        return figures.chunk_map(found, scores.tolist()), words

    drawn(page, "chunk_map", f"{size}/{overlap}/{question}/{text}", make)
    best = found[int(scores.argmax())]
    st.markdown(in_its_place(text, best))


def source_text() -> tuple[str, str]:
    """Our long text or the learner's, and which of the two."""
    source: str = controls.segmented_control(
        "Search in", (OURS, OWN), default=OURS, key="applications.chunk_source",
        label_visibility="collapsed",
    )  # fmt: skip
    if source == OURS:
        return chunks.long_text()[0], source
    text, note = chunks.read(pasted("chunk_text", "Your text"))
    if note:
        st.caption(note)
    return text, source


def in_its_place(text: str, chunk: Chunk, around: int = 160) -> str:
    """Markdown of a piece, with some of the text on either side of it."""
    start, end = max(0, chunk.start - around), min(len(text), chunk.end + around)
    shown = " ".join(text[start : chunk.start].split())
    after = " ".join(text[chunk.end : end].split())
    piece = " ".join(text[chunk.start : chunk.end].split())
    return " ".join([
        plain(f"{'… ' if start else ''}{shown}"),
        highlighted(piece, [(0, len(piece))], "orange"),
        plain(f"{after}{' …' if end < len(text) else ''}"),
    ])  # fmt: skip


def all_questions(page: LessonPage, size: int, overlap: str) -> None:
    """How often the best piece holds the answer, for each size."""
    rows = measured(overlap)
    count = len(chunks.long_text()[1])
    drawn(
        page, "chunk_curve", f"{size}/{overlap}",
        lambda: (
            figures.chunk_curve(rows, size), chunks.describe_measured(rows, count, overlap),
        ),
    )  # fmt: skip
    row = next(row for row in rows if row.size == size)
    st.caption(
        f"With {size} words: {compute.counted(row.count, 'piece')}; the best ones have "
        f"{row.words:.0f} words on average, which is what somebody then has to read."
    )


@st.cache_resource(max_entries=3, show_spinner="Reading every piece …")
def measured(overlap: str) -> list[Measured]:
    text, asked = chunks.long_text()
    questions = vectors(tuple(placed.question for placed in asked))
    rows = []
    for size in SIZES:
        found = chunks.chunks(text, size, OVERLAPS[overlap])
        rows.append(
            chunks.measure(
                size, found, vectors(tuple(chunks.texts_of(text, found))), asked, questions
            )
        )
    return rows
