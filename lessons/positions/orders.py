"""Pairs of sentences with the same words, from ``assets/data/positions/orders.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PATH = Path(__file__).parents[2] / "assets" / "data" / "positions" / "orders.toml"


@dataclass(frozen=True)
class Pair:
    """Two sentences made of the same words."""

    first: str
    second: str


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    """All pairs; raises KeyError when one lacks a sentence."""
    table = tomllib.loads(PATH.read_text(encoding="utf-8"))
    return tuple(Pair(entry["first"], entry["second"]) for entry in table["order"])
