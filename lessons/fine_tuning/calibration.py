"""Does a classifier's probability mean what it says? Reliability, calibration error, temperature.

Guo et al. 2017, *On Calibration of Modern Neural Networks* (arxiv.org/abs/1706.04599).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.intervals import wilson

Numbers = NDArray[np.float64]
Whole = NDArray[np.int_]

BINS = 10
LEAST = 5e-5  # recorded probabilities are rounded to four digits: a 0.0000 was at most this
COLDEST, HOTTEST = 0.2, 5.0
DRAWS, DRAW_SEED = 500, 0


@dataclass(frozen=True)
class Bin:
    """Answers whose highest probability lies between ``low`` and ``high``: how many, how sure they
    were on average, and the share that was right. The last two are NaN in an empty bin."""

    low: float
    high: float
    count: int
    sure: float
    right: float

    @property
    def interval(self) -> tuple[float, float]:
        """Where the share that is right could lie with other rows, as many as these."""
        return wilson(self.right, self.count)


def bins_of(probabilities: Numbers, labels: Whole, count: int = BINS) -> list[Bin]:
    """Probabilities (N, K) and right labels (N), sorted by how sure the answer was."""
    sure, hits = probabilities.max(axis=1), probabilities.argmax(axis=1) == labels
    places = np.minimum((sure * count).astype(int), count - 1)
    found = []
    for i in range(count):
        inside = places == i
        means = (sure[inside].mean(), hits[inside].mean()) if inside.any() else (np.nan, np.nan)
        found.append(Bin(i / count, (i + 1) / count, int(inside.sum()), *map(float, means)))
    return found


def calibration_error(bins: Sequence[Bin]) -> float:
    """Expected calibration error: |sure − right| of each bin, weighted by its count."""
    total = sum(one.count for one in bins)
    return sum(one.count * abs(one.sure - one.right) for one in bins if one.count) / total


def tempered(probabilities: Numbers, temperature: float) -> Numbers:
    """softmax(z / t) of the logits z behind some probabilities (N, K).

    The logarithms of probabilities are logits up to a constant, which softmax does not see. The
    order of the classes stays, and so does every answer.
    """
    scaled = np.log(np.maximum(probabilities, LEAST)) / temperature
    grown = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    shares: Numbers = grown / grown.sum(axis=1, keepdims=True)
    return shares


def loss(probabilities: Numbers, labels: Whole) -> float:
    """Mean of −log p of the right labels, in nats."""
    right = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, LEAST)).mean())


def fitted_temperature(probabilities: Numbers, labels: Whole) -> float:
    """The temperature with the lowest loss, between `COLDEST` and `HOTTEST`."""
    from scipy.optimize import minimize_scalar

    found = minimize_scalar(
        lambda power: loss(tempered(probabilities, float(np.exp(power))), labels),
        bounds=(np.log(COLDEST), np.log(HOTTEST)), method="bounded",
    )  # fmt: skip
    return float(np.exp(found.x))


@dataclass(frozen=True, eq=False)
class Scaled:
    """Probabilities (N, K) after temperature scaling, and the two temperatures that were used.

    Each half of the rows is scaled by the temperature that was fitted on the other half: no row
    was used to fit what it is measured with.
    """

    probabilities: Numbers
    temperatures: tuple[float, float]


def cross_fitted(probabilities: Numbers, labels: Whole, groups: Whole) -> Scaled:
    """Temperature scaling; rows of one of the ``groups`` (N) are in the same half."""
    halves = groups % 2 == 0
    scaled, temperatures = probabilities.copy(), []
    for fit, test in ((halves, ~halves), (~halves, halves)):
        temperature = fitted_temperature(probabilities[fit], labels[fit])
        scaled[test] = tempered(probabilities[test], temperature)
        temperatures.append(temperature)
    return Scaled(scaled, (temperatures[0], temperatures[1]))


def error_by_chance(probabilities: Numbers) -> float:
    """The calibration error that a perfectly calibrated model would have, on average.

    For each row a label is drawn by its own probabilities, so that they are true, and the error
    measured: with few rows in a bin it is not 0.
    """
    rng = np.random.default_rng(DRAW_SEED)
    ends = probabilities.cumsum(axis=1)
    ends[:, -1] = 1.0
    found = []
    for _ in range(DRAWS):
        labels = (rng.random((len(ends), 1)) > ends).sum(axis=1)
        found.append(calibration_error(bins_of(probabilities, labels)))
    return float(np.mean(found))


def arrays(facts: Any, moments: Sequence[Any]) -> tuple[Numbers, Whole]:
    """Answers of one or several runs on the same rows, one under the other: (N, K), labels (N)."""
    right = np.array([row["right"] for row in facts["dev"]])
    answers = np.concatenate([np.array(m["answers"], dtype=np.float64) for m in moments])
    return answers, np.tile(right, len(moments))


def describe_calibration(before: Numbers, labels: Whole, scaled: Scaled) -> str:
    """How far sureness and being right lie apart, before and after temperature scaling."""
    sure, right = before.max(axis=1).mean(), (before.argmax(axis=1) == labels).mean()
    errors = [calibration_error(bins_of(p, labels)) for p in (before, scaled.probabilities)]
    chance = [error_by_chance(p) for p in (before, scaled.probabilities)]
    first, second = scaled.temperatures
    said = (
        f"On average it is {sure:.0%} sure and right {right:.0%} of the time. Expected calibration "
        f"error: {errors[0]:.1%}; with so few sentences a perfectly calibrated model would "
        f"show {chance[0]:.1%} by chance. "
    )
    if errors[0] < 1.5 * chance[0]:
        said += "Nothing to mend here. "
    return said + (
        f"Temperatures fitted on one half and tested on the other, both ways: {first:.1f} and "
        f"{second:.1f}. They leave {errors[1]:.1%} (by chance: {chance[1]:.1%}), and change no "
        "answer."
    )
