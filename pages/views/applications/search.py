"""Search by words and by meaning, side by side and measured."""

from __future__ import annotations

from itertools import accumulate
from typing import Any

import streamlit as st

from lessons.applications import compute, figures, search
from lessons.engine.trace import Floats
from pages.ui import controls
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.applications.parts import (
    OWN,
    drawn,
    examples,
    first_value,
    highlighted,
    pasted,
    vector,
    vectors,
)

OURS = "Our library"
ASKED = (0, 2, 10, 15, 18, 20)  # places among our questions
SHOWN = 4  # results of each search


@st.cache_resource(max_entries=20, show_spinner=False)
def bm25(passages: tuple[str, ...]) -> search.BM25:
    return search.BM25(passages)


@st.cache_resource(max_entries=1, show_spinner=False)
def our_ranks() -> dict[str, list[int | None]]:
    ours = search.library()
    asked = vectors(tuple(q.text for q in ours.questions))
    rows = [
        search.scores_of(bm25(ours.passages), vectors(ours.passages), q.text, v)
        for q, v in zip(ours.questions, asked, strict=True)
    ]
    return {
        method: [
            search.rank_of(row[method], q.answers)
            for row, q in zip(rows, ours.questions, strict=True)
        ]
        for method in search.METHODS
    }


def predicted(page: LessonPage) -> bool:
    """The lesson's question, and once it is answered what is true. Whether it is."""
    guess = page.predict()
    if guess is not None:
        ours, ranks = search.library(), our_ranks()
        at = next(i for i, q in enumerate(ours.questions) if "BX-200" in q.text)
        words, meaning = ranks[search.WORDS][at], ranks[search.MEANING][at]
        truth = {
            (True, True): "Both do", (True, False): "By words", (False, True): "By meaning",
        }.get((words == 1, meaning == 1))  # fmt: skip
        said = f"The right passage has rank {words} by words, rank {meaning} by meaning."
        page.reveal(guess, truth, said)
    return guess is not None


def measured(page: LessonPage) -> None:
    """Which search finds the answers to our questions."""
    ours, ranks = search.library(), our_ranks()
    name = controls.segmented_control(
        "Measured by", search.MEASURES, default=search.MEASURES[0], key="applications.measure"
    )
    found = search.by_kind(ours.questions, ranks, name)
    drawn(
        page, "measured", name,
        lambda: (figures.measure_bars(found, name), search.describe_measure(found, name)),
    )  # fmt: skip
    drawn(
        page, "ranks", "",
        lambda: (
            figures.rank_dumbbells(ours.questions, ranks),
            search.describe_ranks(ours.questions, ranks),
        ),
    )  # fmt: skip


def results(page: LessonPage) -> None:
    """A question, and what each search finds."""
    source = controls.segmented_control(
        "Search in", (OURS, OWN), default=OURS, key="applications.source"
    )
    passages = search.library().passages
    if source == OWN:
        text = pasted("text", "Your text")
        lines = controls.toggle(
            "A passage for each line, not each sentence", key="applications.lines"
        )
        parts = compute.in_parts(text, whole_lines=lines)
        passages = parts.parts
        if parts.note:
            st.caption(parts.note)
    texts = [search.library().questions[i].text for i in ASKED]
    question = st.text_input(
        "Question", key=first_value("question", texts[0]), persist_state="session",
        max_chars=300, live="300ms",
    )  # fmt: skip
    examples("asked", {**dict.fromkeys(["Your sentence"], page.sentence.text[:300]),
                       **dict(zip(texts, texts, strict=True))}, "question")  # fmt: skip
    if len(passages) < 2:
        raise NothingToShow("Paste a text of two sentences or more: it is then searched.")
    if not question.strip():
        raise NothingToShow("Ask something: both searches then answer.")
    found = search.scores_of(bm25(passages), vectors(passages), question, vector(question))
    for column, method in zip(st.columns(2, gap="large"), search.METHODS, strict=False):
        with column:
            st.markdown(f"**{search.METHOD_TITLES[method]}**")
            listed(passages, question, method, found[method])
    st.caption(
        f"{compute.counted(len(passages), 'passage')}. {search.describe_search(question, found)} "
        "Marked: the words shared with the question, and the sentence nearest to it."
    )


def listed(passages: tuple[str, ...], question: str, method: str, scores: Any) -> None:
    best = [i for i in search.ranked(scores)[:SHOWN] if method == search.MEANING or scores[i] > 0]
    if not best:
        st.caption("No passage shares a word with the question.")
    inside, asked = sentences(passages), vector(question)
    for rank, place in enumerate(best, 1):
        passage = passages[place]
        if method == search.WORDS:
            spans, color, mark = search.shared_words(question, passage), "gray", "**"
        else:
            parts, rows = inside[place]
            spans, color, mark = [parts[int((rows @ asked).argmax())]], "blue", ""
        st.markdown(
            f"**{rank}** · {highlighted(passage, spans, color, mark)} :small[{scores[place]:.2f}]"
        )


@st.cache_resource(max_entries=20, show_spinner=False)
def sentences(passages: tuple[str, ...]) -> list[tuple[list[compute.Span], Floats]]:
    """For each passage, where its sentences stand, and their vectors."""
    spans = [compute.sentence_spans(p) or [(0, len(p))] for p in passages]
    texts = [p[a:b] for p, places in zip(passages, spans, strict=True) for a, b in places]
    rows = vectors(tuple(texts))
    ends = list(accumulate(len(places) for places in spans))
    return [
        (places, rows[end - len(places) : end]) for places, end in zip(spans, ends, strict=True)
    ]
