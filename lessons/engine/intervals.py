"""How far a share of a few cases can be trusted."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]
DRAWS = 2000


def wilson(share: float, count: int) -> tuple[float, float]:
    """Where a share of ``count`` cases would lie with other cases, 19 times in 20.

    Wilson's interval (1927), which unlike the plain one stays between 0 and 1.
    """
    z = 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    half *= z / (1 + z * z / count)
    return middle - half, middle + half


def drawn_means(
    values: Numbers, groups: NDArray[np.int_], *, seed: int = 0, draws: int = DRAWS
) -> Numbers:
    """Means of ``values`` (seeds, rows) with seeds and groups of rows drawn anew: (draws).

    Bootstrap (Efron and Tibshirani 1993): both are drawn with replacement. Rows of one of the
    ``groups`` (rows) are drawn together. Who asks with the same ``seed`` gets the same rows in each
    draw, so that two results may be subtracted.
    """
    _, groups = np.unique(groups, return_inverse=True)
    n_seeds, n_groups = len(values), int(groups.max()) + 1
    by_group = np.zeros((n_seeds, n_groups))
    np.add.at(by_group.T, groups, values.T)
    sizes = np.bincount(groups, minlength=n_groups)
    rows, seeds = np.random.default_rng([seed, 0]), np.random.default_rng([seed, n_seeds])
    of_seeds = seeds.multinomial(n_seeds, [1 / n_seeds] * n_seeds, draws) / n_seeds
    of_groups = rows.multinomial(n_groups, [1 / n_groups] * n_groups, draws)
    means: Numbers = ((of_seeds @ by_group) * of_groups).sum(axis=1) / (of_groups @ sizes)
    return means
