"""Clusters stand for what lies together; coverage and the rivals are computed as said."""

import numpy as np
import pytest

from lessons.applications import summary


def unit(rows):
    found = np.array(rows, dtype=np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


PAIRS = unit([[1, 0, 0.1], [0, 1, 0], [1, 0, 0], [0, 1, 0.1], [1, 0, -0.1], [0, 1, -0.1]])


def test_one_sentence_of_each_bundle_is_chosen_the_most_central_in_order():
    found = summary.summarize(PAIRS, 2)
    assert found.chosen == (1, 2)
    assert len({found.labels[i] for i in (0, 2, 4)}) == 1
    assert found.labels[0] != found.labels[1]
    assert found.plane.shape == (6, 2)


def test_a_text_that_repeats_itself_has_fewer_groups():
    assert summary.summarize(unit([[1, 0]] * 5), 3).chosen == (0,)
    assert len(summary.summarize(unit([[1, 0]] * 5 + [[0, 1]]), 3).chosen) == 2


def test_the_seed_decides():
    generator = np.random.default_rng(0)
    vectors = unit(generator.normal(size=(40, 8)))
    assert summary.summarize(vectors, 5, 3).chosen == summary.summarize(vectors, 5, 3).chosen


def test_coverage_by_hand():
    vectors = unit([[1, 0], [0, 1], [1, 1]])
    assert summary.coverage(vectors, [0]) == pytest.approx((0 + np.sqrt(0.5)) / 2)
    assert summary.coverage(vectors, [0, 1, 2]) == 1.0


def test_rivals_are_the_beginning_and_chance():
    clusters, lead, chance = summary.judge(PAIRS, (1, 2), frozenset({2, 5}))
    assert clusters.kept == 0.5
    assert lead.kept == 0.0
    assert chance.kept == pytest.approx(2 / 6)
    assert clusters.coverage == pytest.approx(summary.coverage(PAIRS, (1, 2)))
    assert lead.coverage == pytest.approx(summary.coverage(PAIRS, (0, 1)))
    assert chance.coverage < clusters.coverage
    assert summary.judge(PAIRS, (1, 2), None)[0].kept is None


def test_our_stories_are_marked():
    assert len(summary.stories()) == 3
    for story in summary.stories():
        assert 12 <= len(story.sentences) <= 30
        assert 4 <= len(story.kept) <= 7
        assert not any(sentence.startswith("*") for sentence in story.sentences)


def test_descriptions():
    found = summary.summarize(PAIRS, 2)
    assert "6 sentences in 2 groups of 3, 3" in summary.describe_map(found)
    judged = summary.judge(PAIRS, found.chosen, frozenset({2, 5}))
    assert "clusters 50%" in summary.describe_judged(judged)
    assert "kept" not in summary.describe_judged(summary.judge(PAIRS, found.chosen, None))
