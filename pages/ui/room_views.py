"""What a student sees, sent to the board: the link of the open page, which the teacher puts up."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

import streamlit as st

from pages.rooms.board import RoomError, Seat, Shown, code_of
from pages.ui import address, errors, room, state
from pages.ui.components import component
from pages.ui.links import every_page, place_of
from pages.ui.qr import address_of

NOT_FOR_THE_BOARD = {room.CLASSROOM, room.BOARD, "worksheet"}
KEPT = "room.sent"  # what the last try to send came to
WALL = "board"  # in a link: this window is the board of that room, and shows a view
CODE, VIEW = "room.wall", "room.wall_view"  # … in the session: the room, and which view it is

_send = component(
    "room_send",
    '<div class="tools"><button type="button">To the board</button>'
    '<span class="said" role="status"></span></div>',
)


def send_button(mine: Seat, page: str) -> None:
    """For a student on a page that can be shown to all: one tap offers it to the teacher."""
    if page in NOT_FOR_THE_BOARD:
        return
    _send(
        key="room.send",
        width="content",
        data={"reply": st.session_state.get(KEPT)},
        on_view_change=lambda: _sent(mine),
    )


def _sent(mine: Seat) -> None:
    """The browser says what its address shows; it may send anything."""
    sent = (st.session_state.get("room.send") or {}).get("view")
    if not isinstance(sent, dict) or not isinstance(sent.get("search"), str):
        return
    try:
        query = parse_qs(sent["search"].removeprefix("?"), keep_blank_values=True)
        if address.too_long() or len(sent["search"]) > address.LONGEST_LINK:
            raise RoomError("Your sentence is too long to be sent.")
        known = {name: texts[-1:] for name, texts in query.items() if address.means(name)}
        room.rooms().send(mine, address.place(), room.shareable(known))
        said = "Sent to your teacher"
    except RoomError as reason:
        said = str(reason)
    except Exception as error:
        room.log.exception("a view was not sent", exc_info=error)
        said = room.FAILED
    st.session_state[KEPT] = {"number": sent.get("number"), "said": said}


# --- on the board


def put_up(code: str, view: Shown) -> None:
    """Take the board of a room, which is this window, to the page that a student saw."""
    if view.page not in every_page() or view.page in NOT_FOR_THE_BOARD:
        return
    st.session_state[VIEW] = view.id
    own = {state.PRESENT.param: ["1"], WALL: [code]}
    address.move_to(view.page, room.shareable(view.query) | own)


def wall() -> str:
    """The code of the room whose board this window is, while it shows a view; empty elsewhere."""
    if heard := address.heard(WALL):
        st.session_state[CODE] = code_of(heard[0])
    code = str(st.session_state.get(CODE, ""))
    if code:
        address.say(WALL, code)
    return code


@errors.calmly(room.FAILED)
def wall_bar(code: str) -> None:
    """Over a view on the board; back to the board itself when the teacher takes it off."""
    board = room.rooms().show(code, room.visitor())
    if board.view is None or board.paused or board.closed:
        st.session_state.pop(VIEW, None)
        st.session_state.pop(CODE)
        address.move_to(room.BOARD, {"room": [code]})
    elif board.view.id != st.session_state.setdefault(VIEW, board.view.id):
        put_up(code, board.view)
    url, _ = address_of(code)
    st.html(
        f'<div class="board-head"><p><b>{html.escape(code)}</b> {html.escape(typed(url))}</p>'
        '<p class="board-count">From the class</p></div>'
    )


def typed(url: str) -> str:
    """The address as one types it; the code goes into the field."""
    return url.partition("://")[2].partition("?")[0]


def said(view: Shown) -> str:
    """A view in one line: the page and its step, the sentence, and what layer and head are."""
    parts = [place_of(view.page, _first(view.query, "step"))]
    parts.append(f"“{_first(view.query, state.TEXT.param) or state.DEFAULT_TEXT}”")
    for name, texts in view.query.items():
        control = name.rpartition(".")[2]
        if control in ("layer", "head") and texts:
            parts.append(f"{control} {texts[0]}")
    if head := re.match(r"(\d+)-(\d+)", _first(view.query, "look")):  # of the attention explorer
        parts.append(f"layer {head[1]}, head {head[2]}")
    return " · ".join(parts)


def _first(query: Mapping[str, Any], name: str) -> str:
    return next(iter(query.get(name, ())), "")
