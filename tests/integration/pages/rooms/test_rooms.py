"""Rooms without any page: who may do what, and what is kept."""

import csv
import io
import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import text

from pages.rooms import rooms as module
from pages.rooms.board import LIFE, WEEK, Asked, NoSuchRoom, RoomError, Seat, clean, code_of, plain
from pages.rooms.limits import Allowance
from pages.rooms.rooms import KEPT, Limits, Rooms

CHOICE = Asked("own", "Which?", options=("this", "that"), answer={"option": 1, "note": "Since."})
WORDS = Asked("hidden word", "Which word?", answer={"words": [["river", 0.6], ["sea", 0.1]]})


@pytest.fixture
def teacher(rooms):
    return rooms.open("masking", "here")


SEVERAL = Asked(
    "own", "Which two?", options=("a", "b", "c"), context={"takes": "several"},
    answer={"options": [0, 2]},
)  # fmt: skip


def student(rooms, teacher, name=""):
    return rooms.join(teacher.code, "there", name)


def names(rooms, teacher):
    return [pupil.name for pupil in rooms.pupils(teacher) if pupil.name]


def rows(table):
    return list(csv.DictReader(io.StringIO(table.removeprefix("\ufeff"))))


def question(rooms, teacher, asked=CHOICE):
    rooms.ask(teacher, asked)
    return rooms.look(teacher).question.id


def test_a_student_joins_by_code_in_any_case_and_is_counted(rooms, teacher):
    ann = rooms.join(f" {teacher.code.lower()} ", "there", "Ann")
    student(rooms, teacher)
    board = rooms.look(ann)
    assert (board.code, board.lesson) == (teacher.code, "masking")
    assert (board.members, board.here) == (2, 2)
    assert names(rooms, teacher) == ["Ann"]


def test_whoever_comes_back_is_the_same_member(rooms, teacher):
    ann = student(rooms, teacher, "Ann")
    again = rooms.join(teacher.code, "elsewhere", "", ann.member)
    assert again == ann
    assert rooms.look(teacher).members == 1
    assert names(rooms, teacher) == ["Ann"]


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
    rooms.vote(ann, id_, 0, 1)
    rooms.vote(ben, id_, 1, 1)
    for phase in ("first", "discuss", "second"):
        if phase != "first":
            rooms.move(teacher, id_, phase)
        seen = rooms.look(ben).question
        assert seen.phase == phase
        assert seen.tallies == {}
        assert seen.asked.answer == {}
        assert rooms.look(replace(teacher, key="wrong")).question.tallies == {}
        assert rooms.look(teacher).question.tallies[1] == (("this", 1), ("that", 1))
    rooms.vote(ann, id_, 1, 2)
    rooms.move(teacher, id_, "revealed")
    seen = rooms.look(ben).question
    assert seen.tallies == {1: (("this", 1), ("that", 1)), 2: (("this", 0), ("that", 1))}
    assert seen.asked.answer["option"] == 1


def test_a_vote_can_be_changed_while_it_is_open_and_counts_once(rooms, teacher):
    ann = student(rooms, teacher)
    id_ = question(rooms, teacher)
    rooms.vote(ann, id_, 0, 1)
    rooms.vote(ann, id_, 1, 1)
    assert rooms.look(teacher).question.voted == 1
    assert rooms.own_votes(ann, id_) == {1: 1}
    rooms.move(teacher, id_, "discuss")
    with pytest.raises(RoomError, match="over"):
        rooms.vote(ann, id_, 0, 1)
    rooms.move(teacher, id_, "second")
    rooms.vote(ann, id_, 0, 2)
    assert rooms.own_votes(ann, id_) == {1: 1, 2: 0}


@pytest.mark.parametrize("answer", [-1, 2, "this", 1.5])
def test_only_the_offered_answers_count(rooms, teacher, answer):
    ann = student(rooms, teacher)
    with pytest.raises(RoomError, match="Choose"):
        rooms.vote(ann, question(rooms, teacher), answer, 1)
    assert rooms.look(teacher).question.voted == 0


