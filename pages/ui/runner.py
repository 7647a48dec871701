"""Training runs of all learners: each in a process of its own, a few at a time, the rest in line.

Where several processes serve the app, they have one line (`pages.ui.line`).
A page starts a run and gets its secret id; who has the id can see and steer the run, nobody else
can. The page must look in again and again (`Runs.look` is the heartbeat): a run that nobody looks
at ends. Training itself is in `lessons.engine.training_process`; nothing here knows what is
trained.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pages.ui import shared
from pages.ui.line import Line

log = logging.getLogger("inside_bert")

ROOT = Path(__file__).parents[2]

Status = Literal["waiting", "running", "paused", "finished", "stopped", "failed"]
Command = Literal["pause", "resume", "step", "stop"]

LEFT = "The run ended, since its page was closed."
IDLE = "The run was paused for so long that it ended."
TOO_LONG = "The run took longer than a run may here, so it ended; what it learned is kept."
MADE_ROOM = "The run was paused and others needed the room, so it ended."
BROKE = "The training process ended by itself. Reset, and try a smaller model."


class NoRoom(Exception):  # noqa: N818 (says what is the case)
    """No run can be started now; the message is a sentence for the page."""


@dataclass
class Run:
    """One training run, as its owner's page sees it. The lists only grow."""

    id: str
    model_name: str
    task: str
    settings: dict[str, Any]
    folder: Path
    status: Status = "waiting"
    reason: str = ""
    facts: dict[str, Any] | None = None
    points: list[list[float | None]] = field(default_factory=list)
    moments: list[dict[str, Any]] = field(default_factory=list)
    steps: int = 0
    saved: bool = False
    recorded: str = ""  # the day of a run that was recorded, as 2026-01-31
    seconds: float = 0.0  # spent running
    seen_at: float = field(default_factory=time.monotonic)
    changed_at: float = field(default_factory=time.monotonic)  # when the status last changed

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.status in ("finished", "stopped", "failed")

    def become(self, status: Status) -> None:
        """Take another status, and count the time spent running."""
        now = time.monotonic()
        if self.status == "running":
            self.seconds += now - self.changed_at
        self.status, self.changed_at = status, now


@dataclass(frozen=True)
class Limits:
    """How many runs there may be, and for how long; times in seconds."""

    at_once: int = 1
    in_line: int = 20
    paused: int = 4
    turn: float = 90  # a run that others wait for gives way after this
    longest: float = 300
    left: float = 20  # not looked at for so long: its owner has gone
    idle: float = 600
    stop: float = 0.7  # a process that has not ended by then is killed
    kept: int = 30  # runs that are over and can still be looked at
    spare: float = 120  # an unused process is kept ready for so long


def usual_limits() -> Limits:
    """One run for every two processors; ``INSIDE_BERT_RUNS`` sets another number."""
    named = os.environ.get("INSIDE_BERT_RUNS", "")
    at_once = int(named) if named.isdigit() else (os.cpu_count() or 1) // 2
    return Limits(at_once=max(1, at_once))


