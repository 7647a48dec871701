"""A room's question on a page: what is asked, how one answers, and what came out."""

from __future__ import annotations

import html
import time
from functools import lru_cache
from typing import Any

import streamlit as st

from lessons.engine import ModelUnavailable
from pages.rooms.board import LETTERS, ROUND, Answer, Asked, Board, Put, RoomError, Seat, plain
from pages.ui import resources, room
from pages.ui.components import component
from pages.ui.room_answers import alike

ROUNDS = {1: "first", 2: "second"}

_tally = component("tally", '<div class="tally"></div>')
_head_map = component("head_map", '<div class="head-map"></div>')
_ballot = component("ballot", '<div class="ballot" data-own-arrows></div>')
_timer = component("timer", '<div class="timer" role="timer"></div>')


def ask(asked: Asked, number: int, *, large: bool = False) -> None:
    """The question and what belongs to it."""
    with st.container(key=f"room_question-{number}"):
        text = asked.context.get("text")
        sentence = f"<blockquote><p>{html.escape(str(text))}</p></blockquote>" if text else ""
        st.html(f"<h4>{number}. {html.escape(asked.prompt)}</h4>{sentence}")
        if "percent" in asked.context:
            _head_map(
                key=f"room.head_map.{number}",
                data={
                    "tokens": asked.context["tokens"],
                    "percent": asked.context["percent"],
                    "large": large,
                },
            )


def options(asked: Asked) -> None:
    """The options, by their letters, where one only reads them."""
    if asked.takes == "words":
        return
    st.html(
        f'<ol class="room-options {asked.takes}">'
        + "".join(
            f"<li><b>{LETTERS[i]}</b> <span>{html.escape(option)}</span></li>"
            for i, option in enumerate(asked.options)
        )
        + "</ol>"
    )


def timer(put: Put, *, large: bool = False) -> None:
    """The time that is left, where the teacher gave one; it ends no vote by itself."""
    if put.ends_at is not None and put.phase != "revealed":
        left = max(0.0, put.ends_at - time.time())
        _timer(key="room.timer", data={"left": left, "large": large}, width="content")


def look_up() -> None:
    """In the place of everything, while the teacher asks everybody to look up."""
    st.html(
        '<div class="look-up" role="status"><p>Look up</p><p>Your teacher is speaking.</p></div>'
    )


def answer(mine: Seat, board: Board) -> None:
    """What is asked as a student sees it, with a way to answer while there is a vote."""
    put = _open_one(mine, board)
    votes = own_votes(mine, put.id)
    if board.questions[1:]:
        st.caption(f"Question {board.questions.index(put) + 1} of {len(board.questions)}")
    ask(put.asked, put.number)
    timer(put)
    if put.phase in ROUND:
        _vote(put, votes.get(ROUND[put.phase]))
    else:
        last = votes.get(2, votes.get(1))
        said = (
            f"Your answer: <b>{html.escape(put.asked.in_words(last))}</b>"
            if last is not None
            else ""
        )
        st.html(f"<p>{said or 'No answer of yours arrived.'}</p>")
        if put.phase == "discuss":
            st.info(
                "Talk with your neighbor: why this answer? Then you vote again.",
                icon=":material/chat:",
            )
        else:
            results(put)
    _ways(board, put)


def _open_one(mine: Seat, board: Board) -> Put:
    """Of questions that were put together, the one that the student is at."""
    at = st.session_state.get("room.at")
    for put in board.questions:
        if put.id == at:
            return put
    for put in board.questions:
        if not own_votes(mine, put.id):
            return put
    return board.questions[0]


def _ways(board: Board, put: Put) -> None:
    """From one of several questions to the others."""
    if not board.questions[1:]:
        return
    at = board.questions.index(put)
    with st.container(horizontal=True):
        for step, label in ((-1, "← Question before"), (1, "Next question →")):
            if 0 <= at + step < len(board.questions):
                st.button(
                    label,
                    key=f"room.way{step}",
                    on_click=_go,
                    args=(board.questions[at + step].id,),
                )


def _go(question: int) -> None:
    st.session_state["room.at"] = question


def own_votes(mine: Seat, question: int) -> dict[int, Answer]:
    """What this student answered, by round; the database is asked once a question."""
    known: dict[int, dict[int, Answer]] = st.session_state.setdefault("room.votes", {})
    if question not in known:
        known[question] = room.rooms().own_votes(mine, question)
    return known[question]


def _vote(put: Put, before: Answer | None) -> None:
    reply = st.session_state.get("room.reply") or {}
    ours = (reply.get("question"), reply.get("round")) == (put.id, ROUND[put.phase])
    _ballot(
        key=f"room.answer.{put.id}.{put.phase}",
        data={
            "question": put.id,
            "round": ROUND[put.phase],
            "takes": put.asked.takes,
            "options": list(put.asked.options),
            "letters": LETTERS,
            "mine": list(before) if isinstance(before, tuple) else before,
            "said": "" if before is None else put.asked.in_words(before),
            "reply": reply if ours else None,
        },
        on_vote_change=lambda: _cast(f"room.answer.{put.id}.{put.phase}"),
    )


