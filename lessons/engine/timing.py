"""How long passes take, measured so that models can be compared."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import LoadedModel
    from .tokenizer import Encoding


def pass_times(
    models: Sequence[LoadedModel], encodings: Sequence[Encoding], runs: int = 3
) -> list[float]:
    """Median seconds of a pass for each model over its input, after one to warm up.

    Measured in turns, so that whatever else the machine does slows all of them alike.
    """
    times = [
        [model.pass_time(encoding) for model, encoding in zip(models, encodings, strict=True)]
        for _ in range(runs + 1)
    ]
    return [statistics.median(own) for own in zip(*times[1:], strict=True)]