def test_written_answers_are_cleaned_and_counted_together(rooms, teacher):
    seats = [student(rooms, teacher) for _ in range(4)]
    id_ = question(rooms, teacher, WORDS)
    for seat, said in zip(seats, ["River", " river. ", "the\x00sea" + "!" * 900], strict=False):
        rooms.vote(seat, id_, said, 1)
    with pytest.raises(RoomError, match="Write"):
        rooms.vote(seats[3], id_, " \u202e … \n".replace("…", "."), 1)
    tally = dict(rooms.look(teacher).question.tallies[1])
    assert sorted(tally.values()) == [1, 2]
    assert sum(label.startswith("the sea!") for label in tally) == 1  # as it was written


def test_a_written_answer_can_be_taken_off_the_board(rooms, teacher):
    ann, ben = student(rooms, teacher), student(rooms, teacher)
    id_ = question(rooms, teacher, WORDS)
    rooms.vote(ann, id_, "rude", 1)
    rooms.vote(ben, id_, "river", 1)
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
            lambda seat=seat: rooms.pupils(seat),
            lambda seat=seat: rooms.results(seat),
            lambda seat=seat: rooms.undo(seat, id_, "first"),
            lambda seat=seat: rooms.time(seat, id_, 30),
            lambda seat=seat: rooms.pause(seat, True),
            lambda seat=seat: rooms.let_lead(seat, True),
            lambda seat=seat: rooms.prepare(seat, []),
            lambda seat=seat: rooms.prepared(seat),
            lambda seat=seat: rooms.asked(seat),
            lambda seat=seat: rooms.again(seat, id_),
            lambda seat=seat: rooms.remove(seat, 1),
            lambda seat=seat: rooms.rotate(seat),
            lambda seat=seat: rooms.views(seat),
            lambda seat=seat: rooms.put_up(seat, 1),
            lambda seat=seat: rooms.put_away(seat, 1),
        ):
            with pytest.raises(RoomError, match="teacher"):
                act()
    assert rooms.look(teacher).question.phase == "first"


def test_a_member_of_one_room_cannot_vote_in_another(rooms, teacher):
    other = rooms.open("masking", "here")
    stranger = student(rooms, other)
    with pytest.raises(RoomError, match="another room"):
        rooms.vote(stranger, question(rooms, teacher), 0, 1)
    with pytest.raises(RoomError, match="another room"):
        rooms.vote(Seat(teacher.code, member="made up"), question(rooms, teacher), 0, 1)


def test_only_undo_takes_a_phase_back_and_a_new_question_ends_the_old(rooms, teacher):
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
    rooms.let_lead(teacher, False)
    assert rooms.look(ann).leads_to is None
    rooms.let_lead(teacher, True)  # where to is not said before the teacher goes somewhere
    assert rooms.look(ann).leads
    assert rooms.look(ann).leads_to is None


def test_rooms_close_by_themselves_and_are_deleted_with_all_in_them(rooms, teacher, clock):
    ann = student(rooms, teacher, "Ann")
    rooms.vote(ann, question(rooms, teacher), 0, 1)
    clock.now += LIFE - 1
    assert not rooms.look(teacher).closed
    clock.now += 2
    assert rooms.look(teacher).closed
    with pytest.raises(NoSuchRoom):
        student(rooms, teacher)
    with pytest.raises(RoomError, match="closed"):
        rooms.ask(teacher, CHOICE)
    assert "Ann" in rooms.results(teacher, names=True)  # the results outlive the room for some days
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


def test_results_name_question_round_and_answer_and_start_no_formula(rooms, teacher, clock):
    ann = student(rooms, teacher, "=HYPERLINK(1)")
    id_ = question(rooms, teacher)
    rooms.vote(ann, id_, 0, 1)
    rooms.move(teacher, id_, "second")
    rooms.vote(ann, id_, 1, 2)
    table = rooms.results(teacher, names=True)
    assert table.startswith("\ufeff")  # by it Excel knows the letters
    found = rows(table)
    assert [(r["question"], r["round"], r["answer"], r["correct"]) for r in found] == [
        ("1", "1", "this", "no"),
        ("1", "2", "that", "yes"),
    ]
    assert found[0]["name"] == "'=HYPERLINK(1)"
    assert found[0]["lesson"] == "masking"
    assert found[0]["time (UTC)"] == f"{datetime.fromtimestamp(clock.now, UTC):%Y-%m-%d %H:%M:%S}"
    assert "HYPERLINK" not in rooms.results(teacher)


