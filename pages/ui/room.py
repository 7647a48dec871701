"""A session's seat in a class room: how it is taken and kept, and what one can do from it."""

from __future__ import annotations

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.rooms.board import ROUND, Board, NoSuchRoom, Phase, Put, RoomError, Seat, code_of
from pages.ui import address, errors, state
from pages.ui.components import component
from pages.ui.links import every_page
from pages.ui.qr import behind_proxy

if TYPE_CHECKING:
    from pages.rooms.rooms import Rooms

log = logging.getLogger("inside_bert")

SEAT = "room.seat"
ASKED = "room.asked"  # the code of the room whose link brought the visitor, until a seat is taken
LEADS = "room.leads"  # the teacher's switch
FOLLOWS = "room.follows"  # the student's
TEACHERS_LOOK = 1.5  # seconds between two looks at the board
OWN_TO_EACH = {"room", "key", "board", state.PRESENT.param}
"""Of an address, what does not travel."""
CLASSROOM, BOARD = "classroom", "board"
FAILED = "The class room does not answer at the moment. Wait a little, or reload the page."

_memory = component("room_memory", "<div hidden></div>", frame=True)
_remote = component("room_remote", "<div hidden></div>")


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


# --- the seat: one thing, whichever of link, memory and hand gives it


def seat() -> Seat | None:
    """Where the visitor sits; None outside of all rooms."""
    found: Seat | None = st.session_state.get(SEAT)
    return found


def sit_down(taken: Seat) -> None:
    """Take a seat, for as long as this window stays open."""
    st.session_state[SEAT] = taken
    st.session_state["room.left"] = False
    for key in ("led_to", "led", "votes", "seen", "own_name", "at", "reply"):
        st.session_state.pop(f"room.{key}", None)
    for key in (ASKED, LEADS, FOLLOWS):
        st.session_state.pop(key, None)


def leave() -> None:
    """Stand up."""
    st.session_state[SEAT] = None
    st.session_state["room.left"] = True


def member_of(code: str) -> str:
    """The secret of this browser's earlier visit to a room; empty without one."""
    secret = (st.session_state.get("room.members") or {}).get(code_of(code), "")
    return secret if isinstance(secret, str) else ""


def arrive() -> None:
    """Hear of a link to a room: it goes before the seat that one has.

    What it says is kept here and leaves the address, the teacher's secret above all.
    """
    if address.place() != CLASSROOM:
        return
    (code, *_), (key, *_) = ((address.heard(name) or [""]) for name in ("room", "key"))
    code, mine = code_of(code), seat()
    if not code:
        return
    if key:
        with errors.calmly(FAILED):
            if not rooms().returns(Seat(code, key=key[:100])):
                raise RoomError("This teacher's link is of no room that is still kept.")
            sit_down(Seat(code, key=key[:100]))
    elif mine is None or mine.code != code:
        st.session_state[ASKED] = code
        if mine is not None:
            leave()


def remember() -> None:
    """Let the browser remember the seat, or hear from it which seat this window had."""
    arrive()
    mine, session = seat(), st.session_state
    name = session.setdefault("room.visit", secrets.token_hex(4))
    _memory(
        key="room_memory",
        data={
            "seat": {"code": mine.code, "key": mine.key, "member": mine.member} if mine else None,
            "left": bool(session.get("room.left")),
            "asks": None if session.get("room.heard") else name,
        },
        on_found_change=_found,
    )


def _found() -> None:
    """The browser says which seat this window had, and in which rooms it has been."""
    session = st.session_state
    found = (session.get("room_memory") or {}).get("found")
    if not isinstance(found, dict) or found.get("to") != session.get("room.visit"):
        return
    session["room.heard"] = True
    if isinstance(found.get("members"), dict):
        session["room.members"] = found["members"]
    had = found.get("seat")
    if not isinstance(had, dict) or seat() is not None:
        return
    taken = Seat(*(str(had.get(part) or "")[:100] for part in ("code", "key", "member")))
    if session.get(ASKED, taken.code) == taken.code:
        attempt(_come_back, taken)


