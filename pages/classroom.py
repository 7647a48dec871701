"""The class room: open one or join one; the board, with questions and votes."""

import streamlit as st

from lessons.catalog import catalog, find
from pages.rooms.board import Board, RoomError, Seat
from pages.ui import address, controls, errors, room, shell
from pages.ui.errors import fragment
from pages.ui.figures import as_plain
from pages.ui.links import PAGES, link
from pages.ui.qr import address_of, qr_picture
from pages.ui.room_ask import ask_view
from pages.ui.room_question import answer, ask, results
from pages.ui.sentence import sentence_bar


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


# --- the teacher's side


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


# --- the student's side


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


shell.enter("classroom")
arrive()
mine = room.seat()
with st.container(horizontal=True, vertical_alignment="center"):
    st.title(PAGES["classroom"], anchor=False)
    if mine is None:
        shell.page_tools()
with errors.calmly(room.FAILED):
    if mine is None:
        entrance()
    elif mine.teaches:
        teach(mine)
    else:
        fragment(learn, run_every=room.students_look(mine))(mine)
