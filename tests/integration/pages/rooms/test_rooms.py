"""Rooms without any page: who may do what, and what is kept."""

import csv
import io
import threading
from dataclasses import replace

import pytest
from sqlalchemy import text

from pages.rooms import rooms as module
from pages.rooms.board import Asked, NoSuchRoom, RoomError, Seat, clean, plain
from pages.rooms.limits import Allowance
from pages.rooms.rooms import KEPT, LIFE, Limits, Rooms

CHOICE = Asked("own", "Which?", options=("this", "that"), answer={"option": 1, "note": "Since."})
WORDS = Asked("hidden word", "Which word?", answer={"words": [["river", 0.6], ["sea", 0.1]]})


@pytest.fixture
def teacher(rooms):
    return rooms.open("masking", "here")


def student(rooms, teacher, name=""):
    return rooms.join(teacher.code, "there", name)


def question(rooms, teacher, asked=CHOICE):
    rooms.ask(teacher, asked)
    return rooms.look(teacher).question.id


def test_a_student_joins_by_code_in_any_case_and_is_counted(rooms, teacher):
    ann = rooms.join(f" {teacher.code.lower()} ", "there", "Ann")
    student(rooms, teacher)
    board = rooms.look(ann)
    assert (board.code, board.lesson) == (teacher.code, "masking")
    assert (board.members, board.here) == (2, 2)
    assert rooms.names(teacher) == ["Ann"]


def test_whoever_comes_back_is_the_same_member(rooms, teacher):
    ann = student(rooms, teacher, "Ann")
    again = rooms.join(teacher.code, "elsewhere", "", ann.member)
    assert again == ann
    assert rooms.look(teacher).members == 1
    assert rooms.names(teacher) == ["Ann"]


def test_who_was_not_seen_for_a_minute_is_not_here(rooms, teacher, clock):
    ann, ben = student(rooms, teacher), student(rooms, teacher)
    clock.now += 61
    assert rooms.look(teacher).here == 0
    rooms.seen(ben)
    assert rooms.look(teacher).here == 1
    assert rooms.look(ann).members == 2


def test_votes_and_answer_stay_hidden_until_they_are_revealed(rooms, teacher):
    ann, ben = student(rooms, teacher), student(rooms, teacher)
    id_ = question(rooms, teacher)
    rooms.vote(ann, id_, 0)
    rooms.vote(ben, id_, 1)
    for phase in ("first", "discuss", "second"):
        if phase != "first":
            rooms.move(teacher, id_, phase)
        seen = rooms.look(ben).question
        assert seen.phase == phase
        assert seen.tallies == {}
        assert seen.asked.answer == {}
        assert rooms.look(replace(teacher, key="wrong")).question.tallies == {}
        assert rooms.look(teacher).question.tallies[1] == (("this", 1), ("that", 1))
    rooms.vote(ann, id_, 1)
    rooms.move(teacher, id_, "revealed")
    seen = rooms.look(ben).question
    assert seen.tallies == {1: (("this", 1), ("that", 1)), 2: (("this", 0), ("that", 1))}
    assert seen.asked.answer["option"] == 1


def test_a_vote_can_be_changed_while_it_is_open_and_counts_once(rooms, teacher):
    ann = student(rooms, teacher)
    id_ = question(rooms, teacher)
    rooms.vote(ann, id_, 0)
    rooms.vote(ann, id_, 1)
    assert rooms.look(teacher).question.voted == 1
    assert rooms.own_votes(ann, id_) == {1: 1}
    rooms.move(teacher, id_, "discuss")
    with pytest.raises(RoomError, match="over"):
        rooms.vote(ann, id_, 0)
    rooms.move(teacher, id_, "second")
    rooms.vote(ann, id_, 0)
    assert rooms.own_votes(ann, id_) == {1: 1, 2: 0}


@pytest.mark.parametrize("answer", [-1, 2, "this", 1.5])
def test_only_the_offered_answers_count(rooms, teacher, answer):
    ann = student(rooms, teacher)
    with pytest.raises(RoomError, match="Choose"):
        rooms.vote(ann, question(rooms, teacher), answer)
    assert rooms.look(teacher).question.voted == 0


