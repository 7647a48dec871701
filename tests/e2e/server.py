"""Starts the app for tests and benchmarks, on a free port of this machine."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Server:
    """A running app."""

    url: str
    process: subprocess.Popen[bytes]
    started: float  # time.perf_counter() at which the process was started
    rooms: str = ""  # database of the class rooms, where it was named
    root: Path = ROOT  # where its code lies


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def running_app(port: int = 0, root: Path = ROOT, **environment: str) -> Iterator[Server]:
    """The app in a process of its own, healthy, until the block ends.

    It draws whole pages, however many learners come, unless it is told otherwise.
    """
    port = port or free_port()
    started = time.perf_counter()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "streamlit", "run", "app.py",
            "--server.port", str(port), "--server.address", "127.0.0.1",
            "--server.headless", "true",
        ],
        cwd=root,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_until_healthy(url, process)
        yield Server(url, process, started, environment.get("INSIDE_BERT_ROOMS", ""), root)
    finally:
        _end(process)


@contextmanager
def running_class(workers: int = 2, root: Path = ROOT, **environment: str) -> Iterator[Server]:
    """What ``make class`` starts: the front and so many app processes, all of them healthy."""
    port, started = free_port(), time.perf_counter()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "deploy.front", "--workers", str(workers),
            "--port", str(port), "--address", "127.0.0.1",
        ],
        cwd=root,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        for line in process.stdout:
            if b"Ctrl-C" in line:
                break
        else:
            raise RuntimeError(f"the class ended at once, with {process.wait()}")
        # What it says later must not fill the pipe.
        threading.Thread(target=process.stdout.read, daemon=True).start()
        url = f"http://127.0.0.1:{port}"
        yield Server(url, process, started, environment.get("INSIDE_BERT_ROOMS", ""), root)
    finally:
        _end(process)


def workers_of(app: Server) -> list[psutil.Process]:
    """The app processes of a class."""
    children = psutil.Process(app.process.pid).children()
    return [child for child in children if "deploy.worker" in child.cmdline()]


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=30)
    except subprocess.TimeoutExpired:
        process.kill()


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], seconds: float = 300) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the app ended at once, with {process.returncode}")
        try:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError(f"the app did not answer within {seconds} s")
