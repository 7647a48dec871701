"""A room's question on a page: what is asked, how one answers, and what came out."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.rooms.board import ROUND, Asked, Put, RoomError, Seat, plain
from pages.ui import room
from pages.ui.components import component, nothing
from pages.ui.figures import as_plain

MOST_ROWS = 12
ROUNDS = {1: "first", 2: "second"}

_tally = component("tally", '<div class="tally"></div>')
_head_map = component("head_map", '<div class="head-map"></div>')


def ask(asked: Asked, number: int) -> None:
    """The question and what belongs to it."""
    with st.container(key="room_question"):
        st.markdown(f"#### {number}. {as_plain(asked.prompt)}")
        if text := asked.context.get("text"):
            st.markdown(f"> {as_plain(str(text))}")
        if "percent" in asked.context:
            _head_map(
                key="room.head_map",
                data={"tokens": asked.context["tokens"], "percent": asked.context["percent"]},
            )


def answer(mine: Seat, put: Put) -> None:
    """The question as a student sees it, with a way to answer while there is a vote."""
    votes = own_votes(mine, put.id)
    ask(put.asked, put.number)
    if put.phase in ROUND:
        _vote(mine, put, votes.get(ROUND[put.phase]))
        return
    last = votes.get(2, votes.get(1))
    if last is not None:
        st.markdown(f"Your answer: **{as_plain(_said(put.asked, last))}**")
    if put.phase == "discuss":
        st.info(
            "Talk with your neighbor: why this answer? Then you vote again.", icon=":material/chat:"
        )
    else:
        results(put)


def own_votes(mine: Seat, question: int) -> dict[int, int | str]:
    """What this student answered, by round; the database is asked once a question."""
    key = "room.votes"
    known = st.session_state.get(key)
    if known is None or known[0] != question:
        known = (question, room.rooms().own_votes(mine, question))
        st.session_state[key] = known
    votes: dict[int, int | str] = known[1]
    return votes


def _vote(mine: Seat, put: Put, before: int | str | None) -> None:
    name = f"room.answer.{put.id}.{put.phase}"
    if put.asked.options:
        st.radio(
            "Your answer", range(len(put.asked.options)), key=name,
            index=before if isinstance(before, int) else None,
            format_func=lambda i: as_plain(put.asked.options[i]),
            on_change=_cast, args=(mine, put, name), persist_state="session",
        )  # fmt: skip
    else:
        with (
            st.form(f"{name}.form", border=False),
            st.container(horizontal=True, vertical_alignment="bottom"),
        ):
            st.text_input("Your answer", key=name, max_chars=200, persist_state="session")
            st.form_submit_button("Send", type="primary", on_click=_cast, args=(mine, put, name))
    refused, reason = st.session_state.get("room.refused") or ("", "")
    if refused == name:  # it stands until the next try
        st.warning(reason, icon=":material/lightbulb:")
    elif before is not None:
        said = as_plain(_said(put.asked, before))
        st.caption(f"Sent: {said}. You can change it while the vote is open.")


def _cast(mine: Seat, put: Put, name: str) -> None:
    chosen = st.session_state.get(name)
    if chosen is None:
        return
    st.session_state.pop("room.refused", None)
    try:
        room.rooms().vote(mine, put.id, chosen)
        own_votes(mine, put.id)[ROUND[put.phase]] = chosen
    except RoomError as reason:
        st.session_state["room.refused"] = (name, str(reason))
    except Exception as error:
        room.log.exception("a vote failed", exc_info=error)
        st.session_state["room.refused"] = (name, room.FAILED)


def _said(asked: Asked, vote: int | str) -> str:
    return asked.options[vote] if isinstance(vote, int) else vote


def results(put: Put, hiding: Seat | None = None) -> None:
    """What the room answered beside what model or course say. ``hiding`` is the teacher's seat."""
    data = tally_data(put)
    result: Any = None
    if data["rows"]:
        result = _tally(
            key=f"room.tally.{put.id}",
            data=data | {"hides": hiding is not None and not put.asked.options},
            on_hide_change=nothing,
        )
    else:
        st.caption("Nobody answered.")
    note = put.asked.answer.get("note")
    if note:
        st.info(as_plain(str(note)), icon=":material/lightbulb:")
    label = result.hide if result is not None else None
    if hiding is not None and isinstance(label, dict) and label.get("question") == put.id:
        done = st.session_state.setdefault("room.hidden", set())
        text = str(label.get("label"))
        if (put.id, text) not in done:
            done.add((put.id, text))
            room.rooms().hide(hiding, put.id, text)
            st.rerun(scope="fragment")


def tally_data(put: Put) -> dict[str, Any]:
    """Rows for the picture: each answer with its votes and, where it gave one, the model's."""
    asked, votes = put.asked, {r: dict(tally) for r, tally in put.tallies.items()}
    words = {plain(word): p for word, p in asked.answer.get("words", ())}
    labels = list(asked.options) or _labels(votes, list(words))
    right = asked.answer.get("option")
    rows = []
    for i, label in enumerate(labels):
        row: dict[str, Any] = {"text": label, "right": right == i}
        for round_, tally in votes.items():
            if asked.options or label in tally:  # the model's own words got no vote: no empty bars
                row[ROUNDS[round_]] = tally.get(label, 0)
        if words:
            row["model"] = words.get(label, 0.0)
        rows.append(row)
    return {
        "question": put.id,
        "rows": rows,
        "totals": {ROUNDS[r]: sum(tally.values()) for r, tally in votes.items()},
        "who": "the course" if asked.kind == "quiz" else "the model",
    }


def _labels(votes: dict[int, dict[str, int]], words: list[str]) -> list[str]:
    """Written answers to show: the latest vote's commonest first, then the model's own."""
    latest = votes[max(votes)] if votes else {}
    earlier = votes.get(1, {})
    said = list(dict.fromkeys([*latest, *earlier]))[:MOST_ROWS]
    return said + [word for word in words[:5] if word not in said]
