"""Splits that keep kin together, mined passages, ranks after a second look, and its worth."""

import random

import numpy as np
import pytest

from lessons.applications import reranking, search
from lessons.applications.reranking import checked

PASSAGES = search.library().passages


def test_every_question_has_its_passage():
    assert len(reranking.asked()) >= 150
    asked = {q.answers[0] for q in reranking.asked()}
    assert asked == set(range(len(PASSAGES)))
    texts = [q.text.casefold() for q in (*reranking.asked(), *search.library().questions)]
    assert len(set(texts)) == len(texts)
    assert {q.kind for q in reranking.asked()} == set(search.KINDS)


def test_what_is_measured_on_was_never_learned_from():
    learned = reranking.training_pairs()
    test = reranking.test_questions()
    assert len(test) >= 70
    answers = {PASSAGES[place] for q in test for place in q.answers}
    assert not answers & {passage for _, passage in learned}
    assert not {q.text for q in test} & {question for question, _ in learned}


def test_lookalikes_stay_on_one_side():
    names = search.passage_names()
    sides: dict[str, set[bool]] = {}
    for i, name in enumerate(names):
        sides.setdefault(search.family(name), set()).add(i in reranking.held_out())
    assert all(len(found) == 1 for found in sides.values())
    kin = [name for name in names if search.family(name) == "modem"]
    assert kin == ["modem-bx200", "modem-bx210", "modem-bz20"]


def test_lookalikes_to_learn_from_are_no_passages_of_the_library():
    rows = reranking.rows_of("lookalikes.tsv")
    assert len(rows) >= 40
    assert not {row["passage"] for row in rows} & set(PASSAGES)
    groups = [row["group"] for row in rows]
    assert all(groups.count(group) >= 2 for group in groups)


def test_mined_passages_are_wrong_and_close():
    texts = ["the cat sleeps", "the dog sleeps", "prices rise", "money is lost"]
    vectors = np.eye(4, dtype=np.float32)
    near = np.array([[0.9, 0.1, 0.2, 0.3]], dtype=np.float32)
    (found,) = reranking.mined([("who sleeps", texts[0])], near, vectors, texts)
    assert texts[0] not in found.wrong
    assert found.wrong[:2] == (texts[1], texts[3])  # first by words, then by meaning
    given = reranking.drawn(found, 2, random.Random(1))
    assert given[0] == texts[0]
    assert set(given[1:]) <= set(found.wrong)


def test_a_second_look_moves_only_what_it_sees():
    first, scores = [5, 3, 8, 1], {5: 0.1, 3: 0.9, 8: 2.0, 1: 9.0}
    assert reranking.reranked(first, scores, 2) == [3, 5, 8, 1]
    assert reranking.reranked(first, scores, 1) == first
    assert reranking.reranked(first, scores, 4) == [1, 8, 3, 5]
    assert reranking.rank_in([3, 5], (5, 9)) == 2
    assert reranking.rank_in([3, 5], (9,)) is None


def scored(ranks, title="x"):
    return reranking.score_of(title, ranks, 1)


def test_a_score_has_its_interval():
    found = scored([1, 2, None, 1])
    assert (found.first, found.mrr) == (0.5, 0.625)
    assert found.low < 0.5 < found.high
    assert 0 <= found.mrr_low < 0.625 < found.mrr_high <= 1


def test_a_difference_is_paired():
    alone, better = [1, 2, 2, 2] * 20, [1, 1, 1, 2] * 20
    mean, low, high = reranking.difference(scored(alone), scored(better))
    assert mean == 0.5
    assert 0 < low < mean < high
    assert reranking.verdict(scored(alone), scored(better)) == "It gets better"
    assert reranking.verdict(scored(better), scored(alone)) == "It gets worse"
    assert reranking.verdict(scored([1, 2, 1, 2]), scored([1, 1, 2, 2])) == "No clear difference"


FACTS = {
    "questions": [
        {"kind": "exact", "answers": [7], "words": [3, 7], "meaning": [7, 3], "both": [3, 7],
         "candidates": [3, 7]},
        {"kind": "paraphrase", "answers": [1], "words": [], "meaning": [2, 1], "both": [2, 1],
         "candidates": [2, 1]},
    ]
}  # fmt: skip


def test_searches_are_compared_with_a_second_look_and_its_passes():
    scores = {"a cross-encoder": [[0.0, 1.0], [0.0, 1.0]], "a bi-encoder": [[1.0, 0.0], [1.0, 0.0]]}
    found = {s.title: s for s in reranking.compared(FACTS, scores, search.BOTH, 2)}
    assert (found["By words"].first, found["By words"].passes) == (0, 0)
    assert (found["By meaning"].first, found["By meaning"].passes) == (0.5, 1)
    assert (found["a cross-encoder"].first, found["a cross-encoder"].passes) == (1, 3)
    assert (found["a bi-encoder"].first, found["a bi-encoder"].passes) == (0, 2)
    twice = {"questions": FACTS["questions"] * 2}
    scores = {title: rows * 2 for title, rows in scores.items()}
    only = {s.title: s for s in reranking.compared(twice, scores, search.WORDS, 2, "exact")}
    assert only["a cross-encoder"].ranks == (1, 1)
    assert only["By words"].ranks == (2, 2)
    assert reranking.within_reach(FACTS, search.WORDS, 2) == 0.5
    assert reranking.within_reach(FACTS, search.MEANING, 1) == 0.5


def test_words_say_the_gain_and_the_ceiling():
    scores = {"a cross-encoder": [[0.0, 1.0], [0.0, 1.0]]}
    found = reranking.compared(FACTS, scores, search.BOTH, 2)
    said = reranking.describe_compared(found, 2, search.BOTH, 1.0, 2)
    assert "both alone 0%" in said
    assert "with a cross-encoder 100% (+100 points" in said
    assert "could exceed 100%" in said


@pytest.mark.parametrize("values", [{"reads": "aloud"}, {"epochs": 99}, {"what": 1}])
def test_settings_that_are_not_offered_are_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        checked(values)
