"""The class room's page and the bar over the others, without a browser."""

import re
import time

import pytest
from streamlit.testing.v1 import AppTest

from lessons.catalog import catalog, find
from pages.rooms.board import WEEK, Asked, Put, RoomError, Seat
from pages.rooms.rooms import Rooms, rooms
from pages.ui import qr, room
from pages.ui.figures import as_plain
from pages.ui.room_answers import alike
from pages.ui.room_question import by_model, tally_data
from pages.ui.sentence import resources
from pages.views.classroom import questions, sets
from pages.views.classroom.board import fit
from tests.opening import calm, elements, follow, open_page

CHOICE = Asked("own", "Which?", options=("this", "that"), answer={"option": 1, "note": "Since."})


@pytest.fixture(autouse=True)
def own_rooms(tmp_path, monkeypatch):
    """A database of the test's own, and no waiting for fresh boards."""
    monkeypatch.setenv("INSIDE_BERT_ROOMS", f"sqlite:///{tmp_path}/rooms.sqlite3")
    monkeypatch.setattr("pages.rooms.rooms.FRESH", 0.0)
    rooms.cache_clear()
    yield
    rooms().engine.dispose()
    rooms.cache_clear()


def words(app):
    return " ".join(x.value for x in [*app.markdown, *app.info, *app.caption])


def shown(app):
    """What stands on the page as HTML."""
    return " ".join(element.proto.body for element in app.get("html"))


def ballots(app):
    """The questions that can be answered on the page."""
    return [
        element.proto.id.rpartition("-")[2]
        for element in app.get("bidi_component")
        if "room.answer." in element.proto.id
    ]


def cast(app, answer, round_=1, question=None, number=1):
    """The app after its ballot sent an answer."""
    question = question or rooms().look(app.session_state[room.SEAT]).question.id
    sent = {"question": question, "round": round_, "answer": answer, "number": number}
    app.session_state["test.sent"] = sent

    def browser() -> None:
        import streamlit as st

        from pages.ui import room_question

        st.session_state["ballot"] = {"vote": st.session_state["test.sent"]}
        room_question._cast("ballot")

    sender = AppTest.from_function(browser)
    for key in (room.SEAT, "test.sent", "room.votes", "room.reply"):
        if key in app.session_state:
            sender.session_state[key] = app.session_state[key]
    sender.run()
    assert not sender.exception
    for key in ("room.votes", "room.reply"):
        if key in sender.session_state:
            app.session_state[key] = sender.session_state[key]
    return app.run()


def as_teacher(slug="classroom", **session):
    seat = rooms().open("masking", "here")
    return seat, open_page(slug, {room.SEAT: seat, **session})


def as_student(teacher, slug="classroom", **session):
    seat = rooms().join(teacher.code, "there")
    return seat, open_page(slug, {room.SEAT: seat, **session})


def test_a_teacher_opens_a_room_on_a_lesson():
    app = open_page("classroom")
    app.selectbox(key="room.lesson").set_value("attention").run()
    app.button(key="room.open").click().run()
    calm(app)
    seat = app.session_state[room.SEAT]
    assert seat.teaches
    assert rooms().look(seat).lesson == "attention"
    assert "nobody here yet" in words(app)


def test_a_student_joins_with_the_code_and_a_wrong_one_is_said():
    teacher = rooms().open("masking", "here")
    app = open_page("classroom")
    app.text_input(key="room.code").set_value("ZZZZZZ")
    app.button(key="room.join_button").click().run()
    assert "no open room" in words(app)
    app.text_input(key="room.code").set_value(teacher.code.lower())
    app.text_input(key="room.name").set_value("Ann <b>")
    app.button(key="room.join_button").click().run()
    calm(app)
    assert not app.session_state[room.SEAT].teaches
    assert [pupil.name for pupil in rooms().pupils(teacher)] == ["Ann <b>"]
    assert "Wait for the first question" in words(app)


def test_an_empty_code_is_asked_for():
    app = open_page("classroom")
    app.button(key="room.join_button").click().run()
    assert "Type the code" in words(app)


def test_the_teachers_link_brings_back_the_seat_and_leaves_the_address():
    seat = rooms().open("masking", "here")
    app = open_page("classroom", query={"room": seat.code, "key": seat.key})
    assert app.session_state[room.SEAT] == seat
    assert "key" not in app.run().query_params
    app = open_page("classroom", query={"room": seat.code, "key": "wrong"})
    assert "no room" in words(app)
    assert room.SEAT not in app.session_state


def test_a_question_is_put_voted_on_twice_and_revealed():
    teacher, board = as_teacher()
    board.segmented_control(key="room.kind").set_value("Your own").run()
    board.text_input(key="room.own_prompt").set_value("Which?").run()
    board.text_area(key="room.own_options").set_value("this\nthat").run()
    board.button(key="room.ask").click().run()
    calm(board)
    assert "1. Which?" in shown(board)
    assert not board.toggle(key="room.prepare").value  # what comes next is put away

    ann, app = as_student(teacher)
    put = rooms().look(ann).question
    assert ballots(app) == [f"room.answer.{put.id}.first"]
    cast(app, 1)
    calm(app)
    assert rooms().own_votes(ann, put.id) == {1: 1}
    board.run()
    assert "1 answered, voting" in words(board)

    board.button(key="room.discuss").click().run()
    app.run()
    assert "Talk with your neighbor" in words(app)
    board.button(key="room.second").click().run()
    app.run()
    assert ballots(app) == [f"room.answer.{put.id}.second"]
    cast(app, 0, 2)
    board.button(key="room.revealed").click().run()
    app.run()
    calm(app)
    assert "Your answer: <b>this</b>" in shown(app)
    assert rooms().look(ann).question.phase == "revealed"


