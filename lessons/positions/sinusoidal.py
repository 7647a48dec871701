"""Positions as waves (Vaswani et al. 2017, §3.5).

PE(p, 2i)     = sin(p · ωᵢ)
PE(p, 2i + 1) = cos(p · ωᵢ)        ωᵢ = base^(−2i / d)
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def frequencies(size: int, base: float = 10_000.0) -> Array:
    """ωᵢ for each pair of dimensions: (size / 2,), from 1 downward. ``size`` must be even."""
    if size < 2 or size % 2:
        raise ValueError(f"sines and cosines come in pairs: the size must be even, not {size}")
    return base ** (-np.arange(0, size, 2) / size)


def positional_encoding(positions: ArrayLike, size: int, base: float = 10_000.0) -> Array:
    """The vectors of some positions: (P,) → (P, size), sine and cosine side by side."""
    angles = np.asarray(positions, dtype=np.float64)[:, None] * frequencies(size, base)  # P size/2
    return np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(len(angles), size)


def shift_matrix(shift: int, size: int, base: float = 10_000.0) -> Array:
    """The matrix that moves any position by ``shift``: PE(p + k) = R_k PE(p), (size, size).

    Each pair of dimensions turns by its own angle k·ωᵢ; p does not occur in it.
    """
    matrix = np.zeros((size, size))
    for i, frequency in enumerate(frequencies(size, base)):
        sine, cosine = np.sin(shift * frequency), np.cos(shift * frequency)
        matrix[2 * i : 2 * i + 2, 2 * i : 2 * i + 2] = [[cosine, sine], [-sine, cosine]]
    return matrix


def shift_error(shift: int, length: int, size: int, base: float = 10_000.0) -> float:
    """Largest difference between R_k PE(p) and PE(p + k) over all p below ``length``."""
    places = np.arange(length)
    turned = positional_encoding(places, size, base) @ shift_matrix(shift, size, base).T
    return float(np.abs(turned - positional_encoding(places + shift, size, base)).max())


def closeness(distances: ArrayLike, size: int, base: float = 10_000.0) -> Array:
    """PE(p) · PE(p + k) / (size / 2) for each distance k: the mean of cos(k·ωᵢ), whatever p is."""
    angles = np.asarray(distances, dtype=np.float64)[:, None] * frequencies(size, base)
    return np.cos(angles).mean(axis=1)  # type: ignore[no-any-return]
