"""What a teacher can ask: the kinds of question, made from the sentence and the lessons."""

from __future__ import annotations

import random
from collections.abc import Callable

import streamlit as st

from lessons.attention.detective import roles_of
from lessons.catalog import catalog, find
from lessons.engine import Encoding, ModelUnavailable
from pages.rooms.board import Asked, RoomError, Seat
from pages.ui import resources, room
from pages.ui.sentence import Sentence
from pages.views.classroom import questions

Build = Callable[[], Asked]


def ask_view(mine: Seat, lesson: str, sentence: Sentence) -> None:
    """Choose a kind of question, set it up, put it to the room."""
    kind = st.segmented_control(
        "Ask", list(KINDS), default="Hidden word", required=True, key="room.kind",
        persist_state="session", label_visibility="collapsed",
    )  # fmt: skip
    make = KINDS[kind or "Hidden word"]
    try:
        build = make(lesson, sentence)
        if st.button(
            "Put it to the room", icon=":material/campaign:", type="primary", key="room.ask"
        ):
            with st.spinner("Asking the model …"):
                room.rooms().ask(mine, build())
            st.session_state["room.prepare_next"] = False
            st.rerun()
    except (RoomError, ModelUnavailable) as reason:
        st.info(str(reason), icon=":material/lightbulb:")


def _encoding(sentence: Sentence) -> Encoding:
    if sentence.empty or sentence.encoding is None:
        raise RoomError("Type a sentence above first.")
    return sentence.encoding


def _hidden_word(_: str, sentence: Sentence) -> Build:
    encoding = _encoding(sentence)
    if not sentence.masks:
        raise RoomError(
            "Hide a word first: point at it in the ribbon above and press its mask sign."
        )
    hidden = " ".join(encoding.tokens[i] for i in sentence.masks)
    st.caption(f"The gap is at “{hidden}”. The model's own guesses are kept until you reveal.")
    return lambda: questions.hidden_word(resources.model(sentence.model), encoding, sentence.masks)


def _which_head(_: str, sentence: Sentence) -> Build:
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
    return lambda: questions.which_head(model, encoding, layer, head)


def _other_head() -> None:
    st.session_state["room.head"] = st.session_state.get("room.head", 0) + 1


def _which_sense(_: str, sentence: Sentence) -> Build:
    _encoding(sentence)
    found = questions.words_with_senses(sentence.text)
    if not found:
        raise RoomError(
            "Your sentence has none of the course's ambiguous words: try one with bank, spring, "
            "match, light or another word of the lesson on word senses."
        )
    name = st.selectbox("Word", list(found), key="room.sense_word")
    word, span = found[name or next(iter(found))]
    return lambda: questions.which_sense(resources.model(sentence.model), sentence.text, word, span)


def _quiz(lesson: str, _: Sentence) -> Build:
    slugs = [entry.slug for entry in catalog()]
    chosen = st.selectbox(
        "Lesson", slugs, index=slugs.index(lesson) if lesson in slugs else 0,
        format_func=lambda slug: find(slug).title, key="room.quiz_lesson",
    )  # fmt: skip
    quiz = {question.id: question for question in find(chosen or slugs[0]).quiz}
    id_ = st.selectbox(
        "Question", list(quiz), format_func=lambda i: quiz[i].prompt, key="room.quiz_question"
    )
    return lambda: questions.quiz_question(find(chosen or slugs[0]), id_ or next(iter(quiz)))


def _own(_: str, __: Sentence) -> Build:
    prompt = st.text_input("Question", key="room.own_prompt", max_chars=questions.LONGEST_PROMPT)
    options = st.text_area(
        "Answers to choose from, one a line; none for answers in words",
        key="room.own_options", max_chars=questions.MOST_OPTIONS * questions.LONGEST_OPTION,
        height=120,
    )  # fmt: skip
    return lambda: questions.own_question(prompt or "", options or "")


KINDS: dict[str, Callable[[str, Sentence], Build]] = {
    "Hidden word": _hidden_word,
    "Which head": _which_head,
    "Which sense": _which_sense,
    "Quiz": _quiz,
    "Your own": _own,
}
