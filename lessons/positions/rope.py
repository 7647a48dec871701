"""Rotary position embedding (Su et al. 2021, *RoFormer*, arxiv.org/abs/2104.09864).

Nothing is added to the input. Queries and keys are turned, each by angles that grow with its own
position; in their product only the difference of the two is left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .sinusoidal import frequencies

Array = NDArray[np.float64]


def rotate(vectors: ArrayLike, positions: ArrayLike, base: float = 10_000.0) -> Array:
    """Turn queries or keys (…, T, d) by the angles of their ``positions`` (T,).

    Dimension i and dimension i + d/2 make a pair, as in ModernBERT and Llama (the paper pairs
    neighbors; which pairs are taken does not matter, as long as queries and keys agree).
    """
    x = np.asarray(vectors, dtype=np.float64)
    angles = np.asarray(positions, dtype=np.float64)[:, None] * frequencies(x.shape[-1], base)
    first, second = np.split(x, 2, axis=-1)  # … T d/2
    cosine, sine = np.cos(angles), np.sin(angles)  # T d/2
    return np.concatenate([first * cosine - second * sine, second * cosine + first * sine], axis=-1)


def scores(
    queries: ArrayLike, keys: ArrayLike, positions: ArrayLike, base: float = 10_000.0
) -> Array:
    """Attention scores after rotation, scaled: (…, T, d), (…, T, d) → (…, T, T)."""
    q, k = rotate(queries, positions, base), rotate(keys, positions, base)
    return q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])  # type: ignore[no-any-return]