def _come_back(taken: Seat) -> None:
    if rooms().returns(taken):
        sit_down(taken)


# --- the board


def students_look(mine: Seat) -> float:
    """Seconds between two looks of a student at the board: the fuller the room, the fewer."""
    try:
        members = rooms().look(mine).members
    except Exception:  # the look itself will say what is wrong
        members = 0
    return max(2.0, members / 40)


def look(mine: Seat) -> Board | None:
    """The board, with a note that a student is here; None, and a word why, without a room.

    A part of the page that runs alone still holds the seat of the page's last whole run: where
    that seat was left, the page is drawn anew.
    """
    if seat() != mine:
        st.rerun()
    try:
        board = rooms().look(mine)
        if mine.teaches and not rooms().returns(mine):
            raise NoSuchRoom("This secret link of the room was replaced by another one.")
        if not mine.teaches:
            _be_seen(mine)
    except NoSuchRoom as reason:
        st.info(str(reason), icon=":material/meeting_room:")
        st.button("Leave the room", key="room.gone", on_click=leave)
        return None
    return board


def _be_seen(mine: Seat) -> None:
    """Note that a student is here, and where: on another page at once, else now and then."""
    page = address.place()
    step = st.session_state.get("lesson.steps", {}).get(page)
    place = f"{page}/{step}" if step else page
    now = time.monotonic()
    before, at = st.session_state.get("room.seen", ("", -1e9))
    if place != before or now - at > 20:
        rooms().seen(mine, place)
        st.session_state["room.seen"] = place, now


def here(board: Board) -> str:
    """How many are in the room."""
    return f"{board.here} here" if board.members else "nobody here yet"


STANDS = {
    "first": "voting", "discuss": "in discussion", "second": "second vote",
    "revealed": "revealed",
}  # fmt: skip


def voted(put: Put) -> str:
    """How many have answered, and where the question stands."""
    return f"{put.voted} answered, {STANDS[put.phase]}"


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
UNDO = {
    "first": "Take the question back", "discuss": "Back to the vote",
    "second": "Back to the discussion", "revealed": "Hide the answer again",
}  # fmt: skip
FEW, MANY = 0.35, 0.70
"""Shares of right answers between which talking helps most (Crouch and Mazur 2001)."""


def phase_buttons(mine: Seat, board: Board) -> None:
    """Buttons for what comes next, and one that takes the last step back."""
    put = board.question
    assert put is not None
    advised = next_phase(board)
    for phase, label, icon in NEXT[put.phase]:
        if phase != "revealed" and board.questions[1:]:
            continue  # what is put together is answered once
        st.button(
            label, icon=icon, key=f"room.{phase}",
            type="primary" if phase == advised else "secondary",
            on_click=attempt, args=(lambda *to: rooms().move(*to), mine, put.id, phase),
        )  # fmt: skip
    st.button(
        "Undo", icon=":material/undo:", key="room.undo", help=UNDO[put.phase],
        on_click=attempt, args=(lambda *to: rooms().undo(*to), mine, put.id, put.phase),
    )  # fmt: skip


def next_phase(board: Board) -> Phase | None:
    """What comes next unless the teacher decides otherwise: what is advised, else the next step."""
    put = board.question
    if put is None or put.phase == "revealed":
        return None
    if board.questions[1:]:
        return "revealed"
    return hint(put)[0] or NEXT[put.phase][0][0]


# --- the keys of a presenter


def remote(mine: Seat) -> None:
    """Hear of keys that are pressed at the board, in another window of the teacher's browser.

    The board has no right to steer, so it tells the teacher's own window.
    """
    _remote(key="room.remote", data={"code": mine.code}, on_press_change=lambda: _pressed(mine))


