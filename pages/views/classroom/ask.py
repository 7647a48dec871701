"""What a teacher can ask: a question made here and now, or one that was prepared."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from lessons.attention.detective import roles_of
from lessons.catalog import catalog, find
from lessons.engine import Encoding, ModelUnavailable
from pages.rooms.board import LETTERS, RoomError, Seat
from pages.ui import resources, room
from pages.ui.figures import as_plain
from pages.ui.sentence import Sentence
from pages.views.classroom import questions, sets

Draft = dict[str, Any]
MOST_TOGETHER = 20
MAKE, PREPARED = "Make a question", "Prepared questions"


def ask_view(mine: Seat, lesson: str, sentence: Sentence) -> None:
    """Make a question, or take one of those that were prepared."""
    made, prepared = st.tabs([MAKE, PREPARED])
    with made:
        _make(mine, lesson, sentence)
    with prepared:
        _prepared(mine, lesson, sentence.model)


def _make(mine: Seat, lesson: str, sentence: Sentence) -> None:
    kind = st.segmented_control(
        "Ask", list(KINDS), default="Hidden word", required=True, key="room.kind",
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    try:
        draft = KINDS[kind or "Hidden word"](lesson, sentence)
        with st.container(horizontal=True):
            if st.button(
                "Put it to the room", icon=":material/campaign:", type="primary", key="room.ask"
            ):
                put(mine, [draft], sentence.model)
            if st.button("Keep for later", icon=":material/bookmark_add:", key="room.later"):
                kept = [*room.rooms().prepared(mine), questions.checked(draft)]
                room.rooms().prepare(mine, kept)
                st.toast("It stands among the prepared questions.")
    except (RoomError, ModelUnavailable) as reason:
        st.info(as_plain(str(reason)), icon=":material/lightbulb:")


def put(mine: Seat, drafts: Sequence[Draft], model: str) -> None:
    """Put questions to the room; the model is asked now."""
    with st.spinner("Asking the model …"):
        built = [questions.build(draft, lambda: resources.model(model)) for draft in drafts]
        room.rooms().ask(mine, *built)
    st.session_state["room.prepare_next"] = False
    st.rerun()


# --- questions that were prepared


def _prepared(mine: Seat, lesson: str, model: str) -> None:
    drafts = room.rooms().prepared(mine)
    chosen = [i for i, draft in enumerate(drafts) if _row(mine, drafts, i, draft, model)]
    try:
        if chosen and st.button(
            f"Put {len(chosen)} to the room together", type="primary", key="room.together",
            help="Each student answers them at their own pace: an exit ticket, or homework.",
        ):  # fmt: skip
            if len(chosen) > MOST_TOGETHER:
                raise RoomError(f"At most {MOST_TOGETHER} can be asked together.")
            put(mine, [drafts[i] for i in chosen], model)
    except (RoomError, ModelUnavailable) as reason:
        st.info(as_plain(str(reason)), icon=":material/lightbulb:")
    if not drafts:
        st.caption("Nothing is prepared. Load a set, or make a question and keep it for later.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if sets.bundled(lesson):
            st.button(
                "Add the lesson's set", icon=":material/library_add:", key="room.bundled",
                on_click=room.attempt, args=(_add, mine, sets.bundled(lesson)),
            )  # fmt: skip
        if drafts:
            st.download_button(
                "Save as a file", sets.write(drafts, find(lesson).title),
                f"{lesson}-questions.toml", "application/toml",
                icon=":material/download:", key="room.save_set", on_click="ignore",
            )  # fmt: skip
    file = st.file_uploader("Load a set (.toml)", type=["toml"], key="room.load_set")
    if file is not None and st.button("Add its questions", key="room.add_set"):
        room.attempt(_add, mine, file.getvalue().decode("utf-8", "replace"))
        st.rerun()


def _add(mine: Seat, text: str) -> None:
    room.rooms().prepare(mine, [*room.rooms().prepared(mine), *sets.read(text)])


def _row(mine: Seat, drafts: list[Draft], i: int, draft: Draft, model: str) -> bool:
    """One prepared question: to ask, to move, to put away. Returns whether it is chosen."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"room.draft.{i}"):
        line = as_plain(f"{i + 1}. {questions.said(draft)}")
        chosen = st.checkbox(line, key=f"room.choose.{i}.{hash(line)}", width="stretch")
        if st.button("Ask", key=f"room.draft_ask.{i}"):
            try:
                put(mine, [draft], model)
            except (RoomError, ModelUnavailable) as reason:
                st.toast(as_plain(str(reason)))
        for name, icon, change in (
            ("up", ":material/arrow_upward:", lambda: _moved(drafts, i)),
            ("away", ":material/close:", lambda: drafts[:i] + drafts[i + 1 :]),
        ):
            st.button(
                "", icon=icon, key=f"room.draft_{name}.{i}", disabled=name == "up" and not i,
                help="Earlier" if name == "up" else "Put it away", type="tertiary",
                on_click=room.attempt,
                args=(lambda change=change: room.rooms().prepare(mine, change()),),
            )  # fmt: skip
    return chosen


