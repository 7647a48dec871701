"""The family in a table, and every model built without memory to count its parameters.

A model on PyTorch's meta device has all its tensors and none of their numbers. Building all
of them takes `transformers` and some seconds, so a page starts `Counting` in a process of its own.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parents[2] / "assets" / "data" / "variants" / "family.toml"


@dataclass(frozen=True)
class Member:
    """One model. ``parameters`` are of encoder and pooler (where there is one), without task head.

    ``config`` and ``values`` build it in `transformers`; ``glue`` is None where the one source
    that is used here has no row.
    """

    name: str
    year: int
    config: str
    values: Mapping[str, Any]
    parameters: int
    embeddings: int
    layers: int
    hidden: int
    vocabulary: int
    context: int
    cutting: str
    idea: str
    source: str
    glue: float | None = None


@cache
def family() -> tuple[Member, ...]:
    """All members, as ``family.toml`` lists them."""
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return tuple(Member(**row) for row in table["model"])


@dataclass(frozen=True)
class Counted:
    """What a model's configuration and its tensors say of it."""

    parameters: int
    embeddings: int
    layers: int
    hidden: int
    vocabulary: int
    context: int


def count(member: Member) -> Counted:
    """Build the model on the meta device and count. Imports `transformers`: takes a while.

    Word, position and type tables and their LayerNorm are embeddings; what comes after them (the
    projection of ALBERT and ELECTRA-small) is not. RoBERTa's table of 514 positions serves 512
    tokens: the first two are not used.
    """
    import torch
    import transformers

    from ..engine.model import WithoutInitialising

    config = getattr(transformers, member.config)(**member.values)
    with torch.device("meta"), WithoutInitialising():
        model = transformers.AutoModel.from_config(config)  # type: ignore[no-untyped-call]
    positions = int(config.max_position_embeddings)
    return Counted(
        sum(weight.numel() for weight in model.parameters()),
        sum(weight.numel() for weight in model.embeddings.parameters()),
        int(config.num_hidden_layers),
        int(config.hidden_size),
        int(config.vocab_size),
        positions - 2 if member.config in ("RobertaConfig", "XLMRobertaConfig") else positions,
    )


class Counting:
    """Counts the whole family, a model a step; a task for `lessons.engine.training_process`."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        names = settings.get("names")
        self.members = [m for m in family() if names is None or m.name in names]
        self.counted: dict[str, int] = {}

    @property
    def finished(self) -> bool:
        """Whether all are counted."""
        return len(self.counted) >= len(self.members)

    @property
    def facts(self) -> dict[str, Any]:
        """How many there are."""
        return {"steps": len(self.members)}

    def step(self) -> list[float | None]:
        """Build and count the next: (step, parameters)."""
        member = self.members[len(self.counted)]
        self.counted[member.name] = count(member).parameters
        return [len(self.counted), self.counted[member.name]]

    def moment_due(self) -> bool:
        """After every model."""
        return True

    def moment(self) -> dict[str, Any]:
        """The counts so far."""
        return {"step": len(self.counted), "counted": dict(self.counted)}

    def save(self, folder: Path) -> None:
        """There is nothing to keep but the counts, which the page has."""


def describe_counting(counted: Mapping[str, int]) -> str:
    """Whether what was counted is what the table says."""
    wrong = [m.name for m in family() if counted.get(m.name, m.parameters) != m.parameters]
    if wrong:
        return f"Counted {len(counted)} models; the table is wrong about {', '.join(wrong)}."
    return f"Counted {len(counted)} models, each built just now without memory: every count agrees."


def describe_family(members: Sequence[Member]) -> str:
    """The smallest, the largest, and who spends most on the vocabulary."""
    small, large = (f(members, key=lambda m: m.parameters) for f in (min, max))
    wordy = max(members, key=lambda m: m.embeddings / m.parameters)
    return (
        f"From {small.parameters / 1e6:.1f} million parameters ({small.name}) to "
        f"{large.parameters / 1e6:.1f} million ({large.name}). {wordy.name} spends "
        f"{wordy.embeddings / wordy.parameters:.0%} of its own on embeddings."
    )
