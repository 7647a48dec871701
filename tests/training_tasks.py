"""Tasks for the tests of the runner: they train nothing, in a known way."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Counting:
    """Counts to ``steps``, each taking ``seconds``; ``breaks`` says how it fails at step 3."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        if settings.get("breaks") == "at once":
            raise ValueError("This can't be trained.")
        self.settings = settings
        self.done = 0

    @property
    def finished(self) -> bool:
        return self.done >= self.settings.get("steps", 5)

    @property
    def facts(self) -> dict[str, Any]:
        return {"mark": self.settings.get("mark"), "nice": os.nice(0), "pid": os.getpid()}

    def step(self) -> list[float | None]:
        time.sleep(self.settings.get("seconds", 0.01))
        self.done += 1
        if self.done == 3 and self.settings.get("breaks") == "crash":
            raise RuntimeError("a bug")
        print("a library that talks")
        return [self.done, float(self.settings.get("mark", 0))]

    def moment(self) -> dict[str, Any]:
        return {"step": self.done}

    def moment_due(self) -> bool:
        return self.done % 2 == 0

    def save(self, folder: Path) -> None:
        folder.mkdir(parents=True)
        (folder / "trained.txt").write_text(str(self.done))