def test_a_hidden_word_is_asked_with_the_models_own_answer():
    teacher, app = as_teacher()
    app.session_state["sentence.masks"] = ()
    app.run()
    assert "Hide a word first" in words(app)
    teacher, app = as_teacher(**{"sentence.text": "Tea is a hot drink.", "sentence.masks": (4,)})
    app.button(key="room.ask").click().run()
    calm(app)
    asked = rooms().look(teacher).question.asked
    assert asked.context["text"] == "Tea is a ____ drink."
    assert asked.answer["words"][0][0] in dict(asked.answer["words"])
    assert "hot" in asked.answer["note"]


def test_the_other_kinds_of_question():
    teacher, app = as_teacher(**{"sentence.text": "We sat on the bank of the river."})
    app.segmented_control(key="room.kind").set_value("Which head").run()
    before = words(app)
    app.button(key="room.other_head").click().run()
    assert words(app) != before
    app.button(key="room.ask").click().run()
    calm(app)
    asked = rooms().look(teacher).question.asked
    assert "[CLS]" in asked.options
    assert len(asked.context["percent"]) == len(asked.context["tokens"])

    app.toggle(key="room.prepare").set_value(True).run()
    app.segmented_control(key="room.kind").set_value("Which sense").run()
    assert app.selectbox(key="room.sense_word").value == "bank"
    app.button(key="room.ask").click().run()
    asked = rooms().look(teacher).question.asked
    assert asked.context["text"] == "We sat on the [bank] of the river."
    assert asked.options[asked.answer["option"]].startswith("river")

    app.toggle(key="room.prepare").set_value(True).run()
    app.segmented_control(key="room.kind").set_value("Quiz").run()
    app.selectbox(key="room.quiz_lesson").set_value("positions").run()
    app.button(key="room.ask").click().run()
    calm(app)
    assert rooms().look(teacher).question.number == 3
    assert rooms().look(teacher).question.asked.kind == "quiz"


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("Which head", "word " * 40, "at most"),
        ("Which head", "", "Type a sentence"),
        ("Which sense", "Nothing here.", "none of the course's"),
    ],
)
def test_what_cannot_be_asked_is_said(kind, text, said):
    _, app = as_teacher(**{"sentence.text": text, "room.kind": kind})
    calm(app)
    assert said in words(app)


def no_model():
    raise AssertionError("the model was asked")


def test_own_questions_need_a_question_and_two_answers_or_none():
    for draft in (
        {}, {"prompt": ""}, {"prompt": "Why?", "options": ["one"]},
        {"prompt": "Why?", "options": ["same", "same"]},
        {"prompt": "Why?", "options": list("abcdefghi")},
        {"prompt": "Why?", "options": ["a", "b"], "right": ["C"]},
        {"prompt": "Why?", "options": ["a", "b"], "right": ["AB"]},
        {"prompt": "Why?", "right": ["A"]}, {"prompt": 1}, {"prompt": "Why?", "evil": "x"},
        {"kind": "magic", "prompt": "Why?"}, {"kind": "hidden word", "text": "no gap"},
        {"kind": "quiz", "lesson": "nowhere", "id": "x"},
        {"kind": "which sense", "text": "Tea.", "word": "bank"},
    ):  # fmt: skip
        with pytest.raises(RoomError):
            questions.build(draft, no_model)
    assert questions.build({"prompt": "Why?"}, no_model).takes == "words"
    asked = questions.build({"prompt": " Why? ", "options": ["a", "", " b "]}, no_model)
    assert (asked.prompt, asked.options, asked.takes) == ("Why?", ("a", "b"), "one")
    assert asked.right == ()


def test_own_questions_have_one_or_several_right_answers_or_a_scale():
    draft = {"prompt": "Which?", "options": ["a", "b", "c"]}
    one = questions.build({**draft, "right": ["b"], "note": "Since."}, no_model)
    assert (one.takes, one.right, one.answer["note"]) == ("one", (1,), "Since.")
    several = questions.build({**draft, "right": ["C", "A"]}, no_model)
    assert (several.takes, several.right) == ("several", (0, 2))
    assert several.is_right((2, 0))
    assert not several.is_right((0,))
    scale = questions.build({**draft, "scale": True}, no_model)
    assert (scale.takes, scale.right) == ("scale", ())


