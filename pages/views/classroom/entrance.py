"""The way into a class room: join one, open one, come back by a link."""

from __future__ import annotations

import streamlit as st

from lessons.catalog import catalog, find
from pages.rooms.board import RoomError, Seat
from pages.ui import address, controls, errors, room


def asked(name: str) -> str:
    """What the visitor's address says under a name; it is kept here, and not in the address."""
    if texts := address.heard(name):
        st.session_state[f"room.asked.{name}"] = texts[0]
    return str(st.session_state.get(f"room.asked.{name}", ""))


def arrive() -> None:
    """Take the seat that a teacher's link names, and take its secret out of the address."""
    code, key = asked("room"), asked("key")
    if not key:
        return
    seat = Seat(code.strip().upper()[:8], key=key[:100])
    with errors.calmly(room.FAILED):
        if not room.rooms().returns(seat):
            raise RoomError("This teacher's link is of no room that is still kept.")
        room.sit_down(seat)


def entrance() -> None:
    """For somebody without a seat: join a room, or open one."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Join a room", anchor=False)
        with st.form("room.join", border=False):
            code = st.text_input(
                "Code", value=asked("room")[:8], max_chars=8,
                placeholder="Six letters from the board", key="room.code",
            )  # fmt: skip
            name = st.text_input(
                "Your name, or none", max_chars=24, key="room.name",
                help="Only the teacher sees it, and your answers under it.",
            )  # fmt: skip
            if st.form_submit_button("Join", type="primary", key="room.join_button"):
                with errors.calmly(room.FAILED):
                    join(code, name)
    with right:
        st.subheader("For teachers", anchor=False)
        slugs = [lesson.slug for lesson in catalog()]
        lesson = controls.selectbox(
            "The lesson of your room",
            slugs,
            format_func=lambda slug: find(slug).title,
            key="room.lesson",
            name="lesson",
        )
        if st.button("Open a room", icon=":material/school:", key="room.open"):
            with errors.calmly(room.FAILED):
                room.sit_down(room.rooms().open(lesson, room.visitor()))
                st.rerun()
        st.caption(
            "You get a code for the board. Students join from their own devices, with a name or "
            "without. You ask, they vote, talk, vote again; then you reveal what the model says."
        )


def join(code: str, name: str) -> None:
    if not code.strip():
        raise RoomError("Type the code that stands on the board.")
    room.sit_down(room.rooms().join(code, room.visitor(), name, room.member_of(code)))
    st.rerun()
