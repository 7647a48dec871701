"""A process of its own for one training run, so that no page waits for a gradient.

Started as ``python -m lessons.engine.training_process [module …]``. It imports those modules, says
that it is ready, and waits. Lines of JSON go in and come out:

    in   {"do": "start", "task": "package.module:Class", "settings": {…}, "folder": "…"}
         {"do": "pause"}  {"do": "resume"}  {"do": "step"}  {"do": "stop"}
    out  {"is": "ready"}
         {"is": "started", "facts": {…}}
         {"is": "report", "steps": n, "point": […] and "moment": {…}, if there are}
         {"is": "paused"} {"is": "running"}
         {"is": "ended", "steps": n, "why": "finished" or "stopped", "saved": bool}
         {"is": "failed", "reason": "one sentence"}

A task is a class (see `Task`); nothing here knows what it trains. The process is nice and
ends when its standard input closes: it cannot outlive the app.
"""

from __future__ import annotations

import importlib
import json
import os
import queue
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol, TextIO

REPORT_EVERY = 0.1  # seconds; the browser draws what lies between
NICENESS = 10  # INSIDE_BERT_NICENESS names another, for a machine with nobody to give way to


class Task(Protocol):
    """What can be trained. Built as ``Class(settings)`` from a mapping of plain values.

    A ValueError, wherever it is raised, ends the run with its text as the reason.
    """

    @property
    def finished(self) -> bool:
        """Whether there is no step left to do."""

    @property
    def facts(self) -> dict[str, Any]:
        """What does not change in the run, as JSON carries it."""

    def step(self) -> list[float | None]:
        """Train one batch; returns one point of the curves: the step, then other numbers."""

    def moment(self) -> dict[str, Any]:
        """A closer look at the model as it is now, as JSON carries it."""

    def moment_due(self) -> bool:
        """Whether this step is one to look at closely."""

    def save(self, folder: Path) -> None:
        """Write the trained model into a folder."""


def task_of(name: str, settings: Mapping[str, Any]) -> Task:
    """Build the task ``package.module:Class``."""
    module, _, cls = name.partition(":")
    task: Task = getattr(importlib.import_module(module), cls)(settings)
    return task


class Worker:
    """The loop of the process: a command, a step, a report, and again."""

    def __init__(self, commands: TextIO, reports: TextIO) -> None:
        self.commands: queue.Queue[dict[str, Any]] = queue.Queue()
        self.reports = reports
        self.paused = False
        self.stopped = False
        self.steps = 0
        self.points: list[list[float | None]] = []
        self.reported_at = 0.0
        threading.Thread(target=self._listen, args=(commands,), daemon=True).start()

    def _listen(self, commands: TextIO) -> None:
        for line in commands:
            self.commands.put(json.loads(line))
        os._exit(0)  # the app is gone: nobody is left to train for

    def say(self, **message: Any) -> None:
        """Send one line."""
        self.reports.write(json.dumps(message, allow_nan=False, separators=(",", ":")) + "\n")
        self.reports.flush()

    def serve(self) -> None:
        """Wait for the start, then run to the end."""
        start = self.commands.get()
        try:
            task = task_of(start["task"], start["settings"])
            self.say(**{"is": "started"}, facts=task.facts)
            self._report(task.moment())
            self._run(task)
            saved = self._save(task, Path(start["folder"]))
            why = "stopped" if self.stopped else "finished"
            self.say(**{"is": "ended"}, steps=self.steps, why=why, saved=saved)
        except ValueError as error:
            self.say(**{"is": "failed"}, reason=str(error))
        except MemoryError:
            self.say(**{"is": "failed"}, reason="There was not enough memory: train a smaller one.")

    def _run(self, task: Task) -> None:
        while not task.finished and not self.stopped:
            once = self._obey()
            if self.stopped or (self.paused and not once):
                continue
            self.points.append(task.step())
            self.steps += 1
            if task.moment_due() or once or task.finished:
                self._report(task.moment())
            elif time.monotonic() - self.reported_at > REPORT_EVERY:
                self._report()

    def _obey(self) -> bool:
        """Take all commands that wait; while paused, wait for one. True for a single step."""
        while True:
            try:
                command = self.commands.get(block=self.paused)["do"]
            except queue.Empty:
                return False
            if command == "step" and self.paused:
                return True
            if command == "stop":
                self.stopped = True
                return False
            if command in ("pause", "resume"):
                self.paused = command == "pause"
                self.say(**{"is": "paused" if self.paused else "running"})

    def _report(self, moment: dict[str, Any] | None = None) -> None:
        message: dict[str, Any] = {"is": "report", "steps": self.steps}
        if self.points:
            message["point"] = average(self.points)
        if moment is not None:
            message["moment"] = moment
        self.say(**message)
        self.points = []
        self.reported_at = time.monotonic()

    def _save(self, task: Task, folder: Path) -> bool:
        try:
            task.save(folder)
        except OSError:  # a full disk takes the export, not what was learned on the page
            return False
        return True


def average(points: list[list[float | None]]) -> list[float | None]:
    """The points of one report as one: the last step, and the mean of every other number.

    A number that is missing in one of them (None) is missing in the mean.
    """
    last, *_ = points[-1]
    means: list[float | None] = [last]
    for values in list(zip(*points, strict=True))[1:]:
        known = [value for value in values if value is not None]
        full = len(known) == len(values)
        means.append(float(f"{sum(known) / len(known):.5g}") if full else None)
    return means


def main() -> None:
    """Be nice, load what takes long to load, and serve one run."""
    os.nice(int(os.environ.get("INSIDE_BERT_NICENESS") or NICENESS))
    # Whatever a library prints must not get between the reports.
    reports = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for module in sys.argv[1:]:
        importlib.import_module(module)
    worker = Worker(sys.stdin, reports)
    worker.say(**{"is": "ready"})
    worker.serve()


if __name__ == "__main__":
    main()
