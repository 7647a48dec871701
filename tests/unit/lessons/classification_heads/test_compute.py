"""Verdicts, thresholds and activations against hand-worked examples and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn import metrics

from lessons.classification_heads import compute
from lessons.classification_heads.compute import Counts
from lessons.engine import load_model, tasks
from tests.unit.lessons.classification_heads.answers import CLEAR, CLOSE, facts, moment


def test_scores_are_shares_of_right_answers():
    given = facts()
    found = compute.scores(given, moment(given, CLOSE))
    assert [score.head for score in found] == ["cls", "mean", "lstm", "cnn"]
    assert found[0].seeds == (37 / 40, 38 / 40, 38 / 40)
    assert found[1].mean == pytest.approx(1 - 6 / 120)


def test_a_wide_gap_is_a_win_and_a_narrow_one_is_none():
    given = facts()
    won = compute.verdict(given, moment(given, CLEAR))
    assert (won.best, won.second, won.winner) == ("cnn", "mean", "CNN")
    assert won.gap == pytest.approx(17 / 40)
    assert won.low < won.gap < won.high
    even = compute.verdict(given, moment(given, CLOSE))
    assert even.low < 0 < even.high
    assert even.winner == compute.NO_WINNER


def test_the_verdict_says_who_by_how_much_and_whether():
    given = facts()
    clear = compute.describe_verdict(given, moment(given, CLEAR))
    assert "**CNN** is right on 97.5%" in clear
    assert "42.5 points" in clear
    assert "allows the claim that CNN wins" in clear
    close = compute.describe_verdict(given, moment(given, CLOSE))
    assert "no clear winner" in close
    tie = dict.fromkeys(CLEAR, [[0]] * 3)
    assert "A tie" in compute.describe_verdict(given, moment(given, tie))


def test_one_seed_crowns_nobody():
    given = facts(seeds=1)
    one = {head: rows[:1] for head, rows in CLEAR.items()}
    found = compute.verdict(given, moment(given, one))
    assert found.low > 0
    assert found.winner == compute.NO_WINNER
    assert "another seed may turn it around" in compute.describe_verdict(given, moment(given, one))


def test_every_head_is_shown_at_its_best_rate():
    slow, fast = (
        {"cls": a, "mean": 0.5, "lstm": b, "cnn": 0.6} for a, b in ((0.7, 0.9), (0.8, 0.6))
    )
    assert "Tried so far: the learning rate 0.001." in compute.describe_tuning({1e-3: slow})
    said = compute.describe_tuning({1e-3: slow, 1e-2: fast})
    assert "[CLS] 80.0% at 0.01" in said
    assert "LSTM 90.0% at 0.001" in said


def test_twins_count_as_one_observation():
    """With twins that always fall together the range is wider than with independent rows."""
    given = facts()
    wrong = {**CLEAR, "mean": [range(6)] * 3, "cnn": [[]] * 3}
    together = compute.verdict(given, moment(given, wrong))
    for i, row in enumerate(given["dev"]):
        row["group"] = i
    apart = compute.verdict(given, moment(given, wrong))
    assert together.high - together.low > apart.high - apart.low


def test_the_range_agrees_with_drawing_row_by_row():
    given = facts(seeds=1)
    for i, row in enumerate(given["dev"]):
        row["group"] = i
    wrong = {**CLEAR, "mean": [range(10)], "cnn": [[0]], "cls": [range(20)], "lstm": [range(20)]}
    found = compute.verdict(given, moment(given, wrong))
    gaps = np.array([1 if 1 <= i < 10 else 0 for i in range(40)])
    draw = np.random.default_rng(3)
    drawn = [gaps[draw.integers(0, 40, 40)].mean() for _ in range(4000)]
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert found.low == pytest.approx(low, abs=0.03)
    assert found.high == pytest.approx(high, abs=0.03)


def test_the_guess_and_the_baselines_are_put_beside():
    given = facts()
    said = moment(given, CLEAR)
    assert compute.describe_guess(None, given, said) == ""
    assert "and so it is" in compute.describe_guess("CNN", given, said)
    assert "these numbers say: **CNN**" in compute.describe_guess("LSTM", given, said)
    assert "37.5 points more" in compute.describe_baselines(given, said)
    poor = moment(given, dict.fromkeys(CLEAR, [range(30)] * 3))
    assert "points less" in compute.describe_baselines(given, poor)


def test_rows_of_the_table_and_the_spread():
    given = facts()
    rows = compute.head_rows(given, moment(given, CLOSE))
    assert rows[3]["Weights"] == "1,234"
    assert rows[0]["Seeds"] == "92.5% to 95.0%"
    assert "Mean depends on its seed the most" in compute.describe_spread(
        given, moment(given, CLOSE)
    )
    one = facts(seeds=1)
    assert "no spread" in compute.describe_spread(one, moment(one, CLOSE))


def test_disagreements_by_the_vote_of_the_seeds():
    given = facts(n=6)
    wrong = {"cls": [[0], [0], []], "mean": [[1], [], []], "lstm": [[]] * 3, "cnn": [[]] * 3}
    (row,) = compute.disagreements(given, moment(given, wrong))
    assert row["sentence"] == "t0"
    assert (row["right"], row["[CLS]"], row["LSTM"]) == ("a", "b", "a")
    assert compute.twins(given) == ["t0", "t1"]


def test_a_result_is_kept_for_the_table():
    given = facts()
    found = compute.result("order", given, moment(given, CLEAR))
    assert (found.winner, found.baseline) == ("CNN", 0.6)
    assert found.means["cnn"] == pytest.approx(0.975)
    assert "“Who did it?”: CNN." in compute.describe_results([found])


# --- activations


def test_both_functions_agree_with_torch():
    scores = np.array([[3.0, -2.0, 0.5], [900.0, -900.0, 0.0]])
    want = torch.tensor(scores)
    np.testing.assert_allclose(compute.softmax(scores), want.softmax(-1).numpy(), atol=1e-12)
    np.testing.assert_allclose(compute.sigmoid(scores), want.sigmoid().numpy(), atol=1e-12)
    warm = compute.softmax(scores[0], 2.0)
    np.testing.assert_allclose(warm, (want[0] / 2).softmax(-1).numpy(), atol=1e-12)


def test_a_shift_leaves_softmax_and_moves_sigmoid():
    scores = np.array([1.0, -1.0, 0.0])
    np.testing.assert_allclose(compute.softmax(scores + 2), compute.softmax(scores))
    assert (compute.sigmoid(scores + 2) > compute.sigmoid(scores)).all()
    assert compute.describe_start(list(scores) * 2) != compute.describe_start([2.0] + [0.0] * 5)


# --- thresholds

DRAW = np.random.default_rng(0)
TRUTH = DRAW.random((60, 4)) < 0.4
YES = np.round(np.clip(0.5 * TRUTH + 0.6 * DRAW.random((60, 4)), 0, 1), 2)


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.8, 1.1])
def test_precision_recall_and_f1_agree_with_scikit_learn(threshold):
    said = threshold <= YES
    found = compute.measured(said, TRUTH)
    for average, got in (
        ("micro", (found.micro.precision, found.micro.recall, found.micro.f1)),
        ("macro", tuple(found.macro(name) for name in ("precision", "recall", "f1"))),
    ):
        want = metrics.precision_recall_fscore_support(
            TRUTH, said, average=average, zero_division=0
        )
        assert got == pytest.approx(want[:3])


def test_the_curve_agrees_with_scikit_learn():
    found = compute.curve(YES, TRUTH)
    precision, recall, thresholds = metrics.precision_recall_curve(TRUTH.ravel(), YES.ravel())
    np.testing.assert_allclose(found.thresholds, thresholds)
    np.testing.assert_allclose(found.precision, precision[:-1])
    np.testing.assert_allclose(found.recall, recall[:-1])


def test_the_point_of_a_threshold_lies_on_the_curve():
    found = compute.curve(YES, TRUTH)
    micro = compute.measured(YES >= 0.5, TRUTH).micro
    place = int(np.searchsorted(found.thresholds, 0.5))
    assert (found.recall[place], found.precision[place]) == (micro.recall, micro.precision)


def test_nothing_said_is_no_division_by_zero():
    assert Counts(0, 0, 0).f1 == Counts(0, 5, 0).precision == Counts(5, 0, 0).recall == 0.0
    found = compute.curve(np.array([0.2, 0.3]), np.array([False, False]))
    assert found.recall.tolist() == [0.0, 0.0]


def test_forced_gives_one_label_a_row():
    assert compute.forced(np.array([[1.0, 3.0], [2.0, 0.0]])).tolist() == [
        [False, True],
        [True, False],
    ]


@pytest.fixture(scope="module")
def heads():
    return compute.train_topics(load_model("minilm-mlm"))


def test_the_topic_heads_learn_and_a_forced_label_misses_the_second(heads):
    yes = compute.sigmoid(compute.logits(heads.sigmoid, heads.vectors))
    found = compute.measured(yes >= 0.5, heads.truth)
    one = compute.measured(
        compute.forced(compute.logits(heads.softmax, heads.vectors)), heads.truth
    )
    always = compute.measured(np.ones_like(heads.truth), heads.truth)
    assert found.micro.f1 > always.micro.f1 + 0.2
    assert found.micro.recall > one.micro.recall
    assert one.micro.said == len(heads.truth)


def test_the_topic_heads_repeat(heads):
    again = compute.train_topics(load_model("minilm-mlm"))
    assert np.array_equal(again.sigmoid[0], heads.sigmoid[0])
    assert np.array_equal(again.softmax[1], heads.softmax[1])


def test_words_follow_the_threshold(heads):
    vector = load_model("minilm-mlm").embed(["The train to the coast was cheap."])
    yes = compute.sigmoid(compute.logits(heads.sigmoid, vector))[0]
    shares = compute.softmax(compute.logits(heads.softmax, vector))[0]
    assert len(yes) == len(tasks.TOPICS)
    low, high = (compute.describe_own(yes, shares, t) for t in (0.05, 0.95))
    assert low != high