def _moved(drafts: list[Draft], i: int) -> list[Draft]:
    return [*drafts[: i - 1], drafts[i], drafts[i - 1], *drafts[i + 1 :]]


# --- the kinds: each sets a question up, and gives it as a draft


def _encoding(sentence: Sentence) -> Encoding:
    if sentence.empty or sentence.encoding is None:
        raise RoomError("Type a sentence above first.")
    return sentence.encoding


def _hidden_word(_: str, sentence: Sentence) -> Draft:
    encoding = _encoding(sentence)
    if not sentence.masks:
        raise RoomError(
            "Hide a word first: point at it in the ribbon above and press its mask sign."
        )
    hidden = " ".join(encoding.tokens[i] for i in sentence.masks)
    st.caption(f"The gap is at “{hidden}”. The model's own guesses are kept until you reveal.")
    return {"kind": "hidden word", "text": questions.marked(encoding, sentence.masks)}


def _which_head(_: str, sentence: Sentence) -> Draft:
    encoding = _encoding(sentence)
    if len(encoding) > questions.LONGEST_MAP:
        raise RoomError(
            f"Take a sentence of at most {questions.LONGEST_MAP} tokens: the map must be readable."
        )
    model = resources.model(sentence.model)
    heads = questions.telling_heads(roles_of(model.trace(encoding)))
    if not heads:
        raise RoomError("No head has a clear role on this sentence: try another one.")
    place = st.session_state.setdefault("room.head", random.randrange(1000)) % len(heads)
    layer, head = heads[place]
    st.caption(
        f"{len(heads)} heads have a clear role on your sentence. This would be layer {layer + 1}, "
        f"head {head + 1}; the students see its map without its name."
    )
    st.button("Another head", icon=":material/casino:", key="room.other_head", on_click=_other_head)
    return {"kind": "which head", "text": encoding.text, "layer": layer + 1, "head": head + 1}


def _other_head() -> None:
    st.session_state["room.head"] = st.session_state.get("room.head", 0) + 1


def _which_sense(_: str, sentence: Sentence) -> Draft:
    _encoding(sentence)
    found = questions.words_with_senses(sentence.text)
    if not found:
        raise RoomError(
            "Your sentence has none of the course's ambiguous words: try one with bank, spring, "
            "match, light or another word of the lesson on word senses."
        )
    name = st.selectbox("Word", list(found), key="room.sense_word")
    return {"kind": "which sense", "text": sentence.text, "word": name or next(iter(found))}


def _quiz(lesson: str, _: Sentence) -> Draft:
    slugs = [entry.slug for entry in catalog()]
    chosen = st.selectbox(
        "Lesson", slugs, index=slugs.index(lesson) if lesson in slugs else 0,
        format_func=lambda slug: find(slug).title, key="room.quiz_lesson",
    )  # fmt: skip
    quiz = {question.id: question for question in find(chosen or slugs[0]).quiz}
    id_ = st.selectbox(
        "Question", list(quiz), format_func=lambda i: quiz[i].prompt, key="room.quiz_question"
    )
    return {"kind": "quiz", "lesson": chosen or slugs[0], "id": id_ or next(iter(quiz))}


def _own(_: str, __: Sentence) -> Draft:
    prompt = st.text_input("Question", key="room.own_prompt", max_chars=questions.LONGEST_PROMPT)
    text = st.text_area(
        "Answers to choose from, one a line; none for answers in words",
        key="room.own_options", max_chars=questions.MOST_OPTIONS * questions.LONGEST_OPTION,
        height=120,
    )  # fmt: skip
    lines = questions.lines(text or "")
    draft: Draft = {"prompt": prompt or "", "options": lines}
    if lines:
        scale = st.toggle("The answers are steps of a scale", key="room.own_scale")
        right = st.pills(
            "Which are right? None where it is a matter of opinion, several if several are.",
            list(range(len(lines))), selection_mode="multi", key="room.own_right",
            format_func=lambda i: f"{LETTERS[i]} · {as_plain(lines[i])}" if i < len(lines) else "",
        )  # fmt: skip
        draft |= {"right": [LETTERS[i] for i in right if i < len(lines)], "scale": scale}
    if not draft["prompt"].strip():
        raise RoomError("Write your question first.")
    questions.checked(draft)
    return draft


KINDS: dict[str, Callable[[str, Sentence], Draft]] = {
    "Hidden word": _hidden_word,
    "Which head": _which_head,
    "Which sense": _which_sense,
    "Quiz": _quiz,
    "Your own": _own,
}
