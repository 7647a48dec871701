"""Finding mistakes by surprise: every word is hidden in turn, and the model says what it expects.

The sum of log-probabilities of all words, each hidden in turn, is a sentence's
pseudo-log-likelihood (Salazar et al. 2020). Here each word is looked at by itself.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..engine.gaps import readable, surprise
from .compute import DATA, Span, counted, percent

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

SURPRISE, BETTER, ALIKE = "surprise", "better", "alike"
SCORES = {
    SURPRISE: "it surprises",
    BETTER: "another word is better",
    ALIKE: "a look-alike is better",
}
LIMITS = tuple(0.5 * i for i in range(41))
"""Limits in bits over which everything is measured."""
USUAL_LIMITS = {SURPRISE: 12.0, BETTER: 8.0, ALIKE: 5.0}
"""Limits in bits to begin with."""
MOST_SENTENCES = 12
"""Sentences that are checked at a time: every word costs a pass."""
CANDIDATES = 200
"""Likeliest words among which a better one is looked for."""

_PLANTED = re.compile(r"\[([^|\]]+)\|([^\]]+)\]")


# --- one sentence -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Checked:
    """A word of a sentence, and what the model would rather read in its place.

    ``bits`` = −log2 of its probability. ``better`` and ``alike`` are the likeliest other word, and
    the likeliest that is spelled much like it, each with its probability; None if there is none
    among the `CANDIDATES` likeliest.
    """

    span: Span
    word: str
    bits: float
    better: tuple[str, float] | None
    alike: tuple[str, float] | None

    def score(self, by: str) -> float:
        """How suspicious the word is, in bits.

        By `SURPRISE`, its own bits. Otherwise by how much likelier the other word is: each bit
        doubles it; 0 where the word is the likeliest itself.
        """
        if by == SURPRISE:
            return self.bits
        found = self.alike if by == ALIKE else self.better
        return max(0.0, self.bits + math.log2(found[1])) if found else 0.0

    def suggestion(self, by: str) -> str | None:
        """The word that would fit better."""
        found = self.alike if by == ALIKE else self.better
        return found[0] if found else None


def distance(first: str, second: str) -> int:
    """How many letters must be put in, left out or replaced to make one of the other.

    Levenshtein's distance: row i of the table holds the costs for the first i letters.
    """
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        diagonal, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (a != b))
    return row[-1]


def looks_alike(first: str, second: str) -> bool:
    """One letter apart in short words, up to two in longer ones."""
    return distance(first, second) <= (1 if len(first) < 4 else 2)


def check(model: LoadedModel, sentence: str) -> tuple[Checked, ...]:
    """Every word of a sentence, hidden in turn. Numbers and signs are left out."""
    encoding = readable(model, model.encode(sentence))
    found = []
    for word in surprise(model, encoding, CANDIDATES):
        plain = word.gap.title.lower()
        if not plain.isalpha():
            continue
        others = [(w, p) for w, p in word.suggestions if w.isalpha() and w != plain]
        alike = next(((w, p) for w, p in others if looks_alike(plain, w)), None)
        better = others[0] if others else None
        found.append(Checked(word.gap.span, word.gap.title, word.bits, better, alike))
    return tuple(found)


def describe_check(found: Sequence[Checked], by: str, threshold: float) -> str:
    """The words that are marked, and what is put in their place."""
    marked = sorted((w for w in found if w.score(by) >= threshold), key=lambda w: -w.score(by))
    if not marked:
        return f"None of {counted(len(found), 'word')} reaches {threshold:g} bits."
    said = ", ".join(
        f"“{w.word}” ({w.score(by):.1f} bits; expected “{w.suggestion(by) or '?'}”)"
        for w in marked[:5]
    )
    return f"{len(marked)} of {counted(len(found), 'word')}: {said}."


# --- measured on sentences with planted mistakes ------------------------------------------------


@dataclass(frozen=True)
class Planted:
    """A sentence; ``wrong`` is the span of its planted mistake, ``right`` the word for it."""

    text: str
    wrong: Span | None = None
    right: str = ""


@lru_cache(maxsize=1)
def sentences() -> tuple[Planted, ...]:
    """The sentences of ``assets/data/applications/slips.txt``: ``[wrong|right]``, or all right."""
    found = []
    for line in (DATA / "slips.txt").read_text(encoding="utf-8").splitlines():
        if match := _PLANTED.search(line):
            text = line[: match.start()] + match[1] + line[match.end() :]
            span = (match.start(), match.start() + len(match[1]))
            found.append(Planted(text, span, match[2]))
        else:
            found.append(Planted(line))
    return tuple(found)


@dataclass(frozen=True)
class Marks:
    """What a threshold marks in the sentences with planted mistakes and in those without."""

    marked: int  # words
    found: int  # planted mistakes among them
    mended: int  # where the right word is suggested
    planted: int
    words: int
    disturbed: int  # sentences without a mistake in which something is marked
    clean: int  # sentences without a mistake

    @property
    def precision(self) -> float | None:
        """Share of marks that are planted mistakes; None without a mark."""
        return self.found / self.marked if self.marked else None

    @property
    def recall(self) -> float:
        """Share of planted mistakes that are marked."""
        return self.found / self.planted

    @property
    def chance(self) -> float:
        """The precision, and the share found per word marked, of marking words at random."""
        return self.planted / self.words


Material = Sequence[tuple[Planted, Sequence[Checked]]]


def marks(material: Material, by: str, threshold: float) -> Marks:
    """Count what is marked at a threshold."""
    marked = found = mended = disturbed = 0
    for sentence, words in material:
        hits = [w for w in words if w.score(by) >= threshold]
        right = [w for w in hits if w.span == sentence.wrong]
        marked += len(hits)
        found += len(right)
        mended += any(w.suggestion(by) == sentence.right.lower() for w in right)
        disturbed += sentence.wrong is None and bool(hits)
    return Marks(
        marked, found, mended,
        planted=sum(s.wrong is not None for s, _ in material),
        words=sum(len(words) for _, words in material),
        disturbed=disturbed,
        clean=sum(s.wrong is None for s, _ in material),
    )  # fmt: skip


def curve(material: Material, by: str, thresholds: Sequence[float]) -> list[Marks]:
    """`marks` at each of several thresholds."""
    return [marks(material, by, threshold) for threshold in thresholds]


def describe_marks(m: Marks) -> str:
    """Found, missed, false alarms, beside marking at random."""
    if not m.marked:
        return f"Nothing is marked: none of the {m.planted} planted mistakes is found."
    return (
        f"{m.found} of {m.planted} planted mistakes are marked, {m.mended} of them with the right "
        f"word. {counted(m.marked - m.found, 'mark')} of {m.marked} are false alarms: of "
        f"{m.clean} sentences without a mistake, {m.disturbed} are disturbed. "
        f"{m.marked} words marked at random would find {m.marked * m.chance:.1f} mistakes "
        f"({percent(m.chance)} of marks right, against {percent(m.precision or 0.0)})."
    )
