"""Training runs that were recorded, so that a step has one to show before the learner trains.

A recording is a real run: the task of the page, its default settings, a fixed seed, one thread.
``python -m training.record`` makes it; a test replays its first steps.
"""

from __future__ import annotations

import json
import lzma
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from .registry import manifest
from .training_process import Task, average

DATA = Path(__file__).parents[2] / "assets" / "data"
POINTS, MOMENTS = 200, 40  # at most so many of each are kept


@dataclass(frozen=True)
class Recording:
    """A run that is over. ``facts``, ``points`` and ``moments`` are those of its `Task`.

    ``fingerprint`` is the SHA-256 of the bundled weights that it started from, empty for a run that
    starts from none. ``every`` is how many steps one point is the mean of. What the run left for
    its page (see `Task.save`) is kept in `folder_of`, where it is small.
    """

    task: str
    settings: dict[str, Any]
    date: str
    fingerprint: str
    every: int
    facts: dict[str, Any]
    points: list[list[float | None]]
    moments: list[dict[str, Any]]


def file_of(slug: str, name: str) -> Path:
    """Where a recording of a lesson is kept."""
    return DATA / slug / "recorded" / f"{name}.json.xz"


def folder_of(slug: str, name: str) -> Path:
    """Where what a recorded run left is kept, if it is; named as the folders of other runs are."""
    return DATA / slug / "recorded" / f"toy-{name}"


def fingerprint_of(model: str) -> str:
    """SHA-256 of a bundled model's weights as the manifest has it; empty for no model."""
    return str(manifest()["models"][model]["sha256"]) if model else ""


def record(task: Task, name: str, settings: Mapping[str, Any], model: str, date: str) -> Recording:
    """Train ``task`` to its end, ``settings`` being all of its settings and ``name`` its class."""
    facts, moments = task.facts, [task.moment()]
    every = max(1, -(-int(settings.get("steps") or facts["steps"]) // POINTS))
    points: list[list[float | None]] = []
    waiting: list[list[float | None]] = []
    while not task.finished:
        waiting.append(task.step())
        if len(waiting) == every or task.finished:
            points.append(average(waiting))
            waiting = []
        if task.moment_due() or task.finished:
            moments.append(task.moment())
    thin = -(-len(moments) // MOMENTS)
    kept = [*moments[:-1:thin], moments[-1]]
    return Recording(name, dict(settings), date, fingerprint_of(model), every, facts, points, kept)


def write(recording: Recording, path: Path) -> None:
    """Write a recording, packed."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(asdict(recording), allow_nan=False, separators=(",", ":"))
    path.write_bytes(lzma.compress(text.encode(), preset=9))


@lru_cache(maxsize=32)
def load(slug: str, name: str) -> Recording:
    """A recording of a lesson. It is shared by all who ask: nobody may change it.

    Raises OSError when there is none of that name.
    """
    return Recording(**json.loads(lzma.decompress(file_of(slug, name).read_bytes())))
