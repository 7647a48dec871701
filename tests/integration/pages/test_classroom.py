"""The class room's page and the bar over the others, without a browser."""

from types import SimpleNamespace

import pytest

from lessons.catalog import find
from pages.rooms.board import Asked, Put, RoomError, Seat
from pages.rooms.rooms import Rooms, rooms
from pages.ui import qr, room
from pages.ui.room_question import tally_data
from pages.ui.sentence import resources
from pages.views.classroom import questions
from tests.opening import calm, open_page

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
    assert rooms().names(teacher) == ["Ann <b>"]
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
    assert "1. Which?" in words(board)
    assert not board.toggle(key="room.prepare").value  # what comes next is put away

    ann, app = as_student(teacher)
    put = rooms().look(ann).question
    app.radio(key=f"room.answer.{put.id}.first").set_value(1).run()
    calm(app)
    assert "Sent: that" in words(app)
    assert rooms().own_votes(ann, put.id) == {1: 1}
    board.run()
    assert "1 answered, voting" in words(board)

    board.button(key="room.discuss").click().run()
    app.run()
    assert "Talk with your neighbor" in words(app)
    board.button(key="room.second").click().run()
    app.run()
    app.radio(key=f"room.answer.{put.id}.second").set_value(0).run()
    board.button(key="room.revealed").click().run()
    app.run()
    calm(app)
    assert "Your answer: **this**" in words(app)
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


def test_own_questions_need_a_question_and_two_answers_or_none():
    many = "\n".join(map(str, range(9)))
    for prompt, options in (("", ""), ("Why?", "one"), ("Why?", "same\nsame"), ("Why?", many)):
        with pytest.raises(RoomError):
            questions.own_question(prompt, options)
    assert questions.own_question("Why?", "").options == ()
    assert questions.own_question(" Why? ", "a\n\n b ").options == ("a", "b")


def test_the_bar_stands_over_the_lessons_for_those_in_a_room_only():
    assert "Room **" not in words(open_page("masking"))
    teacher, app = as_teacher("masking")
    assert f"Room **{teacher.code}**" in words(app)
    rooms().ask(teacher, CHOICE)
    ann, student = as_student(teacher, "masking")
    put = rooms().look(ann).question
    student.radio(key=f"room.answer.{put.id}.first").set_value(0).run()
    calm(student)
    assert rooms().own_votes(ann, put.id) == {1: 0}
    app.run()
    app.button(key="room.revealed").click().run()
    assert rooms().look(ann).question.phase == "revealed"


def test_follow_me_takes_students_to_page_and_sentence():
    teacher, app = as_teacher("positions", **{"sentence.text": "Follow me there."})
    app.toggle(key=room.LEADS).set_value(True).run()
    app.run()  # the bar stands above the page, so it sees the address of the run before
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
    app.button(key="room.close").click().run()
    calm(app)
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
    put = Put(1, 1, asked, "revealed", 3, {1: (("lake", 2), ("river", 1)), 2: (("river", 3),)})
    data = tally_data(put)
    rows = {row["text"]: row for row in data["rows"]}
    assert rows["river"] == {
        "text": "river", "right": False, "first": 1, "second": 3, "model": 0.6,
    }  # fmt: skip
    assert rows["lake"]["model"] == 0.0
    assert rows["sea"] == {"text": "sea", "right": False, "model": 0.1}
    assert data["totals"] == {"first": 3, "second": 3}
    chosen = tally_data(Put(1, 1, CHOICE, "revealed", 1, {1: (("this", 1), ("that", 0))}))
    assert [(r["text"], r["first"], r["right"]) for r in chosen["rows"]] == [
        ("this", 1, False),
        ("that", 0, True),
    ]


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
    monkeypatch.setattr(qr.st, "context", SimpleNamespace(url=url))
    found, warning = qr.address_of("AB2CD3")
    assert found == address
    assert bool(warning) == warned
