"""Search by words (BM25) and by meaning (cosine of vectors), and how good each of them is."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..engine.trace import Floats
from .compute import DATA, Numbers, Span, counted, percent

WORDS, MEANING, BOTH = "words", "meaning", "both"
METHODS = (WORDS, MEANING, BOTH)
METHOD_TITLES = {WORDS: "By words", MEANING: "By meaning", BOTH: "Both"}
KINDS = {"paraphrase": "in other words", "exact": "a rare name or number"}
MEASURES = ("Found first", "Among the first three", "Mean reciprocal rank")

K1, B = 1.5, 0.75  # the usual values
FUSED_AT = 60  # usual as well: it keeps the very first ranks from deciding alone
FUSED_DEPTH = 5  # further down, a search by words ranks what shares nothing but "the" and "is"

FAMILIES = {
    "volcano": "volcano", "error": "error", "modem": "modem", "train": "train", "ferry": "ferry",
    "bridge": "building", "tower": "building",
}  # fmt: skip
"""Parts of the names of passages that are easily taken for each other, with their family."""

_WORD = re.compile(r"\w+(?:[-:.'’]\w+)*")


# --- our library --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """A question to the library, and the places of the passages that answer it."""

    text: str
    kind: str
    answers: tuple[int, ...]


@dataclass(frozen=True)
class Library:
    """Passages to search in, and questions whose answers are known."""

    passages: tuple[str, ...]
    questions: tuple[Question, ...]


@lru_cache(maxsize=1)
def library() -> Library:
    """The library of ``assets/data/applications/library.toml``."""
    table = tomllib.loads((DATA / "library.toml").read_text(encoding="utf-8"))
    place = {name: i for i, name in enumerate(table["passages"])}
    return Library(
        tuple(table["passages"].values()),
        tuple(
            Question(q["text"], q["kind"], tuple(place[name] for name in q["answers"]))
            for q in table["questions"]
        ),
    )


@lru_cache(maxsize=1)
def passage_names() -> tuple[str, ...]:
    """Names of the library's passages, in their order."""
    table = tomllib.loads((DATA / "library.toml").read_text(encoding="utf-8"))
    return tuple(table["passages"])


def family(name: str) -> str:
    """The family of a passage whose kin differ from it in a name or a number alone. Any other
    passage is a family of its own."""
    return next((FAMILIES[part] for part in name.split("-") if part in FAMILIES), name)


# --- by words -----------------------------------------------------------------------------------


def words_of(text: str) -> list[str]:
    """Words in small letters; "BX-200" and "22:14" stay whole."""
    return _WORD.findall(text.casefold())


class BM25:
    """The usual formula of search engines that compare words.

    A passage scores for every word of the question that it holds. A word counts more the fewer
    passages have it (``idf``), and more the more often it stands there, but with falling gain
    (``k1``); a long passage gets less for the same count (``b``).

    Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009).
    """

    def __init__(self, passages: Sequence[str], k1: float = K1, b: float = B) -> None:
        self.k1, self.b = k1, b
        self.counts = [Counter(words_of(passage)) for passage in passages]
        self.lengths = np.array([count.total() for count in self.counts], dtype=np.float64)  # N
        self.holders = Counter(word for count in self.counts for word in count)

    def idf(self, word: str) -> float:
        """How much a word says: ln(1 + (N − n + ½) / (n + ½)) for a word in n of N passages."""
        total, n = len(self.counts), self.holders[word]
        return float(np.log(1 + (total - n + 0.5) / (n + 0.5)))

    def scores(self, question: str) -> Numbers:
        """Score of every passage (N); 0 where no word is shared."""
        found = np.zeros(len(self.counts))
        if not self.holders:
            return found
        length = 1 - self.b + self.b * self.lengths / self.lengths.mean()  # N, 1 for the average
        for word in words_of(question):
            count = np.array([counts[word] for counts in self.counts], dtype=np.float64)  # N
            found += self.idf(word) * count * (self.k1 + 1) / (count + self.k1 * length)
        return found


# --- ranks --------------------------------------------------------------------------------------


def ranked(scores: Numbers | Floats) -> list[int]:
    """Places of the passages, the best first; equal scores keep the order of the library."""
    return [int(place) for place in np.argsort(-scores, kind="stable")]


