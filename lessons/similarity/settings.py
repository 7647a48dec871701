"""What a learner may choose for a training on pairs, with its limits; and runs worth trying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..engine.settings import chosen

BASE = "minilm-mlm"

TEMPERATURES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
BATCH_SIZES = (2, 4, 8, 16, 32, 64)
LEARNING_RATES = (1e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3)
EPOCHS = (1, 2, 4, 8)
TRAINED = {1: "last layer", 2: "last 2 layers", 3: "last 3 layers", 6: "all 6 layers"}
SEEDS = range(100)


@dataclass(frozen=True)
class Settings:
    """One run. `checked` builds it from what a page, or anybody, sent.

    ``negatives`` False leaves out what pushes apart: partners are only pulled together.
    """

    negatives: bool = True
    batch_size: int = 32
    temperature: float = 0.05
    learning_rate: float = 5e-4
    epochs: int = 4
    trained_layers: int = 3
    seed: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self)


CHOICES: dict[str, tuple[Any, ...]] = {
    "negatives": (True, False),
    "batch_size": BATCH_SIZES,
    "temperature": TEMPERATURES,
    "learning_rate": LEARNING_RATES,
    "epochs": EPOCHS,
    "trained_layers": tuple(TRAINED),
    "seed": tuple(SEEDS),
}


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping, names and values checked; what is left out has its default.

    Raises ValueError that names the setting.
    """
    return chosen(Settings(), values, CHOICES)


@dataclass(frozen=True)
class Preset:
    """Settings worth trying; the lesson's text says what to look out for."""

    title: str
    values: Mapping[str, Any]


PRESETS = {
    "good": Preset("A good start", {}),
    "two": Preset("A batch of 2", {"batch_size": 2, "epochs": 2}),
    "warm": Preset("Too warm", {"temperature": 1.0}),
    "collapse": Preset("No negatives", {"negatives": False}),
}
