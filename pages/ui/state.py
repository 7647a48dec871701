"""What the learner set and all pages share: the sentence, a second one, masks, a token, the model.

Each `Shared` value lives in ``st.session_state``. How it is written in an address and read from one
stands beside it; `pages.ui.address` does the writing and the reading.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

T = TypeVar("T")

LONGEST_TEXT = 200_000  # characters
LONGEST_NAME = 200
BEFORE_EXAMPLE = "sentence.before_example"  # (the example, what the learner had before it)


@dataclass(frozen=True)
class Shared(Generic[T]):
    """One shared value: its key in the session and its name in an address.

    ``read`` raises ValueError for what an address cannot mean.
    """

    key: str
    param: str
    default: T
    read: Callable[[str], T]
    write: Callable[[T], str]

    def get(self) -> T:
        """The value now; the default where nothing was set or what was set has no use."""
        value: T = st.session_state.get(self.key, self.default)
        return self.default if value is None else value

    def set(self, value: T) -> None:
        """Set the value for this visitor; the address follows at the end of the run."""
        st.session_state[self.key] = value


def _text(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise ValueError("longer than any text that is read")
    return text


def _name(text: str) -> str:
    if not 0 < len(text) <= LONGEST_NAME:
        raise ValueError("no name of a model")
    return text


def _positions(text: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\d{1,3}(\.\d{1,3}){0,511}", text):
        raise ValueError("not numbers with points between them")
    return tuple(sorted({int(number) for number in text.split(".")}))


def _join(positions: tuple[int, ...]) -> str:
    return ".".join(map(str, positions))


def _step(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text):
        raise ValueError("not the number of an experiment")
    return int(text)


DEFAULT_TEXT = "She sat on the bank of the river and watched the boats go by."
DEFAULT_MASKS = (8,)  # "river": home opens with this gap, so that there is something to predict

TEXT = Shared("sentence.text", "text", DEFAULT_TEXT, _text, str)
PAIR = Shared("sentence.pair", "pair", "", _text, str)
MODEL = Shared("sentence.model", "model", "minilm-mlm", _name, str)
MASKS: Shared[tuple[int, ...]] = Shared("sentence.masks", "mask", (), _positions, _join)
SELECTED: Shared[tuple[int, ...]] = Shared("sentence.selected", "token", (), _positions, _join)
PRESENT = Shared("present", "present", 0, _step, str)

SHARED: tuple[Shared[Any], ...] = (TEXT, PAIR, MODEL, MASKS, SELECTED, PRESENT)
SENTENCE: tuple[Shared[Any], ...] = (TEXT, PAIR, MASKS, SELECTED)


def default_gap() -> None:
    """On the very first visit, hide the word that the course begins with."""
    if MASKS.key not in st.session_state and TEXT.get() == DEFAULT_TEXT:
        MASKS.set(DEFAULT_MASKS)


def forget_marks() -> None:
    """Marks stand on tokens; another sentence has other tokens."""
    MASKS.set(())
    SELECTED.set(())


def show_example(text: str, pair: str = "", masks: tuple[int, ...] = ()) -> None:
    """Put a sentence of the course's in the place of the learner's, which is kept to come back to.

    The learner's is what was there before the first of several examples in a row.
    """
    own = _own()
    if own is None and TEXT.get() != DEFAULT_TEXT:
        own = [shared.get() for shared in SENTENCE]
    TEXT.set(text)
    PAIR.set(pair)
    MASKS.set(masks)
    SELECTED.set(())
    st.session_state[BEFORE_EXAMPLE] = own and ((text, pair), own)


def own_sentence() -> str | None:
    """The learner's sentence, while an example of the course's stands in its place."""
    own = _own()
    return str(own[0]) if own else None


def back_to_own() -> None:
    """Bring the learner's sentence back, with its masks."""
    own = _own()
    if own:
        for shared, value in zip(SENTENCE, own, strict=True):
            shared.set(value)


def _own() -> list[Any] | None:
    """What the learner had before an example; None once the example was changed."""
    example, own = st.session_state.get(BEFORE_EXAMPLE) or (None, None)
    return own if example == (TEXT.get(), PAIR.get()) else None
