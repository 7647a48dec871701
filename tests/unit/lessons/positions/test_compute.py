"""Order measured in the model, the learned table, and borrowed attention."""

import numpy as np
import pytest

from lessons.positions import compute
from lessons.positions.orders import pairs

OWN = [
    "The unhappiness of the gardener was [MASK] by nobody at all.",
    "tea before coffee, or coffee before tea?",
    "☃️ 今日は naïve <b>",
]


def words(model, text):
    encoding = model.encode(text)
    return [compute.spelled(encoding, pieces) for pieces in compute.words_of(encoding)]


# --- order


def test_words_hold_all_their_pieces(model):
    assert words(model, "The unhappiness!") == ["the", "unhappiness", "!"]
    encoding = model.encode("a b", "c d")
    assert [encoding.tokens[i] for pieces in compute.words_of(encoding) for i in pieces] == [
        "a",
        "b",
    ]


def test_reordering_moves_whole_words_and_leaves_the_rest(model):
    encoding = model.encode("Old unhappiness fades.", "Fine.")
    source = compute.reordered(encoding, [1, 0, 2, 3])
    moved = [encoding.tokens[i] for i in source]
    assert moved == [
        "[CLS]", "un", "##ha", "##pp", "##iness", "old", "fades", ".", "[SEP]", "fine", ".",
        "[SEP]",
    ]  # fmt: skip
    assert compute.reordered(encoding, [0, 1, 2, 3]) == tuple(range(len(encoding)))


@pytest.mark.parametrize("order", [[0, 1], [0, 0, 1, 2], [0, 1, 2, 4], []])
def test_only_an_order_of_all_words_is_taken(model, order):
    with pytest.raises(ValueError, match="not an order"):
        compute.reordered(model.encode("a b c."), order)


def test_the_order_between_two_sentences(model):
    first, second = (model.encode(t) for t in ("the dog bit the man", "the man bit the dog"))
    assert compute.order_between(first, second) == [0, 4, 2, 3, 1]
    with pytest.raises(ValueError, match="same words"):
        compute.order_between(first, model.encode("the dog bit the cat"))
    with pytest.raises(ValueError, match="same words"):
        compute.order_between(first, model.encode("the dog"))


def test_there_are_twenty_pairs_of_equal_bags_in_unequal_order(model):
    assert len(pairs()) >= 20
    for pair in pairs():
        assert sorted(words(model, pair.first)) == sorted(words(model, pair.second))
        assert words(model, pair.first) != words(model, pair.second)


@pytest.mark.parametrize("pair", pairs(), ids=lambda pair: pair.second)
def test_without_positions_the_bag_is_all_and_with_them_it_is_not(model, pair):
    [(second, given, removed)] = compute.every_pair(model, [(pair.first, pair.second)])
    assert second == pair.second
    assert removed < 3e-5
    assert given > 0.1


@pytest.mark.parametrize("text", OWN)
@pytest.mark.parametrize("seed", [0, 1])
def test_any_order_of_any_text_is_the_same_bag(model, text, seed):
    encoding = model.encode(text)
    order = np.random.default_rng(seed).permutation(len(compute.words_of(encoding))).tolist()
    source = compute.reordered(encoding, order)
    gap = next((i for i, t in enumerate(encoding.tokens) if t == "[MASK]"), None)
    effect = compute.order_effect(model, encoding, source, gap)
    assert effect.gaps[1] < 3e-5  # sums in another order end in another last digit
    np.testing.assert_allclose(effect.removed.cosines, 1, atol=1e-5)
    if list(source) != sorted(source):
        assert effect.gaps[0] > 0.1
        assert effect.given.cosines.min() < 0.999
    if gap is not None:
        assert effect.removed.moved < 1e-5
        assert effect.given.moved > 0.001


def test_even_the_layers_between_see_only_the_bag(model):
    """Not only the end: the largest difference is taken over the input and every layer."""
    encoding = model.encode("the dog bit the man")
    source = compute.reordered(encoding, [4, 3, 2, 1, 0])
    first = compute.run(model, encoding, placed=False)
    second = compute.run(model, compute.picked(encoding, source), placed=False)
    by_hand = np.abs(first.hidden_states[:, list(source)] - second.hidden_states).max()
    assert compute.order_effect(model, encoding, source, None).gaps[1] == pytest.approx(by_hand)