def _cast(key: str) -> None:
    """An answer came from the browser, which may send anything."""
    sent, mine = (st.session_state.get(key) or {}).get("vote"), room.seat()
    if not isinstance(sent, dict) or mine is None:
        return
    question, round_, given = sent.get("question"), sent.get("round"), sent.get("answer")
    chosen = tuple(given) if isinstance(given, list) else given
    if not (isinstance(question, int) and isinstance(round_, int)):
        return
    if not isinstance(chosen, int | str | tuple):
        return
    why = ""
    try:
        if own_votes(mine, question).get(round_) != chosen:  # it may be sent more than once
            room.rooms().vote(mine, question, chosen, round_)
            st.session_state["room.votes"].pop(question)  # what counts is what the room kept
    except RoomError as reason:
        why = str(reason)
    except Exception as error:
        room.log.exception("a vote failed", exc_info=error)
        why = room.FAILED
    st.session_state["room.reply"] = {
        "question": question, "round": round_, "number": sent.get("number"), "refused": why,
    }  # fmt: skip


def results(put: Put, hiding: Seat | None = None, *, large: bool = False) -> None:
    """What the room answered beside what model or course say. ``hiding`` is the teacher's seat."""
    data = tally_data(put)
    if data["rows"]:
        _tally(
            key=f"room.tally.{put.id}",
            data=data | {"hides": hiding is not None and not put.asked.options, "large": large},
            on_hide_change=lambda: _hide(put.id, hiding),
        )
    else:
        st.caption("Nobody answered.")
    note = put.asked.answer.get("note")
    if note:
        st.html(f'<p class="room-note">{html.escape(str(note))}</p>')


def _hide(question: int, mine: Seat | None) -> None:
    """The teacher takes a written answer off the board."""
    sent = (st.session_state.get(f"room.tally.{question}") or {}).get("hide")
    if mine is not None and isinstance(sent, dict):
        room.attempt(room.rooms().hide, mine, question, str(sent.get("label")))


def tally_data(put: Put) -> dict[str, Any]:
    """Rows for the picture: each answer with its votes and, where it gave one, the model's."""
    asked = put.asked
    # Two spellings of a word are one answer, and the rounds may have chosen another one each.
    votes = {r: {_same(asked, label): n for label, n in tally} for r, tally in put.tallies.items()}
    labels, headings = _labels(put), dict[str, str]()
    if asked.kind == "own" and asked.takes == "words":
        labels, headings = _grouped(labels)
    of_model = by_model(asked, labels) if asked.answer.get("words") else None
    rows = []
    for i, label in enumerate(labels):
        row: dict[str, Any] = {"text": label, "right": i in asked.right and bool(asked.options)}
        if asked.options:
            row["letter"] = LETTERS[i]
        if label in headings:
            row["heading"] = headings[label]
        for round_, tally in votes.items():
            # The model's own words got no vote: no empty bars.
            if asked.options or _same(asked, label) in tally:
                row[ROUNDS[round_]] = tally.get(_same(asked, label), 0)
        if of_model is not None:
            row["model"] = of_model[label]
        rows.append(row)
    return {
        "question": put.id,
        "rows": rows,
        "totals": {ROUNDS[r]: n for r, n in put.voters.items()},
        "who": "the course"
        if asked.kind == "quiz"
        else "right"
        if asked.kind == "own"
        else "the model",
    }


def _grouped(labels: list[str]) -> tuple[list[str], dict[str, str]]:
    """Written answers with those of like meaning together, and what to write over the first of
    each group."""
    groups = alike(tuple(labels))
    if len(groups) == 1 or all(len(group) == 1 for group in groups):
        return labels, {}
    several = sorted((group for group in groups if len(group) > 1), key=len, reverse=True)
    single = [group[0] for group in groups if len(group) == 1]
    headings = {group[0]: f"{len(group)} of like meaning" for group in several}
    if single:
        headings[single[0]] = "Like no other"
    return [label for group in several for label in group] + single, headings


def _same(asked: Asked, label: str) -> str:
    return label if asked.options else plain(label)


def _labels(put: Put) -> list[str]:
    """Answers to show. Written ones: all of the latest vote, the commonest first, then those of
    the vote before, then the model's own."""
    if put.asked.options:
        return list(put.asked.options)
    said: dict[str, str] = {}
    for round_ in sorted(put.tallies, reverse=True):
        for label, _ in put.tallies[round_]:
            said.setdefault(plain(label), label)
    for word, _ in put.asked.answer.get("words", ())[:5]:
        said.setdefault(plain(word), word)
    return list(said.values())


def by_model(asked: Asked, words: list[str]) -> dict[str, float | None]:
    """The model's probability of each word in the question's gap; None for a word that is several
    of its pieces, of which a single gap holds one."""
    told = {plain(word): probability for word, probability in asked.answer["words"]}
    gap = asked.answer.get("gap")
    found: dict[str, float | None] = {word: told.get(plain(word)) for word in words}
    if not gap:
        return found
    try:
        model = resources.model(str(gap["model"]))
        row = _probabilities(
            str(gap["model"]), gap["text"], gap["pair"], tuple(gap["masks"]), gap["position"]
        )
    except ModelUnavailable:
        return found
    for word in words:
        if found[word] is None:
            ids = (model.word_id(form) for form in (word, plain(word)))
            id_ = next((i for i in ids if i is not None), None)
            found[word] = None if id_ is None else float(row[id_])
    return found


@lru_cache(maxsize=8)
def _probabilities(name: str, text: str, pair: str | None, masks: tuple[int, ...], at: int) -> Any:
    """What the model expects at a gap: a probability for each of its V tokens."""
    model = resources.model(name)
    return model.token_probabilities(model.masked(model.encode(text, pair), masks), [at])[0]
