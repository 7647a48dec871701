"""A learner who reads nothing must not pass: neither by the longest answer nor by the first."""

from __future__ import annotations

import pytest

from lessons.catalog import catalog
from lessons.schema import Question

QUESTIONS = [(lesson, question) for lesson in catalog() for question in lesson.quiz]
TOO_TELLING = 0.4  # of the questions may have the right answer as their longest


def longest_is_right(question: Question) -> bool:
    longest = max(question.answers, key=lambda answer: len(answer.text))
    return longest.correct


def test_the_longest_answer_is_no_hint():
    share = sum(longest_is_right(question) for _, question in QUESTIONS) / len(QUESTIONS)
    assert 0.15 <= share <= TOO_TELLING, "never the longest would be a hint as well"


@pytest.mark.parametrize("lesson", catalog(), ids=lambda lesson: lesson.slug)
def test_in_no_lesson_is_the_longest_answer_a_hint(lesson):
    assert len(lesson.quiz) >= 5
    assert sum(map(longest_is_right, lesson.quiz)) <= TOO_TELLING * len(lesson.quiz)


def shown(lesson, question, seed):
    """The answers of a question as a visitor sees them."""
    return [question.answers[i] for i in lesson.orders(seed)[question.id]]


@pytest.mark.parametrize("seed", ["", *range(50)])
def test_always_the_same_place_is_no_hint(seed):
    for lesson in catalog():
        for place in range(3):
            right = [shown(lesson, question, seed)[place].correct for question in lesson.quiz]
            assert sum(right) <= TOO_TELLING * len(right), (lesson.slug, place)


def test_every_place_holds_the_right_answer_as_often_as_the_others():
    for question_of in range(5):
        places = [
            [a.correct for a in shown(lesson, lesson.quiz[question_of], seed)].index(True)
            for lesson in catalog()
            for seed in range(200)
        ]
        for place in range(3):
            assert places.count(place) / len(places) == pytest.approx(1 / 3, abs=0.03)


def test_an_order_shows_every_answer_once_and_stays():
    for lesson in catalog():
        orders = lesson.orders(7)
        assert orders == lesson.orders(7)
        for question in lesson.quiz:
            assert sorted(orders[question.id]) == list(range(len(question.answers)))
    lesson, question = QUESTIONS[0]
    assert len({lesson.orders(seed)[question.id] for seed in range(20)}) > 3


def test_every_question_names_the_step_that_shows_its_answer():
    for lesson, question in QUESTIONS:
        assert question.step in {experiment.slug for experiment in lesson.experiments}
