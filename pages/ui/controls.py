"""Controls whose value stands in the link: Streamlit's own, with the address as their memory.

Each is drawn like Streamlit's widget of the same name. Its value survives when the page is left, is
written into the link while it is not the default, and is read from an address that names it. A
value that the control does not offer (another model has fewer layers; somebody wrote the link) is
brought to the nearest one, or to the default. ``into`` is where it is drawn, as a column.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from pages.ui import address

T = TypeVar("T")

KEPT = "controls"  # {key: value}: Streamlit forgets a widget's value when its page is left


def slider(
    label: str, low: float, high: float, value: float, step: float | None = None, *, key: str,
    into: Any = st, **more: Any,
) -> Any:  # fmt: skip
    """A number from ``low`` to ``high``. With one number to choose there is nothing to slide."""
    if low >= high:
        into.caption(f"{label}: {low}")
        return low
    kind = float if isinstance(value, float) else int
    _begin(key, value, kind, lambda x: _within(x, low, high, kind))
    return _end(key, into.slider(label, low, high, step=step, key=key, **more), value)


def number_input(
    label: str, low: int, high: int, value: int, *, key: str, into: Any = st, **more: Any
) -> int:
    """A whole number from ``low`` to ``high``, typed."""
    _begin(key, value, int, lambda x: _within(x, low, high, int))
    return int(_end(key, into.number_input(label, low, high, key=key, **more), value))


def toggle(label: str, value: bool = False, *, key: str, into: Any = st, **more: Any) -> bool:
    """On or off."""
    _begin(key, value, _truth, bool)
    return bool(_end(key, into.toggle(label, key=key, **more), value, str(not value).lower()))


def text_input(label: str, *, key: str, max_chars: int, into: Any = st, **more: Any) -> str:
    """A line of text, empty at first."""
    _begin(key, "", str, lambda x: str(x)[:max_chars])
    return str(_end(key, into.text_input(label, key=key, max_chars=max_chars, **more) or "", ""))


def selectbox(
    label: str, options: Sequence[T], *, key: str, default: T | None = None, name: str = "",
    format_func: Callable[[Any], str] = str, into: Any = st, **more: Any,
) -> T:  # fmt: skip
    """One of some options. ``name`` is its name in the link, where that is not the key."""
    return _choice(
        into.selectbox, label, options, options[0] if default is None else default, key,
        format_func, name=name, **more,
    )  # fmt: skip


def segmented_control(
    label: str, options: Sequence[T], *, key: str, default: T | None = None,
    format_func: Callable[[Any], str] = str, into: Any = st, **more: Any,
) -> T:  # fmt: skip
    """One of some options, all in sight; one is always chosen."""
    return _choice(
        into.segmented_control, label, options, options[0] if default is None else default, key,
        format_func, required=True, **more,
    )  # fmt: skip


def pills(
    label: str, options: Sequence[T], *, key: str, default: T | None = None,
    format_func: Callable[[Any], str] = str, into: Any = st, **more: Any,
) -> T:  # fmt: skip
    """One of many options, all in sight; one is always chosen."""
    return _choice(
        into.pills, label, options, options[0] if default is None else default, key,
        format_func, required=True, **more,
    )  # fmt: skip


def select_slider(
    label: str, options: Sequence[T], value: T, *, key: str,
    format_func: Callable[[Any], str] = str, into: Any = st, **more: Any,
) -> T:  # fmt: skip
    """One of some options that have an order."""
    return _choice(into.select_slider, label, options, value, key, format_func, **more)


def kept(key: str, default: T) -> T:
    """What a control is set to, also on a step that does not draw it."""
    value: T = st.session_state.get(key, st.session_state.get(KEPT, {}).get(key, default))
    return value


def _choice(
    draw: Callable[..., T], label: str, options: Sequence[T], default: T, key: str,
    format_func: Callable[[Any], str], *, name: str = "", **more: Any,
) -> T:  # fmt: skip
    def read(text: str) -> T:
        for option in options:
            if text in (str(option), format_func(option)):
                return option
        raise ValueError(f"not one of the options: {text!r}")

    _begin(key, default, read, lambda x: x if x in options else default, name)
    chosen = draw(label, options, key=key, format_func=format_func, **more)
    value = default if chosen is None else chosen
    # A link shows what the learner reads; one that others write (``name``) keeps to the slug.
    return _end(key, value, default, str(value) if name else format_func(value), name=name)


def _begin(
    key: str, default: T, read: Callable[[str], T], fit: Callable[[Any], T], name: str = ""
) -> None:
    """Give a control its value before it is drawn."""
    session = st.session_state
    session.setdefault(KEPT, {})
    heard = address.heard(name or key)
    if key not in session and address.carried(key) is not None:
        return  # the browser says what it is set to
    before = session.get(key, session[KEPT].get(key, default))
    try:
        fitting = fit(before if heard is None else read(heard[0]) if heard else default)
    except (TypeError, ValueError, OverflowError):
        fitting = default
    if key not in session or session[key] != fitting:
        session[key] = fitting


def _end(key: str, value: T, default: T, written: str = "", *, name: str = "") -> T:
    """Keep what a control is set to, and let the link say so."""
    st.session_state[KEPT][key] = value
    address.say(name or key, *([] if value == default else [written or str(value)]))
    return value


def _within(value: Any, low: float, high: float, kind: type) -> Any:
    number = kind(value)
    if not math.isfinite(number):
        raise ValueError("not a number of the scale")
    return min(max(number, low), high)


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise ValueError("neither true nor false")
    return text == "true"
