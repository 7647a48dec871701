"""Suspicion of words, spelling distance, and counts of marks."""

import math

import pytest

from lessons.applications import slips
from lessons.applications.slips import ALIKE, BETTER, SURPRISE, Checked, Planted
from lessons.engine import load_model


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [("form", "from", 2), ("widow", "window", 1), ("", "abc", 3), ("same", "same", 0),
     ("kitten", "sitting", 3)],
)  # fmt: skip
def test_distance(first, second, apart):
    assert slips.distance(first, second) == apart == slips.distance(second, first)


def test_short_words_must_be_nearer():
    assert slips.looks_alike("form", "from")
    assert not slips.looks_alike("to", "in")
    assert slips.looks_alike("to", "too")


WORD = Checked((0, 4), "form", 10.0, ("along", 0.25), ("from", 2**-3))


def test_scores_by_hand():
    assert WORD.score(SURPRISE) == 10
    assert WORD.score(BETTER) == pytest.approx(10 + math.log2(0.25))
    assert WORD.score(ALIKE) == pytest.approx(7)
    assert (WORD.suggestion(BETTER), WORD.suggestion(ALIKE)) == ("along", "from")
    alone = Checked((0, 1), "a", 1.0, None, None)
    assert alone.score(BETTER) == 0
    assert alone.suggestion(ALIKE) is None
    likely = Checked((0, 1), "a", 0.1, ("b", 0.01), None)
    assert likely.score(BETTER) == 0


def test_marks_are_counted():
    calm = Checked((5, 9), "here", 1.0, ("now", 0.1), None)
    material = [
        (Planted("form here", (0, 4), "from"), (WORD, calm)),
        (Planted("all right"), (calm, WORD)),
        (Planted("still right"), (calm,)),
        (Planted("here form", (5, 9), "hear"), (calm,)),
    ]
    found = slips.marks(material, ALIKE, 5)
    assert (found.marked, found.found, found.mended, found.planted) == (2, 1, 1, 2)
    assert (found.words, found.disturbed, found.clean) == (6, 1, 2)
    assert (found.precision, found.recall, found.chance) == (0.5, 0.5, 2 / 6)
    assert "1 of 2 planted mistakes" in slips.describe_marks(found)
    assert "would find 0.7 mistakes" in slips.describe_marks(found)
    nothing = slips.marks(material, ALIKE, 99)
    assert nothing.precision is None
    assert "Nothing is marked" in slips.describe_marks(nothing)
    falling = [m.recall for m in slips.curve(material, SURPRISE, (0, 5, 99))]
    assert falling == sorted(falling, reverse=True)


def test_a_better_word_is_what_is_asked_for_by_better():
    assert slips.marks([(Planted("form", (0, 4), "from"), (WORD,))], BETTER, 5).mended == 0


def test_our_sentences_have_their_mistakes_where_they_say():
    ours = slips.sentences()
    wrong = [s for s in ours if s.wrong]
    assert len(wrong) >= 30
    assert len(ours) - len(wrong) >= 20
    for sentence in wrong:
        start, end = sentence.wrong
        assert sentence.text[start:end].isalpha()
        assert sentence.text[start:end] != sentence.right
    assert not any(set(s.text) & set("[]|") for s in ours)


def test_the_model_sees_the_slip_and_its_repair():
    found = slips.check(load_model("minilm-mlm"), "Please close the widow, it is cold in here.")
    worst = max(found, key=lambda word: word.score(ALIKE))
    assert (worst.word, worst.suggestion(ALIKE)) == ("widow", "window")
    assert worst.score(ALIKE) <= worst.score(BETTER) <= worst.score(SURPRISE)
    assert all(word.word.isalpha() for word in found)
    assert "“widow”" in slips.describe_check(found, ALIKE, 5)
    assert "None of" in slips.describe_check(found, ALIKE, 99)


@pytest.mark.parametrize("text", ["", "…", "[MASK]", "🙂", "3 4 5", "你好"])
def test_sentences_without_words_have_no_suspicion(text):
    assert all(word.word.isalpha() for word in slips.check(load_model("minilm-mlm"), text))
