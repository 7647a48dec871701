"""Programs that are kept running, and how many of them a machine gets."""

import os
import socket
import subprocess
import sys
import time

import pytest

from deploy import front
from deploy.front import Program


@pytest.fixture
def make():
    made = []

    def program(code: str) -> Program:
        made.append(Program("It", [sys.executable, "-c", code], {"GIVEN": "yes"}))
        return made[-1]

    yield program
    for program in made:
        program.stop(10)


def test_a_program_that_dies_is_started_again(make, monkeypatch):
    monkeypatch.setattr(front, "SOON", 0)
    program = make("import time; time.sleep(600)")
    program.keep()
    before = program.process
    program.keep()
    assert program.process is before
    before.kill()
    before.wait()
    program.keep()
    assert program.process is not before
    assert program.process.poll() is None


def test_one_that_ends_at_once_every_time_is_given_up(make, monkeypatch):
    monkeypatch.setattr(front, "TRIES", 2)
    monkeypatch.setattr(front, "SOON", 600)
    program = make("import os; os._exit(3 if os.environ['GIVEN'] == 'yes' else 4)")

    def keep(seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            program.keep()
            time.sleep(0.02)

    with pytest.raises(RuntimeError, match="It ends at once every time, with 3"):
        keep(60)


def test_what_does_not_end_when_asked_is_killed(make):
    program = make(
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print(flush=True); time.sleep(600)"
    )
    program.keep()
    time.sleep(1)
    program.stop(0.1)
    assert program.process.poll() is not None


def test_one_process_a_processor_as_far_as_memory_goes(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    gigabytes = {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": 32 * 10**9}
    monkeypatch.setattr(os, "sysconf", gigabytes.__getitem__)
    assert front.usual_workers() == 8
    gigabytes["SC_PHYS_PAGES"] = 4 * 10**9
    assert 1 < front.usual_workers() < 5
    gigabytes["SC_PHYS_PAGES"] = 10**9
    assert front.usual_workers() == 1


def test_a_port_that_is_taken_is_said():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        asked = [sys.executable, "-m", "deploy.front", "--port", port, "--address", "127.0.0.1"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
    assert said.returncode == 1
    assert said.stderr.startswith(f"Somebody listens on port {port}: choose another")
