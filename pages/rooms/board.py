"""What can be said of a room: its seats, its board, and the questions on it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

LIFE = 12 * 3600.0  # seconds after the teacher's last action until a room closes by itself
WEEK = 7 * 86400.0  # … where it is for homework

Phase = Literal["first", "discuss", "second", "revealed"]
PHASES: tuple[Phase, ...] = ("first", "discuss", "second", "revealed")
ROUND: dict[str, int] = {"first": 1, "second": 2}
"""The phases in which people vote, and the round that it is."""
WITHDRAWN = "withdrawn"
"""The phase of a question that the teacher took back; its votes stay in the results."""

Takes = Literal["one", "several", "scale", "words"]
Answer = int | str | tuple[int, ...]
"""What somebody answers: the place of an option, places of several, or words."""


class RoomError(Exception):
    """It cannot be done; the message is a sentence for the page."""


class NoSuchRoom(RoomError):  # noqa: N818
    """There is no open room of that code."""


@dataclass(frozen=True)
class Asked:
    """What is asked: ``options`` to choose from, or none for an answer in words.

    ``context`` is what belongs to the question (a sentence, a head; ``takes`` where it is not one
    option or words), ``answer`` what the model or the course says: ``option`` its place, or
    ``options`` where several are right, ``words`` pairs of word and probability, ``note`` a
    sentence.
    """

    kind: str
    prompt: str
    options: tuple[str, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def takes(self) -> Takes:
        """What an answer is: one option, several, a place on a scale, or words."""
        if not self.options:
            return "words"
        takes = self.context.get("takes")
        return takes if takes in ("several", "scale") else "one"

    @property
    def right(self) -> tuple[int, ...]:
        """Places of the right options; none where nothing is right or wrong."""
        several = self.answer.get("options")
        one = self.answer.get("option")
        return tuple(several) if several else () if one is None else (one,)

    def is_right(self, answer: Answer) -> bool | None:
        """Whether an answer is right; None where there is no right or wrong."""
        if not self.right or isinstance(answer, str):
            return None
        return sorted((answer,) if isinstance(answer, int) else answer) == sorted(self.right)

    def in_words(self, answer: Answer) -> str:
        """An answer as it is read."""
        if isinstance(answer, str):
            return answer
        places = (answer,) if isinstance(answer, int) else answer
        return "; ".join(self.options[i] for i in places if 0 <= i < len(self.options))


LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""The options of a question are called by these."""

Tally = tuple[tuple[str, int], ...]
"""How often each answer was given: options in their order, words the commonest first."""


@dataclass(frozen=True)
class Put:
    """A question as it stands in a room.

    ``voted`` have answered in this round. Of the rounds that may be seen, ``tallies`` holds how
    often each answer was given, ``voters`` by how many, and ``right`` how many of them were right.
    """

    id: int
    number: int
    asked: Asked
    phase: str
    voted: int
    tallies: Mapping[int, Tally]
    voters: Mapping[int, int] = field(default_factory=dict)
    right: Mapping[int, int] = field(default_factory=dict)
    ends_at: float | None = None
    """When the time for it is over, in seconds since 1970."""


@dataclass(frozen=True)
class Shown:
    """What a student saw and sent for the board: a page of the course, and its link's query.

    ``name`` is the student's, and ``up`` whether the board shows it; a board knows no name.
    """

    id: int
    page: str
    query: Mapping[str, list[str]]
    name: str = ""
    up: bool = True


@dataclass(frozen=True)
class Board:
    """A room as everybody in it may see it; with the teacher's key also what is still hidden."""

    code: str
    lesson: str
    closed: bool
    expires_at: float
    members: int
    here: int
    leads: bool
    leads_to: tuple[str, dict[str, Any]] | None
    paused: bool
    questions: tuple[Put, ...]
    """What is asked now: one question, or those that were put together."""
    view: Shown | None = None
    """What a student sent and the teacher put up."""
    waiting: int = 0
    """How many views were sent that are not up."""

    @property
    def question(self) -> Put | None:
        """The question, or the first of several."""
        return self.questions[0] if self.questions else None


@dataclass(frozen=True)
class Seat:
    """Somebody's place in a room: the teacher's has ``key``, a student's has ``member``."""

    code: str
    key: str = ""
    member: str = ""

    @property
    def teaches(self) -> bool:
        return bool(self.key)


@dataclass(frozen=True)
class Pupil:
    """A member as the teacher sees it. ``place`` is the page that is open, ``answered`` how many
    of the questions; ``right`` None where no answer is right or wrong."""

    id: int
    name: str
    here: bool
    place: str
    answered: int
    right: bool | None


def code_of(text: str) -> str:
    """A room's code as it was typed or pasted: case, blanks and dashes do not count."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())[:8]


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
