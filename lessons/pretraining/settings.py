"""What a learner may choose for a run, with its limits; and runs worth trying."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any

from ..engine.settings import chosen
from .languages import DATA, LONGEST_OWN_TEXT, OWN, languages


@dataclass(frozen=True)
class Rule:
    """What becomes of a token that is chosen for prediction.

    ``shares`` are those that turn into [MASK] and into a random word; the rest stays as it is.
    """

    title: str
    shares: tuple[float, float]


RULES = {
    "bert": Rule("80% [MASK], 10% random, 10% kept", (0.8, 0.1)),
    "mask": Rule("always [MASK]", (1.0, 0.0)),
    "visible": Rule("left visible", (0.0, 0.0)),
}

LAYERS = (1, 2, 3, 4)
HEADS = (1, 2, 4, 8)
HIDDEN_SIZES = (16, 32, 64, 128)
LEARNING_RATES = (1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 1e-2, 3e-2, 1e-1)
MASKING_RATES = (0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.6)
BATCH_SIZES = (1, 8, 16, 32, 64, 128)
STEPS = (200, 500, 1000, 1500, 2000, 3000, 4000)
SEEDS = range(100)
PLACES = 64  # tokens of the longest input


@dataclass(frozen=True)
class Settings:
    """One run. `checked` builds it from what a page, or anybody, sent."""

    language: str = "agreement"
    layers: int = 2
    heads: int = 4
    hidden_size: int = 64
    learning_rate: float = 2e-3
    masking_rate: float = 0.15
    rule: str = "bert"
    batch_size: int = 64
    steps: int = 1000
    seed: int = 1
    positions: bool = True
    next_sentence: bool = False
    text: str = ""

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self)


CHOICES: dict[str, tuple[Any, ...]] = {
    "layers": LAYERS,
    "heads": HEADS,
    "hidden_size": HIDDEN_SIZES,
    "learning_rate": LEARNING_RATES,
    "masking_rate": MASKING_RATES,
    "rule": tuple(RULES),
    "batch_size": BATCH_SIZES,
    "steps": STEPS,
    "seed": tuple(SEEDS),
    "positions": (True, False),
    "next_sentence": (True, False),
}


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping, names and values checked; what is left out has its default.

    Raises ValueError that names the setting.
    """
    settings = chosen(Settings(), values, CHOICES)
    if settings.language not in (*languages(), OWN):
        raise ValueError(f"There is no language called {settings.language!r}.")
    if not isinstance(settings.text, str):
        raise ValueError("The text must be text.")
    text = settings.text[:LONGEST_OWN_TEXT] if settings.language == OWN else ""
    return replace(settings, text=text)


@dataclass(frozen=True)
class Preset:
    """Settings worth trying, the question they put, and what comes of it."""

    slug: str
    title: str
    settings: Settings
    question: str
    explanation: str
    fails: bool


@lru_cache(maxsize=1)
def presets() -> dict[str, Preset]:
    """The runs of ``assets/data/pretraining/presets.toml`` by slug, the default first."""
    table = tomllib.loads((DATA / "presets.toml").read_text(encoding="utf-8"))
    return {
        row["slug"]: Preset(
            row["slug"],
            row["title"],
            checked(row.get("settings", {})),
            row["question"],
            row["explanation"],
            bool(row.get("fails", False)),
        )
        for row in table["preset"]
    }