def test_a_set_is_written_and_read_back():
    drafts = [
        {
            "prompt": 'A "quote", \\ and é\x7f',
            "options": ["a", "b"],
            "right": ["A"],
            "scale": False,
        },
        {"kind": "hidden word", "text": "She poured the [[tea]]."},
        {"kind": "which head", "text": "Tea is hot.", "layer": 1, "head": 2},
    ]
    clean_ = [questions.checked(draft) for draft in drafts]
    assert sets.read(sets.write(clean_, "My “set”")) == clean_
    for wrong in ("", "a = ", "question = 1", "[[question]]\nprompt = 1", "x" * 300_000,
                  "[[question]]\nprompt = 'a'\n" * 99):  # fmt: skip
        with pytest.raises(RoomError):
            sets.read(wrong)


def test_a_hidden_word_of_a_set_is_the_one_between_the_marks():
    model = resources.model("minilm-mlm")
    asked = questions.build(
        {"kind": "hidden word", "text": "Her [[unhappiness]] was plain.", "note": "Look."},
        lambda: model,
    )
    assert asked.context["text"] == "Her ____ was plain."
    assert asked.answer["note"].endswith("Look.")
    encoding = model.encode("Her unhappiness was plain.")
    masks = tuple(i for i, word in enumerate(encoding.word_ids) if word == 1)
    assert questions.marked(encoding, masks) == "Her [[unhappiness]] was plain."


@pytest.mark.parametrize("lesson", [lesson.slug for lesson in catalog()])
def test_every_lesson_brings_a_set_that_can_be_asked(lesson):
    drafts = sets.read(sets.bundled(lesson))
    assert len(drafts) >= 3
    asked = [questions.build(d, lambda: resources.model("minilm-mlm")) for d in drafts]
    for one in asked:
        assert one.right or one.takes in ("words", "scale")
        assert not one.right or one.answer["note"]
    assert any(one.right for one in asked)
    # What is prepared beforehand is not what the quiz asks anyway.
    assert not {one.prompt for one in asked} & {q.prompt for q in find(lesson).quiz}


def test_the_right_answers_of_the_sets_stand_in_all_places():
    drafts = [draft for lesson in catalog() for draft in sets.read(sets.bundled(lesson.slug))]
    single = [draft["right"][0] for draft in drafts if len(draft.get("right", ())) == 1]
    assert all(single.count(letter) > len(single) / 5 for letter in "ABC")


def test_questions_are_prepared_reordered_saved_and_loaded():
    teacher, app = as_teacher()
    app.button(key="room.bundled").click().run()
    calm(app)
    before = rooms().prepared(teacher)
    assert before == sets.read(sets.bundled("masking"))
    app.button(key="room.draft_up.1").click().run()
    app.button(key="room.draft_away.2").click().run()
    assert rooms().prepared(teacher) == [before[1], before[0], *before[3:]]
    app.segmented_control(key="room.kind").set_value("Your own").run()
    app.text_input(key="room.own_prompt").set_value("Ready?").run()
    app.button(key="room.later").click().run()
    calm(app)
    saved = sets.write(rooms().prepared(teacher))
    other = rooms().open("masking", "here")  # as on a fresh server, next year
    rooms().prepare(other, sets.read(saved))
    assert rooms().prepared(other)[-1]["prompt"] == "Ready?"
    app = open_page("classroom", {room.SEAT: other})
    app.button(key="room.draft_ask.0").click().run()
    calm(app)
    assert rooms().look(other).question.asked.prompt


def test_an_exit_ticket_is_answered_one_by_one():
    teacher, app = as_teacher()
    rooms().prepare(teacher, [{"prompt": f"Number {i}?", "options": ["a", "b"]} for i in range(3)])
    app.run()
    for box in app.checkbox:
        if str(box.key).startswith("room.choose."):
            box.check()
    app.run()
    app.button(key="room.together").click().run()
    calm(app)
    ann, student = as_student(teacher)
    puts = rooms().look(ann).questions
    assert len(puts) == 3
    assert ballots(student) == [f"room.answer.{puts[0].id}.first"]
    cast(student, 1, question=puts[0].id)
    assert ballots(student) == [f"room.answer.{puts[1].id}.first"]
    student.button(key="room.way1").click().run()
    cast(student, 0, question=puts[2].id)
    assert ballots(student) == [f"room.answer.{puts[2].id}.first"]  # where one went, one stays
    app.run()
    app.button(key="room.revealed").click().run()
    calm(app)
    assert {put.phase for put in rooms().look(ann).questions} == {"revealed"}
    calm(open_page("board", query={"room": teacher.code}))


def test_a_room_for_homework_is_open_for_a_week():
    app = open_page("classroom")
    app.toggle(key="room.homework").set_value(True).run()
    app.button(key="room.open").click().run()
    calm(app)
    left = rooms().look(app.session_state[room.SEAT]).expires_at - time.time()
    assert left == pytest.approx(WEEK, abs=600)


def test_the_bar_stands_over_the_lessons_for_those_in_a_room_only():
    assert "Room **" not in words(open_page("masking"))
    teacher, app = as_teacher("masking")
    assert f"Room **{teacher.code}**" in words(app)
    rooms().ask(teacher, CHOICE)
    ann, student = as_student(teacher, "masking")
    put = rooms().look(ann).question
    cast(student, 0)
    calm(student)
    assert rooms().own_votes(ann, put.id) == {1: 0}
    app.run()
    app.button(key="room.revealed").click().run()
    assert rooms().look(ann).question.phase == "revealed"


