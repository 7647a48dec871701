"""Question sets: small TOML files that a teacher writes, keeps and loads again.

A set is a list of *drafts*, each a table of a question before it is put to a room::

    title = "Where a word stands"

    [[question]]
    prompt = "What tells BERT the order of the words?"
    options = ["Position vectors", "The order of the dictionary"]
    right = ["A"]
    note = "Attention alone has no order."

    [[question]]
    kind = "hidden word"
    text = "She poured the [[tea]] into a cup."

Without ``options`` an answer is written; ``scale = true`` makes options the steps of a scale;
without ``right`` nothing is right or wrong. The kinds "hidden word", "which head" and "which sense"
are answered by the model when they are asked; "quiz" names a question of a lesson.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from pages.rooms.board import RoomError
from pages.views.classroom.questions import checked

Draft = dict[str, Any]
BUNDLED = Path(__file__).parents[3] / "assets" / "data" / "question_sets"
MOST, LARGEST = 60, 200_000  # questions, bytes


def read(text: str) -> list[Draft]:
    """The drafts of a set. Raises RoomError that says which question is wrong, and how."""
    if len(text) > LARGEST:
        raise RoomError("This file is too large for a question set.")
    try:
        table = tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise RoomError(f"This is no question set: {error}.") from None
    found = table.get("question")
    if not isinstance(found, list) or not found or not all(isinstance(q, dict) for q in found):
        raise RoomError("This file has no [[question]].")
    if len(found) > MOST:
        raise RoomError(f"A set has at most {MOST} questions.")
    drafts = []
    for number, draft in enumerate(found, 1):
        try:
            drafts.append(checked(draft))
        except RoomError as reason:
            raise RoomError(f"Question {number}: {reason}") from None
    return drafts


def write(drafts: Sequence[Mapping[str, Any]], title: str = "") -> str:
    """A set as a file, which `read` gives back."""
    lines = [f"title = {_value(title)}"] if title else []
    for draft in drafts:
        lines += ["", "[[question]]", *(f"{name} = {_value(draft[name])}" for name in draft)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _value(value: object) -> str:
    """TOML's strings, numbers, truths and lists of them are written as in JSON."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


@lru_cache(maxsize=64)
def bundled(lesson: str) -> str:
    """The set that comes with a lesson; empty without one."""
    path = BUNDLED / f"{lesson}.toml"
    return path.read_text(encoding="utf-8") if path.exists() else ""