class Process:
    """A training process: its lines are handed to the run that it was given."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        self.run: Run | None = None
        self.born_at = time.monotonic()
        self.stopping_at: float | None = None
        self.child = subprocess.Popen(
            [sys.executable, "-m", "lessons.engine.training_process", *preload],
            cwd=ROOT,
            env={**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=self._listen, name="training-reports", daemon=True).start()

    @property
    def alive(self) -> bool:
        return self.child.poll() is None

    def send(self, **message: Any) -> None:
        """Give a command; a process that is gone takes none, which the supervisor will see."""
        assert self.child.stdin is not None
        try:
            self.child.stdin.write(json.dumps(message) + "\n")
            self.child.stdin.flush()
        except OSError:
            log.info("a training process is gone")

    def kill(self) -> None:
        self.child.kill()

    def _listen(self) -> None:
        assert self.child.stdout is not None
        for line in self.child.stdout:
            if self.run is not None and line.endswith("\n"):  # a killed process leaves half a line
                self._take(self.run, json.loads(line))
        self.child.wait()

    def _take(self, run: Run, message: dict[str, Any]) -> None:
        kind = message["is"]
        if kind == "started":
            run.facts = message["facts"]
        elif kind == "report":
            run.steps = message["steps"]
            if "point" in message:
                run.points.append(message["point"])
            if "moment" in message:
                run.moments.append(message["moment"])
        elif kind == "ended":
            run.saved = message["saved"]
            if not run.over:
                run.become(message["why"])
        elif kind == "failed":
            run.reason = message["reason"]
            run.become("failed")


class Runs:
    """All runs of this process of the app. ``preload`` names modules that trainings import at once.

    Processes of the app that are given the same ``folder`` have one line.
    """

    def __init__(
        self, limits: Limits, preload: tuple[str, ...] = (), folder: Path | None = None
    ) -> None:
        self.limits = limits
        self.preload = preload
        self.folder = Path(tempfile.mkdtemp(prefix="inside-bert-runs-"))
        self._lock = threading.RLock()
        self._runs: dict[str, Run] = {}
        self._line = Line((folder or self.folder) / "line", limits.at_once)
        self._processes: dict[str, Process] = {}
        self._spare: Process | None = None
        self._watcher: threading.Thread | None = None
        atexit.register(self.close)

    # --- what a page does -----------------------------------------------------------------------

    def warm(self) -> None:
        """Have a process ready, so that the first step does not wait for torch to load."""
        with self._lock:
            if self._spare is None or not self._spare.alive:
                self._spare = Process(self.preload)
            self._spare.born_at = time.monotonic()
            self._watch()

    def start(self, task: str, settings: Mapping[str, Any]) -> Run:
        """A new run, in line or running. Raises NoRoom when the line is full."""
        with self._lock:
            if len(self._line) >= self.limits.in_line:
                raise NoRoom(
                    f"{len(self._line)} runs are waiting already: try again in a few minutes."
                )
            name = f"toy-{secrets.token_hex(4)}"
            run = Run(secrets.token_urlsafe(16), name, task, dict(settings), self.folder / name)
            self._runs[run.id] = run
            self._line.enter(run.id)
            self._forget_old()
            self._admit()
            self._watch()
            return run

    def look(self, run_id: str) -> Run | None:
        """The run with that id, whose owner is thereby known to be there; None for no such run."""
        run = self._runs.get(run_id)
        if run is not None:
            run.seen_at = time.monotonic()
        return run

    def place(self, run: Run) -> int:
        """1 for the next in line; 0 for a run that does not wait."""
        with self._lock:
            return self._line.place(run.id)

    def command(self, run_id: str, command: Command) -> None:
        """Pause, resume, step once while paused, or stop. A run that is over stays as it is."""
        with self._lock:
            run = self._runs.get(run_id)
            if run is None or run.over:
                return
            process = self._processes.get(run.id)
            if command == "stop":
                self._end(run, "stopped", "")
            elif command == "pause" and run.status == "running" and process:
                process.send(do="pause")
                run.become("paused")
            elif command == "resume" and run.status == "paused":
                run.become("waiting")
                self._line.enter(run.id)
            elif command == "step" and run.status == "paused" and process:
                process.send(do="step")
            self._admit()

    def close(self) -> None:
        """End everything: the app goes down."""
        with self._lock:
            for run in self._runs.values():
                if not run.over:
                    run.become("stopped")
            self._line.close()
            for process in (*self._processes.values(), *([self._spare] if self._spare else [])):
                process.kill()
            self._processes.clear()
            self._spare = None
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- keeping order --------------------------------------------------------------------------

    def _watch(self) -> None:
        if self._watcher is None or not self._watcher.is_alive():
            self._watcher = threading.Thread(target=self._keep_order, name="runs", daemon=True)
            self._watcher.start()

    def _keep_order(self) -> None:
        """Look after all runs until there is nothing to look after."""
        while True:
            time.sleep(0.1)
            with self._lock:
                now = time.monotonic()
                for run in tuple(self._runs.values()):
                    if not run.over:
                        self._check(run, now)
                self._reap(now)
                self._admit()
                if self._spare and now - self._spare.born_at > self.limits.spare:
                    self._spare.kill()
                    self._spare = None
                if not (self._processes or self._line.mine or self._spare):
                    self._watcher = None
                    return

    def _check(self, run: Run, now: float) -> None:
        limits = self.limits
        running = now - run.changed_at if run.status == "running" else 0.0
        if now - run.seen_at > limits.left:
            self._end(run, "stopped", LEFT)
        elif run.status == "paused" and now - run.changed_at > limits.idle:
            self._end(run, "stopped", IDLE)
        elif run.seconds + running > limits.longest:
            self._end(run, "stopped", TOO_LONG)
        elif running > limits.turn and self._line:
            self._processes[run.id].send(do="pause")
            run.become("waiting")
            self._line.enter(run.id)

    def _reap(self, now: float) -> None:
        """Processes that are gone, that should be gone, and those that are paused in excess."""
        for run_id, process in tuple(self._processes.items()):
            run = self._runs[run_id]
            if not process.alive:
                del self._processes[run_id]
                if not run.over:  # its last lines may still be on the way
                    time.sleep(0.05)
                if not run.over:
                    self._end(run, "failed", BROKE)
            elif process.stopping_at and now - process.stopping_at > self.limits.stop:
                process.kill()
        paused = sorted(
            (run for run in self._runs.values() if run.status == "paused"),
            key=lambda run: run.changed_at,
        )
        for run in paused[: max(0, len(paused) - self.limits.paused)]:
            self._end(run, "stopped", MADE_ROOM)

    def _admit(self) -> None:
        """Let those in line run while there is room."""
        for run in self._runs.values():
            if run.status not in ("waiting", "running"):
                self._line.leave(run.id)
        for run_id in self._line.mine:
            if not self._line.admit(run_id):
                return
            run = self._runs[run_id]
            process = self._processes.get(run.id)
            if process is not None:
                process.send(do="resume")
            else:
                self._begin(run)
            run.become("running")

    def _begin(self, run: Run) -> None:
        process, self._spare = self._spare, None
        if process is None or not process.alive:
            process = Process(self.preload)
        process.run = run
        self._processes[run.id] = process
        process.send(do="start", task=run.task, settings=run.settings, folder=str(run.folder))

    def _end(self, run: Run, status: Status, reason: str) -> None:
        """End a run; its process may still write down the model, and is killed if it lingers."""
        run.become(status)
        run.reason = reason
        self._line.leave(run.id)
        process = self._processes.get(run.id)
        if process is not None and process.stopping_at is None:
            process.stopping_at = time.monotonic()
            process.send(do="stop")

    def _forget_old(self) -> None:
        over = [run for run in self._runs.values() if run.over and run.id not in self._processes]
        over.sort(key=lambda run: run.seen_at)
        for run in over[: max(0, len(over) - self.limits.kept)]:
            del self._runs[run.id]
            shutil.rmtree(run.folder, ignore_errors=True)


@lru_cache(maxsize=1)
def runs() -> Runs:
    """The runs of this process, whatever session asks."""
    preload = ("torch", "tokenizers", "lessons.engine.bert")
    return Runs(usual_limits(), preload, shared.folder())
