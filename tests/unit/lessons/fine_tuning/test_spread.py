"""Seeds and luck: what differs is told from what may be chance, by hand and on made runs."""

import numpy as np
import pytest

from lessons.engine.intervals import drawn_means
from lessons.fine_tuning import compute, figures, spread
from lessons.fine_tuning.settings import ADAPTED, ALL, WAYS, checked, of_way
from lessons.fine_tuning.spread import Spread

GROUPS = np.repeat(np.arange(30), 3)


def made(title, share, seeds=4, seed=0, own=False):
    """Runs that are right on about this share of 90 rows."""
    rng = np.random.default_rng(seed)
    return Spread(
        title, tuple(range(1, seeds + 1)), (own,) * seeds, rng.random((seeds, 90)) < share
    )


def test_a_mean_is_drawn_around_the_mean_and_is_wider_with_fewer_groups():
    values = (np.random.default_rng(3).random((1, 90)) < 0.7).astype(float)
    alone, in_threes = (drawn_means(values, groups) for groups in (np.arange(90), GROUPS))
    assert alone.mean() == pytest.approx(values.mean(), abs=0.01)
    np.testing.assert_allclose(
        alone.std(), np.sqrt(values.mean() * (1 - values.mean()) / 90), rtol=0.1
    )
    all_alike = np.repeat(values[:, ::3], 3, axis=1)  # three rows of a group are all right or wrong
    assert drawn_means(all_alike, GROUPS).std() > 1.5 * drawn_means(all_alike, np.arange(90)).std()
    assert in_threes.mean() == pytest.approx(values.mean(), abs=0.01)


def test_the_same_draws_for_two_results_leave_no_gap_between_equals():
    values = (np.random.default_rng(3).random((4, 90)) < 0.7).astype(float)
    np.testing.assert_array_equal(drawn_means(values, GROUPS), drawn_means(values, GROUPS))


def test_a_large_gap_is_more_than_luck_and_a_small_one_may_be():
    good, poor, close = made("good", 0.9), made("poor", 0.6, seed=1), made("close", 0.87, seed=2)
    found = spread.gap_of(good, poor, GROUPS)
    assert found.clear
    assert "more than luck" in spread.describe_gap(found)
    found = spread.gap_of(good, close, GROUPS)
    assert not found.clear
    assert "may be luck" in spread.describe_gap(found)


def test_one_seed_is_never_enough():
    found = spread.gap_of(made("good", 0.95, seeds=1), made("poor", 0.5, seed=1), GROUPS)
    assert found.low > 0
    assert not found.clear
    assert "Train more" in spread.describe_gap(found)


def test_rows_of_all_labels_in_turn_are_groups():
    facts = {"dev": [{"right": label} for label in (0, 0, 1, 2, 1, 2)]}
    assert spread.groups_of(facts).tolist() == [0, 1, 0, 0, 1, 1]
    moment = {"answers": [[0.9, 0.1, 0], [0.2, 0.8, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 1]]}
    assert spread.hits_of(facts, moment).tolist() == [True, False, True, True, False, True]


def test_every_seed_is_a_dot_and_own_ones_are_apart():
    figure = figures.spread_dots([made("a", 0.8), made("b", 0.7, seeds=2, own=True)])
    mean, recorded, own = figure.data
    assert (len(recorded.x), len(own.x)) == (4, 2)
    assert len(mean.x) == 2
    assert "a " in spread.describe_spreads([made("a", 0.8), made("b", 0.7, seeds=1)])


def test_lora_is_counted_by_hand():
    # W_Q and W_V of 6 layers: A is 8 × 384, B is 384 × 8; W has 384 × 384.
    assert compute.lora_numbers(8, "W_Q and W_V") == (6 * 2 * 8 * 768, 6 * 2 * 384 * 384)
    # All six: four of 384 × 384, one up to 1536 and one down.
    thin = 6 * (4 * 8 * 768 + 2 * 8 * (384 + 1536))
    assert compute.lora_numbers(8, "all six") == (thin, 6 * (4 * 384 * 384 + 2 * 384 * 1536))


def test_the_sizes_are_those_of_the_model(mlm):
    config = mlm.module.config
    assert (config.hidden_size, config.intermediate_size) == (compute.HIDDEN, compute.FEED_FORWARD)
    assert config.num_hidden_layers == compute.LAYERS


def test_ways_differ_in_what_learns_and_its_rate_alone():
    head, lora, everything = (of_way(name, seed=3) for name in ("head", "lora", "all"))
    assert (head.trained_layers, head.rank) == (0, 0)
    assert (lora.trained_layers, lora.rank > 0) == (0, True)
    assert (everything.trained_layers, everything.rank) == (ALL, 0)
    for field in ("task", "epochs", "batch_size", "seed"):
        assert len({getattr(one, field) for one in (head, lora, everything)}) == 1


def test_with_lora_no_layer_learns_itself():
    assert checked({"rank": 4, "trained_layers": 3}).trained_layers == 0
    with pytest.raises(ValueError, match="rank"):
        checked({"rank": 3})
    with pytest.raises(ValueError, match="adapted"):
        checked({"adapted": "everything"})


def test_the_code_that_is_shown_runs():
    import torch

    space = {"__name__": "shown"}
    exec(compute.lora_code(), space)
    layer = space["Adapted"](torch.nn.Linear(4, 3), 2)
    assert layer(torch.ones(2, 4)).shape == (2, 3)


def test_the_area_of_a_way_is_its_number_of_weights():
    sizes = {"head": ("Head", 100), "lora": ("LoRA", 400), "all": ("All", 10_000)}
    squares = figures.what_learns(8, 384, sizes).layout.shapes[3:]
    areas = [(one.x1 - one.x0) * (one.y1 - one.y0) for one in squares]
    assert [area / areas[0] for area in areas] == pytest.approx([1, 0.04, 0.01])
    assert set(WAYS) == set(sizes)
    assert list(ADAPTED) == ["W_Q and W_V", "all six"]
