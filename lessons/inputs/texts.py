"""The lesson's own texts, from ``assets/data/inputs/texts.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PATH = Path(__file__).parents[2] / "assets" / "data" / "inputs" / "texts.toml"


@dataclass(frozen=True)
class Texts:
    """A stand-in second sentence, companions for a batch, and long texts as (about, text)."""

    second: str
    companions: tuple[str, ...]
    long: tuple[tuple[str, str], ...]


@lru_cache(maxsize=1)
def texts() -> Texts:
    """The texts; raises KeyError when the file lacks one of its fields."""
    table = tomllib.loads(PATH.read_text(encoding="utf-8"))
    return Texts(
        second=table["second"],
        companions=tuple(table["companions"]),
        long=tuple((entry["about"], entry["text"]) for entry in table["long"]),
    )