def test_follow_me_takes_students_to_page_and_sentence():
    teacher, app = as_teacher("positions", **{"sentence.text": "Follow me there."})
    app.toggle(key=room.LEADS).set_value(True).run()
    app.run()  # the bar stands above the page, so it sees the address of the run before
    app.run()
    page, query = rooms().look(teacher).leads_to
    assert (page, query["text"]) == ("positions", ["Follow me there."])
    ann, student = as_student(teacher, "masking")
    student.run()
    assert student.session_state["sentence.text"] == "Follow me there."
    app.toggle(key=room.LEADS).set_value(False).run()
    assert rooms().look(ann).leads_to is None


def test_who_does_not_follow_stays():
    teacher = rooms().open("masking", "here")
    rooms().lead(teacher, "positions", {"text": "Follow me there."})
    _, student = as_student(teacher, "masking", **{room.FOLLOWS: False})
    student.run()
    assert student.session_state["sentence.text"] != "Follow me there."


@pytest.mark.parametrize("page", ["../../etc/passwd", "nowhere", "app"])
def test_a_teacher_can_lead_to_pages_of_the_course_only(page):
    teacher = rooms().open("masking", "here")
    rooms().lead(teacher, page, {"text": "x" * 5000})
    _, student = as_student(teacher, "masking")
    calm(student)
    assert any("Hide a word" in title.value for title in student.title)


def test_a_closed_room_is_said_and_left():
    teacher, app = as_teacher()
    _ann, student = as_student(teacher)
    rooms().ask(teacher, CHOICE)
    app.button(key="room.close").click().run()
    calm(app)
    assert rooms().look(teacher).question.phase == "revealed"
    student.run()
    assert "closed" in words(student)
    student.button(key="room.leave").click().run()
    assert student.session_state[room.SEAT] is None
    assert student.text_input(key="room.code") is not None


def test_a_room_that_is_gone_is_said_calmly():
    app = open_page("masking", {room.SEAT: Seat("ZZZZZZ", member="x")})
    calm(app)
    assert "gone" in words(app)
    app.button(key="room.gone").click().run()
    assert app.session_state[room.SEAT] is None


def test_a_database_that_does_not_answer_leaves_the_lessons_standing(monkeypatch):
    teacher, _ = as_teacher()

    def broken(*_):
        raise ConnectionError("secret-host.example refused")

    monkeypatch.setattr(Rooms, "look", broken)
    app = open_page("masking", {room.SEAT: teacher})
    assert not app.exception
    assert [x.value for x in app.error] == [room.FAILED]
    assert app.title[0].value


def test_the_picture_shows_class_and_model_side_by_side():
    asked = Asked("hidden word", "?", answer={"words": [["River", 0.6], ["sea", 0.1]]})
    tallies = {1: (("lake", 2), ("river", 1)), 2: (("River", 3),)}
    put = Put(1, 1, asked, "revealed", 3, tallies, {1: 3, 2: 3})
    data = tally_data(put)
    rows = {row["text"]: row for row in data["rows"]}
    assert rows["River"] == {
        "text": "River", "right": False, "first": 1, "second": 3, "model": 0.6,
    }  # fmt: skip
    assert rows["lake"]["model"] is None  # nothing is known of it: no probability is made up
    assert rows["sea"] == {"text": "sea", "right": False, "model": 0.1}
    assert data["totals"] == {"first": 3, "second": 3}
    chosen = tally_data(Put(1, 1, CHOICE, "revealed", 1, {1: (("this", 1), ("that", 0))}, {1: 1}))
    assert [(r["text"], r["first"], r["right"]) for r in chosen["rows"]] == [
        ("this", 1, False),
        ("that", 0, True),
    ]


def test_the_model_is_asked_about_the_words_that_the_class_wrote():
    model = resources.model("minilm-mlm")
    encoding = model.encode("Tea is a hot drink.")
    asked = questions.hidden_word(model, encoding, (4,))
    told = {word for word, _ in asked.answer["words"]}
    unlikely = next(w for w in ("popular", "green", "common", "stone") if w not in told)
    found = by_model(asked, [unlikely, unlikely.upper(), "unhappinesses"])
    gap = model.token_probabilities(model.masked(encoding, [4]), [4])[0]
    assert found[unlikely] == found[unlikely.upper()] == pytest.approx(gap[model.word_id(unlikely)])
    assert 0 < found[unlikely] < min(p for _, p in asked.answer["words"])
    assert found["unhappinesses"] is None


def test_written_answers_are_shown_as_they_were_written_all_of_them():
    asked = Asked("own", "Why?")
    tally = tuple((f"Answer “{i}”.", 1) for i in range(30))
    data = tally_data(Put(1, 1, asked, "revealed", 30, {1: tally}, {1: 30}))
    assert sorted(row["text"] for row in data["rows"]) == sorted(label for label, _ in tally)


