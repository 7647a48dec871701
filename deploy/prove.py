"""Prove on this machine that several processes serve one class: ``python -m deploy.prove``.

Processes as `make class` starts them stand behind one address. Learners are told apart by their
cookie and land on different processes; a room spans both; then the teacher's process is killed.
With ``postgres`` the rooms are in PostgreSQL instead of SQLite's file; with ``ray`` the models are
on Ray Serve. These two need `requirements-cluster.txt`, the first of them PostgreSQL's programs.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import psutil

from tests.benchmarks.learners import Learner
from tests.e2e.server import free_port, running_class, workers_of

HERE = Path(__file__).parent


def say(what: str) -> None:
    print(f"✓ {what}", flush=True)


def program(name: str) -> str:
    """Where a program is, on the PATH or where Debian puts it; ends the proof without it."""
    places = (shutil.which(name), *Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = next((str(place) for place in places if place), None) or shutil.which(
        name, path="/usr/sbin"
    )
    return found or sys.exit(f"This proof needs {name}.")


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of its own; yields the address of an empty database."""
    port, data = free_port(), folder / "data"
    data.mkdir()
    run: dict[str, Any] = {"cwd": "/", "stdout": subprocess.DEVNULL}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        run["user"] = "postgres"
        shutil.chown(data, "postgres")
    subprocess.run([program("initdb"), "-D", data, "-A", "trust", "-U", "rooms"], check=True, **run)
    server = subprocess.Popen(
        [
            program("postgres"), "-D", data, "-p", str(port), "-k", data,
            "-c", "listen_addresses=127.0.0.1", "-c", "log_min_messages=fatal",
        ],
        **run,
    )  # fmt: skip
    try:
        address = f"postgresql+psycopg://rooms@127.0.0.1:{port}/postgres"
        wait_for(lambda: can_connect(address), "PostgreSQL")
        yield address
    finally:
        server.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown: it waits for nobody
        server.wait(timeout=20)


def can_connect(address: str) -> bool:
    from sqlalchemy import create_engine
    from sqlalchemy.exc import OperationalError

    try:
        create_engine(address).connect().close()
    except OperationalError:
        return False
    return True


def get(url: str, cookie: str = "") -> HTTPResponse:
    request = urllib.request.Request(f"{url}/_stcore/health", headers={"Cookie": cookie})
    answer: HTTPResponse = urllib.request.urlopen(request, timeout=5)
    return answer


