"""``make bench-load``: many learners at once, a class of two hundred, and, if asked, a long soak.

``make bench-load ARGS="learners class"`` runs some of it; ``soak`` takes a quarter of an hour and
must be asked for. ``--write FILE`` keeps the numbers; ``--against COMMIT`` measures that commit's
app as well, with these learners, and prints both. All traffic stays on this machine, and every part
ends by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import io
import json
import random
import subprocess
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import psutil

from lessons.catalog import catalog
from lessons.schema import Lesson
from pages.rooms.board import Asked, Board
from pages.rooms.rooms import Limits, Rooms
from tests.benchmarks.learners import Learner, Trouble
from tests.e2e.server import ROOT, Server, running_app, running_class, workers_of

WORDS = (
    "the", "a", "old", "young", "river", "bank", "light", "match", "bread", "story", "captain",
    "dog", "cat", "garden", "winter", "house", "saw", "took", "found", "left", "heard", "under",
    "over", "near", "with", "and", "but", "children", "teacher", "window", "market", "train",
)  # fmt: skip
SENTENCE = "Your sentence"
EVERY = 2.0  # seconds between two things that a learner does
FILL, SOAK = 300.0, 600.0  # seconds until what is remembered of sentences is full; the soak itself
STUDENTS = 200


@dataclass
class Tally:
    """What happened to all learners."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    received: int = 0  # bytes

    async def count(self, doing: Awaitable[float]) -> None:
        """Wait for something and note how long it took or why it failed."""
        try:
            self.seconds.append(await doing)
        except (Trouble, TimeoutError, OSError) as error:
            self.errors.append(f"{type(error).__name__}: {error}"[:200])

    def line(self, what: str, rest: str = "") -> None:
        """One line of the report."""
        ms = sorted(1000 * second for second in self.seconds) or [0.0]
        median, p95 = ms[len(ms) // 2], ms[int(0.95 * (len(ms) - 1))]
        print(
            f"{what:44} median {median:6.0f} ms   p95 {p95:6.0f} ms   "
            f"{len(self.seconds)} actions, {len(self.errors)} errors   {rest}",
            flush=True,
        )
        RESULTS[what] = {
            "median_ms": median, "p95_ms": p95,
            "actions": len(self.seconds), "errors": len(self.errors), "rest": rest,
        }  # fmt: skip
        for error in sorted(set(self.errors))[:5]:
            print(f"    {error}")


def sentence(chance: random.Random) -> str:
    """Eight to sixteen words that nobody typed before, so that nothing is cached."""
    return " ".join(chance.choices(WORDS, k=chance.randint(8, 16))).capitalize() + "."


class Student:
    """A learner who reads a lesson, plays with it, and goes on to another."""

    def __init__(self, learner: Learner, tally: Tally, seed: int, known: Sequence[str]) -> None:
        self.learner, self.tally, self.chance = learner, tally, random.Random(seed)
        self.known = known  # sentences to choose from; none for new ones
        self.lesson = catalog()[0]

    async def open(self) -> None:
        """Come to some lesson."""
        self.lesson = self.chance.choice(catalog())
        await self.tally.count(self.learner.open(self.lesson.slug))

    async def go_on(self, lesson: Lesson) -> None:
        """Follow a link to some step of a lesson."""
        self.lesson = lesson
        step = self.chance.choice(lesson.experiments).slug
        await self.tally.count(self.learner.follow(lesson.slug, f"?step={step}"))

    async def hide(self, position: int) -> None:
        """Open a link in which a word of the sentence is hidden."""
        known = [x for x in parse_qsl(self.learner.query) if x[0] == "step"]
        search = urlencode([*known, ("mask", position)])
        await self.tally.count(self.learner.follow(self.lesson.slug, f"?{search}"))

    async def act(self) -> None:
        """Type a sentence, hide a word, use a control, or go to another step or lesson."""
        learner, chance, what = self.learner, self.chance, self.chance.random()
        controls = list(learner.controls)
        if what < 0.15:
            await self.go_on(chance.choice(catalog()))
        elif what < 0.25:
            await self.go_on(self.lesson)
        elif what < 0.45 and controls:
            await self.tally.count(learner.turn(chance.choice(controls), chance))
        elif what < 0.55:
            await self.hide(chance.randint(1, 6))
        elif SENTENCE not in learner.widgets:
            await self.go_on(self.lesson)
        else:
            text = chance.choice(self.known) if self.known else sentence(chance)
            await self.tally.count(learner.set(SENTENCE, string_value=text))


async def learn(url: str, tally: Tally, end: float, seed: int, known: Sequence[str] = ()) -> None:
    """A learner at work until the end."""
    async with Learner(url) as learner:
        student = Student(learner, tally, seed, known)
        await student.open()
        await asyncio.sleep(student.chance.uniform(0, EVERY))
        while time.perf_counter() < end:
            next_at = time.perf_counter() + EVERY
            await student.act()
            await asyncio.sleep(max(0.0, next_at - time.perf_counter()))
        tally.received += learner.received


def processes(app: Server) -> list[psutil.Process]:
    """What serves: the app's process, or those behind the front."""
    return workers_of(app) or [psutil.Process(app.process.pid)]


def memory(app: Server) -> float:
    """Resident memory of what serves, MB."""
    return sum(process.memory_info().rss for process in processes(app)) / 1e6


def processor(app: Server) -> float:
    """Seconds of processor that the server has used, trainings left out."""
    return sum(sum(process.cpu_times()[:2]) for process in processes(app))


async def warm(url: str) -> None:
    """Visit every lesson once, so that models and libraries are loaded."""
    async with Learner(url) as learner:
        await learner.open()
        for lesson in catalog():
            for experiment in lesson.experiments:
                await learner.follow(lesson.slug, f"?step={experiment.slug}")


def learners(app: Server) -> None:
    """1, 10 and 40 learners, each doing something every two seconds for half a minute."""
    asyncio.run(warm(app.url))
    for count in (1, 10, 40):
        together(app, count)


def two(app: Server) -> None:
    """40 learners on two processes behind the front that `make class` starts."""
    with running_class(2, root=app.root, INSIDE_BERT_ROOMS=app.rooms) as front:

        async def each_of_them() -> None:
            """Visitors at the same time are dealt out to all processes."""
            await asyncio.gather(*(warm(front.url) for _ in workers_of(front)))

        asyncio.run(each_of_them())
        together(front, 40)


def together(app: Server, count: int) -> None:
    """So many learners for half a minute."""
    before, tally, used = memory(app), Tally(), processor(app)

    async def all_of_them() -> None:
        end = time.perf_counter() + 30 + count / 4
        async with asyncio.TaskGroup() as group:
            for i in range(count):
                group.create_task(learn(app.url, tally, end, seed=1000 * count + i))
                await asyncio.sleep(0.1)

    asyncio.run(all_of_them())
    actions, after, several = max(1, len(tally.seconds)), memory(app), len(processes(app))
    tally.line(
        f"{count} learners" + (f" on {several} processes" if several > 1 else ""),
        f"{1000 * (processor(app) - used) / actions:.0f} ms of processor and "
        f"{tally.received / 1000 / actions:.0f} kB an action, "
        f"{(after - before) / count:.1f} MB more a learner, {after / several:.0f} MB a process",
    )


def front(app: Server) -> None:
    """A room with 200 students on two processes behind the front that `make class` starts."""
    with running_class(2, root=app.root, INSIDE_BERT_ROOMS=app.rooms) as class_:
        class_of_200(class_)


def class_of_200(app: Server) -> None:
    """A room with 200 students: they join, look at the board, vote twice; a teacher steers.

    What a vote takes of the processor is what is used while they vote, less what looks alone use.
    """
    rooms = Rooms(app.rooms, Limits())
    teacher = rooms.open("masking", "bench")
    joined, looked, voted = Tally(), Tally(), Tally()

    over = asyncio.Event()

    async def student(number: int) -> None:
        async with Learner(app.url) as learner:
            await learner.open("classroom", f"room={teacher.code}")
            learner.keep("Code", string_value=teacher.code)
            learner.keep("Your name, or none", string_value=f"s{number}")
            await joined.count(learner.set("Join", trigger_value=True))
            done = set[str]()
            while not over.is_set():
                fragment, every = next(iter(learner.fragments.items()))
                next_at = time.perf_counter() + every
                await looked.count(learner.poll(fragment))
                key = learner.ballot()
                if key and key not in done:
                    done.add(key)
                    await voted.count(learner.vote(number % 2, fragment))
                await asyncio.sleep(max(0.0, next_at - time.perf_counter()))

    async def until(holds: Callable[[Board], bool]) -> None:
        """Wait for the room, but not for ever."""
        end = time.perf_counter() + 40
        while time.perf_counter() < end and not holds(rooms.look(teacher)):
            await asyncio.sleep(0.5)

    looks, votes = [0.0, 0.0], [0.0, 0.0]  # seconds of processor, and of the clock

    async def use(of: list[float], doing: Awaitable[object]) -> None:
        used, start = processor(app), time.perf_counter()
        await doing
        of[0] += processor(app) - used
        of[1] += time.perf_counter() - start

    async def steer() -> None:
        await until(lambda board: board.members == STUDENTS)
        await asyncio.sleep(5)
        await use(looks, asyncio.sleep(10))
        rooms.ask(teacher, Asked("own", "Which?", options=("this", "that"), answer={"option": 1}))
        for phase in ("discuss", "second", "revealed"):
            if phase != "second":

                def all_voted(board: Board) -> bool:
                    return bool(board.question and board.question.voted == STUDENTS)

                await use(votes, until(all_voted))
            await asyncio.sleep(3)
            put = rooms.look(teacher).question
            assert put is not None
            rooms.move(teacher, put.id, phase)  # type: ignore[arg-type]
        await asyncio.sleep(5)
        over.set()

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(steer())
            for i in range(STUDENTS):
                group.create_task(student(i))
                await asyncio.sleep(0.08)

    before = memory(app)
    asyncio.run(everybody())
    of_looks = looks[0] / looks[1]
    a_vote = (votes[0] - of_looks * votes[1]) / max(1, len(voted.seconds))
    several = len(processes(app))
    joined.line(f"200 students join a room on {several} process{'es' * (several > 1)}")
    looked.line("… look at the board every 5 s", f"{100 * of_looks:.0f}% of one core")
    voted.line(
        "… vote",
        f"{1000 * a_vote:.0f} ms of processor a vote, "
        f"{(memory(app) - before) / STUDENTS:.1f} MB more a student",
    )
    rows = list(csv.DictReader(io.StringIO(rooms.results(teacher).removeprefix("\ufeff"))))
    counted = [sum(row["round"] == str(round_) for row in rows) for round_ in (1, 2)]
    print(f"{'… votes in the results, of 200 each':44} {counted[0]} and {counted[1]}")
    rooms.engine.dispose()


def soak(app: Server) -> None:
    """Eight learners who come and go; memory each minute.

    They share twenty sentences. What the app remembers of sentences is limited, but with new ones
    it fills for a long time. With these it is soon full, and what grows then is a leak.
    """
    asyncio.run(warm(app.url))
    chance = random.Random(0)
    known = [sentence(chance) for _ in range(20)]
    tally, start, used = Tally(), time.perf_counter(), list[float]()
    until = start + FILL + SOAK

    async def seat(number: int) -> None:
        visit = 0
        while time.perf_counter() < until:
            end = min(until, time.perf_counter() + 45 + number)
            await learn(app.url, tally, end, number + 100 * visit, known)
            visit += 1

    async def watch() -> None:
        while time.perf_counter() < until:
            minutes = (time.perf_counter() - start) / 60
            print(f"    minute {minutes:4.1f}: {memory(app):.0f} MB", flush=True)
            if time.perf_counter() > start + FILL:
                used.append(memory(app))
            await asyncio.sleep(60)

    async def everybody() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(watch())
            for i in range(8):
                group.create_task(seat(i))
                await asyncio.sleep(0.3)

    asyncio.run(everybody())
    tally.line("8 learners", f"{min(used):.0f} to {max(used):.0f} MB after the first five minutes")


PARTS: dict[str, Callable[[Server], None]] = {
    "learners": learners,
    "two": two,
    "class": class_of_200,
    "front": front,
    "soak": soak,
}


RESULTS: dict[str, dict[str, Any]] = {}
"""What the lines of the report say, for `--write` and `--against`."""


def measure(parts: Sequence[str], root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """Run parts on the app that lies in a folder."""
    RESULTS.clear()
    for name in parts:
        with tempfile.TemporaryDirectory() as folder:
            rooms = f"sqlite:///{folder}/rooms.sqlite3"
            with running_app(root=root, INSIDE_BERT_ROOMS=rooms) as app:
                PARTS[name](app)
    return dict(RESULTS)


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A folder with the project as it was at that commit."""
    git = ["git", "-C", str(ROOT), "worktree"]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "then"
        subprocess.run([*git, "add", "--quiet", "--detach", str(place), commit], check=True)
        try:
            yield place
        finally:
            subprocess.run([*git, "remove", "--force", str(place)], check=True)


def compare(now: Mapping[str, Mapping[str, Any]], then: Mapping[str, Mapping[str, Any]]) -> None:
    """Both, beside each other."""
    for what in now:
        if what in then:
            for number in ("median_ms", "p95_ms", "errors"):
                print(f"{what:36} {number:10} {then[what][number]:8.0f} → {now[what][number]:.0f}")


def main() -> None:
    """Run the parts named on the command line, or those that end within five minutes."""
    parser = argparse.ArgumentParser(prog="make bench-load", description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--write", type=Path, help="a JSON file for the numbers")
    parser.add_argument("--against", metavar="COMMIT", help="measure that commit's app as well")
    chosen = parser.parse_args()
    parts = chosen.parts or ["learners", "two", "front"]
    if wrong := [name for name in parts if name not in PARTS]:
        parser.error(f"no part called {wrong[0]}; there are {', '.join(PARTS)}")
    then = {}
    if chosen.against:
        print(f"--- {chosen.against}")
        with checked_out(chosen.against) as root:
            then = measure(parts, root)
        print("--- as it is here")
    now = measure(parts)
    if chosen.write:
        both = {"now": now} | ({chosen.against: then} if then else {})
        chosen.write.write_text(json.dumps(both, indent=1) + "\n", encoding="utf-8")
    compare(now, then)


if __name__ == "__main__":
    main()
