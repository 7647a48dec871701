"""``make bench-load``: many learners at once, a class of two hundred, and, if asked, a long soak.

``make bench-load ARGS="learners class"`` runs some of it; ``soak`` takes a quarter of an hour and
must be asked for. All traffic stays on this machine, and every part ends by itself.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import psutil

from lessons.catalog import catalog
from lessons.schema import Lesson
from pages.rooms.board import Asked, Board
from pages.rooms.rooms import Limits, Rooms
from tests.benchmarks.learners import Learner, Trouble, component_state
from tests.e2e.server import Server, running_app

WORDS = (
    "the", "a", "old", "young", "river", "bank", "light", "match", "bread", "story", "captain",
    "dog", "cat", "garden", "winter", "house", "saw", "took", "found", "left", "heard", "under",
    "over", "near", "with", "and", "but", "children", "teacher", "window", "market", "train",
)  # fmt: skip
EVERY = 2.0  # seconds between two things that a learner does
FILL, SOAK = 300.0, 600.0  # seconds until what is remembered of sentences is full; the soak itself
STUDENTS = 200


@dataclass
class Tally:
    """What happened to all learners."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    async def count(self, doing: Awaitable[float]) -> None:
        """Wait for something and note how long it took or why it failed."""
        try:
            self.seconds.append(await doing)
        except (Trouble, TimeoutError, OSError) as error:
            self.errors.append(f"{type(error).__name__}: {error}"[:200])

    def line(self, what: str, rest: str = "") -> None:
        """One line of the report."""
        ms = sorted(1000 * second for second in self.seconds) or [0.0]
        print(
            f"{what:44} median {ms[len(ms) // 2]:6.0f} ms   "
            f"p95 {ms[int(0.95 * (len(ms) - 1))]:6.0f} ms   "
            f"{len(self.seconds)} actions, {len(self.errors)} errors   {rest}",
            flush=True,
        )
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

    async def act(self) -> None:
        """Type a sentence, hide a word, use a control, or go to another step or lesson."""
        learner, chance, what = self.learner, self.chance, self.chance.random()
        controls = [key for key in learner.controls if key.startswith(f"{self.lesson.slug}.")]
        if what < 0.15:
            await self.go_on(chance.choice(catalog()))
        elif what < 0.25:
            await self.go_on(self.lesson)
        elif what < 0.45 and controls:
            await self.tally.count(learner.turn(chance.choice(controls), chance))
        elif what < 0.65 and "ribbon" in learner.widgets:
            state = component_state(mask={"position": chance.randint(1, 6), "at": time.time_ns()})
            await self.tally.count(learner.set("ribbon", **state))
        elif "sentence.text" not in learner.widgets:
            await self.go_on(self.lesson)
        else:
            text = chance.choice(self.known) if self.known else sentence(chance)
            await self.tally.count(learner.set("sentence.text", string_value=text))


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


def memory(app: Server) -> float:
    """Resident memory of the server, MB."""
    return psutil.Process(app.process.pid).memory_info().rss / 1e6


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
        together([app], count)


def two(app: Server) -> None:
    """40 learners on two processes, as behind `deploy/nginx.conf`, which keeps each on one."""
    with running_app(INSIDE_BERT_ROOMS=app.rooms) as other:
        for each in (app, other):
            asyncio.run(warm(each.url))
        together([app, other], 40)


def together(apps: Sequence[Server], count: int) -> None:
    """So many learners for half a minute, dealt out to the processes."""
    before, tally = sum(map(memory, apps)), Tally()

    async def all_of_them() -> None:
        end = time.perf_counter() + 30 + count / 4
        async with asyncio.TaskGroup() as group:
            for i in range(count):
                url = apps[i % len(apps)].url
                group.create_task(learn(url, tally, end, seed=1000 * count + i))
                await asyncio.sleep(0.1)

    asyncio.run(all_of_them())
    used = sum(map(memory, apps))
    tally.line(
        f"{count} learners" + (f" on {len(apps)} processes" if len(apps) > 1 else ""),
        f"{(used - before) / count:.1f} MB more a learner, {used:.0f} MB",
    )


def class_of_200(app: Server) -> None:
    """A room with 200 students: they join, look at the board, vote twice; a teacher steers."""
    asyncio.run(warm(app.url))
    rooms = Rooms(app.rooms, Limits())
    teacher = rooms.open("masking", "bench")
    joined, looked, voted = Tally(), Tally(), Tally()

    over = asyncio.Event()

    async def student(number: int) -> None:
        async with Learner(app.url) as learner:
            await learner.open("classroom", f"room={teacher.code}")
            learner.keep("room.code", string_value=teacher.code)
            learner.keep("room.name", string_value=f"s{number}")
            await joined.count(learner.set("room.join_button", trigger_value=True))
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

    async def steer() -> None:
        await until(lambda board: board.members == STUDENTS)
        await asyncio.sleep(10)
        rooms.ask(teacher, Asked("own", "Which?", options=("this", "that"), answer={"option": 1}))
        for phase in ("discuss", "second", "revealed"):
            if phase != "second":
                await until(lambda board: bool(board.question and board.question.voted == STUDENTS))
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

    used = psutil.Process(app.process.pid)
    before, cpu, start = memory(app), sum(used.cpu_times()[:2]), time.perf_counter()
    asyncio.run(everybody())
    share = (sum(used.cpu_times()[:2]) - cpu) / (time.perf_counter() - start)
    joined.line("200 students join a room within 16 s")
    looked.line("… look at the board every 2 to 5 s", f"{100 * share:.0f}% of one core")
    voted.line("… vote", f"{(memory(app) - before) / STUDENTS:.1f} MB more a student")
    put = rooms.look(teacher).question
    assert put is not None
    print(f"{'… votes counted':44} {dict(put.tallies.get(1, ()))}, {dict(put.tallies.get(2, ()))}")
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
    "soak": soak,
}


def main() -> None:
    """Run the parts named on the command line, or those that end within five minutes."""
    wrong = [name for name in sys.argv[1:] if name not in PARTS]
    if wrong:
        sys.exit(f"no part called {wrong[0]}; there are {', '.join(PARTS)}")
    for name in sys.argv[1:] or ("learners", "two", "class"):
        with tempfile.TemporaryDirectory() as folder:
            rooms = f"sqlite:///{folder}/rooms.sqlite3"
            with running_app(INSIDE_BERT_ROOMS=rooms) as app:
                PARTS[name](app)


if __name__ == "__main__":
    main()
