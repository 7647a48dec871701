"""How far a share of a few cases can be trusted."""

from __future__ import annotations

import math


def wilson(share: float, count: int) -> tuple[float, float]:
    """Where a share of ``count`` cases would lie with other cases, 19 times in 20.

    Wilson's interval (1927), which unlike the plain one stays between 0 and 1.
    """
    z = 1.96
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    half = math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    half *= z / (1 + z * z / count)
    return middle - half, middle + half
