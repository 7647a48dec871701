"""What the five applications share: a learner's text cut into parts, vectors, shown code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..engine.trace import Floats

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

DATA = Path(__file__).parents[2] / "assets" / "data" / "applications"

LONGEST_TEXT = 20_000
"""Characters of a pasted text that are read."""
MOST_PARTS = 150
"""Sentences or passages of a pasted text."""
LONGEST_PART = 600
"""Characters of one of them."""

Numbers = NDArray[np.float64]
Span = tuple[int, int]

# A full stop ends a sentence, unless it belongs to a title or to initials.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]|\n")
_NO_END = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|vs|e\.g|i\.e|No)|\b[A-Z])\.$")
LONGEST_TITLE = 6  # characters of the longest of these, with its full stop


def sentence_spans(text: str) -> list[Span]:
    """(start, end) of every sentence, without the blanks around it.

    A sentence ends at . ! ? before a blank, at their CJK forms, and at the end of a line.
    """
    spans, start = [], 0
    ends = [
        match.end()
        for match in _END.finditer(text)
        if not _NO_END.search(text, max(0, match.end() - LONGEST_TITLE), match.end())
    ]
    for end in (*ends, len(text)):
        part = text[start:end]
        if re.search(r"\w", part):
            blanks = len(part) - len(part.lstrip())
            spans.append((start + blanks, start + len(part.rstrip())))
            start = end
    return spans


@dataclass(frozen=True)
class Parts:
    """A text in parts; what was left out of it is counted."""

    parts: tuple[str, ...]
    n_over: int  # parts beyond MOST_PARTS
    n_shortened: int  # parts cut to LONGEST_PART characters
    n_unread: int  # characters beyond LONGEST_TEXT

    @property
    def note(self) -> str:
        """What was left out, in words; empty when nothing was."""
        said = []
        if self.n_unread:
            said.append(f"{self.n_unread:,} characters beyond {LONGEST_TEXT:,} were not read")
        if self.n_over:
            said.append(f"{self.n_over:,} parts beyond {MOST_PARTS} were left out")
        if self.n_shortened:
            said.append(f"{self.n_shortened} were shortened to {LONGEST_PART} characters")
        return ", ".join(said) + "." if said else ""


def in_parts(text: str, whole_lines: bool = False) -> Parts:
    """A learner's text in sentences, or with ``whole_lines`` a part for each line."""
    read = text[:LONGEST_TEXT]
    if whole_lines:
        found = [" ".join(line.split()) for line in read.splitlines()]
        found = [line for line in found if re.search(r"\w", line)]
    else:
        found = [" ".join(read[a:b].split()) for a, b in sentence_spans(read)]
    return Parts(
        tuple(part[:LONGEST_PART] for part in found[:MOST_PARTS]),
        n_over=max(0, len(found) - MOST_PARTS),
        n_shortened=sum(len(part) > LONGEST_PART for part in found[:MOST_PARTS]),
        n_unread=max(0, len(text) - LONGEST_TEXT),
    )


def vectors(model: LoadedModel, texts: Sequence[str]) -> Floats:
    """Mean-pooled vectors of length 1, so that a dot product is a cosine: (N, D)."""
    found = model.embed(list(texts))
    return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-12)  # type: ignore[no-any-return]


@lru_cache(maxsize=8)
def snippet(name: str) -> str:
    """The code that a page shows for an application."""
    return (DATA / "code" / f"{name}.py").read_text(encoding="utf-8")


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def counted(n: int, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
