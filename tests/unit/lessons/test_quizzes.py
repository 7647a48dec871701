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


def test_the_first_answer_as_shown_is_right_no_more_often_than_by_chance():
    seeds = range(200)
    chance = sum(1 / len(question.answers) for _, question in QUESTIONS) / len(QUESTIONS)
    first = [
        question.answers[question.order(f"{seed} {lesson.slug}")[0]].correct
        for lesson, question in QUESTIONS
        for seed in seeds
    ]
    assert sum(first) / len(first) == pytest.approx(chance, abs=0.02)


def test_an_order_shows_every_answer_once_and_stays():
    for _, question in QUESTIONS:
        assert sorted(question.order(7)) == list(range(len(question.answers)))
        assert question.order(7) == question.order(7)
    assert len({question.order(seed) for _, question in QUESTIONS for seed in range(20)}) > 3
