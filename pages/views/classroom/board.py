"""What a class sees on the wall, read from the last row: how to join, what is asked, what came out.

Anybody with the code may open it, so it knows no more than the students do.
"""

from __future__ import annotations

import html

import streamlit as st

from pages.rooms.board import Board, code_of
from pages.ui import address, errors, room
from pages.ui.components import component
from pages.ui.qr import address_of, picture
from pages.ui.room_question import ask, look_up, options, results, timer
from pages.ui.room_views import view_frame

CODE = "board.code"

_keys = component("board_keys", "<div hidden></div>", styles=("room_memory",))


def code_of_the_board() -> str:
    """The room that the link names, else the one in which the visitor sits; asked for without."""
    if heard := address.heard("room"):
        st.session_state[CODE] = code_of(heard[0])
    mine = room.seat()
    code = str(st.session_state.get(CODE) or (mine.code if mine else ""))
    if not code:
        st.title("Board of a class room", anchor=False)
        typed = st.text_input("Code of the room", key="board.typed", max_chars=40)
        code = code_of(typed or "")
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
            _head(shown)
            view_frame(shown.view)
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
        f'<p class="board-address">{html.escape(_short(url))}</p>'
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
        f"<p><b>{shown.code}</b><br>{html.escape(_short(url))}</p>"
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
    ask(put.asked, put.number, large=True)
    if put.phase == "revealed":
        results(put, large=True)
    else:
        options(put.asked)


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


def _short(url: str) -> str:
    """The address as one types it; the code goes into the field."""
    return url.partition("://")[2].partition("?")[0]
