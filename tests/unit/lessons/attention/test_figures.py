"""Charts show the numbers that they are given."""

import numpy as np

from lessons.attention import detective as d
from lessons.attention import figures
from lessons.attention import importance as imp


def a_score(relation="det"):
    accuracy = np.zeros((6, 12), dtype=np.float32)
    accuracy[3, 1] = 0.9
    lead = d.Lead(accuracy, accuracy / 2)
    return d.Score(
        relation, 50, accuracy, (3, 1), True, fair=0.88, baseline=0.5,
        baseline_name="the word 1 to the right", rule=0.7,
        rule_name="the nearest noun after", past_counting=lead, past_rules=lead, learned=accuracy,
        tested=lead, tested_rules=lead,
    )  # fmt: skip


def test_the_grid_rings_the_best_head():
    figure = figures.relation_grid(a_score())
    np.testing.assert_array_equal(figure.data[0].z, a_score().accuracy)
    assert (figure.data[1].x[0], figure.data[1].y[0]) == (2, 4)


def test_bars_show_baseline_head_and_clark():
    figure = figures.relation_bars([a_score("det"), a_score("amod")])
    baseline, rule, best, clark = figure.data
    assert list(baseline.x) == [0.5, 0.5]
    assert list(rule.x) == [0.7, 0.7]
    assert list(best.x) == [0.88, 0.88]
    low, high = a_score().interval
    np.testing.assert_allclose(best.error_x.array, [high - 0.88] * 2)
    np.testing.assert_allclose(best.error_x.arrayminus, [0.88 - low] * 2)
    assert list(clark.x) == [0.943]  # Clark et al. say nothing of adjectives


def test_effects_and_strips_keep_their_values():
    change = np.linspace(-1, 1, 72, dtype=np.float32).reshape(6, 12)
    np.testing.assert_array_equal(figures.head_effects(change, "milk").data[0].z, change)
    scores = {name: np.arange(5, dtype=np.float32) - 1 for name in imp.METHODS}
    found = imp.Importance(("a", "<b>", "the", "the", "e"), 0, "w", 0.5, scores, (1, 2, 3), 1, 1)
    strips = figures.importance_strips(found)
    assert list(strips.layout.xaxis.ticktext) == ["&lt;b&gt;", "the", "the"]
    np.testing.assert_allclose(strips.data[0].customdata[0], [0, 1, 2])
    np.testing.assert_allclose(strips.data[0].z.max(axis=1), 1)
    np.testing.assert_allclose(figures.agreement_grid(found).data[0].z, 1)


def test_every_role_has_a_color(trace):
    labels = figures.head_labels(d.roles_of(trace))
    assert {label["name"] for row in labels for label in row} <= set(figures.ROLE_COLORS)
    assert set(d.ROLES) < set(figures.ROLE_COLORS)