def test_the_words_of_an_order_say_what_was_measured(model):
    encoding = model.encode("the dog bit the man")
    effect = compute.order_effect(
        model, encoding, compute.reordered(encoding, [0, 4, 2, 3, 1]), None
    )
    assert f"up to {effect.gaps[0]:.2f}" in compute.describe_order(effect, 2)
    assert "first order" in compute.describe_order(effect, 0)
    found = list(compute.every_pair(model, [("a dog ran", "ran a dog")]))
    assert "all 1 pairs" in compute.describe_pairs(found)


# --- waves


def test_a_shift_lands_where_it_should():
    found = compute.shifted(5, 12, 100, 32, 10_000)
    np.testing.assert_allclose(found.turned, found.target, atol=1e-12)
    assert np.abs(found.start - found.target).max() > 0.1
    assert found.error < 1e-10
    assert "PE(17)" in compute.describe_shift(found, 5, 12)


def test_waves_in_words():
    assert "once in 6.3 positions" in compute.describe_waves(64, 32, 10_000)


# --- the learned table


def test_the_table_is_the_model_s(model):
    table = compute.learned_table(model)
    assert table.shape == (512, 384)
    trace = model.trace("one two three")
    np.testing.assert_array_equal(trace.position_embeddings, table[: len(trace.tokens)])
    assert f"{512 * 384:,} learned numbers" in compute.describe_learned(table)


def test_neighbors_in_the_table_are_alike(model):
    table = compute.learned_table(model)
    cosines = compute.cosine_matrix(table)
    np.testing.assert_allclose(np.diag(cosines), 1)
    near = compute.nearness(table, 50)
    assert near[0] == pytest.approx(1)
    assert near[1] == pytest.approx(np.diagonal(cosines, 1).mean())
    assert near[1] > near[50]
    assert compute.cosine_matrix(table, 4).shape == (128, 128)
    assert compute.cosine_matrix(table, 4)[1, 2] == pytest.approx(cosines[4, 8])


def test_the_path_keeps_the_main_directions(model):
    table = compute.learned_table(model)
    found = compute.path(table)
    assert found.points.shape == (512, 3)
    assert (np.diff(found.shares) <= 0).all()
    centered = table - table.mean(axis=0)
    assert found.points.var(axis=0).sum() / centered.var(axis=0).sum() == pytest.approx(
        found.shares.sum(), rel=1e-3
    )


def test_the_table_ends(model):
    assert compute.beyond(model, 511) is None
    assert "between 0 and 511" in compute.beyond(model, 512)
    assert compute.beyond(model, -1) is not None


# --- other ways


@pytest.fixture(scope="module")
def encoding(model):
    return model.encode("the dog bit the man and the man bit the dog")


def test_borrowed_attention_without_positions_is_the_encoder_s(model, encoding):
    trace = compute.run(model, encoding, placed=False)
    for head in (0, 11):
        found = compute.borrowed_attention(model, encoding, head, "no positions")
        np.testing.assert_allclose(found.scores, trace.attention_scores[0, head], atol=1e-4)
        np.testing.assert_allclose(found.weights, trace.attention_weights[0, head], atol=1e-5)


def test_equal_words_look_alike_without_positions_and_not_with_them(model, encoding):
    first, second = 2, 11  # dog … dog
    for scheme in compute.SCHEMES:
        weights = compute.borrowed_attention(model, encoding, 0, scheme).weights
        np.testing.assert_allclose(weights.sum(axis=1), 1)
        same = np.abs(weights[first] - weights[second]).max() < 1e-5
        assert same == (scheme == "no positions")


def test_alibi_brings_attention_nearer(model, encoding):
    plain, biased = (
        compute.mean_distance(compute.borrowed_attention(model, encoding, 0, s).weights)
        for s in ("no positions", "ALiBi")
    )
    assert biased < plain
    with pytest.raises(ValueError, match="no scheme"):
        compute.borrowed_attention(model, encoding, 0, "nonsense")


def test_mean_distance_of_worked_weights():
    assert compute.mean_distance(np.eye(3)) == 0
    assert compute.mean_distance(np.array([[0.0, 1.0], [0.5, 0.5]])) == pytest.approx(0.75)


def test_the_score_by_distance_does_not_know_where_it_starts():
    here, there = (compute.score_by_distance(100, start=s) for s in (0, 5000))
    np.testing.assert_allclose(here, there, atol=1e-9)
    assert here[0] == pytest.approx(1)
    from lessons.positions.sinusoidal import closeness

    np.testing.assert_allclose(here, closeness(range(101), 64), atol=1e-12)
