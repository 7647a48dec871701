"""Scores, baselines, correlations, groups: hand-worked cases, and agreement with the engine."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from lessons.engine import load_model
from lessons.similarity import compute


@pytest.fixture(scope="module")
def texts():
    return ["The dog bit the man.", "The man bit the dog.", "Shares fell sharply on Monday."]


@pytest.fixture(scope="module")
def vectors(texts):
    return {name: compute.pool(load_model(name), texts) for name in compute.BUNDLED}


@pytest.fixture(scope="module")
def our_vectors():
    texts, _ = compute.pair_texts()
    return {name: compute.pool(load_model(name), texts) for name in compute.BUNDLED}


@pytest.mark.parametrize("pooling", compute.POOLINGS)
def test_pooling_is_the_engines(texts, vectors, pooling):
    for name in compute.BUNDLED:
        expected = load_model(name).embed(texts, pooling=pooling)
        np.testing.assert_allclose(vectors[name][pooling], expected, atol=1e-5)


def test_our_pairs_are_of_all_kinds():
    pairs = compute.pairs()
    assert len(pairs) >= 50
    assert all(0 <= pair.score <= 5 and pair.first != pair.second for pair in pairs)
    assert {round(pair.score) for pair in pairs} == {0, 1, 2, 3, 4, 5}
    assert 20 <= sum(bool(pair.trap) for pair in pairs) < len(pairs) - 15
    assert len({(pair.first, pair.second) for pair in pairs}) == len(pairs)


def test_traps_are_what_they_say():
    for pair in compute.pairs():
        shared = compute.overlap(pair.first, pair.second)
        if pair.trap == "same words, other order":
            assert shared > 0.7, pair
        if pair.trap == "few words in common":
            assert shared < 0.5, pair


def test_overlap_worked_by_hand():
    assert compute.overlap("A cat sat.", "a cat ran") == pytest.approx(2 / 4)
    assert compute.overlap("", "...") == 0
    assert compute.overlap("Öl", "öl!") == 1


def test_cosines_worked_by_hand():
    a = np.array([[3, 4], [1, 0], [0, 0]], dtype=np.float32)
    b = np.array([[4, 3], [-2, 0], [1, 1]], dtype=np.float32)
    assert compute.cosines(a, b) == pytest.approx([0.96, -1, 0])


def test_every_method_scores(texts, vectors):
    found = compute.methods()
    assert len(found) == 7
    for method in found:
        same, other = compute.scores(method, texts, vectors, [(0, 0), (0, 2)])
        assert same == pytest.approx(1, abs=1e-5)
        assert other < same
        swapped = compute.scores(method, texts, vectors, [(0, 1), (1, 0)])
        assert swapped[0] == pytest.approx(swapped[1])


def test_another_model_adds_its_poolings():
    titles = [method.title for method in compute.methods("bert-tiny")]
    assert titles[7:] == ["BERT-tiny · [CLS]", "BERT-tiny · mean", "BERT-tiny · max"]
    assert compute.methods("minilm") == compute.methods()


def test_random_pairs_are_strangers():
    _, written = compute.pair_texts()
    found = compute.random_pairs()
    assert len(found) == compute.RANDOM_PAIRS
    assert found == compute.random_pairs()
    together = {frozenset(pair) for pair in written}
    assert all(i != j and frozenset((i, j)) not in together for i, j in found)


def test_standing_worked_by_hand():
    found = compute.standing(compute.BEST, 0.5, np.linspace(0, 1, 101))
    assert (found.low, found.mean, found.high) == pytest.approx((0.05, 0.5, 0.95))
    assert found.above == pytest.approx(50 / 101)


def test_raw_cls_has_a_high_floor_and_training_takes_it_away(our_vectors):
    """What the lesson says of unrelated sentences, with its real values."""
    texts, _ = compute.pair_texts()
    means = {
        method: compute.scores(method, texts, our_vectors, compute.random_pairs()).mean()
        for method in compute.methods()
    }
    print({method.title: round(float(mean), 3) for method, mean in means.items()})
    raw = next(m for m in means if m.model == "minilm-mlm" and m.pooling == "cls")
    assert means[raw] > 0.4
    assert means[compute.BEST] < 0.15


def test_the_trained_method_orders_our_pairs_best(our_vectors):
    texts, rows = compute.pair_texts()
    ours = [pair.score for pair in compute.pairs()]
    found = {
        method: compute.rank_correlation(compute.scores(method, texts, our_vectors, rows), ours)
        for method in compute.methods()
    }
    print({method.title: round(rho, 3) for method, rho in found.items()})
    assert max(found, key=found.get) == compute.BEST
    assert found[compute.BEST] > 0.4
    assert found[compute.BEST] > found[compute.SHARED_WORDS] + 0.3


def test_rank_correlation():
    assert compute.rank_correlation([1, 2, 3, 4], [10, 20, 30, 90]) == pytest.approx(1)
    values = [3, 1, 4, 1, 5, 9, 2, 6]
    others = [2, 7, 1, 8, 2, 8, 1, 8]
    assert compute.rank_correlation(values, others) == pytest.approx(spearmanr(values, others)[0])
    assert compute.rank_correlation([1, 1, 1], [1, 2, 3]) is None
    assert compute.rank_correlation([1, 2], [1, 2]) is None


def test_luck_shrinks_with_more_pairs():
    few, many = compute.luck(list(range(8))), compute.luck(list(range(50)))
    assert 0.5 < few < 0.75  # Spearman's critical value for 8 pairs, one-sided 5%, is 0.643
    assert many < 0.3
    assert compute.luck([2, 2, 2, 2]) is None


def test_a_deal_spreads_over_the_scale_and_a_seed_is_a_seed():
    dealt = compute.deal(8, seed=1)
    assert dealt == compute.deal(8, seed=1) != compute.deal(8, seed=2)
    assert len(set(dealt)) == 8
    values = [compute.pairs()[i].score for i in dealt]
    assert min(values) <= 1
    assert max(values) >= 4


def test_lines():
    found = compute.read_lines("One.\n\n  One.\n...\nTwo.\n" + "x" * 600)
    assert found.sentences == ["One.", "Two.", "x" * 500]
    assert found.n_shortened == 1
    many = compute.read_lines("\n".join(f"line {i}" for i in range(70)))
    assert (len(many.sentences), many.n_cut) == (compute.MOST_SENTENCES, 10)


def test_clusters_worked_by_hand():
    near = np.full((4, 4), 0.1)
    near[0, 2] = near[2, 0] = near[1, 3] = near[3, 1] = 0.9
    np.fill_diagonal(near, 1)
    found = compute.cluster(near, 2)
    assert found.labels[0] == found.labels[2] != found.labels[1] == found.labels[3]
    assert abs(found.order.index(0) - found.order.index(2)) == 1
    assert set(compute.cluster(near, 8).labels) == {0, 1, 2, 3}


def test_topics_are_found_by_the_trained_method():
    lines = compute.read_lines(compute.sentence_lists()[0].text).sentences
    vectors = {"minilm": compute.pool(load_model("minilm"), lines)}
    found = compute.cluster(compute.score_matrix(compute.BEST, lines, vectors), 4)
    assert [len(set(found.labels[i : i + 3])) for i in (0, 3, 6, 9)] == [1, 1, 1, 1]
    assert len(set(found.labels)) == 4


def test_descriptions_say_the_numbers(texts, vectors):
    rows = [(method, np.array([0.1, 0.2, 0.3])) for method in compute.methods()]
    assert "0.20" in compute.describe_random(rows)
    standings = [compute.standing(method, 0.25, values) for method, values in rows]
    assert "67%" in compute.describe_standings(standings)
    correlations = [(method, 0.5) for method, _ in rows]
    assert "0.50" in compute.describe_correlations(correlations, 8, "yours")
    silent = [(method, None) for method, _ in rows]
    assert "All ratings are the same" in compute.describe_correlations(silent, 8, "yours")
    matrix = compute.score_matrix(compute.BEST, texts, vectors)
    said = compute.describe_clusters(compute.cluster(matrix, 2), compute.BEST)
    assert "3 sentences in 2 groups" in said
