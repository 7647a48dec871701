"""A long text cut into pieces to search in: how large, with how much overlap, and what it costs.

Each piece gets a vector of its own. A piece that is too large speaks of many things at once; one
that is too small lacks what its words refer to, and a border may cut an answer in two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..engine import tasks
from ..engine.intervals import wilson
from ..engine.trace import Floats
from .compute import LONGEST_TEXT, Span, counted, percent

SIZES = (10, 20, 40, 80, 160)
"""Words of a piece. all-MiniLM reads 256 tokens, some 190 English words."""
OVERLAPS = {"none": 0.0, "a quarter": 0.25, "a half": 0.5}
"""Share of a piece that the next one repeats."""

_WORD = re.compile(r"\S{1,30}")  # what has no blanks, as Chinese, is cut as well


def word_spans(text: str) -> list[Span]:
    """(start, end) of every word, at most 30 characters each."""
    return [match.span() for match in _WORD.finditer(text)]


@dataclass(frozen=True)
class Chunk:
    """A piece of a text: characters ``start`` to ``end``, and which words these are."""

    start: int
    end: int
    first_word: int
    words: int


def chunks(text: str, size: int, overlap: float) -> list[Chunk]:
    """Pieces of ``size`` words, each repeating a share ``overlap`` of the one before.

    The last one ends with the text; no piece lies wholly in another. Raises ValueError for a size
    below 1 or an overlap that leaves nothing new.
    """
    step = size - round(size * overlap)
    if size < 1 or step < 1:
        raise ValueError("Each piece needs a word that the one before does not have.")
    spans = word_spans(text)
    found = []
    for first in range(0, len(spans), step):
        held = spans[first : first + size]
        found.append(Chunk(held[0][0], held[-1][1], first, len(held)))
        if first + size >= len(spans):
            break
    return found


def texts_of(text: str, found: Sequence[Chunk]) -> list[str]:
    """The words of each piece."""
    return [text[chunk.start : chunk.end] for chunk in found]


# --- our own long text --------------------------------------------------------------------------


@dataclass(frozen=True)
class Placed:
    """A question, and the characters of our long text that answer it."""

    question: str
    start: int
    end: int


@lru_cache(maxsize=1)
def long_text() -> tuple[str, tuple[Placed, ...]]:
    """All paragraphs of our questions as one text, and where each answer stands in it."""
    text, at = "", {}
    for row in tasks.questions():
        if row.paragraph not in at:
            text += "\n\n" if text else ""
            at[row.paragraph] = len(text)
            text += row.paragraph
    return text, tuple(
        Placed(row.question, at[row.paragraph] + row.start, at[row.paragraph] + row.end)
        for row in tasks.questions()
    )


def read(text: str) -> tuple[str, str]:
    """The part of a learner's text that is read, and a note on what is not."""
    over = len(text) - LONGEST_TEXT
    note = f"{over:,} characters beyond {LONGEST_TEXT:,} were not read." if over > 0 else ""
    return text[:LONGEST_TEXT], note


# --- how good a size is -------------------------------------------------------------------------


def holds(chunk: Chunk, placed: Placed) -> bool:
    """Whether an answer lies in a piece from its first to its last character."""
    return chunk.start <= placed.start and placed.end <= chunk.end


@dataclass(frozen=True)
class Measured:
    """What a size is worth on our questions."""

    size: int
    count: int
    """Pieces."""
    found: float
    low: float
    high: float
    """Share of questions whose best piece holds the whole answer, with its interval."""
    cut: float
    """Share of answers that no piece holds as a whole."""
    words: float
    """Mean length of the best pieces: what is then to be read."""


def measure(
    size: int, found: Sequence[Chunk], vectors: Floats, asked: Sequence[Placed], questions: Floats
) -> Measured:
    """Compare the best piece for each question with where its answer stands.

    ``vectors`` (C, D) of the pieces and ``questions`` (N, D) have length 1.
    """
    best = [found[i] for i in (questions @ vectors.T).argmax(axis=1)]
    hits = [holds(chunk, placed) for chunk, placed in zip(best, asked, strict=True)]
    share = float(np.mean(hits))
    low, high = wilson(share, len(asked))
    cut = [not any(holds(chunk, placed) for chunk in found) for placed in asked]
    words = float(np.mean([chunk.words for chunk in best]))
    return Measured(size, len(found), share, low, high, float(np.mean(cut)), words)


# --- in words -----------------------------------------------------------------------------------


def describe_chunks(found: Sequence[Chunk], scores: Floats) -> str:
    """How many pieces there are, and how far the best is ahead."""
    order = np.argsort(-scores)
    best = found[int(order[0])]
    said = (
        f"{counted(len(found), 'piece')}. The best is words {best.first_word + 1} to "
        f"{best.first_word + best.words}, with a cosine of {scores[order[0]]:.2f}"
    )
    if len(found) < 2:
        return f"{said}."
    return f"{said}; the second has {scores[order[1]]:.2f}."


def describe_measured(rows: Sequence[Measured], count: int, overlap: str) -> str:
    """The best size on our questions beside the smallest and the largest."""
    best = max(rows, key=lambda row: row.found)
    ends = [row for row in (rows[0], rows[-1]) if row is not best]
    others = ", ".join(f"{percent(row.found)} with {row.size}" for row in ends)
    return (
        f"Of {counted(count, 'question')}, with an overlap of {overlap}: the best piece holds the "
        f"whole answer for {percent(best.found)} ({percent(best.low)} to {percent(best.high)}) "
        f"with {best.size} words, {others}. Borders cut {percent(rows[0].cut)} of the answers "
        f"with {rows[0].size} words, {percent(rows[-1].cut)} with {rows[-1].size}."
    )
