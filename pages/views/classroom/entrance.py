"""The way into a class room: join one, or open one."""

from __future__ import annotations

import streamlit as st

from lessons.catalog import catalog, find
from pages.rooms.board import LIFE, WEEK, RoomError, code_of
from pages.ui import controls, errors, room


def entrance(*, teachers: bool) -> None:
    """For somebody without a seat: join a room, or open one.

    Whoever came by a room's code joins that one: nothing is said to ``teachers``.
    """
    if not teachers:
        with st.container(key="room_entrance"):
            _join()
        return
    left, right = st.columns(2, gap="large")
    with left:
        _join()
    with right:
        _open()


def _join() -> None:
    st.subheader("Join a room", anchor=False)
    with st.form("room.join", border=False):
        code = st.text_input(
            "Code", value=st.session_state.get(room.ASKED, ""), max_chars=40,
            placeholder="Six letters from the board", key="room.code",
        )  # fmt: skip
        # What is pasted may be longer than a name is kept: a shorter field would refuse it whole.
        name = st.text_input(
            "Your name, or none", max_chars=200, key="room.name",
            help="Only the teacher sees it, and your answers under it.",
        )  # fmt: skip
        if st.form_submit_button("Join", type="primary", key="room.join_button"):
            with errors.calmly(room.FAILED):
                join(code, name)


def _open() -> None:
    st.subheader("For teachers", anchor=False)
    slugs = [lesson.slug for lesson in catalog()]
    lesson = controls.selectbox(
        "The lesson of your room",
        slugs,
        format_func=lambda slug: find(slug).title,
        key="room.lesson",
        name="lesson",
    )
    homework = st.toggle(
        "For homework: open for a week", key="room.homework",
        help="Put a set of questions to the room together; everybody answers when they like.",
    )  # fmt: skip
    if st.button("Open a room", icon=":material/school:", key="room.open"):
        with errors.calmly(room.FAILED):
            lasts = WEEK if homework else LIFE
            room.sit_down(room.rooms().open(lesson, room.visitor(), lasts))
            st.rerun()
    st.caption(
        "You get a code for the board. Students join from their own devices, with a name or "
        "without. You ask, they vote, talk, vote again; then you reveal what the model says."
    )


def join(code: str, name: str) -> None:
    """Take a seat in the room of that code."""
    if not code_of(code):
        raise RoomError("Type the code that stands on the board.")
    room.sit_down(room.rooms().join(code, room.visitor(), name, room.member_of(code)))
    st.rerun()
