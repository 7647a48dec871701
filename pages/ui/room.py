"""A session's seat in a class room: how it is taken and kept, and what one can do from it."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.rooms.board import Board, NoSuchRoom, Phase, Put, RoomError, Seat
from pages.ui import address, errors, state
from pages.ui.components import component, nothing
from pages.ui.links import every_page
from pages.ui.qr import behind_proxy

if TYPE_CHECKING:
    from pages.rooms.rooms import Rooms

log = logging.getLogger("inside_bert")

SEAT = "room.seat"
LEADS = "room.leads"  # the teacher's switch
FOLLOWS = "room.follows"  # the student's
TEACHERS_LOOK = 1.5  # seconds between two looks at the board
OWN_TO_EACH = {"room", "key", state.PRESENT.param}  # of the address, what "follow me" leaves alone
CLASSROOM = "classroom"
FAILED = "The class room does not answer at the moment. Wait a little, or reload the page."

_memory = component("room_memory", "<div hidden></div>")


def rooms() -> Rooms:
    """All rooms. The database's library is loaded when somebody first needs a room.

    Raises RoomError when the database cannot be reached.
    """
    from sqlalchemy.exc import SQLAlchemyError

    from pages.rooms.rooms import rooms as found

    try:
        return found()
    except (SQLAlchemyError, OSError) as error:
        log.exception("no rooms", exc_info=error)
        raise RoomError("The class rooms cannot be reached at the moment.") from None


def visitor() -> str:
    """The address that limits count by. Behind a proxy it is what the proxy says."""
    if behind_proxy():
        return st.context.headers.get("X-Real-Ip") or "?"
    return st.context.ip_address or "this machine"


# --- the seat


def seat() -> Seat | None:
    """Where the visitor sits; None outside of all rooms."""
    found: Seat | None = st.session_state.get(SEAT)
    return found


def sit_down(taken: Seat) -> None:
    """Take a seat, for as long as this window stays open."""
    st.session_state[SEAT] = taken
    st.session_state["room.left"] = False
    for key in ("room.led_to", "room.led", LEADS, FOLLOWS):
        st.session_state.pop(key, None)


def leave() -> None:
    """Stand up."""
    st.session_state[SEAT] = None
    st.session_state["room.left"] = True


def member_of(code: str) -> str:
    """The secret of this browser's earlier visit to a room; empty without one."""
    secret = (st.session_state.get("room.members") or {}).get(code.strip().upper(), "")
    return secret if isinstance(secret, str) else ""


def remember() -> None:
    """Let the browser remember the seat, or hear from it which seat this window had."""
    mine = seat()
    result: Any = _memory(
        key="room_memory",
        data={
            "seat": {"code": mine.code, "key": mine.key, "member": mine.member} if mine else None,
            "left": bool(st.session_state.get("room.left")),
            "heard": bool(st.session_state.get("room.heard")),
        },
        on_found_change=nothing,
    )
    if not isinstance(result.found, dict) or st.session_state.get("room.heard"):
        return
    st.session_state["room.heard"] = True
    members, found = (result.found.get(name) for name in ("members", "seat"))
    if isinstance(members, dict):
        st.session_state["room.members"] = members
    if mine is None and isinstance(found, dict):
        had = Seat(*(str(found.get(part) or "")[:100] for part in ("code", "key", "member")))
        with errors.calmly(FAILED):
            if rooms().returns(had):
                sit_down(had)
    st.rerun()


# --- the board


def students_look(mine: Seat) -> float:
    """Seconds between two looks of a student at the board: the fuller the room, the fewer."""
    try:
        members = rooms().look(mine).members
    except Exception:  # the look itself will say what is wrong
        members = 0
    return max(2.0, members / 40)


def look(mine: Seat) -> Board | None:
    """The board, with a note that a student is here; None, and a word why, without a room."""
    try:
        board = rooms().look(mine)
    except NoSuchRoom as reason:
        st.info(str(reason), icon=":material/meeting_room:")
        st.button("Leave the room", key="room.gone", on_click=leave)
        return None
    now = time.monotonic()
    if not mine.teaches and now - st.session_state.get("room.seen_at", -1e9) > 20:
        st.session_state["room.seen_at"] = now
        rooms().seen(mine)
    return board


def here(board: Board) -> str:
    """How many are in the room."""
    return f"{board.here} here" if board.members else "nobody here yet"


def voted(put: Put) -> str:
    """How many have answered, and where the question stands."""
    stands = {
        "first": "voting", "discuss": "in discussion", "second": "second vote",
        "revealed": "revealed",
    }[put.phase]  # fmt: skip
    return f"{put.voted} answered, {stands}"


NEXT: dict[str, tuple[tuple[Phase, str, str], ...]] = {
    "first": (
        ("discuss", "Discuss", ":material/chat:"),
        ("revealed", "Reveal", ":material/visibility:"),
    ),
    "discuss": (
        ("second", "Vote again", ":material/how_to_vote:"),
        ("revealed", "Reveal", ":material/visibility:"),
    ),
    "second": (("revealed", "Reveal", ":material/visibility:"),),
    "revealed": (),
}
"""What a teacher can do next with a question."""


def phase_buttons(mine: Seat, put: Put) -> None:
    """Buttons for what comes next; nothing once the answer is on the board."""
    for phase, label, icon in NEXT[put.phase]:
        st.button(
            label, icon=icon, key=f"room.{phase}",
            on_click=attempt, args=(lambda *to: rooms().move(*to), mine, put.id, phase),
        )  # fmt: skip


def attempt(do: Callable[..., object], *args: object) -> None:
    """Do something with the room in a callback; what cannot be done is said once, on the page."""
    errors.attempt(do, *args, failed=FAILED)


# --- follow me


def lead_switch() -> None:
    st.toggle(
        "Follow me", key=LEADS, persist_state="session",
        help="Takes the students to the page that you see, with your sentence and settings.",
    )  # fmt: skip


def lead(mine: Seat, slug: str) -> None:
    """While the switch is on, note in the room where the teacher is, whenever that changes."""
    goal: tuple[str, dict[str, list[str]]] | None = None
    if st.session_state.get(LEADS) and slug != CLASSROOM:
        goal = (slug, _shareable(address.link()))
    elif st.session_state.get(LEADS):
        return  # at the board the students stay where they are
    if goal != st.session_state.get("room.led"):
        st.session_state["room.led"] = goal
        rooms().lead(mine, *(goal or (None,)))


def _shareable(query: Mapping[str, Any]) -> dict[str, list[str]]:
    """What of an address may travel from the teacher to the students."""
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in query.items()
        if name not in OWN_TO_EACH and not name.startswith("room.")
    }


def follow(board: Board, slug: str) -> None:
    """Go where the teacher is, once for each of the teacher's moves."""
    goal = board.leads_to
    if not goal or not st.session_state.get(FOLLOWS, True) or board.closed:
        return
    if st.session_state.get("room.led_to") == goal:
        return
    st.session_state["room.led_to"] = goal
    page, query = goal
    if page not in every_page():
        return
    own = {name: texts for name, texts in address.link().items() if name in OWN_TO_EACH}
    address.move_to(page, _shareable(query) | own)
