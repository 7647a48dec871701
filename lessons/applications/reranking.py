"""Second looks at what a search has found: which questions teach it, which measure it, what it is
worth. What is trained is in `second_look`."""

from __future__ import annotations

import csv
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from ..engine import tasks
from ..engine.intervals import wilson
from ..engine.settings import chosen
from ..engine.trace import Floats
from . import search
from .compute import DATA, counted, percent

BASE = "minilm-mlm"
COMPARES = "minilm"
DEEPEST = 10  # passages of each search that a second look may read

APART, TOGETHER = "apart", "together"
READS = {TOGETHER: "a cross-encoder", APART: "a bi-encoder"}
EPOCHS = (1, 2, 3, 4)
LEARNING_RATES = (5e-5, 1e-4, 2e-4, 5e-4)
NEGATIVES = (1, 3, 5)
SEEDS = range(20)


@dataclass(frozen=True)
class Settings:
    """One training; `checked` builds it from what a page, or anybody, sent.

    ``reads`` says whether question and passage are read together or apart; ``negatives`` is how
    many wrong passages stand beside the right one.
    """

    reads: str = TOGETHER
    negatives: int = 3
    epochs: int = 2
    learning_rate: float = 5e-4
    seed: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self)


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping; what is left out has its default. Raises ValueError."""
    choices: dict[str, Sequence[Any]] = {
        "reads": tuple(READS), "negatives": NEGATIVES, "epochs": EPOCHS,
        "learning_rate": LEARNING_RATES, "seed": SEEDS,
    }  # fmt: skip
    return chosen(Settings(), values, choices)


# --- questions to learn from, and questions to measure on ---------------------------------------


@dataclass(frozen=True)
class Lesson:
    """A question, its right passage, and wrong ones that a search would find for it."""

    question: str
    right: str
    wrong: tuple[str, ...]


def rows_of(name: str) -> list[dict[str, str]]:
    """A tab-separated table of this lesson's data."""
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@lru_cache(maxsize=1)
def asked() -> tuple[search.Question, ...]:
    """More questions to the library, beside those of `search.library`."""
    names = search.passage_names()
    return tuple(
        search.Question(row["question"], row["kind"], (names.index(row["passage"]),))
        for row in rows_of("asked.tsv")
    )


@lru_cache(maxsize=1)
def held_out() -> frozenset[int]:
    """Passages whose questions nothing learns from: those that the library's own questions ask
    for, and all whose names look much like one of them."""
    answers = {place for q in search.library().questions for place in q.answers}
    families = {search.family(name) for i, name in enumerate(search.passage_names())
                if i in answers}  # fmt: skip
    return frozenset(
        i for i, name in enumerate(search.passage_names()) if search.family(name) in families
    )


@lru_cache(maxsize=1)
def test_questions() -> tuple[search.Question, ...]:
    """Questions about held-out passages, ours first."""
    more = [q for q in asked() if q.answers[0] in held_out()]
    return (*search.library().questions, *more)


def training_pairs() -> list[tuple[str, str]]:
    """(question, passage) pairs to learn from; no passage of them is held out."""
    passages = search.library().passages
    return [
        *((q.text, passages[q.answers[0]]) for q in asked() if q.answers[0] not in held_out()),
        *((row["question"], row["passage"]) for row in rows_of("lookalikes.tsv")),
        *((row.question, row.paragraph) for row in tasks.questions()),
    ]


def mined(
    pairs: Sequence[tuple[str, str]], questions: Floats, passages: Floats, texts: Sequence[str]
) -> list[Lesson]:
    """For each pair the wrong passages that words and meaning rank highest, taken in turns.

    ``questions`` (N, D) are unit vectors of the pairs' questions, ``passages`` (P, D) those of the
    ``texts`` (P), each passage once.
    """
    bm25 = search.BM25(texts)
    found = []
    for (question, right), vector in zip(pairs, questions, strict=True):
        by_words = search.ranked(bm25.scores(question))
        by_meaning = search.ranked(passages @ vector)
        turns = [texts[i] for pair in zip(by_words, by_meaning, strict=True) for i in pair]
        wrong = [text for text in dict.fromkeys(turns) if text != right]
        found.append(Lesson(question, right, tuple(wrong[:DEEPEST])))
    return found


def drawn(lesson: Lesson, count: int, generator: random.Random) -> list[str]:
    """The right passage, then ``count`` of the wrong ones, drawn anew in each epoch."""
    return [lesson.right, *generator.sample(lesson.wrong, count)]


@dataclass(frozen=True)
class Found:
    """What the searches found for a test question: places of passages, the best first.

    ``candidates`` are all that stand among the first `DEEPEST` of words or of meaning.
    """

    words: list[int]
    meaning: list[int]
    both: list[int]
    candidates: list[int]


def found_for(bm25: search.BM25, passages: Floats, question: str, vector: Floats) -> Found:
    """What each search puts first; the search by words finds nothing that shares no word."""
    scores = search.scores_of(bm25, passages, question, vector)
    first = {
        method: [i for i in search.ranked(values)[:DEEPEST] if values[i] > 0 or
                 method == search.MEANING]
        for method, values in scores.items()
    }  # fmt: skip
    candidates = list(dict.fromkeys([*first[search.WORDS], *first[search.MEANING]]))
    return Found(first[search.WORDS], first[search.MEANING], first[search.BOTH], candidates)


