"""The teacher's side of a class room: the board, what to ask, what to keep."""

from __future__ import annotations

import streamlit as st

from pages.rooms.board import Board, Seat
from pages.ui import errors, room
from pages.ui.errors import fragment
from pages.ui.figures import as_plain
from pages.ui.qr import address_of, qr_picture
from pages.ui.room_question import ask, results
from pages.ui.sentence import sentence_bar
from pages.views.classroom.ask import ask_view


def teach(seat: Seat) -> None:
    """The board of the teacher: how to join, the question, and what to ask next."""
    board = room.look(seat)
    if board is None:
        return
    left, right = st.columns([2, 5], gap="large")
    with left:
        way_in(board)
    with right:
        fragment(live_board, run_every=room.TEACHERS_LOOK)(seat)
    if not board.closed:
        prepare(seat, board)
    keep(seat, board)


def prepare(seat: Seat, board: Board) -> None:
    """What to ask next. It is put away while a question is up: a gap's word would be in sight."""
    key = "room.prepare"
    if "room.prepare_next" in st.session_state:  # a widget's value can be set only before it stands
        st.session_state[key] = st.session_state.pop("room.prepare_next")
    st.session_state.setdefault(key, board.question is None)
    if st.toggle("Prepare a question", key=key, persist_state="session"):
        ask_view(seat, board.lesson, sentence_bar(pair=False))


def way_in(board: Board) -> None:
    """The code and its picture, large enough for the back row."""
    if board.closed:
        st.info(
            "This room is closed. Its results stay for some days.", icon=":material/meeting_room:"
        )
        return
    address, warning = address_of(board.code)
    st.html(f'<div class="room-code">{board.code}</div>')
    qr_picture(address)
    st.caption(f"Join at **{address}**")
    if warning:
        st.caption(f":material/warning: {warning}")


@errors.calmly(room.FAILED)
def live_board(seat: Seat) -> None:
    """The question with its votes, as they come in."""
    board = room.look(seat)
    if board is None:
        return
    put = board.question
    with st.container(horizontal=True, vertical_alignment="center", key="room.now"):
        about = room.here(board) + (f" · {room.voted(put)}" if put else "")
        st.markdown(about, width="stretch")
        if put is not None and not board.closed:
            room.phase_buttons(seat, put)
        if not board.closed:
            room.lead_switch()
    if put is None:
        st.info("Nothing is asked yet: choose a question below.", icon=":material/campaign:")
        return
    ask(put.asked, put.number)
    if put.phase == "revealed":
        results(put, hiding=seat)
    else:
        st.markdown("\n".join(f"- {as_plain(option)}" for option in put.asked.options))
        with st.expander("Look at the votes before the others do", key="room.peek"):
            results(put, hiding=seat)


def keep(seat: Seat, board: Board) -> None:
    """Names, results, the secret link, and closing."""
    with st.expander("Who is here, results, your secret link", key="room.keep"):
        names = room.rooms().names(seat)
        st.markdown("Here with a name: " + (", ".join(names) or "nobody") + ".")
        st.download_button(
            "Results as CSV", room.rooms().results(seat), f"room-{board.code}.csv", "text/csv",
            icon=":material/download:", key="room.results",
        )  # fmt: skip
        address, _ = address_of(board.code)
        st.caption(
            "Your secret link brings you back as the teacher, from any device. Whoever has it can "
            "steer the room and see names: keep it off the projector."
        )
        st.code(f"{address}&key={seat.key}", language=None)
        with st.container(horizontal=True):
            if not board.closed:
                st.button(
                    "Close the room", icon=":material/meeting_room:", key="room.close",
                    on_click=room.attempt, args=(lambda: room.rooms().close(seat),),
                )  # fmt: skip
            st.button("Leave", key="room.leave_board", on_click=room.leave)
