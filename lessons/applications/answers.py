"""Answers from a paragraph in two steps: the sentence nearest to the question, then a span in it.

The first step needs no training: it compares vectors. The second is the span head of Devlin et
al. 2019, §4.2, trained on our questions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..engine import tasks
from ..engine.spans import overlap, words_of
from ..engine.tasks import Asked
from ..engine.trace import Floats
from .compute import DATA, Span, counted, percent, sentence_spans

Read = Callable[[str, str], Span]
"""Where a reader sees the answer to a question (first) in a text (second), in characters."""

READER = {
    "task": "questions", "trained_layers": 3, "learning_rate": 5e-4, "epochs": 8, "batch_size": 8,
    "seed": 1,
}  # fmt: skip
"""Settings of the reader that this lesson trains: well under a minute on two processors."""

THRESHOLDS = tuple(round(0.05 * i, 2) for i in range(21))


@dataclass(frozen=True)
class Located:
    """The sentences of a paragraph, each with its cosine to the question, and the best of them.

    ``by_words`` is the sentence that shares most words with the question.
    """

    spans: tuple[Span, ...]
    cosines: tuple[float, ...]
    best: int
    by_words: int

    @property
    def score(self) -> float:
        """Cosine of the question with the nearest sentence."""
        return self.cosines[self.best]


def locate(question: str, paragraph: str, vectors: Floats) -> Located:
    """Compare a question with every sentence of a paragraph.

    ``vectors`` (1 + S, D) of length 1 are those of the question, then of the S sentences as
    `sentences_of` gives them. Raises ValueError for a paragraph without a word.
    """
    spans = sentence_spans(paragraph)
    if not spans:
        raise ValueError("There is no sentence in this paragraph.")
    cosines = vectors[1:] @ vectors[0]
    asked = set(words_of(question))
    shared = [len(asked & set(words_of(paragraph[a:b]))) for a, b in spans]
    return Located(
        tuple(spans), tuple(cosines.tolist()), int(cosines.argmax()), int(np.argmax(shared))
    )


def sentences_of(paragraph: str) -> list[str]:
    """The sentences of a paragraph, as `locate` counts them."""
    return [paragraph[a:b] for a, b in sentence_spans(paragraph)]


def read_in_sentence(read: Read, question: str, paragraph: str, sentence: Span) -> Span:
    """The answer as the reader sees it in one sentence; characters of the paragraph."""
    start, end = read(question, paragraph[sentence[0] : sentence[1]])
    return sentence[0] + start, sentence[0] + end


def describe_located(found: Located, threshold: float) -> str:
    """How near the best sentence is, and whether words would have chosen it."""
    said = f"Cosine with the nearest sentence: {found.score:.2f}"
    if found.score < threshold:
        return f"{said}, below your limit of {threshold:.2f}: no answer is given."
    if found.by_words != found.best:
        return f"{said}. Counting shared words would have chosen sentence {found.by_words + 1}."
    return f"{said}. Counting shared words chooses the same sentence."


# --- measured on our questions ------------------------------------------------------------------


Vectors = Mapping[str, Floats]
"""A unit vector (D) for each question and sentence."""


def texts() -> list[str]:
    """All questions and sentences whose vectors `rows_located` and `refusals` need."""
    found = dict.fromkeys(row.question for row in tasks.questions())
    found |= dict.fromkeys(question for _, question in unanswerable())
    for paragraph in {row.paragraph: None for row in tasks.questions()}:
        found |= dict.fromkeys(sentences_of(paragraph))
    return list(found)


def located(question: str, paragraph: str, vectors: Vectors) -> Located:
    """`locate` with vectors that are at hand."""
    rows = [vectors[question], *(vectors[sentence] for sentence in sentences_of(paragraph))]
    return locate(question, paragraph, np.stack(rows))


@dataclass(frozen=True)
class Score:
    """A way to answer: overlap of words with the right answer (F1), share that is just right."""

    title: str
    f1: float
    exact: float
    trained: bool


def scores(rows: Sequence[Asked], vectors: Vectors, read: Read | None) -> list[Score]:
    """Every way to answer the questions, the simplest first; two more with a trained reader."""
    found = [located(row.question, row.paragraph, vectors) for row in rows]
    ways: dict[str, list[Span]] = {
        "the sentence with most shared words": [f.spans[f.by_words] for f in found],
        "the nearest sentence": [f.spans[f.best] for f in found],
    }
    if read is not None:
        ways["a span of the whole paragraph"] = [read(r.question, r.paragraph) for r in rows]
        ways["a span of the nearest sentence"] = [
            read_in_sentence(read, r.question, r.paragraph, f.spans[f.best])
            for r, f in zip(rows, found, strict=True)
        ]
    table = []
    for title, spans in ways.items():
        said = [r.paragraph[a:b] for r, (a, b) in zip(rows, spans, strict=True)]
        f1 = [overlap(given, r.answer) for given, r in zip(said, rows, strict=True)]
        exact = [words_of(given) == words_of(r.answer) for given, r in zip(said, rows, strict=True)]
        trained = title.startswith("a span")
        table.append(Score(title, float(np.mean(f1)), float(np.mean(exact)), trained))
    return table


def right_sentence(rows: Sequence[Asked], vectors: Vectors) -> tuple[float, float]:
    """Share of questions whose answer lies in the sentence chosen by meaning, and by words."""
    hits = []
    for row in rows:
        found = located(row.question, row.paragraph, vectors)
        chosen = [found.spans[found.best], found.spans[found.by_words]]
        hits.append([start <= row.start < end for start, end in chosen])
    by_meaning, by_words = np.mean(hits, axis=0)
    return float(by_meaning), float(by_words)


def describe_scores(found: Sequence[Score], rows: int) -> str:
    """The best way beside the best that needs no reader."""
    plain = max((s for s in found if not s.trained), key=lambda s: s.f1)
    trained = [s for s in found if s.trained]
    if not trained:
        return (
            f"F1 of the answers' words on {rows} questions: {plain.title} reaches "
            f"{percent(plain.f1)}. A whole sentence holds more words than the answer needs."
        )
    best = max(trained, key=lambda s: s.f1)
    gap = 100 * (best.f1 - plain.f1)
    said = f"{gap:.0f} points more" if gap > 0 else f"{-gap:.0f} points less, so no gain"
    return (
        f"F1 on the {rows} questions that the reader did not learn from: {best.title} "
        f"{percent(best.f1)} ({percent(best.exact)} just right), {plain.title} "
        f"{percent(plain.f1)}: {said}. With so few questions, one more or less right is "
        f"{100 / rows:.0f} points."
    )


# --- no answer ----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def unanswerable() -> tuple[tuple[str, str], ...]:
    """(paragraph, question) where the question is about the paragraph, which does not answer it."""
    paragraphs = list(dict.fromkeys(row.paragraph for row in tasks.questions()))
    path = DATA / "no_answer.tsv"
    found = []
    for number, (start, question) in tasks.table(path, ("paragraph", "question")):
        fit = [paragraph for paragraph in paragraphs if paragraph.startswith(start)]
        if len(fit) != 1:
            raise tasks.DataError(path.name, number, f"{start!r} begins {len(fit)} paragraphs")
        found.append((fit[0], question))
    return tuple(found)


@dataclass(frozen=True)
class Refusals:
    """Cosines of the nearest sentence: answerable questions, near misses, foreign paragraphs."""

    answerable: tuple[float, ...]
    near: tuple[float, ...]
    foreign: tuple[float, ...]

    def answered(self, threshold: float) -> dict[str, float]:
        """Share of each that gets an answer."""
        return {
            "with an answer": share_from(self.answerable, threshold),
            "about the paragraph, without an answer": share_from(self.near, threshold),
            "about something else": share_from(self.foreign, threshold),
        }


def share_from(values: Sequence[float], threshold: float) -> float:
    return float(np.mean(np.asarray(values) >= threshold))


def refusals(vectors: Vectors) -> Refusals:
    """The scores by which a limit can tell questions with and without an answer."""
    rows = tasks.questions()
    paragraphs = list(dict.fromkeys(row.paragraph for row in rows))
    half = len(paragraphs) // 2
    other = {p: paragraphs[(i + half) % len(paragraphs)] for i, p in enumerate(paragraphs)}

    def score(question: str, paragraph: str) -> float:
        return located(question, paragraph, vectors).score

    return Refusals(
        tuple(score(r.question, r.paragraph) for r in rows),
        tuple(score(question, paragraph) for paragraph, question in unanswerable()),
        tuple(score(r.question, other[r.paragraph]) for r in rows),
    )


def describe_refusals(found: Refusals, threshold: float) -> str:
    """What the limit lets through."""
    shares = found.answered(threshold)
    kept, near, foreign = shares.values()
    return (
        f"At {threshold:.2f}, {percent(kept)} of {counted(len(found.answerable), 'question')} with "
        f"an answer get one, but so do {percent(near)} of {len(found.near)} about the paragraph "
        f"that it does not answer, and {percent(foreign)} of those about something else."
    )
