"""Training runs that are over at once, made in the test's own process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pages.ui import runner
from pages.ui.runner import Run


class FinishedRuns(runner.Runs):
    """What a page asks of the runs; ``make`` is the task, taken ``steps`` steps far."""

    def __init__(self, folder: Path, make: Callable[[Mapping[str, Any]], Any], steps: int) -> None:
        self.folder, self.make, self.few = folder, make, steps
        self._runs: dict[str, Run] = {}
        self.told: list[tuple[str, str]] = []

    def warm(self) -> None:
        pass

    def place(self, run: Run) -> int:
        return 0

    def command(self, run_id: str, command: str) -> None:
        self.told.append((run_id, command))

    def start(self, task: str, settings: Mapping[str, Any]) -> Run:
        assert task == f"{self.make.__module__}:{self.make.__name__}"
        number = len(self._runs)
        name = f"{self.folder.name}-{number}"  # what is kept by a run's name lives beyond a test
        run = Run(f"id{number}", name, task, dict(settings), self.folder / name)
        trained = self.make(settings)
        run.facts, run.moments = trained.facts, [trained.moment()]
        run.points = [trained.step() for _ in range(self.few)]
        run.moments.append(trained.moment())
        trained.save(run.folder)
        run.steps, run.saved = self.few, True
        run.become("finished")
        self._runs[run.id] = run
        return run
