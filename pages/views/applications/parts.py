"""What the five programs share: vectors kept for everybody, texts marked, fields filled."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from lessons.applications import compute
from lessons.engine.trace import Floats
from pages.ui import resources
from pages.ui.drawings import Drawing, drawing
from pages.ui.figures import as_plain
from pages.ui.shell import LessonPage

COMPARES, PREDICTS = "minilm", "minilm-mlm"
OWN = "Your own"


@st.cache_resource(max_entries=60, show_spinner="Reading the texts …")
def vectors(texts: tuple[str, ...]) -> Floats:
    return compute.vectors(resources.model(COMPARES), texts)


@st.cache_resource(max_entries=300, show_spinner=False)
def vector(text: str) -> Floats:
    found: Floats = compute.vectors(resources.model(COMPARES), [text])[0]
    return found


def plain(text: str) -> str:
    """Text of a learner in Markdown, brackets escaped as well: they would end a highlight."""
    return re.sub(r"(?<!\\)([\[\]])", r"\\\1", as_plain(text))


def shaded(text: str, color: str, mark: str = "") -> str:
    """Markdown of a text on a colored ground, which blanks alone do not get."""
    return f":{color}-background[{mark}{plain(text)}{mark}]" if text.strip() else text


def highlighted(text: str, spans: Sequence[compute.Span], color: str, mark: str = "") -> str:
    """Markdown of a text with stretches on a colored ground; ``mark`` "**" makes them bold."""
    said, at = "", 0
    for start, end in spans:
        said += plain(text[at:start]) + shaded(text[start:end], color, mark)
        at = end
    return said + plain(text[at:])


def code(name: str) -> None:
    with st.expander("The code", key=f"applications.code.{name}"):
        st.code(compute.snippet(name), language="python")


def put(key: str, value: Any) -> None:
    st.session_state[f"applications.{key}"] = value


def examples(key: str, choices: dict[str, str], target: str) -> None:
    """Buttons that put a text into a field."""
    with st.container(horizontal=True, gap="small", key=f"applications.{key}"):
        for i, (title, text) in enumerate(choices.items()):
            st.button(plain(title), key=f"applications.{key}{i}", on_click=put, args=(target, text))


def first_value(key: str, value: Any) -> str:
    """The full key of a widget that a button may also set."""
    full = f"applications.{key}"
    st.session_state.setdefault(full, value)
    return full


def drawn(page: LessonPage, name: str, key: str, make: Callable[[], Drawing]) -> None:
    figure, words = drawing(f"applications.{name}", key, make)
    page.chart(figure, key=name, words=words)


def pasted(key: str, what: str, most: int = compute.LONGEST_TEXT) -> str:
    text = st.text_area(
        what, key=f"applications.{key}", height=180, persist_state="session",
        placeholder="Paste a text here",
    )  # fmt: skip
    return text or ""
