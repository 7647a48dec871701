"""What a learner may choose for a run of zero-shot transfer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ..engine.settings import chosen

MOST_SHARED = 3  # words of each topic
READS = ("both languages", "the first alone")


@dataclass(frozen=True)
class Settings:
    """How many words of each topic both languages share, what pre-training reads, and the seed."""

    shared: int = MOST_SHARED
    reads: str = READS[0]
    seed: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self)


CHOICES: dict[str, tuple[Any, ...]] = {
    "shared": tuple(range(MOST_SHARED + 1)), "reads": READS, "seed": tuple(range(100)),
}  # fmt: skip

# Recorded runs: with shared words, without, and one that never read the second language.
RECORDED = {
    "shared": Settings(),
    "apart": Settings(shared=0),
    "one": Settings(reads=READS[1]),
}


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping. Raises ValueError that names the setting."""
    return chosen(Settings(), values, CHOICES)
