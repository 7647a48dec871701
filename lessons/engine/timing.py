"""How long passes take, measured so that models can be compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .model import LoadedModel
    from .tokenizer import Encoding


def pass_times(
    models: Sequence[LoadedModel], encodings: Sequence[Encoding], runs: int = 3
) -> list[float]:
    """Seconds of a pass for each model over its input: the quickest of some, after one to warm up.

    Whatever else the machine does makes a pass slower, and never quicker. They take turns, so that
    it meets all models alike.
    """
    times = [
        [model.pass_time(encoding) for model, encoding in zip(models, encodings, strict=True)]
        for _ in range(runs + 1)
    ]
    return [min(own) for own in zip(*times[1:], strict=True)]