def fused(*all_scores: Numbers | Floats) -> Numbers:
    """Several searches in one: each gives a passage 1 / (60 + its rank), and these add up (N).

    Scores of different searches have no common scale, ranks do. Only the first `FUSED_DEPTH` of
    each search count, and what it scores 0 or less has no rank in it. Cormack, Clarke and
    Büttcher, "Reciprocal Rank Fusion" (2009).
    """
    total = np.zeros(len(all_scores[0]))
    for scores in all_scores:
        for rank, place in enumerate(ranked(scores)[:FUSED_DEPTH], 1):
            if scores[place] > 0:
                total[place] += 1 / (FUSED_AT + rank)
    return total


def scores_of(
    bm25: BM25, passages: Floats, question: str, vector: Floats
) -> dict[str, Numbers | Floats]:
    """Scores of all passages (N) by each method; ``passages`` (N, D), ``vector`` (D)."""
    words, meaning = bm25.scores(question), passages @ vector
    return {WORDS: words, MEANING: meaning, BOTH: fused(words, meaning)}


def rank_of(scores: Numbers | Floats, answers: Sequence[int]) -> int | None:
    """Rank of the best answer, from 1; None when the search does not find any of them."""
    found = [i for i, place in enumerate(ranked(scores), 1) if place in answers]
    best = found[0]
    return best if scores[ranked(scores)[best - 1]] > 0 else None


Ranks = Mapping[str, Sequence[int | None]]
"""For each method, the rank of the best answer to each question."""


def measure(ranks: Sequence[int | None], name: str) -> float:
    """One of `MEASURES` over some questions, 0 to 1."""
    if name == MEASURES[2]:
        return sum(1 / rank if rank else 0.0 for rank in ranks) / len(ranks)
    most = 1 if name == MEASURES[0] else 3
    return sum(rank is not None and rank <= most for rank in ranks) / len(ranks)


def by_kind(questions: Sequence[Question], ranks: Ranks, name: str) -> dict[str, dict[str, float]]:
    """A measure for each method and each kind of question."""
    return {
        method: {
            kind: measure(
                [r for r, q in zip(ranks[method], questions, strict=True) if q.kind == kind], name
            )
            for kind in KINDS
        }
        for method in METHODS
    }


def describe_measure(found: Mapping[str, Mapping[str, float]], name: str) -> str:
    """Which search does better for which kind of question."""
    said = []
    for kind, title in KINDS.items():
        values = ", ".join(
            f"{METHOD_TITLES[m].lower()} {found[m][kind]:.2f}"
            if name == MEASURES[2]
            else f"{METHOD_TITLES[m].lower()} {percent(found[m][kind])}"
            for m in METHODS
        )
        said.append(f"{title}: {values}")
    return f"{name}. Asked for {'; for '.join(said)}."


def describe_ranks(questions: Sequence[Question], ranks: Ranks) -> str:
    """How often each search puts the answer higher than the other."""
    pairs = [
        (w or len(questions) * 99, m or len(questions) * 99)
        for w, m in zip(ranks[WORDS], ranks[MEANING], strict=True)
    ]
    lost = sum(rank is None for rank in ranks[WORDS])
    return (
        f"Of {counted(len(questions), 'question')}, the search by meaning ranks the answer higher "
        f"{sum(m < w for w, m in pairs)} times, the search by words "
        f"{sum(w < m for w, m in pairs)} times. By words, {lost} are not found at all, since "
        "question and answer share no word."
    )


# --- what a result shows ------------------------------------------------------------------------


def shared_words(question: str, passage: str) -> list[Span]:
    """(start, end) of each word of the passage that stands in the question."""
    asked = set(words_of(question))
    return [m.span() for m in _WORD.finditer(passage) if m[0].casefold() in asked]


def describe_search(question: str, found: Mapping[str, Numbers | Floats]) -> str:
    """Whether both searches agree on the first passage."""
    words, meaning = found[WORDS], found[MEANING]
    if not words.any():
        return "No passage shares a word with this question: the search by words finds nothing."
    if ranked(words)[0] == ranked(meaning)[0]:
        return "Both searches put the same passage first."
    other = ranked(meaning).index(ranked(words)[0]) + 1
    return f"They disagree: what the words put first has rank {other} by meaning."
