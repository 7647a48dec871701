"""What can be said of a room: its seats, its board, and the questions on it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Phase = Literal["first", "discuss", "second", "revealed"]
PHASES: tuple[Phase, ...] = ("first", "discuss", "second", "revealed")
ROUND: dict[str, int] = {"first": 1, "second": 2}
"""The phases in which people vote, and the round that it is."""


class RoomError(Exception):
    """It cannot be done; the message is a sentence for the page."""


class NoSuchRoom(RoomError):  # noqa: N818
    """There is no open room of that code."""


@dataclass(frozen=True)
class Asked:
    """What is asked: ``options`` to choose from, or none for an answer in words.

    ``context`` is what belongs to the question (a sentence, a head), ``answer`` what the model or
    the course says: ``option`` its place, ``words`` pairs of word and probability, ``note`` a
    sentence.
    """

    kind: str
    prompt: str
    options: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)


Tally = tuple[tuple[str, int], ...]
"""How often each answer was given: options in their order, words the commonest first."""


@dataclass(frozen=True)
class Put:
    """A question as it stands in a room. ``tallies`` holds the rounds that may be seen."""

    id: int
    number: int
    asked: Asked
    phase: str
    voted: int
    tallies: Mapping[int, Tally]


@dataclass(frozen=True)
class Board:
    """A room as everybody in it may see it; with the teacher's key also what is still hidden."""

    code: str
    lesson: str
    closed: bool
    expires_at: float
    members: int
    here: int
    leads_to: tuple[str, dict[str, str]] | None
    question: Put | None


@dataclass(frozen=True)
class Seat:
    """Somebody's place in a room: the teacher's has ``key``, a student's has ``member``."""

    code: str
    key: str = ""
    member: str = ""

    @property
    def teaches(self) -> bool:
        return bool(self.key)


def clean(text: str, longest: int) -> str:
    """What somebody typed, on one line, without control characters, and not too long."""
    joiners = "\u200c\u200d"  # they join letters and emoji, and move nothing around
    printable = "".join(
        c if c in joiners or unicodedata.category(c)[0] != "C" else " " for c in text[: 4 * longest]
    )
    return re.sub(r"\s+", " ", printable).strip()[:longest].strip()


def plain(text: str) -> str:
    """By which two written answers are the same: case and the marks around do not count."""
    return text.casefold().strip(" .,;:!?\"'“”‘’()")