def test_results_say_sentence_layer_and_head(rooms, teacher):
    ann = student(rooms, teacher)
    asked = Asked("which head", "?", ("x", "y"), answer={"sentence": "Tea.", "layer": 2, "head": 7})
    rooms.vote(ann, question(rooms, teacher, asked), 0, 1)
    gap = Asked("hidden word", "?", context={"text": "Tea is ____."})
    rooms.vote(ann, question(rooms, teacher, gap), "Hot!", 1)
    head, word = rows(rooms.results(teacher))
    assert (head["sentence"], head["layer"], head["head"]) == ("Tea.", "2", "7")
    assert (word["sentence"], word["answer"], word["correct"]) == ("Tea is ____.", "Hot!", "")


def test_results_hold_every_vote_at_every_moment(rooms, teacher):
    ann = student(rooms, teacher)
    counts = []
    id_ = question(rooms, teacher)
    for phase in ("discuss", "second", "revealed"):
        if phase != "second":
            rooms.vote(ann, id_, 1, 1 if phase == "discuss" else 2)
        counts.append(len(rows(rooms.results(teacher))))
        rooms.move(teacher, id_, phase)
    rooms.close(teacher)
    counts.append(len(rows(rooms.results(teacher))))
    assert counts == [1, 1, 2, 2]


def test_a_vote_of_another_round_does_not_count(rooms, teacher):
    ann = student(rooms, teacher)
    id_ = question(rooms, teacher)
    rooms.move(teacher, id_, "second")
    with pytest.raises(RoomError, match="over before"):
        rooms.vote(ann, id_, 0, 1)
    assert rooms.own_votes(ann, id_) == {}
    rooms.vote(ann, id_, 0, 2)
    assert rooms.own_votes(ann, id_) == {2: 0}


def test_every_step_can_be_taken_back(rooms, teacher):
    ann = student(rooms, teacher)
    first = question(rooms, teacher)
    rooms.vote(ann, first, 0, 1)
    rooms.move(teacher, first, "discuss")
    second = question(rooms, teacher, WORDS)
    rooms.undo(teacher, second, "first")  # it was asked too early: the one before is back
    assert rooms.look(teacher).question.id == first
    assert rooms.look(teacher).question.phase == "revealed"
    rooms.undo(teacher, first, "revealed")
    assert rooms.look(ann).question.phase == "discuss"
    assert rooms.look(ann).question.tallies == {}
    rooms.undo(teacher, first, "revealed")  # a second press of the same button does nothing
    assert rooms.look(teacher).question.phase == "discuss"
    rooms.undo(teacher, first, "discuss")
    rooms.vote(ann, first, 1, 1)
    rooms.undo(teacher, first, "first")
    assert rooms.look(teacher).question is None
    assert len(rows(rooms.results(teacher))) == 1  # what was answered stays


def test_a_question_can_be_asked_again(rooms, teacher):
    first = question(rooms, teacher)
    question(rooms, teacher, WORDS)
    rooms.again(teacher, first)
    put = rooms.look(teacher).question
    assert (put.number, put.asked, put.phase) == (3, CHOICE, "first")
    assert [p.number for p in rooms.asked(teacher)] == [3, 2, 1]
    other = rooms.open("masking", "here")
    with pytest.raises(RoomError, match="another room"):
        rooms.again(other, first)


def test_several_questions_can_be_put_at_once(rooms, teacher):
    ann = student(rooms, teacher)
    rooms.ask(teacher, CHOICE, WORDS)
    one, other = rooms.look(ann).questions
    rooms.vote(ann, one.id, 1, 1)
    rooms.vote(ann, other.id, "river", 1)
    assert [pupil.answered for pupil in rooms.pupils(teacher)] == [2]
    rooms.move(teacher, one.id, "revealed")
    assert [put.phase for put in rooms.look(ann).questions] == ["revealed", "revealed"]
    rooms.undo(teacher, other.id, "revealed")
    assert [put.phase for put in rooms.look(ann).questions] == ["first", "first"]