def test_written_answers_of_like_meaning_stand_together_and_none_is_lost():
    written = (
        "Attention has no idea of the order of words.", "I was hungry.",
        "The order of the words is unknown to attention.", "Bananas are yellow.", "¯\\_(ツ)_/¯",
    )  # fmt: skip
    groups = alike(written)
    assert (written[0], written[2]) in groups
    assert sorted(answer for group in groups for answer in group) == sorted(written)
    tally = tuple((answer, 1) for answer in written)
    data = tally_data(Put(1, 1, Asked("own", "Why?"), "revealed", 5, {1: tally}, {1: 5}))
    texts = [row["text"] for row in data["rows"]]
    assert sorted(texts) == sorted(written)
    assert texts[:2] == [written[0], written[2]]
    assert [row.get("heading") for row in data["rows"][:3]] == [
        "2 of like meaning", None, "Like no other",
    ]  # fmt: skip


def test_an_answer_that_cannot_count_is_said_and_the_next_counts():
    teacher = rooms().open("masking", "here")
    ann, app = as_student(teacher)
    rooms().ask(teacher, CHOICE)
    put = rooms().look(ann).question
    rooms().move(teacher, put.id, "discuss")
    cast(app, 1, 1, number=5)
    reply = app.session_state["room.reply"]
    assert (reply["number"], "over before" in reply["refused"]) == (5, True)
    assert "No answer of yours arrived" in shown(app)
    rooms().move(teacher, put.id, "second")
    cast(app, 1, 2, number=6)
    assert app.session_state["room.reply"]["refused"] == ""
    assert rooms().own_votes(ann, put.id) == {2: 1}


@pytest.mark.parametrize("answer", [None, {}, [[]], "x", 99, -1, True, [0, "a"]])
def test_a_browser_may_send_anything_as_an_answer(answer):
    teacher = rooms().open("masking", "here")
    ann, app = as_student(teacher)
    rooms().ask(teacher, CHOICE)
    calm(cast(app, answer))
    assert rooms().own_votes(ann, rooms().look(ann).question.id) == {}


def test_a_link_to_another_room_goes_before_the_seat():
    one, other = rooms().open("masking", "here"), rooms().open("masking", "here")
    _, app = as_student(one)
    follow(app, "classroom", room=other.code)
    calm(app)
    assert app.session_state[room.SEAT] is None
    assert app.text_input(key="room.code").value == other.code
    assert "room.open" not in [button.key for button in app.button]  # a scanned code is joined
    # What the window remembers of the room before does not bring it back.
    app.session_state["room_memory"] = {}
    app.button(key="room.join_button").click().run()
    assert app.session_state[room.SEAT].code == other.code


def test_a_seat_that_the_window_remembers_is_taken_once_and_for_this_visit_only():
    teacher = rooms().open("masking", "here")
    ann = rooms().join(teacher.code, "there")
    seat = {"code": ann.code, "key": "", "member": ann.member}

    def browser() -> None:
        import streamlit as st

        from pages.ui import room

        st.session_state["room_memory"] = {"found": st.session_state["test.found"]}
        room._found()

    def hears(to, **session):
        app = AppTest.from_function(browser)
        app.session_state["room.visit"] = "this"
        app.session_state["test.found"] = {"to": to, "seat": seat, "members": {"A": "x"}}
        for key, value in session.items():
            app.session_state[key.replace("__", ".")] = value
        app.run()
        assert not app.exception
        return app.session_state.get(room.SEAT, None)

    assert hears("this") == ann
    assert hears("a visit before") is None  # said to a server that is gone
    assert hears("this", room__asked="ZZZZZZ") is None  # a link leads elsewhere
    assert hears("this", room__asked=ann.code) == ann
    rooms().remove(teacher, rooms().pupils(teacher)[0].id)
    assert hears("this") is None


def test_leave_leaves_on_every_page():
    teacher = rooms().open("masking", "here")
    for slug in ("classroom", "masking"):
        _, app = as_student(teacher, slug)
        app.button(key="room.leave").click().run()
        calm(app)
        assert app.session_state[room.SEAT] is None
        assert teacher.code not in words(app)


def test_a_part_that_runs_alone_does_not_hold_a_seat_that_was_left(monkeypatch):
    def part() -> None:
        import streamlit as st

        from pages.rooms.board import Seat
        from pages.ui import room

        st.session_state["runs"] = st.session_state.get("runs", 0) + 1
        if st.session_state["runs"] < 2:
            st.session_state[room.SEAT] = None
            room.look(Seat("AAAAAA", member="x"))

    app = AppTest.from_function(part).run()
    assert not app.exception
    assert app.session_state["runs"] == 2  # the whole page was drawn anew


def test_follow_me_is_switched_off_at_the_panel_and_known_after_a_reload():
    teacher, app = as_teacher("positions")
    app.toggle(key=room.LEADS).set_value(True).run()
    app.run()
    assert rooms().look(teacher).leads_to
    panel = open_page("classroom", {room.SEAT: teacher})  # as after a reload
    assert panel.toggle(key=room.LEADS).value
    panel.toggle(key=room.LEADS).set_value(False).run()
    assert not rooms().look(teacher).leads
    _, late = as_student(teacher, "masking")
    late.run()
    assert any("Hide a word" in title.value for title in late.title)
    assert not open_page("classroom", {room.SEAT: teacher}).toggle(key=room.LEADS).value


