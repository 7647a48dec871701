"""BM25 against a hand-worked example; ranks, fusion and measures; marked words."""

import math

import numpy as np
import pytest

from lessons.applications import search


def test_bm25_worked_by_hand():
    # N = 3 passages of 3, 2 and 4 words: 3 on average. k1 = 1.5, b = 0.75.
    bm25 = search.BM25(["red cat cat", "red dog", "a dog bit him"])
    # "cat" in 1 of 3: ln(1 + 2.5/1.5) = ln(8/3); stands twice in a passage of average length.
    cat = math.log(8 / 3) * 2 * 2.5 / (2 + 1.5)
    assert bm25.idf("cat") == pytest.approx(math.log(8 / 3))
    assert bm25.scores("Cat!").tolist() == pytest.approx([cat, 0, 0])
    # "dog" in 2 of 3: ln(1 + 1.5/2.5) = ln 1.6; lengths 2 and 4 make 1 − b + b·2/3 = 0.75 and 1.25.
    dog = [0, math.log(1.6) * 2.5 / (1 + 1.5 * 0.75), math.log(1.6) * 2.5 / (1 + 1.5 * 1.25)]
    assert bm25.scores("dog").tolist() == pytest.approx(dog)
    assert bm25.scores("cat dog").tolist() == pytest.approx([cat, dog[1], dog[2]])
    assert bm25.scores("dog dog").tolist() == pytest.approx([2 * d for d in dog])
    assert not bm25.scores("elephant").any()


def test_bm25_of_passages_without_words():
    assert search.BM25(["…", "—"]).scores("anything").tolist() == [0, 0]


def test_codes_and_times_are_single_words():
    assert search.words_of("The BX-200 at 22:14, isn't it?") == [
        "the",
        "bx-200",
        "at",
        "22:14",
        "isn't",
        "it",
    ]


def test_ranks_keep_order_of_equals_and_know_what_is_not_found():
    scores = np.array([0.0, 2.0, 1.0, 2.0])
    assert search.ranked(scores) == [1, 3, 2, 0]
    assert search.rank_of(scores, (3,)) == 2
    assert search.rank_of(scores, (2, 3)) == 2
    assert search.rank_of(scores, (0,)) is None


def test_fusion_adds_reciprocal_ranks_and_skips_what_was_not_found():
    found = search.fused(np.array([3.0, 1.0, 0.0]), np.array([0.1, 0.2, 0.3]))
    assert found.tolist() == pytest.approx([1 / 61 + 1 / 63, 1 / 62 + 1 / 62, 1 / 61])


@pytest.mark.parametrize(
    ("name", "value"),
    list(zip(search.MEASURES, (0.25, 0.5, (1 + 1 / 3 + 1 / 10) / 4), strict=True)),
)
def test_measures(name, value):
    assert search.measure([1, 3, 10, None], name) == pytest.approx(value)


def test_the_library_is_sound():
    ours = search.library()
    assert len(set(ours.passages)) == len(ours.passages) >= 60
    assert len(ours.questions) >= 20
    assert {q.kind for q in ours.questions} == set(search.KINDS)
    for question in ours.questions:
        assert question.answers
        if question.kind == "exact":  # the name or number does stand in the answer
            assert any(
                search.shared_words(question.text, ours.passages[i]) for i in question.answers
            )


def test_shared_words_are_found_whatever_their_case():
    passage = "Water stops waves, so do not hide it."
    spans = search.shared_words("do WAVES hide?", passage)
    assert [passage[a:b] for a, b in spans] == ["waves", "do", "hide"]


def test_descriptions_say_what_was_found():
    questions = [
        search.Question("a", "paraphrase", (0,)), search.Question("b", "exact", (1,)),
    ]  # fmt: skip
    ranks = {search.WORDS: [None, 1], search.MEANING: [1, 3], search.BOTH: [1, 1]}
    said = search.describe_ranks(questions, ranks)
    assert "2 questions" in said
    assert "higher 1 times" in said
    assert "1 are not found" in said
    found = search.by_kind(questions, ranks, search.MEASURES[0])
    assert found[search.MEANING] == {"paraphrase": 1.0, "exact": 0.0}
    assert "by meaning 100%" in search.describe_measure(found, search.MEASURES[0])
    nothing = {search.WORDS: np.zeros(2), search.MEANING: np.array([0.1, 0.2])}
    assert "finds nothing" in search.describe_search("x", nothing)
    other = {search.WORDS: np.array([1.0, 0]), search.MEANING: np.array([0.1, 0.2])}
    assert "rank 2" in search.describe_search("x", other)


def test_on_our_questions_the_mixture_stands_between_the_two(minilm):
    """What the lesson says of rank fusion, for either kind of question."""
    ours = search.library()
    bm25 = search.BM25(ours.passages)
    passages, asked = minilm.embed(ours.passages), minilm.embed([q.text for q in ours.questions])
    passages /= np.linalg.norm(passages, axis=1, keepdims=True)
    ranks = {method: [] for method in search.METHODS}
    for question, vector in zip(ours.questions, asked, strict=True):
        scores = search.scores_of(bm25, passages, question.text, vector)
        for method in search.METHODS:
            ranks[method].append(search.rank_of(scores[method], question.answers))
    found = search.by_kind(ours.questions, ranks, search.MEASURES[2])
    for kind in search.KINDS:
        words, meaning = found[search.WORDS][kind], found[search.MEANING][kind]
        assert min(words, meaning) < found[search.BOTH][kind] < max(words, meaning)
