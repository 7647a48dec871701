"""Work that may take many seconds: done beside the page, under a bar, with a button that stops it.

A view asks for the result each time it is drawn. What is quick comes back at once. Otherwise the
view gets a bar and ends there; it is drawn anew when the work is done. Who asks for the same work
shares it, and it ends by itself when nobody looks any more.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from pages.ui.errors import StillWorking, fragment

Result = TypeVar("Result")
Progress = Callable[[float], object]

PATIENCE = 1.0
"""Seconds that a view waits before it shows a bar."""
LOOK = 0.7
"""Seconds between two looks at the bar."""
LEFT = 5.0
"""Seconds after which work that nobody looked at ends."""
KEPT = 200
"""Results that are kept, for everybody."""
LARGE_KEPT = 2
"""Of those of one kind that take much memory."""
LARGE_KEPT_FOR = 60.0
"""Seconds after which one of them is dropped, if nobody asked for it."""


class Stopped(Exception):  # noqa: N818 (says what was done)
    """Nobody waits for the work any more."""


class Work:
    """One piece of work in a thread of its own. ``share`` (0 to 1) is how far it is."""

    def __init__(self, work: Callable[[Progress], Any], kind: str, who: str) -> None:
        self.kind = kind  # results of one kind take much memory; "" for the others
        self.share = 0.0
        self.done = threading.Event()
        self.result: Any = None
        self.error: Exception | None = None
        self.seen: dict[str, float] = {}
        self._stopped = False
        self.look(who)
        threading.Thread(target=self._run, args=(work,), name="long-work", daemon=True).start()

    def look(self, who: str) -> None:
        self.seen[who] = self.used = time.monotonic()

    def leave(self, who: str) -> None:
        """One of those who look goes; the last one ends the work."""
        self.seen.pop(who, None)
        self._stopped = not self._watched()

    @property
    def stopped(self) -> bool:
        return isinstance(self.error, Stopped)

    def _watched(self) -> bool:
        now = time.monotonic()
        return any(now - at < LEFT for at in tuple(self.seen.values()))

    def _told(self, share: float) -> None:
        self.share = min(1.0, share)
        if self._stopped or not self._watched():
            raise Stopped

    def _run(self, work: Callable[[Progress], Any]) -> None:
        try:
            self.result = work(self._told)
        except Exception as error:  # raised again in the view that asks
            self.error = error
        finally:
            self.done.set()


_works: dict[Hashable, Work] = {}
_lock = threading.Lock()


def forget() -> None:
    """Drop all results: a model was saved again."""
    with _lock:
        _works.clear()


def result(
    key: tuple[Hashable, ...],
    label: str,
    work: Callable[[Progress], Result],
    *,
    large: bool = False,
) -> Result:
    """What ``work`` gives; it is called with a function that takes how far it is, from 0 to 1.

    ``key`` says what work it is, ``label`` what is being done, for the bar. ``large`` results take
    much memory: few of a kind (the first part of ``key``) are kept, and not for long.

    Raises what the work raised, and StillWorking, which views let pass, while it is not done.
    """
    me = st.session_state.setdefault("long_work.me", secrets.token_hex(8))
    name = f"long_work.{hash((key, label)) & 0xFFFFFFFF:x}"
    left: set[str] = st.session_state.setdefault("long_work.left", set())
    if name in left:
        st.caption(f"{label}: stopped.")
        st.button("Go on", key=f"{name}.again", on_click=left.discard, args=(name,))
        raise StillWorking
    going = _going(key, work, me, str(key[0]) if large else "")
    until = time.monotonic() + PATIENCE
    while not going.done.wait(max(0.0, min(LOOK, until - time.monotonic()))):
        going.look(me)
        if time.monotonic() >= until:
            _bar(going, me, name, label, left)
            raise StillWorking
    if going.error is not None:
        with _lock:
            if _works.get(key) is going:
                del _works[key]
        raise going.error
    done: Result = going.result
    return done


def _going(key: Hashable, work: Callable[[Progress], Any], me: str, kind: str) -> Work:
    """The work of that key, begun if nobody has; the oldest others are forgotten."""
    with _lock:
        going = _works.pop(key, None)
        if going is None or going.stopped:
            going = Work(work, kind, me)
            if kind:
                _drop_later(key, going)
        going.look(me)
        _works[key] = going  # the last used stands last
        old = [k for k, w in _works.items() if w.kind == kind and w.done.is_set() and k != key]
        for k in old[: max(0, 1 + len(old) - (LARGE_KEPT if kind else KEPT))]:
            del _works[k]
    return going


def _drop_later(key: Hashable, going: Work) -> None:
    def look() -> None:
        if _works.get(key) is not going:
            return
        if not going.done.is_set() or time.monotonic() - going.used < LARGE_KEPT_FOR:
            _drop_later(key, going)
            return
        with _lock:
            _works.pop(key, None)

    later = threading.Timer(LARGE_KEPT_FOR, look)
    later.daemon = True
    later.start()


def _bar(going: Work, me: str, name: str, label: str, left: set[str]) -> None:
    def stop() -> None:
        left.add(name)
        going.leave(me)

    def bar() -> None:
        if going.done.is_set() or name in left:
            st.rerun()
        going.look(me)
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(going.share, f"{label} … {going.share:.0%}")
            st.button("Stop", icon=":material/stop:", key=f"{name}.stop", on_click=stop)

    fragment(bar, run_every=LOOK)()