def test_a_student_on_the_same_page_follows_the_teachers_slider():
    teacher = rooms().open("masking", "here")
    _, student = as_student(teacher, "encoder_layer")
    slider = next(x for x in student.slider if x.key.startswith("encoder_layer."))
    goal = slider.max if slider.value != slider.max else slider.min
    rooms().lead(teacher, "encoder_layer", {slider.key: [str(int(goal))]})
    student.run()
    calm(student)
    assert student.slider(key=slider.key).value == goal
    assert student.session_state["room.led_to"][1] == {slider.key: [str(int(goal))]}


def test_nothing_leads_a_student_to_the_answer_of_an_open_question():
    teacher = rooms().open("masking", "here")
    ann, app = as_student(teacher)
    assert "Meanwhile" in words(app)
    rooms().ask(teacher, CHOICE)
    app.run()
    assert "Meanwhile" not in words(app)
    rooms().move(teacher, rooms().look(ann).question.id, "revealed")
    assert "Meanwhile" in words(app.run())


def test_the_board_shows_no_more_than_the_students_may_see():
    teacher, _ = as_teacher()
    gap = Asked(
        "hidden word", "Which word?", context={"text": "Tea is ____."},
        answer={"words": [["hot", 0.6]], "note": "The sentence had “hot”."},
    )  # fmt: skip
    board = open_page("board", query={"room": teacher.code.lower()})
    calm(board)
    assert teacher.code in shown(board)
    assert teacher.key not in shown(board) + words(board)
    rooms().ask(teacher, gap)
    ann = rooms().join(teacher.code, "there", "Quirin")
    rooms().vote(ann, rooms().look(ann).question.id, "tepid", 1)
    board.run()
    assert "Which word?" in shown(board)
    assert "1 of 1 answered" in shown(board)
    said = re.sub(r"<style>.*?</style>", "", shown(board), flags=re.S) + words(board)
    for secret in ("hot", "tepid", "Quirin"):
        assert secret not in said
    rooms().move(teacher, rooms().look(ann).question.id, "revealed")
    assert "The sentence had" in shown(board.run())
    assert "room" in board.query_params  # a reload finds the room again


def sends(seat, page, search):
    """What a student's window sent for the board, taken in; returns what is said back."""

    def browser() -> None:
        import streamlit as st

        from pages.ui import room, room_views

        st.session_state["room.send"] = {"view": st.session_state["test.sent"]}
        room_views._sent(room.seat())

    app = AppTest.from_function(browser)
    app.session_state[room.SEAT] = seat
    app.session_state["address.place"] = page
    app.session_state["test.sent"] = {"search": search, "number": 3}
    app.run()
    assert not app.exception
    return app.session_state["room.sent"]


def test_what_a_student_sees_comes_to_the_board_when_the_teacher_puts_it_up():
    teacher, app = as_teacher()
    ann = rooms().join(teacher.code, "there", "Ann <i>")
    search = "?text=Tea+is+hot.&attention.layer=4&attention.head=7&present=1&room=ABCDEF&key=secret"
    search += "&into=x&icon=x&page=x&label=x&board=ZZZZZZ"  # a browser may send anything
    reply = sends(ann, "attention", search)
    assert reply == {"number": 3, "said": "Sent to your teacher"}
    app.run()
    calm(app)
    for said in ("Ann", "Who looks at whom", "Tea is hot", "layer 4", "head 7"):
        assert said in words(app)
    board = open_page("board", query={"room": teacher.code})
    (view,) = rooms().views(teacher)
    assert sorted(view.query) == ["attention.head", "attention.layer", "text"]
    app.button(key=f"room.view_up.{view.id}").click().run()
    calm(app)
    board.run()
    calm(board)
    assert board.session_state["address.place"] == "attention"
    assert board.slider(key="attention.layer").value == 4
    assert board.slider(key="attention.head").value == 7
    assert board.text_input(key="sentence.text").value == "Tea is hot."
    assert board.session_state["present"] == 1
    assert "Ann" not in shown(board) + words(board)
    again = open_page("attention", query=dict(board.query_params))  # as after a reload
    for wall in (board, again):
        assert teacher.code in shown(wall)
    app.button(key=f"room.view_up.{view.id}").click().run()
    assert rooms().views(teacher) == []
    for wall in (board, again):
        calm(wall.run())
        assert wall.session_state["address.place"] == "board"
        assert wall.session_state.get("present", 0) == 0
        assert "Join the room" in shown(wall.run())


@pytest.mark.parametrize("slug", ["masking", "attention_explorer", "home"])
def test_a_student_can_send_every_page_that_shows_something(slug):
    teacher = rooms().open("masking", "here")
    _, app = as_student(teacher, slug)
    calm(app)
    assert "room_send" in [name for _, name, _ in elements(app)]
    seat = app.session_state[room.SEAT]
    sends(seat, slug, "")
    (view,) = rooms().views(teacher)
    rooms().put_up(teacher, view.id)
    board = open_page("board", query={"room": teacher.code}).run()
    calm(board)
    assert board.session_state["address.place"] == slug


def test_what_is_too_long_for_a_link_is_not_sent():
    teacher = rooms().open("masking", "here")
    ann = rooms().join(teacher.code, "there")
    assert "too long" in sends(ann, "masking", "?text=" + "x" * 7000)["said"]
    assert rooms().views(teacher) == []


