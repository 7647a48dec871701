"""The perfect reader: by hand, and against sentences drawn by the language itself."""

from collections import Counter
from random import Random

import pytest

from lessons.pretraining import compute
from lessons.pretraining.languages import languages
from lessons.pretraining.training import PreTraining

AGREEMENT = languages()["agreement"]


def best(text):
    assert AGREEMENT.best_chances is not None
    return AGREEMENT.best_chances([None if word == "_" else word for word in text.split()])


@pytest.mark.parametrize(
    ("text", "chances"),
    [
        ("the dogs _ today .", [1.0]),  # the verb follows from its subject
        ("the _ bark today .", [1.0]),  # and the subject from its verb
        ("the _ _ today .", [1 / 16, 1 / 16]),  # sixteen nouns
        ("the _ dogs bark today .", [1 / 4]),  # four adjectives
        ("_ dogs bark today .", [1.0]),
        ("the dogs near the cat _ today _", [1.0, 1.0]),
        # A verb and a closing adverb, or a noun and a verb after an opening one: 0.7 against 0.3.
        ("_ _ _ _ .", [0.7, 0.3, 0.7 / 16, 0.7 / 4]),
    ],
)
def test_by_hand(text, chances):
    assert best(text) == pytest.approx(chances)


def test_a_sentence_of_no_grammar_is_refused():
    with pytest.raises(ValueError, match="no sentence fits"):
        best("the dogs purr _ .")


def test_it_agrees_with_the_sentences_that_are_drawn(chance):
    pattern = ["_", "_", "dogs", "_", "_", "."]
    found, count = [Counter() for _ in pattern], 0
    while count < 600:
        words = AGREEMENT.draw(chance).words
        if len(words) == 6 and all(p in ("_", w) for p, w in zip(pattern, words, strict=True)):
            count += 1
            for counter, word in zip(found, words, strict=True):
                counter[word] += 1
    pairs = zip(found, pattern, strict=True)
    drawn = [counter.most_common(1)[0][1] / count for counter, word in pairs if word == "_"]
    assert best(" ".join(pattern)) == pytest.approx(drawn, abs=0.08)


def test_a_run_says_how_far_one_can_come():
    run = PreTraining({"steps": 200})
    assert 0.6 < run.facts["ceiling"] < 0.7
    moment = run.moment()
    assert 0 <= moment["decided"] < 0.5
    assert "A perfect reader" in compute.describe_run(run.facts, [moment])


@pytest.mark.parametrize("values", [{"language": "facts"}, {"next_sentence": True}])
def test_where_nobody_has_computed_it_nothing_is_said(values):
    run = PreTraining({"steps": 200, **values})
    assert run.facts["ceiling"] is None
    assert run.moment()["decided"] is None


def test_its_grammar_is_the_one_that_is_drawn_from():
    for seed in range(200):
        assert best(str(AGREEMENT.draw(Random(seed)))) == []
