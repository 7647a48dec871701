"""What a learner may choose for a run of the four heads, with its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..engine.settings import chosen
from ..engine.tasks import checked_rows

BASE = "minilm-mlm"

HEADS = {"cls": "[CLS]", "mean": "Mean", "lstm": "LSTM", "cnn": "CNN"}
TASKS = {
    "order": "Who did it?",
    "first": "Who is named first?",
    "phrases": "One little “not”",
    "balance": "Mostly praise?",
    "tone": "Tone",
    "own": "Your own",
}

BATCHES = (25, 50, 100, 250, 500, 1000)
SEEDS = (1, 3, 5)
LEARNING_RATES = (3e-4, 1e-3, 3e-3, 1e-2)
FIRST_SEEDS = range(1, 100)


@dataclass(frozen=True)
class Settings:
    """One run: all four heads on one task. `checked` builds it from what anybody sent.

    ``steps`` batches for every head, ``seeds`` repetitions that begin with ``seed``. ``rows`` are
    (text, label) pairs of the learner's own, for the task "own".
    """

    task: str = "order"
    steps: int = 250
    seeds: int = 3
    learning_rate: float = 3e-3
    seed: int = 1
    rows: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {**asdict(self), "rows": [list(row) for row in self.rows]}


CHOICES: dict[str, tuple[Any, ...]] = {
    "task": tuple(TASKS),
    "steps": BATCHES,
    "seeds": SEEDS,
    "learning_rate": LEARNING_RATES,
    "seed": tuple(FIRST_SEEDS),
}


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping, names and values checked; what is left out has its default.

    Raises ValueError that names the setting.
    """
    settings = chosen(Settings(), values, CHOICES)
    if settings.task != "own":
        return replace(settings, rows=())
    return replace(settings, rows=checked_rows(settings.rows))
