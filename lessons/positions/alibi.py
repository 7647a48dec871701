"""Attention with linear biases (Press, Smith, Lewis 2022, arxiv.org/abs/2108.12409).

Nothing is added to the input and nothing is turned: each score loses a fixed amount for every step
of distance, and each head has a slope of its own.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def slopes(heads: int) -> Array:
    """One slope for each head: (heads,). With 8 heads 1/2, 1/4 … 1/256.

    A geometric row from 2^(−8/n) with that same ratio, where n is a power of two. For other numbers
    of heads the authors take the row of the power of two below, then every second slope of the
    next.
    """
    if heads < 1:
        raise ValueError(f"there must be at least one head, not {heads}")
    power = 2 ** math.floor(math.log2(heads))
    row = 2.0 ** (-8 / power * np.arange(1, power + 1))
    finer = 2.0 ** (-4 / power * np.arange(1, 2 * power + 1, 2))
    return np.concatenate([row, finer])[:heads]


def bias(length: int, heads: int) -> Array:
    """What is added to the scores: −slope · |i − j|, (heads, length, length).

    The paper's decoder looks back only. An encoder looks both ways, so the distance counts here
    without its sign.
    """
    places = np.arange(length)
    distance = np.abs(places[:, None] - places[None, :])
    found: Array = -slopes(heads)[:, None, None] * distance
    return found
