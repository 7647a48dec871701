"""The bar of a class room, over every page of those who sit in one."""

from __future__ import annotations

from contextlib import nullcontext

import streamlit as st

from pages.rooms.board import Seat
from pages.ui import errors, room
from pages.ui.errors import fragment
from pages.ui.links import link
from pages.ui.room_question import answer, look_up
from pages.ui.room_views import send_button, wall, wall_bar


def bar(slug: str) -> None:
    """Over the page ``slug``: what goes on in the room, for whoever sits in one."""
    if slug not in (room.CLASSROOM, room.BOARD) and (code := wall()):
        with st.container(key="room_wall"):
            fragment(wall_bar, run_every=room.TEACHERS_LOOK)(code)
        return
    mine = room.seat()
    if mine is None or slug in (room.CLASSROOM, room.BOARD):  # these are about the room themselves
        return
    with st.container(key="room_bar", border=True):
        if mine.teaches:
            room.remote(mine)
            fragment(_teachers_bar, run_every=room.TEACHERS_LOOK)(mine, slug)
        else:
            fragment(_students_bar, run_every=room.students_look(mine))(mine, slug)


@errors.calmly(room.FAILED)
def _students_bar(mine: Seat, slug: str) -> None:
    board = room.look(mine)
    if board is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"Room **{board.code}**" + (" · closed" if board.closed else ""), width="stretch"
        )
        if not board.closed:
            send_button(mine, slug)
        room.follow_switch(board)
        st.button("Leave", key="room.leave", on_click=room.leave)
    if board.paused:
        look_up()
    elif board.questions and not board.closed:
        over = all(put.phase == "revealed" for put in board.questions)
        # What is over makes room for the lesson.
        with st.expander("What the room answered") if over else nullcontext():
            answer(mine, board)
    room.follow(board, slug)


@errors.calmly(room.FAILED)
def _teachers_bar(mine: Seat, slug: str) -> None:
    board = room.look(mine)
    if board is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        put = board.question
        about = f"Room **{board.code}** · {room.here(board)}"
        if put is not None:
            about += f" · question {put.number}: {room.voted(put)}"
        if board.waiting:
            about += f" · {board.waiting} sent for the board"
        st.markdown(about, width="stretch")
        if board.closed:
            st.button("Leave", key="room.leave", on_click=room.leave)
        else:
            room.lead_switch(mine, board)
            if put is not None:
                room.phase_buttons(mine, board)
        link(room.CLASSROOM, "Panel", icon=":material/school:")
    if not board.closed:
        room.lead(mine, board, slug)