def test_written_answers_are_cleaned_and_counted_together(rooms, teacher):
    seats = [student(rooms, teacher) for _ in range(4)]
    id_ = question(rooms, teacher, WORDS)
    for seat, said in zip(seats, ["River", " river. ", "the\x00sea" + "!" * 900], strict=False):
        rooms.vote(seat, id_, said)
    with pytest.raises(RoomError, match="Write"):
        rooms.vote(seats[3], id_, " \u202e … \n".replace("…", "."))
    tally = dict(rooms.look(teacher).question.tallies[1])
    assert tally == {"river": 2, "the sea": 1}


def test_a_written_answer_can_be_taken_off_the_board(rooms, teacher):
    ann, ben = student(rooms, teacher), student(rooms, teacher)
    id_ = question(rooms, teacher, WORDS)
    rooms.vote(ann, id_, "rude")
    rooms.vote(ben, id_, "river")
    rooms.hide(teacher, id_, "rude")
    assert dict(rooms.look(teacher).question.tallies[1]) == {"river": 1}
    with pytest.raises(RoomError):
        rooms.hide(ann, id_, "river")


def test_nobody_but_the_teacher_can_steer_or_see_names(rooms, teacher):
    ann = student(rooms, teacher, "Ann")
    other = rooms.open("masking", "here")
    id_ = question(rooms, teacher)
    for seat in (
        ann,
        replace(other, code=teacher.code),
        Seat(teacher.code),
        Seat(teacher.code, "x"),
    ):
        for act in (
            lambda seat=seat: rooms.ask(seat, CHOICE),
            lambda seat=seat: rooms.move(seat, id_, "revealed"),
            lambda seat=seat: rooms.lead(seat, "attention"),
            lambda seat=seat: rooms.close(seat),
            lambda seat=seat: rooms.names(seat),
            lambda seat=seat: rooms.results(seat),
        ):
            with pytest.raises(RoomError, match="teacher"):
                act()
    assert rooms.look(teacher).question.phase == "first"


def test_a_member_of_one_room_cannot_vote_in_another(rooms, teacher):
    other = rooms.open("masking", "here")
    stranger = student(rooms, other)
    with pytest.raises(RoomError, match="another room"):
        rooms.vote(stranger, question(rooms, teacher), 0)
    with pytest.raises(RoomError, match="another room"):
        rooms.vote(Seat(teacher.code, member="made up"), question(rooms, teacher), 0)


def test_a_phase_never_goes_back_and_a_new_question_ends_the_old(rooms, teacher):
    first = question(rooms, teacher)
    rooms.move(teacher, first, "revealed")
    rooms.move(teacher, first, "second")
    assert rooms.look(teacher).question.phase == "revealed"
    second = question(rooms, teacher, WORDS)
    assert rooms.look(teacher).question.number == 2
    with pytest.raises(RoomError, match="Another question"):
        rooms.move(teacher, first, "second")
    assert second != first


def test_follow_me_is_on_the_board_until_it_is_let_go(rooms, teacher):
    ann = student(rooms, teacher)
    rooms.lead(teacher, "attention", {"text": "Hello there."})
    assert rooms.look(ann).leads_to == ("attention", {"text": "Hello there."})
    rooms.lead(teacher, None)
    assert rooms.look(ann).leads_to is None


