"""The teacher's panel, for a laptop or a phone: what goes on, what comes next, who is here.

It is not for the wall: it knows right answers and names. The board is a page of its own.
"""

from __future__ import annotations

import html

import streamlit as st

from pages.rooms.board import Board, Pupil, Put, Seat
from pages.ui import errors, room
from pages.ui.components import component
from pages.ui.download import download
from pages.ui.errors import fragment
from pages.ui.figures import as_plain
from pages.ui.links import BOARD, link, place_of
from pages.ui.qr import address_of, qr_picture
from pages.ui.room_question import ask, options, results, timer
from pages.ui.room_views import said
from pages.ui.sentence import sentence_bar
from pages.views.classroom.ask import ask_view

_board_link = component("board_link", '<a target="_blank" rel="external noopener"></a>')
TIMES = {"30 s": 30, "1 min": 60, "2 min": 120, "5 min": 300}


def panel(seat: Seat) -> None:
    """What the teacher steers the room with."""
    board = room.look(seat)
    if board is None:
        return
    room.remote(seat)
    with st.container(key="room_panel"):
        left, right = st.columns([2, 5], gap="large")
        with left:
            way_in(board)
        with right:
            fragment(now, run_every=room.TEACHERS_LOOK)(seat)
            if not board.closed:
                prepare(seat, board)
            keep(seat, board)
        with left:
            fragment(pupils, run_every=2 * room.TEACHERS_LOOK)(seat)


def way_in(board: Board) -> None:
    """The code, and the way to the board that goes on the wall."""
    if board.closed:
        st.info(
            "This room is closed. Its results stay for some days.", icon=":material/meeting_room:"
        )
        return
    address, warning = address_of(board.code)
    st.html(f'<div class="room-code">{board.code}</div>')
    _board_link(
        key="room.board",
        data={"href": f"./board?room={board.code}", "label": "Open the board for the projector"},
    )
    st.caption(
        "A presenter's keys work at the board while this window is open in the same browser."
    )
    with st.expander("Picture and address of the room", key="room.way_in"):
        qr_picture(address)
        st.caption(f"Join at **{address}**")
    if warning:
        st.caption(f":material/warning: {warning}")


@errors.calmly(room.FAILED)
def now(seat: Seat) -> None:
    """The question with its votes, as they come in, and what can be done with it."""
    board = room.look(seat)
    if board is None:
        return
    put = board.question
    with st.container(horizontal=True, vertical_alignment="center", key="room.now"):
        about = room.here(board) + (f" · {room.voted(put)}" if put else "")
        st.markdown(about, width="stretch")
        if not board.closed:
            _steer(seat, board)
    if board.paused:
        st.info("Everybody is asked to look up.", icon=":material/pause:")
    if not board.closed and (board.view or board.waiting):
        _views(seat)
    if put is None:
        st.info("Nothing is asked yet: choose a question below.", icon=":material/campaign:")
        return
    if not board.closed:
        with st.container(horizontal=True, vertical_alignment="center", key="room.steps"):
            room.phase_buttons(seat, board)
            _timer(seat, put)
    if said := room.hint(put)[1]:
        st.markdown(f"{said} *Only you see this.*")
    for one in board.questions:
        _one(seat, one)


def _views(seat: Seat) -> None:
    """What students sent for the board: to look at, to put up, to put away."""
    with st.container(key="room.views", border=True, gap="xsmall"):
        for view in room.rooms().views(seat):
            with st.container(horizontal=True, vertical_alignment="center"):
                name = as_plain(view.name or "No name")
                st.markdown(f"**{name}** · {as_plain(said(view))}", width="stretch")
                link(view.page, "Look", **{n: texts[0] for n, texts in view.query.items() if texts})
                st.button(
                    "Off the board" if view.up else "Put it up", key=f"room.view_up.{view.id}",
                    icon=":material/tv_off:" if view.up else ":material/tv:",
                    type="secondary" if view.up else "primary",
                    on_click=room.attempt,
                    args=(room.rooms().put_up, seat, None if view.up else view.id),
                )  # fmt: skip
                if not view.up:
                    st.button(
                        "", key=f"room.view_away.{view.id}", icon=":material/close:",
                        help="Put it away", type="tertiary",
                        on_click=room.attempt, args=(room.rooms().put_away, seat, view.id),
                    )  # fmt: skip


def _steer(seat: Seat, board: Board) -> None:
    room.lead_switch(seat, board)
    st.button(
        "Go on" if board.paused else "Look up", key="room.pause",
        icon=":material/play_arrow:" if board.paused else ":material/pause:",
        help="Puts a notice in the place of everything on the students' screens.",
        on_click=room.attempt, args=(lambda on: room.rooms().pause(seat, on), not board.paused),
    )  # fmt: skip