def test_the_keys_of_a_presenter_take_each_step_once_and_back():
    teacher = rooms().open("masking", "here")
    ann = rooms().join(teacher.code, "there")

    def phase():
        return rooms().look(ann).question.phase

    def press(key):
        before = room.stands(rooms().look(ann))  # as the board knows it
        for _ in range(2):  # in two of the teacher's windows
            room.press(teacher, key, before)

    rooms().ask(teacher, CHOICE)
    press("back")
    assert phase() == "first"  # a question is not lost by a key
    for key, then in (
        ("next", "discuss"), ("back", "first"), ("next", "discuss"), ("next", "second"),
        ("next", "revealed"), ("next", "revealed"), ("back", "second"),
    ):  # fmt: skip
        press(key)
        assert phase() == then
    press("pause")
    assert rooms().look(ann).paused
    press("pause")
    assert not rooms().look(ann).paused
    for nonsense in (None, 7, [], "end"):
        press(nonsense)
        room.press(teacher, "next", nonsense)
    assert phase() == "second"


def test_the_next_step_is_the_one_that_is_advised():
    teacher = rooms().open("masking", "here")
    ann = rooms().join(teacher.code, "there")
    rooms().ask(teacher, CHOICE)
    assert room.next_phase(rooms().look(teacher)) == "discuss"
    rooms().vote(ann, rooms().look(ann).question.id, 1, 1)
    assert room.next_phase(rooms().look(teacher)) == "revealed"  # all are right
    rooms().ask(teacher, CHOICE, CHOICE)
    assert room.next_phase(rooms().look(teacher)) == "revealed"  # several are answered once


def test_the_address_of_a_room_is_right_wherever_the_teacher_came_in(monkeypatch):
    monkeypatch.setattr(qr, "lan_address", lambda: "10.0.0.5")
    app = follow(open_page("masking"), "classroom")
    app.button(key="room.open").click().run()
    code = app.session_state[room.SEAT].code
    (link,) = [x.value for x in app.get("code")]
    assert link.startswith(f"http://10.0.0.5:8501/classroom?room={code}&key=")


def test_letters_on_the_board_are_the_smaller_the_more_there_is_to_read():
    short = Asked("own", "Why?", options=("yes", "no"))
    usual = Asked("own", "Why? " * 12, options=("An answer of usual length. " * 2,) * 4)
    full = Asked("own", "Why? " * 60, options=("An answer that is very long. " * 5,) * 8)
    for phase in ("first", "revealed"):
        sizes = [fit(Put(1, 1, asked, phase, 0, {})) for asked in (short, usual, full)]
        assert sizes == sorted(sizes, reverse=True)
        assert len(set(sizes)) == 3
        assert min(sizes) >= 0.5


def test_a_board_of_no_room_says_so_and_one_without_a_code_asks_for_it():
    app = open_page("board", query={"room": "ZZZZZZ"})
    calm(app)
    assert "no room" in words(app)
    app = open_page("board")
    calm(app)
    assert app.text_input(key="board.typed").value == ""


def test_the_panel_takes_steps_back_asks_again_pauses_and_times():
    teacher, app = as_teacher()
    rooms().ask(teacher, CHOICE)
    ann, student = as_student(teacher)
    app.run()
    app.button(key="room.timer.30 s").click().run()
    assert rooms().look(ann).question.ends_at
    app.button(key="room.discuss").click().run()
    app.button(key="room.undo").click().run()
    assert rooms().look(ann).question.phase == "first"
    app.button(key="room.pause").click().run()
    student.run()
    assert "Look up" in shown(student)
    assert ballots(student) == []
    app.button(key="room.pause").click().run()
    assert ballots(student.run())
    app.button(key="room.revealed").click().run()
    app.button(key=f"room.again.{rooms().look(ann).question.id}").click().run()
    calm(app)
    assert rooms().look(ann).question.number == 2


@pytest.mark.parametrize(
    ("right", "of", "phase", "advice", "next_"),
    [
        (1, 5, "first", "explain", "revealed"),
        (7, 20, "first", "talk", "discuss"),
        (7, 10, "first", "talk", "discuss"),
        (8, 10, "first", "go on", "revealed"),
        (8, 10, "second", "Before they talked: 50%", "revealed"),
    ],
)
def test_the_share_of_right_answers_says_what_to_do_next(right, of, phase, advice, next_):
    second = phase == "second"
    put = Put(
        1, 1, CHOICE, phase, of, {}, {1: 10, 2: of} if second else {1: of},
        {1: 5, 2: right} if second else {1: right},
    )  # fmt: skip
    assert room.hint(put)[0] == next_
    assert f"{right / of:.0%} right" in room.hint(put)[1]
    assert advice in room.hint(put)[1]


