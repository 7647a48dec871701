"""What the learner set, shared by all pages and kept in the link.

Each `Shared` value lives in ``st.session_state`` while the learner moves between pages and in the
URL so that a copied link opens the same view. `restore` reads the URL once a session, `publish`
writes it after each run. (Streamlit can bind a widget to the URL by itself; a learner's text may
be far too long for an address, so we decide here what goes in.)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import streamlit as st

T = TypeVar("T")

LONGEST_IN_LINK = 1500  # characters; browsers and proxies refuse addresses of some thousands


@dataclass(frozen=True)
class Shared(Generic[T]):
    """One value of the shared state: its key in the session and its name in the link."""

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
        """Set the value for this visitor; the link follows at the end of the run."""
        st.session_state[self.key] = value


def _positions(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(number) for number in re.findall(r"\d{1,3}", text)}))


def _join(positions: tuple[int, ...]) -> str:
    return ".".join(map(str, positions))


def _text(text: str) -> str:
    return text


DEFAULT_TEXT = "She sat on the bank of the river and watched the boats go by."
DEFAULT_MASKS = (8,)  # "river": home opens with this gap, so that there is something to predict

TEXT = Shared("sentence.text", "text", DEFAULT_TEXT, _text, _text)
PAIR = Shared("sentence.pair", "pair", "", _text, _text)
MODEL = Shared("sentence.model", "model", "minilm-mlm", _text, _text)
MASKS: Shared[tuple[int, ...]] = Shared("sentence.masks", "mask", (), _positions, _join)
SELECTED: Shared[tuple[int, ...]] = Shared("sentence.selected", "token", (), _positions, _join)
PRESENT = Shared("present", "present", 0, int, str)

SHARED: tuple[Shared[Any], ...] = (TEXT, PAIR, MODEL, MASKS, SELECTED, PRESENT)


def restore() -> None:
    """Take over what the link says, once a session; a wrong value in a link is left out."""
    if st.session_state.get("restored"):
        return
    st.session_state["restored"] = True
    for shared in SHARED:
        written = st.query_params.get(shared.param)
        if written is not None:
            try:
                shared.set(shared.read(written))
            except ValueError:
                continue


def take_over(query: Mapping[str, str]) -> None:
    """Take over somebody else's link: what it does not name has its default there."""
    for shared in SHARED:
        if shared is not PRESENT:
            try:
                shared.set(shared.read(query[shared.param]))
            except (KeyError, ValueError):
                shared.set(shared.default)


def default_gap() -> None:
    """On the very first visit, hide the word that the course begins with."""
    if MASKS.key not in st.session_state and TEXT.get() == DEFAULT_TEXT:
        MASKS.set(DEFAULT_MASKS)


def publish() -> None:
    """Write into the link all that differs from its default; too long a text stays out."""
    for shared in SHARED:
        value = shared.get()
        written = shared.write(value)
        if value == shared.default or len(written) > LONGEST_IN_LINK:
            if shared.param in st.query_params:
                del st.query_params[shared.param]
        elif st.query_params.get(shared.param) != written:
            st.query_params[shared.param] = written


def link_params() -> dict[str, str]:
    """The shared state as query parameters, for links to other pages."""
    params = {}
    for shared in SHARED:
        value = shared.get()
        written = shared.write(value)
        if value != shared.default and len(written) <= LONGEST_IN_LINK:
            params[shared.param] = written
    return params


def too_long_for_link() -> bool:
    """Whether the link cannot hold the sentences, so that whoever opens it sees the default."""
    return max(len(TEXT.get()), len(PAIR.get())) > LONGEST_IN_LINK