def _timer(seat: Seat, put: Put) -> None:
    if put.phase == "revealed":
        return
    timer(put)
    with st.popover("Timer", icon=":material/timer:", key="room.timer_box"):
        for label, seconds in {**TIMES, "No timer": None}.items():
            st.button(
                label, key=f"room.timer.{label}", width="stretch",
                on_click=room.attempt,
                args=(lambda s: room.rooms().time(seat, put.id, s), seconds),
            )  # fmt: skip


def _one(seat: Seat, put: Put) -> None:
    with st.container(key=f"room.question.{put.number}"):
        ask(put.asked, put.number)
        if put.phase == "revealed":
            results(put, hiding=seat)
            st.button(
                "Ask again", icon=":material/replay:", key=f"room.again.{put.id}",
                on_click=room.attempt, args=(lambda: room.rooms().again(seat, put.id),),
            )  # fmt: skip
            return
        options(put.asked)
        with st.expander("Look at the votes before the others do", key=f"room.peek.{put.number}"):
            results(put, hiding=seat)


@errors.calmly(room.FAILED)
def pupils(seat: Seat) -> None:
    """Who is here, who has answered, where each one is."""
    board = room.look(seat)
    if board is None:
        return
    found = [pupil for pupil in room.rooms().pupils(seat) if pupil.here or pupil.answered]
    if not found:
        return
    st.html(
        '<ul class="room-pupils">'
        + "".join(_pupil(pupil, i, len(board.questions)) for i, pupil in enumerate(found, 1))
        + "</ul>"
    )
    with st.popover("Take somebody out", icon=":material/person_remove:", key="room.out"):
        st.caption("Their answers leave the board; what was sent stays in the results.")
        for i, pupil in enumerate(found, 1):
            st.button(
                as_plain(pupil.name or f"No name {i}"), key=f"room.remove.{pupil.id}",
                width="stretch",
                on_click=room.attempt, args=(lambda id_: room.rooms().remove(seat, id_), pupil.id),
            )  # fmt: skip


def _pupil(pupil: Pupil, number: int, asked: int) -> str:
    marks = {None: "answered", True: "right", False: "not right"}
    if not asked:
        said, sign = "", ""
    elif pupil.answered < asked:
        said, sign = (f"{pupil.answered} of {asked}" if asked > 1 else "no answer yet"), "·"
    else:
        said, sign = marks[pupil.right], {None: "✓", True: "✓", False: "✗"}[pupil.right]
    kind = said.replace(" ", "-") if pupil.here else "away"
    return (
        f'<li class="{kind}"><b>{html.escape(pupil.name) or f"No name {number}"}</b>'
        f"<span>{sign} {said}</span><small>{html.escape(_place(pupil.place))}</small></li>"
    )


def _place(place: str) -> str:
    page, _, step = place.partition("/")
    return "" if page in (room.CLASSROOM, *BOARD) else place_of(page, step)


def prepare(seat: Seat, board: Board) -> None:
    """What to ask next. It is put away while a question is up."""
    key = "room.prepare"
    if "room.prepare_next" in st.session_state:  # a widget's value can be set only before it stands
        st.session_state[key] = st.session_state.pop("room.prepare_next")
    st.session_state.setdefault(key, board.question is None)
    if st.toggle("Prepare a question", key=key, persist_state="session"):
        ask_view(seat, board.lesson, sentence_bar(pair=False))


def keep(seat: Seat, board: Board) -> None:
    """Results, the secret link, and closing."""
    with st.expander("Results, your secret link, closing", key="room.keep"):
        names = st.toggle("With names", key="room.results_names")
        download(
            "Results as CSV", lambda: room.rooms().results(seat, names=names),
            f"room-{board.code}.csv", "text/csv", key="room.results",
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
                    "Another secret link", icon=":material/key:", key="room.rotate",
                    help="The old one ends at once, on all devices.",
                    on_click=room.attempt, args=(_rotate, seat),
                )  # fmt: skip
                with st.popover("Close the room", icon=":material/meeting_room:", key="room.end"):
                    st.markdown(
                        "Nobody can join or answer any more, and a vote that is open ends. The "
                        "results stay for seven days."
                    )
                    st.button(
                        "Close it now", key="room.close", type="primary",
                        on_click=room.attempt, args=(lambda: room.rooms().close(seat),),
                    )  # fmt: skip
            st.button("Leave", key="room.leave_board", on_click=room.leave)


def _rotate(seat: Seat) -> None:
    room.sit_down(room.rooms().rotate(seat))