def wait_for(holds: Callable[[], bool], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            sys.exit(f"✗ {what}: not within {seconds:.0f} s")
        time.sleep(0.2)


def cookies(url: str, known: str = "") -> list[str]:
    """The cookies by which the front names a process to somebody who has this one or none."""
    given = get(url, known).headers.get_all("Set-Cookie") or []
    return [c.partition(";")[0] for c in given if c.startswith("inside_bert=")]


def two_cookies(url: str) -> tuple[str, str]:
    """Cookies of two learners who land on different processes."""
    found: list[str] = []
    for _ in range(100):
        (cookie,) = cookies(url)
        if cookie not in found:
            found.append(cookie)
        if len(found) == 2:
            return found[0], found[1]
    sys.exit("✗ a hundred learners all landed on one process")


def serves(worker: psutil.Process, cookie: str) -> bool:
    """Whether that process is the one that a cookie names: Caddy hashes its address."""
    command = worker.cmdline()
    address = f"127.0.0.1:{command[command.index('--server.port') + 1]}"
    return cookie == f"inside_bert={hmac.new(b'', address.encode(), 'sha256').hexdigest()}"


async def one_class(url: str, first: str, second: str) -> str:
    """A teacher on one process, a student on the other, and a question between them.

    Returns the query of the teacher's secret link.
    """
    async with Learner(url, first) as teacher, Learner(url, second) as student:
        await teacher.open("classroom")
        await teacher.set("Open a room", trigger_value=True)
        # The address that brings the teacher back holds room and key.
        link = next(text for text in teacher.codes if "key=" in text)
        query = link.partition("?")[2]
        code = query.partition("room=")[2].partition("&")[0]
        say(f"a teacher opened room {code} on one process")
        await student.open("classroom", f"room={code}")
        student.keep("Code", string_value=code)
        await student.set("Join", trigger_value=True)
        say("a student joined it on the other")
        await teacher.set("Ask", string_array_value=["Your own"])
        teacher.keep("Question", string_value="Ready?")
        answers = "Answers to choose from, one a line; none for answers in words"
        await teacher.set(answers, string_value="yes\nno")
        await teacher.set("Put it to the room", trigger_value=True)
        fragment = next(iter(student.fragments))
        await asyncio.sleep(1)
        await student.poll(fragment)
        await student.vote(0, fragment)
        await asyncio.sleep(1)
        await teacher.poll(next(iter(teacher.fragments)))
        assert any("1 answered" in text for text in teacher.texts), teacher.texts
        say("the question crossed over, and the vote came back")
    return query


async def again(url: str, cookie: str, query: str) -> None:
    """The teacher comes back by the secret link, wherever it leads."""
    async with Learner(url, cookie) as teacher:
        await teacher.open("classroom", query)
        await teacher.poll(next(iter(teacher.fragments)))
        assert any("1 answered" in text for text in teacher.texts), teacher.texts


def processes(rooms: str) -> None:
    """Two app processes behind the front, and one database of rooms."""
    with running_class(2, INSIDE_BERT_ROOMS=rooms) as app:
        first, second = two_cookies(app.url)
        say("two learners, told apart by a cookie, are served by two processes")
        for cookie in (first, second):
            assert {given for _ in range(5) for given in cookies(app.url, cookie)} <= {cookie}
        say("each comes back to the same process every time")
        check_headers(app.url)
        query = asyncio.run(one_class(app.url, first, second))
        (teachers,) = [worker for worker in workers_of(app) if serves(worker, first)]
        teachers.kill()
        killed = time.monotonic()
        asyncio.run(again(app.url, first, query))
        seconds = time.monotonic() - killed
        say(f"the teacher's process was killed: {seconds:.1f} s later the room goes on elsewhere")
        wait_for(lambda: sum(serves(w, first) for w in workers_of(app)) == 1, "a new process")
        say("and a new process stands in its place")


def check_headers(url: str) -> None:
    headers = get(url).headers
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy"):
        assert headers[name], name
    say("answers carry the security headers")


def ray() -> None:
    """The models on Ray Serve: same answers, and this process computes when the cluster is gone."""
    import numpy as np

    from lessons.engine import load_model
    from lessons.engine.cluster import APP, HEAVY, connect, on_cluster

    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0"}
    port, door = free_port(), free_port()
    subprocess.run(
        [
            sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--num-cpus", "2",
            "--include-dashboard", "false", "--port", str(port), "--node-ip-address", "127.0.0.1",
            "--ray-client-server-port", str(door),
        ],
        check=True, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    address, client = f"127.0.0.1:{port}", f"ray://127.0.0.1:{door}"
    try:
        start = time.monotonic()
        subprocess.run(
            [
                sys.executable, "-c",
                "import ray; from ray import serve; from deploy.models import app;"
                f"ray.init('{address}', log_to_driver=False); serve.run(app, name='{APP}')",
            ],
            check=True, env=environment, cwd=HERE.parent,
        )  # fmt: skip
        say(f"the models are on the cluster ({time.monotonic() - start:.0f} s)")
        here = load_model("minilm-mlm")
        there = on_cluster(here, connect(client))
        text = "The old man sat by the [MASK] and told a story."
        assert isinstance(there, type(here))
        assert there.fill_mask(text) == here.fill_mask(text)
        close = np.allclose(
            there.trace(text).attention_weights, here.trace(text).attention_weights, atol=1e-5
        )
        assert close
        edit = {"layer.0.attention_weights": lambda weights, _: weights * 0}
        ours, theirs = (m.trace(text, edits=edit).hidden_states for m in (here, there))
        assert np.allclose(ours, theirs, atol=1e-5)
        say(f"same answers, edited passes included; {len(HEAVY)} methods go there")
        try:
            there.trace(text, edits={"no such step": lambda tensor, _: tensor})
        except ValueError:
            say("a complaint of the model arrives as the same error")
        times = []
        for model in (here, there):
            begin = time.perf_counter()
            for _ in range(20):
                model.fill_mask(text)
            times.append(1000 * (time.perf_counter() - begin) / 20)
        say(f"fill_mask takes {times[0]:.0f} ms here, {times[1]:.0f} ms by the cluster")
    finally:
        subprocess.run(
            [sys.executable, "-m", "ray.scripts.scripts", "stop", "--force"],
            check=False, stdout=subprocess.DEVNULL,
        )  # fmt: skip
    begin = time.perf_counter()
    assert there.fill_mask(text) == here.fill_mask(text)
    say(f"with the cluster gone this process computes (after {time.perf_counter() - begin:.1f} s)")
    begin = time.perf_counter()
    assert there.fill_mask(text) == here.fill_mask(text)
    say(f"and does not ask again for a while ({time.perf_counter() - begin:.2f} s)")


def main() -> None:
    """Prove what the command line names."""
    if sys.argv[1:] == ["ray"]:
        ray()
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        if sys.argv[1:] == ["postgres"]:
            with postgres(folder) as rooms:
                processes(rooms)
        else:
            processes(f"sqlite:///{folder}/rooms.sqlite3")


if __name__ == "__main__":
    main()
