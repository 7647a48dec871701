"""Two steps to an answer, and the scores of every way to answer."""

import numpy as np
import pytest

from lessons.applications import answers
from lessons.engine.tasks import Asked

PARAGRAPH = "Ann keeps hens. The hens eat corn. It rains."


def vectors(texts):
    """Each text its own direction; "corn?" leans to the second sentence."""
    base = np.eye(8, dtype=np.float32)
    found = {text: base[i] for i, text in enumerate(texts)}
    found["corn?"] = 0.8 * base[1] + 0.6 * base[7]
    return found


@pytest.fixture
def known():
    return vectors(answers.sentences_of(PARAGRAPH))


def test_the_nearest_sentence_and_the_one_with_shared_words(known):
    found = answers.located("corn?", PARAGRAPH, known)
    assert PARAGRAPH[slice(*found.spans[found.best])] == "The hens eat corn."
    assert found.score == pytest.approx(0.8)
    assert found.by_words == 1
    assert "below your limit" in answers.describe_located(found, 0.9)
    assert "same sentence" in answers.describe_located(found, 0.5)


def test_a_paragraph_without_a_word_is_refused():
    with pytest.raises(ValueError, match="no sentence"):
        answers.locate("x", " … ", np.zeros((1, 3), dtype=np.float32))


def test_a_span_in_a_sentence_is_one_of_the_paragraph():
    def read(question, text):
        return text.index("corn"), text.index("corn") + 4

    start, end = answers.read_in_sentence(read, "corn?", PARAGRAPH, (16, 34))
    assert PARAGRAPH[start:end] == "corn"


def test_scores_of_every_way(known):
    row = Asked(PARAGRAPH, "corn?", "corn", PARAGRAPH.index("corn"))
    plain = answers.scores([row], known, None)
    assert [s.trained for s in plain] == [False, False]
    assert plain[1].f1 == pytest.approx(2 * 1 / (3 + 1))  # "hens eat corn" without the article
    assert answers.right_sentence([row], known) == (1.0, 1.0)

    def read(question, text):
        at = text.index("corn") if text.startswith("The") else 0
        return at, at + 4

    found = answers.scores([row], known, read)
    assert [s.f1 for s in found[2:]] == [0.0, 1.0]
    assert found[3].exact == 1.0
    assert "50 points more" in answers.describe_scores(found, 1)
    worse = [answers.Score("a", 0.5, 0, False), answers.Score("a span", 0.2, 0, True)]
    assert "30 points less, so no gain" in answers.describe_scores(worse, 10)


def test_limits_let_through_what_reaches_them():
    found = answers.Refusals((0.2, 0.6), (0.5,), (0.1, 0.3))
    assert list(found.answered(0.3).values()) == [0.5, 1.0, 0.5]
    assert list(found.answered(0.0).values()) == [1.0, 1.0, 1.0]
    assert "so do 100% of 1" in answers.describe_refusals(found, 0.3)


def test_every_paragraph_has_a_question_that_it_does_not_answer():
    from lessons.engine import tasks

    paragraphs = {row.paragraph for row in tasks.questions()}
    assert {paragraph for paragraph, _ in answers.unanswerable()} == paragraphs
    asked = {row.question for row in tasks.questions()}
    assert not asked & {question for _, question in answers.unanswerable()}


def test_the_readers_settings_are_allowed():
    from lessons.fine_tuning.settings import checked

    assert checked(answers.READER).task == "questions"
