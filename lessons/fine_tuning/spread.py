"""The same settings with several seeds: how far apart they end, and whether two settings differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.intervals import drawn_means, wilson

Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Spread:
    """Runs that differ in their seed alone: which dev rows each got right, (seeds, rows).

    ``own`` says of each seed whether the learner trained it.
    """

    title: str
    seeds: tuple[int, ...]
    own: tuple[bool, ...]
    hits: Bools

    @property
    def scores(self) -> list[float]:
        """Share right, of each seed."""
        return [float(row.mean()) for row in self.hits]

    @property
    def mean(self) -> float:
        return float(self.hits.mean())

    @property
    def interval(self) -> tuple[float, float]:
        """Where the mean could lie on other rows, as many as these (Wilson)."""
        return wilson(self.mean, self.hits.shape[1])


def hits_of(facts: Mapping[str, Any], moment: Mapping[str, Any]) -> Bools:
    """Which dev rows a moment gets right: (rows)."""
    right = np.array([row["right"] for row in facts["dev"]])
    hits: Bools = np.array(moment["answers"], dtype=np.float64).argmax(axis=1) == right
    return hits


def groups_of(facts: Mapping[str, Any]) -> NDArray[np.int_]:
    """The number of the group of each dev row of our own sets: the n-th rows of all labels speak of
    the same thing."""
    seen: dict[int, int] = {}
    found = []
    for row in facts["dev"]:
        found.append(seen.get(row["right"], 0))
        seen[row["right"]] = found[-1] + 1
    return np.array(found)


@dataclass(frozen=True)
class Gap:
    """How much better the first of two settings is on average, and between what the gap may lie."""

    first: str
    second: str
    gap: float
    low: float
    high: float
    fewest: int
    """Seeds of the one that has fewer."""

    @property
    def clear(self) -> bool:
        """Whether the gap is more than luck. One seed cannot say what seeds do."""
        return self.fewest > 1 and not self.low <= 0 <= self.high


def gap_of(first: Spread, second: Spread, groups: NDArray[np.int_]) -> Gap:
    """Compare two settings on the same rows: seeds and groups of rows are drawn anew."""
    drawn = drawn_means(first.hits.astype(np.float64), groups)
    drawn -= drawn_means(second.hits.astype(np.float64), groups)
    low, high = np.quantile(drawn, [0.025, 0.975])
    fewest = min(len(first.hits), len(second.hits))
    return Gap(first.title, second.title, first.mean - second.mean, float(low), float(high), fewest)


def points(share: float) -> str:
    """Percentage points with their sign."""
    return f"{100 * share:+.1f}".replace("-", "−")


def describe_gap(found: Gap) -> str:
    """Whether one of two settings is better, or was luckier."""
    said = (
        f"**{found.first}** beside **{found.second}**: {points(found.gap)} points on average. "
        f"Draw seeds and sentences anew, and in 95 of 100 draws the gap lies between "
        f"{points(found.low)} and {points(found.high)}: "
    )
    if found.clear:
        return f"{said}**more than luck**."
    if not found.low <= 0 <= found.high:
        return (
            f"{said}but one of them has one seed, and another may turn it around. **Train more.**"
        )
    return f"{said}0 is among them, so **it may be luck**."


def describe_spreads(spreads: Sequence[Spread]) -> str:
    """How far the seeds of each lie apart, beside what the size of dev leaves open."""
    parts = [
        f"{one.title} {min(one.scores):.0%} to {max(one.scores):.0%}"
        for one in spreads
        if len(one.seeds) > 1
    ]
    low, high = spreads[0].interval
    return (
        f"Between the worst and the best seed: {', '.join(parts)}. The bars say what "
        f"{spreads[0].hits.shape[1]} sentences leave open: for {spreads[0].title}, {low:.0%} to "
        f"{high:.0%}."
    )
