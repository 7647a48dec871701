"""What a learner sees when something cannot be shown: one calm sentence, in its own view.

There is one policy for lessons, playgrounds, fragments, home and class rooms. What is expected to
lack (no sentence yet, a model without a head) is said as it is. Anything else is logged with its
traceback, which never reaches a page. The rest of the page goes on.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec

import streamlit as st
from streamlit.runtime.state import SessionState

from lessons.engine import ModelUnavailable
from pages.rooms.board import RoomError

P = ParamSpec("P")
log = logging.getLogger("inside_bert")

FAILED = (
    "Something went wrong here. Try another sentence, or reload the page; the rest of the course "
    "goes on working."
)


class NothingToShow(Exception):  # noqa: N818 (no error: the message says what to do)
    """A view has nothing to show; the message says in one sentence what to do."""


class StillWorking(NothingToShow):
    """A view goes on when something is done; what it waits for is on the page already."""


EXPECTED = (NothingToShow, ModelUnavailable, RoomError)


@contextmanager
def calmly(failed: str = FAILED) -> Iterator[None]:
    """Show an expected lack as one sentence; log any other error, and say ``failed``.

    Streamlit's own ways of ending a script (stop, rerun) are no errors and pass.
    """
    try:
        yield
    except StillWorking:
        pass
    except EXPECTED as reason:
        st.info(str(reason), icon=":material/lightbulb:")
    except Exception as error:
        log.exception("a view failed", exc_info=error)
        st.error(failed, icon=":material/build:")


def fragment(draw: Callable[P, object], *, run_every: float | None = None) -> Callable[P, None]:
    """A part of a page that its own controls, or a clock (``run_every`` seconds), draw alone.

    Streamlit shows its own box for an error in a fragment; this one stays calm.
    """

    @functools.wraps(draw)
    def alone(*args: P.args, **kwargs: P.kwargs) -> None:
        with calmly():
            draw(*args, **kwargs)

    clocked: Callable[P, None] = st.fragment(alone, run_every=run_every)
    return clocked


def attempt(act: Callable[..., object], *args: object, failed: str = FAILED) -> None:
    """Do something in a callback; what cannot be done is said once, over the page."""
    try:
        act(*args)
    except EXPECTED as reason:
        st.toast(str(reason), icon=":material/lightbulb:")
    except Exception as error:
        log.exception("an action failed", exc_info=error)
        st.toast(failed, icon=":material/build:")


def calm_callbacks() -> None:
    """Hold callbacks to the same policy: Streamlit would show its own box in place of the page.

    All of them pass through one method of Streamlit's, which is wrapped once in a process.
    """
    run = SessionState._run_callback_and_record_rerun
    if hasattr(run, "__wrapped__"):
        return

    @functools.wraps(run)
    def calmly_run(session: SessionState, votes: Any, callback: Callable[[], None]) -> None:
        run(session, votes, functools.partial(attempt, callback))

    setattr(SessionState, run.__name__, calmly_run)