def test_several_answers_can_be_right(rooms, teacher):
    seats = [student(rooms, teacher) for _ in range(3)]
    id_ = question(rooms, teacher, SEVERAL)
    for seat, answer in zip(seats, ((2, 0), (0,), (0, 1, 2)), strict=True):
        rooms.vote(seat, id_, answer, 1)
    put = rooms.look(teacher).question
    assert put.tallies[1] == (("a", 3), ("b", 1), ("c", 2))
    assert (put.voters[1], put.right[1]) == (3, 1)
    assert rooms.own_votes(seats[0], id_) == {1: (0, 2)}
    for wrong in ((), (3,), "a", (True,)):
        with pytest.raises(RoomError, match="Choose"):
            rooms.vote(seats[0], id_, wrong, 1)
    assert [(r["answer"], r["correct"]) for r in rows(rooms.results(teacher))] == [
        ("a; c", "yes"), ("a", "no"), ("a; b; c", "no"),
    ]  # fmt: skip


def test_the_share_of_right_answers_is_the_teachers_until_it_is_revealed(rooms, teacher):
    ann, ben = student(rooms, teacher), student(rooms, teacher)
    id_ = question(rooms, teacher)
    rooms.vote(ann, id_, 1, 1)
    rooms.vote(ben, id_, 0, 1)
    assert rooms.look(teacher).question.right == {1: 1}
    assert rooms.look(ann).question.right == {}
    assert rooms.show(teacher.code, "wall").question.right == {}
    assert {pupil.right for pupil in rooms.pupils(teacher)} == {True, False}


def test_a_board_on_the_wall_needs_the_code_and_shows_no_secret(address, clock, monkeypatch):
    monkeypatch.setattr("pages.rooms.rooms.FRESH", 0.0)
    rooms = Rooms(address, Limits(misses=Allowance(1, 60)), clock)
    teacher = rooms.open("masking", "here")
    rooms.ask(teacher, CHOICE)
    assert rooms.show(f" {teacher.code.lower()} ", "wall").question.asked.answer == {}
    with pytest.raises(NoSuchRoom):
        rooms.show("ZZZZZZ", "wall")
    with pytest.raises(RoomError, match="wrong codes"):
        rooms.show(teacher.code, "wall")
    rooms.engine.dispose()


def test_whoever_is_taken_out_is_gone_with_all_answers(rooms, teacher):
    ann, ben = student(rooms, teacher, "Ann"), student(rooms, teacher, "Ben")
    id_ = question(rooms, teacher, WORDS)
    rooms.vote(ann, id_, "rude", 1)
    rooms.vote(ben, id_, "river", 1)
    rooms.remove(teacher, next(p.id for p in rooms.pupils(teacher) if p.name == "Ann"))
    assert names(rooms, teacher) == ["Ben"]
    assert rooms.look(teacher).question.tallies[1] == (("river", 1),)
    assert not rooms.returns(ann)
    for act in (
        lambda: rooms.vote(ann, id_, "again", 1),
        lambda: rooms.seen(ann),
        lambda: rooms.join(teacher.code, "there", "Ann", ann.member),
    ):
        with pytest.raises(RoomError, match="took you out"):
            act()


def test_another_secret_link_ends_the_old_one(rooms, teacher):
    new = rooms.rotate(teacher)
    assert rooms.returns(new)
    assert not rooms.returns(teacher)
    rooms.ask(new, CHOICE)
    with pytest.raises(RoomError, match="teacher"):
        rooms.ask(teacher, CHOICE)


SEEN = {"text": ["Tea is hot."], "attention.layer": ["4"], "attention.head": ["7"]}


def test_a_student_sends_a_view_and_the_teacher_puts_it_up(rooms, teacher):
    ann, ben = student(rooms, teacher, "Ann"), student(rooms, teacher)
    rooms.send(ann, "attention", {"text": ["Draft."]})
    rooms.send(ann, "attention", SEEN)  # the later in the place of the earlier
    rooms.send(ben, "masking", {})
    first, second = rooms.views(teacher)
    assert (first.page, first.query, first.name, first.up) == ("attention", SEEN, "Ann", False)
    assert rooms.look(ben).view is None
    assert rooms.look(ben).waiting == 2
    rooms.put_up(teacher, first.id)
    for board in (rooms.look(ben), rooms.show(teacher.code, "wall")):
        assert (board.view.page, board.view.query, board.view.name) == ("attention", SEEN, "")
    rooms.put_up(teacher, second.id)  # one at a time
    assert [(v.page, v.up) for v in rooms.views(teacher)] == [("masking", True)]
    rooms.put_up(teacher, None)
    assert rooms.look(teacher).view is None
    assert rooms.views(teacher) == []


