"""A process of its own that draws slow maps, for all processes of the app on one machine.

UMAP compiles itself for some 15 s at its first use and holds the interpreter meanwhile: everybody
would wait. So one process does it once, keeps warm, and answers whoever knows the folder in which
it has written down its port and key. What was drawn lies in that folder too, named by content.

Started by `MapProcess` as ``python -m lessons.word_senses.map_process FOLDER``. It ends by itself
when nobody is connected any more, and after a long time without anything to draw.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path

import numpy as np
from filelock import FileLock

from ..engine.trace import Floats
from ..engine.training_process import NICENESS
from .maps import Map, MapSettings, draw_map

ROOT = Path(__file__).parents[2]
HERE = "127.0.0.1"
DOOR, DRAWN = "door.json", "drawn"  # files in the folder: where the process is; it has drawn once
ALONE, IDLE = 5.0, 1800.0  # seconds without a connection, and without a map, until it ends
KEPT = 2000  # maps in the folder


class MapProcess:
    """The way to that process. It is started when it is first needed, and again if it has died."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._connection: Connection[object, object] | None = None
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def warm(self) -> bool:
        """Whether the process has drawn since it was started, so that nothing is left to load."""
        return (self.folder / DRAWN).exists()

    def draw(self, vectors: Floats, settings: MapSettings) -> Map:
        """`draw_map`, there; what was drawn before is read from the folder."""
        kept = self.folder / f"{_digest(vectors, settings)}.npy"
        if kept.exists():
            return Map(np.load(kept), None)
        with self._lock:
            try:
                answer = self._ask(vectors, settings)
            except (OSError, EOFError):  # it had ended meanwhile
                self._connection = None
                answer = self._ask(vectors, settings)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Map)
        self._keep(kept, answer)
        return answer

    def close(self) -> None:
        """Let go of the process, which ends when nobody else holds it."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None

    def _ask(self, vectors: Floats, settings: MapSettings) -> object:
        if self._connection is None:
            self._connection = self._connect()
        self._connection.send((vectors, settings))
        return self._connection.recv()

    def _connect(self) -> Connection[object, object]:
        with FileLock(self.folder / "starting", thread_local=False):  # one of us starts it
            try:
                return self._enter()
            except (OSError, EOFError, AuthenticationError):
                command = [sys.executable, "-m", __name__, str(self.folder)]
                started = subprocess.Popen(
                    command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
                )
                assert started.stdout is not None
                started.stdout.readline()  # it listens, or has ended
                return self._enter()

    def _enter(self) -> Connection[object, object]:
        door = json.loads((self.folder / DOOR).read_text(encoding="utf-8"))
        return Client((HERE, door["port"]), authkey=bytes.fromhex(door["key"]))

    def _keep(self, path: Path, drawn: Map) -> None:
        written = path.with_suffix(f".{secrets.token_hex(4)}")
        with written.open("wb") as file:
            np.save(file, drawn.points)
        written.replace(path)
        known = list(self.folder.glob("*.npy"))
        if len(known) > KEPT:
            for old in sorted(known, key=lambda p: p.stat().st_mtime)[: KEPT // 2]:
                old.unlink(missing_ok=True)


def _digest(vectors: Floats, settings: MapSettings) -> str:
    name = hashlib.sha256(f"{settings} {vectors.shape} {vectors.dtype}".encode())
    name.update(np.ascontiguousarray(vectors).tobytes())
    return name.hexdigest()


class Desk:
    """The other side: draws one map after the other for all who are connected."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.drawing = threading.Lock()
        self.connected = 0
        self.left_at = self.asked_at = time.monotonic()

    def serve(self, connection: Connection[object, object]) -> None:
        """Answer one process of the app until it goes."""
        self.connected += 1
        try:
            while True:
                asked = connection.recv()
                with self.drawing:
                    self.asked_at = time.monotonic()
                    connection.send(self._answer(*asked))  # type: ignore[misc]
        except (OSError, EOFError):
            pass
        finally:
            self.connected -= 1
            self.left_at = time.monotonic()

    def _answer(self, vectors: Floats, settings: MapSettings) -> Map | Exception:
        try:
            drawn = draw_map(vectors, settings)
        except Exception as error:
            return RuntimeError(f"{type(error).__name__}: {error}")  # whatever it is, it travels
        (self.folder / DRAWN).touch()
        return drawn

    def watch(self) -> None:
        """End the process when nobody needs it."""
        while True:
            time.sleep(0.5)
            now = time.monotonic()
            alone = not self.connected and now - self.left_at > ALONE
            idle = now - self.asked_at > IDLE and self.drawing.acquire(blocking=False)
            if alone or idle:
                (self.folder / DRAWN).unlink(missing_ok=True)
                os._exit(0)


def main() -> None:
    """Write down where we are, and serve."""
    os.nice(int(os.environ.get("INSIDE_BERT_NICENESS") or NICENESS))
    folder, key = Path(sys.argv[1]), secrets.token_bytes(32)
    (folder / DRAWN).unlink(missing_ok=True)
    desk = Desk(folder)
    with Listener((HERE, 0), backlog=16, authkey=key) as listener:
        door = folder / f"{DOOR}.new"
        door.touch(mode=0o600)
        door.write_text(json.dumps({"port": listener.address[1], "key": key.hex()}))
        door.replace(folder / DOOR)
        threading.Thread(target=desk.watch, daemon=True).start()
        print("listening", flush=True)
        while True:
            try:
                connection = listener.accept()
            except (OSError, EOFError, AuthenticationError):
                continue  # somebody without the key, or who went away at once
            threading.Thread(target=desk.serve, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    main()
