"""The runner: turns, steering, leaving, breaking, and that no run can touch another's."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from pages.ui import runner
from pages.ui.runner import Limits, NoRoom, Run, Runs

TASK = "tests.training_tasks:Counting"
PATIENCE = 600  # seconds: a busy machine is slow, not wrong


@pytest.fixture
def no_process_is_kept_ready():
    """Here one is: see `test_a_ready_process_is_used_and_an_unused_one_goes`."""


@pytest.fixture
def make_runs() -> Iterator[Callable[..., Runs]]:
    made = []

    def make(folder=None, **limits) -> Runs:
        made.append(Runs(Limits(**{"left": 3 * PATIENCE, **limits}), folder=folder))
        return made[-1]

    yield make
    for runs in made:
        runs.close()


def wait_for(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, f"never: {what}"
        time.sleep(0.02)


def ended(*many: Run) -> None:
    for run in many:
        wait_for(lambda run=run: run.over, f"{run} ends")


def process_of(runs: Runs, run: Run) -> runner.Process:
    return runs._processes[run.id]


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_run_counts_to_its_end_and_leaves_its_model(make_runs):
    runs = make_runs()
    run = runs.start(TASK, {"steps": 7, "mark": 4})
    ended(run)
    assert (run.status, run.reason, run.steps, run.saved) == ("finished", "", 7, True)
    assert run.points[-1] == [7, 4]
    assert [moment["step"] for moment in run.moments] == [0, 2, 4, 6, 7]
    assert (run.folder / "trained.txt").read_text() == "7"
    assert run.facts["nice"] == os.nice(0)  # as the tests have named it
    assert run.facts["pid"] != os.getpid()


def test_a_run_gives_way_to_the_pages(make_runs, monkeypatch):
    monkeypatch.delenv("INSIDE_BERT_NICENESS")
    run = make_runs().start(TASK, {"steps": 1})
    ended(run)
    assert run.facts["nice"] >= 10


def test_pause_step_resume(make_runs):
    runs = make_runs()
    run = runs.start(TASK, {"steps": 10_000})
    wait_for(lambda: run.steps > 2, "steps")
    runs.command(run.id, "pause")
    assert run.status == "paused"
    before = -1
    while run.steps != before:  # what is on its way comes; then nothing more
        before = run.steps
        time.sleep(0.5)
    assert run.steps < 10_000
    # What the last report did not hold comes with the next one; one step is one step.
    runs.command(run.id, "step")
    wait_for(lambda: run.steps > before, "one step")
    at = run.steps
    runs.command(run.id, "step")
    wait_for(lambda: run.steps > at, "another step")
    assert run.steps == at + 1
    assert run.moments[-1]["step"] == run.steps
    runs.command(run.id, "resume")
    wait_for(lambda: run.steps > at + 5, "steps again")
    assert run.status == "running"


def test_stop_ends_the_process_soon_and_keeps_what_was_learned(make_runs):
    runs = make_runs(stop=PATIENCE)  # long enough to write down what it learned
    run = runs.start(TASK, {"steps": 10_000})
    wait_for(lambda: run.steps > 2, "steps")
    process = process_of(runs, run)
    runs.command(run.id, "stop")
    assert run.status == "stopped"
    wait_for(lambda: not process.alive, "the process ends")
    wait_for(lambda: run.saved, "the model is there")
    assert (run.folder / "trained.txt").exists()
    steps = run.steps
    runs.command(run.id, "resume")
    assert (run.status, run.steps) == ("stopped", steps)


def test_a_process_that_does_not_listen_is_killed(make_runs):
    runs = make_runs(stop=0.3)
    run = runs.start(TASK, {"steps": 10, "seconds": 300})
    wait_for(lambda: run.facts, "start")
    process = process_of(runs, run)
    runs.command(run.id, "stop")
    wait_for(lambda: not process.alive, "the process is killed")
    assert run.status == "stopped"
    assert not run.saved


def test_ten_learners_get_their_turns_in_order(make_runs):
    runs = make_runs(at_once=2)
    many = [runs.start(TASK, {"steps": 3, "mark": i}) for i in range(10)]
    assert [run.status for run in many] == ["running"] * 2 + ["waiting"] * 8
    assert [runs.place(run) for run in many] == [0, 0, 1, 2, 3, 4, 5, 6, 7, 8]
    most, begun = 0, []
    while not all(run.over for run in many):
        assert all(runs.look(run.id) is run for run in many)
        running = [i for i, run in enumerate(many) if run.status == "running"]
        most = max(most, len(running))
        begun += [i for i in running if i not in begun]
        time.sleep(0.01)
    assert most <= 2
    assert begun == sorted(begun)
    assert [run.status for run in many] == ["finished"] * 10
    # Each saw its own numbers and nobody else's.
    assert [run.facts["mark"] for run in many] == list(range(10))
    assert all({point[1] for point in run.points} == {i} for i, run in enumerate(many))


def test_a_long_run_gives_way_to_those_in_line_and_goes_on_later(make_runs):
    runs = make_runs(turn=0.5)
    long = runs.start(TASK, {"steps": 10_000, "mark": 1})
    wait_for(lambda: long.steps > 0, "the long one runs")
    short = runs.start(TASK, {"steps": 3, "mark": 2})
    wait_for(lambda: long.status == "waiting", "the long one gives way")
    ended(short)
    assert short.status == "finished"
    before = long.steps
    wait_for(lambda: long.steps > before + 3, "the long one goes on")
    assert long.status == "running"


def test_the_line_is_not_endless(make_runs):
    runs = make_runs(in_line=2)
    for _ in range(3):
        runs.start(TASK, {"steps": 10_000})
    with pytest.raises(NoRoom, match="2 runs are waiting"):
        runs.start(TASK, {})


def test_a_run_that_nobody_looks_at_ends(make_runs):
    runs = make_runs(left=3)
    run = runs.start(TASK, {"steps": 10_000})
    waiting = runs.start(TASK, {"steps": 10_000})
    process = process_of(runs, run)
    wait_for(lambda: runs.look(waiting.id) and run.over, "the one who waits stays, the other goes")
    assert (run.status, run.reason) == ("stopped", runner.LEFT)
    wait_for(lambda: not process.alive, "its process ends")
    wait_for(lambda: runs.look(waiting.id).status == "running", "the one who waited runs")
    assert runs.look(run.id) is run  # who comes back still sees it
    ended(waiting)
    assert waiting.reason == runner.LEFT


def test_idle_and_overlong_runs_end(make_runs):
    runs = make_runs(idle=0.3)
    run = runs.start(TASK, {"steps": 10_000})
    wait_for(lambda: run.steps, "steps")
    runs.command(run.id, "pause")
    ended(run)
    assert run.reason == runner.IDLE
    runs = make_runs(longest=0.3)
    run = runs.start(TASK, {"steps": 10_000})
    ended(run)
    assert run.reason == runner.TOO_LONG


def test_paused_runs_make_room_for_each_other(make_runs):
    runs = make_runs(at_once=3, paused=1)
    first, second = (runs.start(TASK, {"steps": 10_000}) for _ in range(2))
    wait_for(lambda: first.steps and second.steps, "both run")
    runs.command(first.id, "pause")
    runs.command(second.id, "pause")
    ended(first)
    assert first.reason == runner.MADE_ROOM
    assert second.status == "paused"


def test_a_paused_run_holds_no_place(make_runs):
    runs = make_runs()
    first = runs.start(TASK, {"steps": 10_000})
    second = runs.start(TASK, {"steps": 10_000})
    wait_for(lambda: first.steps, "the first runs")
    runs.command(first.id, "pause")
    wait_for(lambda: second.steps, "the second runs")
    runs.command(first.id, "resume")
    assert first.status == "waiting"
    assert runs.place(first) == 1


@pytest.mark.parametrize(
    ("breaks", "reason"), [("at once", "This can't be trained."), ("crash", runner.BROKE)]
)
def test_a_failure_is_one_sentence_and_the_next_run_is_well(make_runs, breaks, reason):
    runs = make_runs()
    run = runs.start(TASK, {"breaks": breaks})
    after = runs.start(TASK, {"steps": 3})
    ended(run, after)
    assert (run.status, run.reason) == ("failed", reason)
    assert after.status == "finished"


def test_a_killed_process_takes_nothing_else_with_it(make_runs):
    runs = make_runs(at_once=2)
    victim = runs.start(TASK, {"steps": 10_000})
    other = runs.start(TASK, {"steps": 10_000})
    wait_for(lambda: victim.steps and other.steps, "both run")
    os.kill(victim.facts["pid"], signal.SIGKILL)
    ended(victim)
    assert (victim.status, victim.reason) == ("failed", runner.BROKE)
    assert victim.points  # what it showed stays
    before = other.steps
    wait_for(lambda: other.steps > before + 3, "the other goes on")


def test_a_wrong_id_sees_and_steers_nothing(make_runs):
    runs = make_runs()
    run = runs.start(TASK, {"steps": 10_000})
    wait_for(lambda: run.steps, "steps")
    for wrong in ("", run.id[:-1], run.model_name, "../" + run.id):
        assert runs.look(wrong) is None
        runs.command(wrong, "stop")
    assert run.status == "running"
    assert run.id not in run.model_name


def test_nothing_outlives_the_app(make_runs):
    runs = make_runs()
    run = runs.start(TASK, {"steps": 10_000})
    wait_for(lambda: run.steps, "steps")
    process, pid = process_of(runs, run), run.facts["pid"]
    process.child.stdin.close()  # as when the app is killed
    wait_for(lambda: not alive(pid) or not process.alive, "the process notices")
    runs.close()
    assert not runs.folder.exists()


def test_closing_ends_what_runs_and_what_waits(make_runs):
    runs = make_runs(at_once=1, turn=0.2)
    first, second = (runs.start(TASK, {"steps": 10**6}) for _ in range(2))
    wait_for(lambda: first.steps, "the first run begins")
    watcher = runs._watcher
    runs.close()
    assert first.over
    assert second.over
    watcher.join(PATIENCE)  # nobody is left to be looked after, nor is an error raised
    assert not watcher.is_alive()
    assert runs._watcher is None


def test_a_ready_process_is_used_and_an_unused_one_goes(make_runs):
    runs = make_runs()
    runs.warm()
    spare = runs._spare
    run = runs.start(TASK, {"steps": 3})
    assert process_of(runs, run) is spare
    ended(run)
    runs.limits = replace(runs.limits, spare=0.3)
    runs.warm()
    unused = runs._spare
    wait_for(lambda: not unused.alive, "the unused one goes")


def test_starting_from_many_threads_keeps_the_limit(make_runs):
    runs = make_runs(at_once=2)
    started: list[Run] = []
    threads = [
        threading.Thread(target=lambda: started.append(runs.start(TASK, {"steps": 10_000})))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(run.status == "running" for run in started) == 2
    assert sorted(runs.place(run) for run in started) == [0, 0, *range(1, 11)]


def test_limits_come_from_the_machine_or_the_environment(monkeypatch):
    monkeypatch.delenv("INSIDE_BERT_RUNS", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert runner.usual_limits().at_once == 1
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    assert runner.usual_limits().at_once == 4
    monkeypatch.setenv("INSIDE_BERT_RUNS", "3")
    assert runner.usual_limits().at_once == 3
    monkeypatch.setenv("INSIDE_BERT_RUNS", "many")
    assert runner.usual_limits().at_once == 4


def test_processes_of_one_app_have_one_line(make_runs, tmp_path):
    here, there = (make_runs(tmp_path, turn=0.5) for _ in range(2))
    first = here.start(TASK, {"steps": 10_000})
    second = there.start(TASK, {"steps": 10_000})
    third = here.start(TASK, {"steps": 3})
    assert [run.status for run in (first, second, third)] == ["running", "waiting", "waiting"]
    assert [there.place(second), here.place(third)] == [1, 2]
    wait_for(lambda: second.steps, "the one who waits elsewhere gets its turn")
    assert first.status == "waiting"
    ended(third)
    assert third.status == "finished"
    there.command(second.id, "stop")
    before = first.steps
    wait_for(lambda: first.steps > before, "the first goes on")


def test_the_line_is_as_long_as_all_processes_make_it(make_runs, tmp_path):
    here, there = (make_runs(tmp_path, in_line=2) for _ in range(2))
    for runs in (here, there, there):
        runs.start(TASK, {"steps": 10_000})
    with pytest.raises(NoRoom, match="2 runs are waiting"):
        here.start(TASK, {})


@pytest.mark.parametrize("how", ["train", "wait"])
def test_nobody_waits_for_a_process_that_was_killed(make_runs, tmp_path, how):
    """Another process trains, or stands in line before us, and dies."""
    code = f"""
import sys, time
from pathlib import Path
from pages.ui.line import Line
line = Line(Path({str(tmp_path)!r}) / "line", 1)
line.enter("theirs")
assert {how!r} == "wait" or line.admit("theirs")
print("there", flush=True)
time.sleep(600)
"""
    child = subprocess.Popen([sys.executable, "-c", code], cwd=runner.ROOT, stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        runs = make_runs(tmp_path)
        run = runs.start(TASK, {"steps": 2})
        assert run.status == "waiting"
        assert runs.place(run) == (1 if how == "train" else 2)
    finally:
        child.kill()
        child.wait()
    ended(run)
    assert run.status == "finished"
