"""The student's side of a class room."""

from __future__ import annotations

import streamlit as st

from lessons.catalog import catalog, find
from pages.rooms.board import Seat
from pages.ui import errors, room
from pages.ui.links import link
from pages.ui.room_question import answer


@errors.calmly(room.FAILED)
def learn(seat: Seat) -> None:
    """The room as a student sees it."""
    board = room.look(seat)
    if board is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"You are in room **{board.code}**.", width="stretch")
        if board.leads_to and not board.closed:
            st.toggle("Follow the teacher", key=room.FOLLOWS, value=True, persist_state="session")
        st.button("Leave", key="room.leave", on_click=room.leave)
    if board.closed:
        st.info("This room is closed. Thank you for taking part.", icon=":material/meeting_room:")
        return
    if board.question is None:
        st.info(
            "Wait for the first question: it will appear here by itself.",
            icon=":material/hourglass_empty:",
        )
    else:
        answer(seat, board.question)
    lesson = find(board.lesson) if board.lesson in {x.slug for x in catalog()} else None
    if lesson is not None:
        link(lesson.slug, f"Meanwhile: {lesson.title}")
    room.follow(board, room.CLASSROOM)