def _pressed(mine: Seat) -> None:
    sent = (st.session_state.get("room.remote") or {}).get("press")
    if isinstance(sent, dict):
        attempt(press, mine, sent.get("key"), sent.get("at"))


def press(mine: Seat, key: object, at: object) -> None:
    """What a key does: ``next``, ``back`` or ``pause``. ``at`` says what the board showed.

    Where the room has gone on since, by a second window or an earlier press, nothing happens.
    """
    board = rooms().look(mine)
    if at != stands(board) or board.closed:
        return
    put, next_ = board.question, next_phase(board)
    if key == "pause":
        rooms().pause(mine, not board.paused)
    elif put is not None and key == "next" and next_ is not None:
        rooms().move(mine, put.id, next_)
    elif put is not None and key == "back" and put.phase != "first":  # that takes it off the board
        rooms().undo(mine, put.id, put.phase)


def stands(board: Board) -> list[object]:
    """What is on the board, to be compared."""
    put = board.question
    shown = [put.id, put.phase] if put else [0, ""]
    return [*shown, board.paused]


def hint(put: Put) -> tuple[Phase | None, str]:
    """What peer instruction advises after a vote, from the share of right answers, for the
    teacher alone: the next phase, and a sentence."""
    round_ = ROUND.get(put.phase, 1 if put.phase == "discuss" else max(put.voters, default=1))
    answered = put.voters.get(round_, 0)
    if not put.asked.right or not answered:
        return None, ""
    share = put.right.get(round_, 0) / answered
    said = f"**{share:.0%} right** ({put.right.get(round_, 0)} of {answered})."
    if round_ == 2 and put.voters.get(1):
        said += f" Before they talked: {put.right.get(1, 0) / put.voters[1]:.0%}."
    if put.phase == "revealed":
        return None, said
    if put.phase == "discuss":
        return "second", said
    if round_ == 2:
        return "revealed", said
    if share < FEW:
        return "revealed", f"{said} Few are right: explain it, then ask again."
    if share <= MANY:
        return "discuss", f"{said} A good moment to let them talk and vote again."
    return "revealed", f"{said} Most are right: reveal and go on."


def attempt(do: Callable[..., object], *args: object) -> None:
    """Do something with the room in a callback; what cannot be done is said once, on the page."""
    errors.attempt(do, *args, failed=FAILED)


# --- follow me


def lead_switch(mine: Seat, board: Board) -> None:
    """The switch shows what the room says, whichever of the teacher's windows said it."""
    st.session_state[LEADS] = board.leads
    st.toggle(
        "Follow me", key=LEADS, on_change=attempt, args=(_switch, mine),
        help="Takes the students to the page that you see, with your sentence and settings.",
    )  # fmt: skip


def _switch(mine: Seat) -> None:
    st.session_state.pop("room.led", None)
    rooms().let_lead(mine, bool(st.session_state[LEADS]))


def lead(mine: Seat, board: Board, slug: str) -> None:
    """While the switch is on, note in the room where the teacher is, whenever that changes.

    At the board the students stay where they are.
    """
    if not board.leads or slug in (CLASSROOM, BOARD):
        return
    goal = slug, shareable(address.link())
    if goal != st.session_state.get("room.led"):
        rooms().lead(mine, *goal)
        st.session_state["room.led"] = goal


def shareable(query: Mapping[str, Any]) -> dict[str, list[str]]:
    """What of an address may travel from the teacher to the students, or back."""
    return {
        name: [value] if isinstance(value, str) else list(value)
        for name, value in query.items()
        if name not in OWN_TO_EACH and not name.startswith("room.")
    }


def follow_switch(board: Board) -> None:
    """For a student: whether to go where the teacher goes."""
    if board.leads_to and not board.closed:
        st.toggle("Follow the teacher", key=FOLLOWS, value=True, persist_state="session")


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
    address.move_to(page, shareable(query) | own)