# --- what a second look is worth ----------------------------------------------------------------


def reranked(first: Sequence[int], scores: Mapping[int, float], depth: int) -> list[int]:
    """The first ``depth`` of a search in the order of a second look; the rest stays as it was."""
    looked = sorted(first[:depth], key=lambda place: -scores[place])
    return [*looked, *first[depth:]]


def rank_in(order: Sequence[int], answers: Sequence[int]) -> int | None:
    """Rank of the best answer, from 1; None where it is not among what was found."""
    return next((i for i, place in enumerate(order, 1) if place in answers), None)


@dataclass(frozen=True)
class Score:
    """How good a way to search is on the test questions."""

    title: str
    first: float
    """Share of questions whose answer stands first, with the interval of that share."""
    low: float
    high: float
    mrr: float
    mrr_low: float
    mrr_high: float
    passes: int
    """Passes through a model for each question; vectors of passages were computed beforehand."""
    ranks: tuple[int | None, ...]


def score_of(title: str, ranks: Sequence[int | None], passes: int) -> Score:
    """Found first and mean reciprocal rank, each with its interval at 95%."""
    first = search.measure(ranks, search.MEASURES[0])
    values = np.array([1 / rank if rank else 0.0 for rank in ranks])
    half = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    mrr = float(values.mean())
    low, high = wilson(first, len(ranks))
    return Score(
        title, first, low, high, mrr, max(0.0, mrr - half), min(1.0, mrr + half), passes,
        tuple(ranks),
    )  # fmt: skip


def orders(found: Mapping[str, Any], method: str) -> list[int]:
    """What a method found for a test question, as `Found` became JSON."""
    order: list[int] = found[method]
    return order


def compared(
    facts: Mapping[str, Any], scores: Mapping[str, Sequence[Sequence[float]]],
    method: str, depth: int, kind: str = "",
) -> list[Score]:  # fmt: skip
    """Each search alone, then ``method`` with each second look at its first ``depth``.

    ``facts`` are those of a `second_look.SecondLook`; ``scores`` are, by title, what a second look
    says of each candidate of each question. ``kind`` keeps questions of one kind.
    """
    rows = [(i, row) for i, row in enumerate(facts["questions"]) if not kind or row["kind"] == kind]
    base = {search.WORDS: 0, search.MEANING: 1, search.BOTH: 1}
    table = [
        score_of(
            search.METHOD_TITLES[name],
            [rank_in(orders(row, name), row["answers"]) for _, row in rows], passes,
        )
        for name, passes in base.items()
    ]  # fmt: skip
    for title, every in scores.items():
        ranks = []
        for i, row in rows:
            said = dict(zip(row["candidates"], every[i], strict=True))
            ranks.append(rank_in(reranked(orders(row, method), said, depth), row["answers"]))
        apart = title == READS[APART]
        table.append(score_of(title, ranks, base[method] + (1 if apart else depth)))
    return table


VERDICTS = ("It gets better", "No clear difference", "It gets worse")


def difference(alone: Score, looked: Score) -> tuple[float, float, float]:
    """By how much more questions the second look puts the answer first; and the interval at 95%.

    Question by question: both answered the same ones, so that hard questions cancel out.
    """
    gains = np.array([
        float(b == 1) - float(a == 1) for a, b in zip(alone.ranks, looked.ranks, strict=True)
    ])  # fmt: skip
    half = 1.96 * float(gains.std(ddof=1)) / len(gains) ** 0.5
    mean = float(gains.mean())
    return mean, mean - half, mean + half


def verdict(alone: Score, looked: Score) -> str:
    """Whether a second look is better than the search alone; only by more than luck explains."""
    _, low, high = difference(alone, looked)
    if low > 0:
        return VERDICTS[0]
    return VERDICTS[2] if high < 0 else VERDICTS[1]


def within_reach(facts: Mapping[str, Any], method: str, depth: int) -> float:
    """Share of the questions whose answer a second look gets to see at all."""
    rows = facts["questions"]
    return sum(
        any(place in row["answers"] for place in orders(row, method)[:depth]) for row in rows
    ) / len(rows)


def difference_in_words(alone: Score, looked: Score) -> str:
    """The gain of a second look in points, with its interval."""
    mean, low, high = (round(100 * x) for x in difference(alone, looked))
    return f"{mean:+d} points, {low:+d} to {high:+d} with other questions"


def describe_compared(
    found: Sequence[Score], count: int, method: str, reach: float, depth: int
) -> str:
    """What each second look makes of a search, and the ceiling of any."""
    alone = next(s for s in found if s.title == search.METHOD_TITLES[method])
    looks = [s for s in found if s.title in READS.values()]
    said = ", ".join(
        f"with {s.title} {percent(s.first)} ({difference_in_words(alone, s)})" for s in looks
    )
    return (
        f"Found first, of {counted(count, 'question')}: {alone.title.lower()} alone "
        f"{percent(alone.first)} ({percent(alone.low)} to {percent(alone.high)}), {said}. "
        f"No second look at the first {depth} could exceed {percent(reach)}: the other answers are "
        "not there."
    )