def test_only_the_panel_knows_who_is_right():
    teacher, app = as_teacher()
    rooms().ask(teacher, CHOICE)
    seats = [rooms().join(teacher.code, "there", name) for name in ("Quirin <i>", "Zelda")]
    for seat, answer in zip(seats, (1, 0), strict=True):
        rooms().vote(seat, rooms().look(seat).question.id, answer, 1)
    app.run()
    calm(app)
    assert "Quirin &lt;i&gt;" in shown(app)
    assert "50% right" in words(app)
    _, student = as_student(teacher)
    board = open_page("board", query={"room": teacher.code})
    for other in (student, board):
        assert "Zelda" not in shown(other) + words(other)
        assert "% right" not in shown(other) + words(other)
    app.button(key=f"room.remove.{rooms().pupils(teacher)[0].id}").click().run()
    assert "Quirin" not in shown(app)


def test_a_student_sees_and_changes_the_own_name():
    teacher = rooms().open("masking", "here")
    ann, app = as_student(teacher)
    app.text_input(key="room.new_name").set_value("Ann" + "x" * 100)
    app.button(key="room.rename_button").click().run()
    calm(app)
    assert rooms().name(ann) == "Ann" + "x" * 21


def test_another_secret_link_keeps_this_window_and_ends_the_others():
    teacher, app = as_teacher()
    other = open_page("classroom", {room.SEAT: teacher})
    app.button(key="room.rotate").click().run()
    calm(app)
    new = app.session_state[room.SEAT]
    assert new.key != teacher.key
    assert rooms().returns(new)
    other.run()
    calm(other)
    assert "replaced" in words(other)


def test_a_pasted_code_and_a_long_name_are_taken():
    teacher = rooms().open("masking", "here")
    app = open_page("classroom")
    app.text_input(key="room.code").set_value(f"{teacher.code[:3]} {teacher.code[3:].lower()}")
    app.text_input(key="room.name").set_value("A name that is longer than twenty-four letters")
    app.button(key="room.join_button").click().run()
    calm(app)
    assert rooms().name(app.session_state[room.SEAT]) == "A name that is longer th"


@pytest.mark.parametrize("text", [":smile:", ":red[x]", "*a* _b_ `c` $d$", "[a](b)", "12:30:45"])
def test_what_somebody_typed_is_no_markdown(text):
    app = AppTest.from_string(f"import streamlit as st\nst.markdown({as_plain(text)!r})").run()
    shown_ = app.markdown[0].value
    assert shown_.replace("\\", "") == text
    for sign in ("smile:", "red[", "*a", "_b", "`c", "$d", "](b"):
        if sign in text:
            assert "\\" in shown_[: shown_.index(sign) + 1]


def test_a_quiz_question_has_one_order_of_answers_for_the_whole_room():
    lesson = find("masking")
    for question in lesson.quiz:
        asked = questions.quiz_question(lesson, question.id)
        assert asked == questions.quiz_question(lesson, question.id)
        right = next(answer for answer in question.answers if answer.correct)
        assert asked.options[asked.answer["option"]] == right.text
        assert asked.answer["note"] == right.feedback


@pytest.mark.parametrize("slug", ["masking", "tokenization"])
def test_the_whole_text_of_a_lesson_can_be_read_in_a_row(slug):
    lesson = find(slug)
    query = {"lesson": lesson.slug, "worksheet.kind": "The lesson's text"}
    app = open_page("worksheet", query=query)
    said = "\n".join(text.value for text in app.markdown)
    assert all(body in said for body in lesson.sections.values())
    assert [heading.value for heading in app.subheader] == [*lesson.titles.values(), "Sources"]


def test_a_worksheet_has_questions_and_answers_on_demand():
    app = open_page("worksheet")
    app.selectbox(key="worksheet.lesson").set_value("masking").run()
    calm(app)
    assert any(header.value == "Hide a word, guess a word" for header in app.header)
    assert not any(header.value == "Answers" for header in app.header)
    app.toggle(key="worksheet.answers").set_value(True).run()
    assert any(header.value == "Answers" for header in app.header)


def test_a_long_word_of_several_pieces_is_asked_as_one_gap():
    model = resources.model("minilm-mlm")
    encoding = model.encode("Her unhappiness was plain.")
    pieces = tuple(i for i, word in enumerate(encoding.word_ids) if word == 1)
    asked = questions.hidden_word(model, encoding, pieces)
    assert asked.context["text"] == "Her ____ was plain."
    assert f"{len(pieces)} masks" in asked.answer["note"]


@pytest.mark.parametrize(
    ("url", "proxy", "address", "warned"),
    [
        ("http://localhost:8501/masking", "", "http://10.0.0.5:8501/classroom?room=AB2CD3", True),
        ("http://localhost/masking", "1", "http://localhost/classroom?room=AB2CD3", True),
        ("https://bert.example/masking", "1", "https://bert.example/classroom?room=AB2CD3", False),
        ("http://[fd00::7]:80/a/masking", "", "http://[fd00::7]:80/a/classroom?room=AB2CD3", False),
    ],
)
def test_the_address_of_a_room_is_one_that_students_can_reach(
    monkeypatch, url, proxy, address, warned
):
    monkeypatch.setenv("INSIDE_BERT_BEHIND_PROXY", proxy)
    monkeypatch.setattr(qr, "lan_address", lambda: "10.0.0.5")
    monkeypatch.setattr(qr.address, "url", lambda: url)
    found, warning = qr.address_of("AB2CD3")
    assert found == address
    assert bool(warning) == warned
