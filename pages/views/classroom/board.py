"""What a class sees on the wall, read from the last row: how to join, what is asked, what came out.

Anybody with the code may open it, so it knows no more than the students do.
"""

from __future__ import annotations

import html
import math
from contextlib import AbstractContextManager, nullcontext

import streamlit as st

from pages.rooms.board import Board, Put, code_of
from pages.ui import address, errors, room
from pages.ui.components import component
from pages.ui.qr import address_of, picture
from pages.ui.room_question import ask, look_up, options, results, timer
from pages.ui.room_views import put_up, typed

CODE = "board.code"

_keys = component("board_keys", "<div hidden></div>")


def code_of_the_board() -> str:
    """The room that the link names, else the one in which the visitor sits; asked for without."""
    if heard := address.heard("room"):
        st.session_state[CODE] = code_of(heard[0])
    mine = room.seat()
    code = str(st.session_state.get(CODE) or (mine.code if mine else ""))
    if not code:
        st.title("Board of a class room", anchor=False)
        code = code_of(st.text_input("Code of the room", key="board.typed", max_chars=40) or "")
    if code:
        address.say("room", code)
    return code


@errors.calmly(room.FAILED)
def board(code: str) -> None:
    """The room as everybody may see it, in large type."""
    shown = room.rooms().show(code, room.visitor())
    _keys(key="board.keys", data={"code": shown.code, "at": room.stands(shown)})
    with st.container(key="room_board"):
        if shown.closed:
            _say("This room is closed", "Thank you for taking part.")
        elif shown.paused:
            _head(shown)
            look_up()
        elif shown.view is not None:
            put_up(shown.code, shown.view)
        elif shown.question is None:
            _way_in(shown)
        else:
            _head(shown)
            _question(shown)


def _say(title: str, words: str) -> None:
    st.html(f"<h1>{html.escape(title)}</h1><p>{html.escape(words)}</p>")


def _way_in(shown: Board) -> None:
    url, _ = address_of(shown.code)
    st.html(
        '<div class="board-join">'
        f'<img src="{picture(url)}" alt="QR code of the room\'s address">'
        f'<div><h1>Join the room</h1><p class="board-code">{shown.code}</p>'
        f'<p class="board-address">{html.escape(typed(url))}</p>'
        f'<p class="board-here">{room.here(shown)}</p></div></div>'
    )


def _head(shown: Board) -> None:
    """One line over a question: how to join, and how many have answered."""
    url, _ = address_of(shown.code)
    put = shown.question
    answered = ""
    if put is not None and put.phase in ("first", "second"):
        done = min(one.voted for one in shown.questions)
        answered = f"{done} of {max(shown.here, done)} answered"
    st.html(
        '<div class="board-head">'
        f'<img src="{picture(url)}" alt="QR code of the room\'s address">'
        f"<p><b>{shown.code}</b><br>{html.escape(typed(url))}</p>"
        f'<p class="board-count">{answered}</p></div>'
    )


SAYS = {
    "first": "Answer on your own.", "discuss": "Talk with your neighbor: why this answer?",
    "second": "Answer once more.", "revealed": "",
}  # fmt: skip


def _question(shown: Board) -> None:
    put = shown.question
    assert put is not None
    if shown.questions[1:]:
        _together(shown)
        return
    with st.container(key="board_say", horizontal=True, vertical_alignment="center"):
        if SAYS[put.phase]:
            st.html(f'<p class="board-say">{SAYS[put.phase]}</p>', width="stretch")
        timer(put, large=True)
    st.html(f"<style>.st-key-room_board{{--fit:{fit(put):.2f}}}</style>")
    beside: tuple[AbstractContextManager[object], ...] = (nullcontext(), nullcontext())
    if "percent" in put.asked.context:  # a map takes half of the board
        beside = tuple(st.columns(2, gap="large"))
    with beside[0]:
        ask(put.asked, put.number, large=True)
    with beside[1]:
        if put.phase == "revealed":
            results(put, large=True)
        else:
            options(put.asked)


def fit(put: Put) -> float:
    """By how much letters are larger or smaller than usual, so that a question fills the board.

    Twice the text, on half as many lines of it: the size goes with the root.
    """
    asked, of_model = put.asked, bool(put.asked.answer.get("words"))
    lines: float = len(asked.prompt) // 57 + 1 + len(str(asked.context.get("text", ""))) // 66
    if put.phase == "revealed":
        bars = len(put.tallies) + of_model
        said = {label for tally in put.tallies.values() for label, _ in tally}
        labels = [*(asked.options or said), *[""] * (5 if of_model else 0)]
        lines = 1.6 * lines + sum(
            max(len(label) // 32 + 1, bars if label else 1) for label in labels
        )
        lines += 1.2 * (len(str(asked.answer.get("note", ""))) // 90 + 1)
        return _between(0.5, math.sqrt(12 / lines), 1.15)
    lines += sum(len(option) // 66 + 1 for option in asked.options)
    return _between(0.5, math.sqrt(8 / lines), 1.5)


def _between(low: float, value: float, high: float) -> float:
    return min(max(value, low), high)


def _together(shown: Board) -> None:
    """Several at once stand on each student's own device; here, what came out."""
    if shown.questions[0].phase != "revealed":
        _say(f"{len(shown.questions)} questions", "Answer each of them on your device.")
        timer(shown.questions[0], large=True)
        return
    for put in shown.questions:
        with st.container(key=f"board_{put.number}"):
            st.html(f"<h4>{put.number}. {html.escape(put.asked.prompt)}</h4>")
            results(put, large=True)