def test_a_view_goes_with_a_new_question_and_with_who_sent_it(rooms, teacher):
    ann = student(rooms, teacher, "Ann")
    rooms.send(ann, "attention", SEEN)
    rooms.put_up(teacher, rooms.views(teacher)[0].id)
    question(rooms, teacher)
    assert rooms.look(ann).view is None
    rooms.send(ann, "attention", SEEN)
    rooms.put_away(teacher, rooms.views(teacher)[0].id)
    assert rooms.views(teacher) == []
    rooms.send(ann, "attention", SEEN)
    rooms.put_up(teacher, rooms.views(teacher)[0].id)
    rooms.remove(teacher, rooms.pupils(teacher)[0].id)
    assert rooms.look(teacher).view is None
    with pytest.raises(RoomError):
        rooms.send(ann, "attention", SEEN)


def test_a_view_of_another_room_is_not_put_up(rooms, teacher):
    other = rooms.open("masking", "here")
    rooms.send(student(rooms, other), "attention", SEEN)
    (view,) = rooms.views(other)
    rooms.put_up(teacher, view.id)
    rooms.put_away(teacher, view.id)
    assert rooms.look(teacher).view is None
    assert [v.up for v in rooms.views(other)] == [False]


def test_time_pause_place_and_name(rooms, teacher, clock):
    ann = student(rooms, teacher, "Ann")
    id_ = question(rooms, teacher)
    rooms.time(teacher, id_, 30)
    assert rooms.look(ann).question.ends_at == clock.now + 30
    rooms.move(teacher, id_, "discuss")  # another step, another time
    assert rooms.look(ann).question.ends_at is None
    rooms.pause(teacher, True)
    assert rooms.look(ann).paused
    rooms.rename(ann, "  Anna  ")
    assert rooms.name(ann) == "Anna"
    rooms.seen(ann, "attention/heads")
    assert [(p.name, p.place) for p in rooms.pupils(teacher)] == [("Anna", "attention/heads")]


def test_prepared_questions_are_kept(rooms, teacher):
    rooms.prepare(teacher, [{"prompt": "Why?"}, {"prompt": "How?"}])
    assert [question["prompt"] for question in rooms.prepared(teacher)] == ["Why?", "How?"]
    with pytest.raises(RoomError, match="At most"):
        rooms.prepare(teacher, [{}] * 999)


def test_closing_ends_the_vote_that_is_open(rooms, teacher):
    ann = student(rooms, teacher)
    id_ = question(rooms, teacher)
    rooms.close(teacher)
    assert rooms.look(teacher).question.phase == "revealed"
    with pytest.raises(RoomError):
        rooms.vote(ann, id_, 0, 1)


def test_a_room_for_homework_stays_open_for_a_week(rooms, clock):
    teacher = rooms.open("masking", "here", WEEK)
    clock.now += WEEK - 1
    student(rooms, teacher)
    clock.now += 2
    assert rooms.look(teacher).closed


def test_another_process_sees_the_same_rooms(rooms, teacher, address, clock):
    ann = student(rooms, teacher, "Ann")
    rooms.vote(ann, question(rooms, teacher), 1, 1)
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
                rooms.vote(seats[i], id_, i % 2, 1)
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
    with pytest.raises(RoomError, match="wrong codes"):
        rooms.join(teacher.code, "guesser")  # else a guesser would go on until a code is right
    ann = rooms.join(teacher.code, "somebody else")
    assert rooms.join(teacher.code, "guesser", "", ann.member) == ann  # who was there may come back
    rooms.ask(teacher, CHOICE)
    id_ = rooms.look(teacher).question.id
    rooms.vote(ann, id_, 0, 1)
    rooms.vote(ann, id_, 1, 1)
    with pytest.raises(RoomError, match="fast"):
        rooms.vote(ann, id_, 0, 1)
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


@pytest.mark.parametrize("text", ["PG5 5YB", "pg5-5yb", " PG55YB\u00a0", "PG5\u20095YB"])
def test_a_code_is_read_as_it_was_pasted(text):
    assert code_of(text) == "PG55YB"
