"""The rows of ``facts.toml`` and of ``evaluation.toml``."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FACTS, EVALUATION = HERE / "facts.toml", HERE / "evaluation.toml"


@dataclass(frozen=True)
class Fact:
    """One thing that the course says of the weights, and where."""

    name: str
    claim: str
    where: tuple[str, ...]
    """Files, from the project's top folder."""
    value: float
    low: float
    high: float
    """While a new measurement lies between these two, the claim holds."""


def read(path: Path) -> tuple[str, list[Fact]]:
    """Fingerprint of the weights that were measured, and the rows."""
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    rows = [
        Fact(
            name, row["claim"], tuple(row["where"]), float(row["value"]),
            float(row["low"]), float(row["high"]),
        )
        for name, row in table["facts"].items()
    ]  # fmt: skip
    return table["weights"], rows


def bundled_fingerprint() -> str:
    """SHA-256 of the bundled weights, as the manifest has it."""
    manifest = tomllib.loads((ROOT / "assets/MANIFEST.toml").read_text(encoding="utf-8"))
    return str(manifest["models"]["minilm-mlm"]["sha256"])


def write(path: Path, fingerprint: str, measured: dict[str, float]) -> None:
    """Put new values and the fingerprint in; everything else stays as it is."""
    text = path.read_text(encoding="utf-8")
    text = re.sub(r'^weights = ".*"$', f"weights = {json.dumps(fingerprint)}", text, flags=re.M)
    for name, value in measured.items():
        row = re.compile(rf"(^\[facts\.{name}\]\n(?:(?!\[).*\n)*?value = )\S+", re.M)
        text = row.sub(lambda found, value=value: f"{found[1]}{value:.3f}", text)
    path.write_text(text, encoding="utf-8")
