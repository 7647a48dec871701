"""The student's side of a class room: one question fills the screen."""

from __future__ import annotations

import streamlit as st

from lessons.catalog import catalog, find
from pages.rooms.board import Seat
from pages.ui import errors, room
from pages.ui.figures import as_plain
from pages.ui.links import link
from pages.ui.room_question import answer, look_up


@errors.calmly(room.FAILED)
def learn(seat: Seat) -> None:
    """The room as a student sees it."""
    board = room.look(seat)
    if board is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="room_seat"):
        st.markdown(f"You are in room **{board.code}**.", width="stretch")
        if not board.closed:
            _name(seat)
        room.follow_switch(board)
        st.button("Leave", key="room.leave", on_click=room.leave)
    if board.closed:
        st.info("This room is closed. Thank you for taking part.", icon=":material/meeting_room:")
        return
    if board.paused:
        look_up()
    elif board.question is None:
        st.info(
            "Wait for the first question: it will appear here by itself.",
            icon=":material/hourglass_empty:",
        )
    else:
        answer(seat, board)
    lesson = find(board.lesson) if board.lesson in {x.slug for x in catalog()} else None
    # While a question is open, a lesson might give its answer away.
    open_ = any(put.phase != "revealed" for put in board.questions)
    if lesson is not None and not open_ and not board.paused:
        link(lesson.slug, f"Meanwhile: {lesson.title}")
    room.follow(board, room.CLASSROOM)


def _name(seat: Seat) -> None:
    """The student's own name, to see and to change."""
    if "room.own_name" not in st.session_state:
        st.session_state["room.own_name"] = room.rooms().name(seat)
    name = st.session_state["room.own_name"]
    with (
        st.popover(as_plain(name) or "Name", icon=":material/person:", key="room.me"),
        st.form("room.rename", border=False),
    ):
        st.text_input(
            "Your name, or none", value=name, max_chars=200, key="room.new_name",
            help="Only the teacher sees it, and your answers under it.",
        )  # fmt: skip
        st.form_submit_button(
            "Change", key="room.rename_button", on_click=room.attempt, args=(_rename, seat)
        )


def _rename(seat: Seat) -> None:
    room.rooms().rename(seat, st.session_state["room.new_name"])
    del st.session_state["room.own_name"]