def test_rooms_close_by_themselves_and_are_deleted_with_all_in_them(rooms, teacher, clock):
    ann = student(rooms, teacher, "Ann")
    rooms.vote(ann, question(rooms, teacher), 0)
    clock.now += LIFE - 1
    assert not rooms.look(teacher).closed
    clock.now += 2
    assert rooms.look(teacher).closed
    with pytest.raises(NoSuchRoom):
        student(rooms, teacher)
    with pytest.raises(RoomError, match="closed"):
        rooms.ask(teacher, CHOICE)
    assert "Ann" in rooms.results(teacher)  # the results outlive the room for some days
    assert rooms.returns(teacher)
    assert not rooms.returns(ann)
    clock.now += KEPT
    rooms.open("masking", "somebody else")
    with pytest.raises(NoSuchRoom):
        rooms.look(teacher)
    with rooms.engine.connect() as connection:
        for table in ("member", "question", "vote"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_what_the_teacher_does_keeps_the_room_open(rooms, teacher, clock):
    clock.now += LIFE - 1
    question(rooms, teacher)
    clock.now += LIFE - 1
    assert not rooms.look(teacher).closed
    rooms.close(teacher)
    assert rooms.look(teacher).closed


def test_results_name_question_round_and_answer_and_start_no_formula(rooms, teacher):
    ann = student(rooms, teacher, "=HYPERLINK(1)")
    id_ = question(rooms, teacher)
    rooms.vote(ann, id_, 0)
    rooms.move(teacher, id_, "second")
    rooms.vote(ann, id_, 1)
    rows = list(csv.DictReader(io.StringIO(rooms.results(teacher))))
    assert [(r["question"], r["round"], r["answer"], r["correct"]) for r in rows] == [
        ("1", "1", "this", "no"),
        ("1", "2", "that", "yes"),
    ]
    assert rows[0]["name"] == "'=HYPERLINK(1)"


def test_another_process_sees_the_same_rooms(rooms, teacher, address, clock):
    ann = student(rooms, teacher, "Ann")
    rooms.vote(ann, question(rooms, teacher), 1)
    rooms.lead(teacher, "positions", {"text": "One two"})
    rooms.engine.dispose()
    restarted = Rooms(address, clock=clock)
    assert restarted.returns(teacher)
    assert restarted.returns(ann)
    assert not restarted.returns(replace(teacher, key="other"))
    board = restarted.look(teacher)
    assert board.question.tallies[1] == (("this", 0), ("that", 1))
    assert board.leads_to == ("positions", {"text": "One two"})
    assert restarted.own_votes(ann, board.question.id) == {1: 1}
    restarted.engine.dispose()


def test_two_hundred_students_vote_at_once(rooms, teacher):
    seats = [student(rooms, teacher, f"s{i}") for i in range(200)]
    id_ = question(rooms, teacher)
    failed = []

    def vote(part):
        for i in part:
            try:
                rooms.vote(seats[i], id_, i % 2)
            except Exception as error:
                failed.append(error)

    threads = [threading.Thread(target=vote, args=(range(k, 200, 8),)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert rooms.look(teacher).question.tallies[1] == (("this", 100), ("that", 100))
    assert rooms.look(teacher).here == 200


def test_limits_hold(address, clock):
    limits = Limits(
        opens=Allowance(2, 60), misses=Allowance(3, 60), votes=Allowance(2, 60), rooms=3
    )
    rooms = Rooms(address, limits, clock)
    teacher = rooms.open("masking", "a")
    rooms.open("masking", "a")
    with pytest.raises(RoomError, match="many rooms"):
        rooms.open("masking", "a")
    rooms.open("masking", "b")
    with pytest.raises(RoomError, match="taken"):
        rooms.open("masking", "c")
    for _ in range(3):
        with pytest.raises(NoSuchRoom):
            rooms.join("000000", "guesser")
    with pytest.raises(RoomError, match="wrong codes"):
        rooms.join("000000", "guesser")
    ann = rooms.join(teacher.code, "guesser")  # the right code still works
    rooms.ask(teacher, CHOICE)
    id_ = rooms.look(teacher).question.id
    rooms.vote(ann, id_, 0)
    rooms.vote(ann, id_, 1)
    with pytest.raises(RoomError, match="fast"):
        rooms.vote(ann, id_, 0)
    rooms.engine.dispose()


def test_a_room_takes_only_so_many(rooms, teacher, monkeypatch):
    monkeypatch.setattr(module, "MOST_MEMBERS", 2)
    monkeypatch.setattr(module, "MOST_QUESTIONS", 1)
    student(rooms, teacher), student(rooms, teacher)
    with pytest.raises(RoomError, match="full"):
        student(rooms, teacher)
    question(rooms, teacher)
    with pytest.raises(RoomError, match="open another"):
        question(rooms, teacher)


def test_secrets_are_not_in_the_database(rooms, teacher):
    ann = student(rooms, teacher)
    with rooms.engine.connect() as connection:
        kept = [
            str(value)
            for table in ("room", "member")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
            for value in row
        ]
    assert teacher.code in kept
    assert teacher.key not in kept
    assert ann.member not in kept


def test_allowance_counts_by_name_and_forgets_with_time():
    now = [0.0]
    allowance = Allowance(2, 10, clock=lambda: now[0])
    assert [allowance.take("a") for _ in range(3)] == [True, True, False]
    assert allowance.take("b")
    now[0] = 10
    assert allowance.take("a")


def test_names_are_one_printable_line():
    assert clean("a\x00b\n\tc\u202ed  e", 24) == "a b c d e"
    assert clean("x" * 100, 24) == "x" * 24
    assert clean("👩\u200d🏫 Ann", 24) == "👩\u200d🏫 Ann"
    assert plain("“River!”") == plain(" river ")
