"""What a student sees, sent to the board: the link of the open page, which the teacher puts up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlencode

import streamlit as st

from pages.rooms.board import RoomError, Seat, Shown
from pages.ui import address, room, state
from pages.ui.components import component
from pages.ui.links import every_page, place_of

NOT_FOR_THE_BOARD = {room.CLASSROOM, room.BOARD, "worksheet"}
KEPT = "room.sent"  # what the last try to send came to

_send = component(
    "room_send",
    '<div class="tools"><button type="button">To the board</button>'
    '<span class="said" role="status"></span></div>',
    styles=("button", "page_tools"),
)
_frame = component("room_view", '<div class="view"></div>')


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
        page, query = address.place(), parse_qs(sent["search"].removeprefix("?"))
        if address.too_long() or len(sent["search"]) > address.LONGEST_LINK:
            raise RoomError("Your sentence is too long to be sent.")
        room.rooms().send(mine, page, room.shareable(query))
        said = "Sent to your teacher"
    except RoomError as reason:
        said = str(reason)
    except Exception as error:
        room.log.exception("a view was not sent", exc_info=error)
        said = room.FAILED
    st.session_state[KEPT] = {"number": sent.get("number"), "said": said}


def view_frame(view: Shown) -> None:
    """A view on the board: the very page, with its sentence and settings, live."""
    _frame(key="room.view", data={"href": href(view), "title": said(view)})


def href(view: Shown) -> str:
    """The address of a view in presenter mode."""
    own = {state.PRESENT.param: ["1"]}
    return f"./{_path(view.page)}?{urlencode({**view.query, **own}, doseq=True)}"


def _path(page: str) -> str:
    return page if page in every_page() and page != address.HOME else ""


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
