"""What a learner may choose for a fine-tuning run, with its limits; and runs worth trying."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ..engine.settings import chosen
from ..engine.tasks import checked_rows

BASE = "minilm-mlm"
LAYERS = 6
HIDDEN, FEED_FORWARD = 384, 1536
ALL = LAYERS + 1  # every layer, and the embeddings

TASKS = {
    "sentiment": "Sentiment",
    "pairs": "Sentence pairs",
    "own": "Your CSV",
    "names": "Names",
    "questions": "Questions",
}

TRAINED = {0: "head only", 1: "last layer", 2: "last 2 layers", 3: "last 3 layers", ALL: "all"}
LEARNING_RATES = (1e-6, 1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3)
EPOCHS = (1, 2, 3, 4, 6, 8, 12, 20, 40)
BATCH_SIZES = (4, 8, 16, 32)
SEEDS = range(100)
RANKS = (0, 1, 2, 4, 8, 16, 32)  # 0: no LoRA

# Beside which linear maps of a layer LoRA may learn, by the names that the encoder gives them.
ADAPTED: dict[str, tuple[str, ...]] = {
    "W_Q and W_V": ("attention.self.query", "attention.self.value"),
    "all six": (
        "attention.self.query", "attention.self.key", "attention.self.value",
        "attention.output.dense", "intermediate.dense", "output.dense",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Settings:
    """One run. `checked` builds it from what a page, or anybody, sent.

    ``rows`` are (text, label) pairs of the learner's own, for the task "own". With a ``rank`` above
    0 LoRA learns in all layers, beside the matrices named by ``adapted``, and no layer itself.
    """

    task: str = "sentiment"
    trained_layers: int = 3
    learning_rate: float = 2e-4
    epochs: int = 4
    batch_size: int = 16
    seed: int = 1
    rank: int = 0
    adapted: str = "W_Q and W_V"
    rows: tuple[tuple[str, str], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return {**asdict(self), "rows": [list(row) for row in self.rows]}


CHOICES: dict[str, tuple[Any, ...]] = {
    "task": tuple(TASKS),
    "trained_layers": tuple(TRAINED),
    "learning_rate": LEARNING_RATES,
    "epochs": EPOCHS,
    "batch_size": BATCH_SIZES,
    "seed": tuple(SEEDS),
    "rank": RANKS,
    "adapted": tuple(ADAPTED),
}


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping, names and values checked; what is left out has its default.

    Raises ValueError that names the setting.
    """
    settings = chosen(Settings(), values, CHOICES)
    if settings.rank:
        settings = replace(settings, trained_layers=0)
    if settings.task != "own":
        return replace(settings, rows=())
    return replace(settings, rows=checked_rows(settings.rows))


@dataclass(frozen=True)
class Preset:
    """Settings worth trying on sentences with labels, and what to look out for."""

    title: str
    values: Mapping[str, Any]
    note: str


PRESETS = {
    "good": Preset(
        "A good start",
        {"trained_layers": 3, "learning_rate": 2e-4, "epochs": 4, "batch_size": 16},
        "The upper half of the encoder learns the task, the lower half stays as it was.",
    ),
    "frozen": Preset(
        "Frozen encoder",
        {"trained_layers": 0, "learning_rate": 5e-3, "epochs": 20, "batch_size": 16},
        "Only pooler and head learn. What is frozen is computed once, so 20 epochs cost little.",
    ),
    "slow": Preset(
        "Too slow",
        {"trained_layers": 3, "learning_rate": 1e-6, "epochs": 4, "batch_size": 16},
        "Every step goes the right way, but the steps are so short that the run ends near where "
        "it began.",
    ),
    "forgets": Preset(
        "Forgets",
        {"trained_layers": 3, "learning_rate": 1e-3, "epochs": 4, "batch_size": 16},
        "Longer steps. The task is learned about as well; watch what becomes of the hidden words. "
        "Their head does not learn here, so it is the encoder that has changed under it.",
    ),
    "heart": Preset(
        "By heart",
        {"trained_layers": 3, "learning_rate": 2e-4, "epochs": 12, "batch_size": 16},
        "The training loss goes to nothing. Watch the loss on dev: does it go on falling?",
    ),
}

# What the sliders say at first, for each kind of task.
DEFAULTS: dict[str, dict[str, Any]] = {
    "class": dict(PRESETS["good"].values),
    "names": {"trained_layers": 3, "learning_rate": 5e-4, "epochs": 12, "batch_size": 16},
    "questions": {"trained_layers": 3, "learning_rate": 5e-4, "epochs": 8, "batch_size": 8},
}


@dataclass(frozen=True)
class Way:
    """How much of the model learns, with a learning rate that suits it."""

    title: str
    values: Mapping[str, Any]


# The same task, batches and number of steps. Each way has a learning rate of its own, picked among
# three by the loss on dev with the first seed: the more weights move, the shorter the steps.
WAYS = {
    "head": Way("Head only", {"trained_layers": 0, "learning_rate": 2e-3}),
    "lora": Way("LoRA", {"rank": 8, "learning_rate": 2e-3}),
    "all": Way("Everything", {"trained_layers": ALL, "learning_rate": 1e-4}),
}
WAY_SEEDS = (1, 2, 3)  # that were recorded


def of_way(name: str, **values: Any) -> Settings:
    """The settings of a way on our sentiment sentences."""
    return checked({**WAYS[name].values, **values})
