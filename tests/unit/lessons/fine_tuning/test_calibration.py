"""Reliability and temperature: by hand, and against data whose temperature is known."""

import numpy as np
import pytest

from lessons.fine_tuning import calibration, figures


def two(*sure):
    """Probabilities of two classes, the first of which is as sure as said."""
    return np.array([[p, 1 - p] for p in sure])


def test_the_error_by_hand():
    # Three answers of 0.95, two of them right; one of 0.65, which is wrong.
    probabilities = two(0.95, 0.95, 0.95, 0.65)
    labels = np.array([0, 0, 1, 1])
    bins = calibration.bins_of(probabilities, labels)
    assert [one.count for one in bins] == [0] * 6 + [1, 0, 0, 3]
    assert bins[9].sure == pytest.approx(0.95)
    assert bins[9].right == pytest.approx(2 / 3)
    expected = 3 / 4 * (0.95 - 2 / 3) + 1 / 4 * 0.65
    assert calibration.calibration_error(bins) == pytest.approx(expected)


def test_a_probability_of_one_is_in_the_last_bin():
    bins = calibration.bins_of(two(1.0), np.array([0]))
    assert bins[-1].count == 1
    assert calibration.calibration_error(bins) == 0


def test_temperature_divides_the_logits():
    logits = np.array([[2.0, 0.0, -1.0]])
    soft = np.exp(logits) / np.exp(logits).sum()
    halves = np.exp(logits / 2) / np.exp(logits / 2).sum()
    np.testing.assert_allclose(calibration.tempered(soft, 2.0), halves)
    np.testing.assert_allclose(calibration.tempered(soft, 1.0), soft)


@pytest.fixture(scope="module")
def known():
    """Labels drawn from true probabilities, and what a model says that is three times too sure."""
    rng = np.random.default_rng(1)
    logits = rng.normal(size=(2000, 3))
    true = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (rng.random((2000, 1)) > true.cumsum(axis=1)).sum(axis=1)
    too_sure = np.exp(3 * logits) / np.exp(3 * logits).sum(axis=1, keepdims=True)
    return true, too_sure, labels


def test_the_known_temperature_is_found(known):
    _, too_sure, labels = known
    assert calibration.fitted_temperature(too_sure, labels) == pytest.approx(3.0, rel=0.1)


def test_scaling_mends_what_is_too_sure_and_changes_no_answer(known):
    true, too_sure, labels = known
    scaled = calibration.cross_fitted(too_sure, labels, np.arange(len(labels)))
    error = calibration.calibration_error
    before = error(calibration.bins_of(too_sure, labels))
    after = error(calibration.bins_of(scaled.probabilities, labels))
    assert before > 0.15
    assert after < 0.05
    assert (scaled.probabilities.argmax(axis=1) == too_sure.argmax(axis=1)).all()
    assert error(calibration.bins_of(true, labels)) < 3 * calibration.error_by_chance(true)


def test_each_half_is_scaled_by_what_the_other_gave(known):
    _, too_sure, labels = known
    groups = np.arange(len(labels)) // 3  # three rows belong together
    scaled = calibration.cross_fitted(too_sure, labels, groups)
    even = groups % 2 == 0
    on_even, on_odd = scaled.temperatures
    assert on_even == calibration.fitted_temperature(too_sure[even], labels[even])
    np.testing.assert_allclose(
        scaled.probabilities[~even], calibration.tempered(too_sure[~even], on_even)
    )
    np.testing.assert_allclose(
        scaled.probabilities[even], calibration.tempered(too_sure[even], on_odd)
    )


def test_with_few_rows_chance_alone_makes_an_error(known):
    true, _, _ = known
    few, many = (calibration.error_by_chance(true[:n]) for n in (40, 2000))
    assert few > 3 * many


def test_the_figure_shows_every_answer(known):
    _, too_sure, labels = known
    bins = calibration.bins_of(too_sure, labels)
    figure = figures.reliability(bins, bins, 1.0)
    assert sum(int(text) for text in figure.data[1].text) == len(labels)
    words = calibration.describe_calibration(
        too_sure, labels, calibration.cross_fitted(too_sure, labels, np.arange(len(labels)))
    )
    assert "Nothing to mend" not in words
