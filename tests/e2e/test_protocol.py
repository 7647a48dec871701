"""What a browser may send, sent to a running server: every control, and what no page would send.

Each run of the tests draws some of the pages; ``--every`` tries all.
"""

import asyncio
import json
import random
import re
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from lessons.catalog import catalog
from pages.ui.links import PAGES
from tests.benchmarks.learners import Learner, Trouble
from tests.conftest import share

EVERY = [*PAGES, *(lesson.slug for lesson in catalog())]
# What our components report, by name. None of them sends what stands in ODD.
REPORTS = (
    "mask",
    "select",
    "open",
    "take",
    "look",
    "order",
    "guess",
    "found",
    "near",
    "done",
    "go",
)
ODD = (None, [], 7, "x", {}, {"position": 10_000, "at": 1}, {"position": "a", "word": 3})
FORGED = {  # lesson: a step with many kinds of controls
    "architecture": "build",
    "positions": "relatives",
    "masking": "word2vec",
    "tokenization": "race",
}
T = TypeVar("T")
SLIDERS = ([1e300], [-5.0], [float("nan")])


def seen(slug: str, step: str) -> str:
    """The query of a step whose veil is lifted."""
    return f"?step={step}&{slug}.shown.{step}=true"


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """What a coroutine yields; in a thread of its own, since Playwright's loop may run in this."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def steps_of(slug: str) -> list[str]:
    """The steps of a lesson; a page that is none has but itself."""
    steps = {lesson.slug: lesson.experiments for lesson in catalog()}.get(slug, ())
    return [step.slug for step in steps] or [""]


async def hear_no_secret(learner: Learner, key: str, **value: object) -> None:
    """Send something; it may be refused, in words that tell nothing of the server."""
    try:
        await learner.set(key, learner.within[key], **value)
    except Trouble as refused:
        said = str(refused)
        assert "redacted" in said or "Something went wrong" in said, said
        assert not re.search(r"/[a-z_]+/|\\.py|Error", said), said


def pytest_generate_tests(metafunc):
    test = metafunc.function
    many = (
        [*FORGED] if test is test_a_forged_value_is_refused_without_a_word_of_the_server else EVERY
    )
    metafunc.parametrize("slug", share(metafunc.config, test.__name__, many, len(many) // 4))


def test_every_control_can_be_used(slug, server):
    chance = random.Random(slug)

    async def use() -> int:
        used = 0
        async with Learner(server.url) as learner:
            await learner.open(slug)
            for step in steps_of(slug):
                if step:
                    await learner.follow(slug, seen(slug, step))
                for key in list(learner.controls):
                    if key in learner.controls:  # what another control has not taken away
                        await learner.turn(key, chance)
                        used += 1
        return used

    assert run(use()) >= 1


def test_a_report_that_no_component_makes_is_survived(slug, server):
    chance = random.Random(slug)

    async def forge() -> None:
        async with Learner(server.url) as learner:
            await learner.open(slug)
            for step in steps_of(slug):
                if step:
                    await learner.follow(slug, seen(slug, step))
                assert {"ribbon", "contents"} & learner.components
                for key in sorted(learner.components):
                    if key not in learner.widgets:
                        continue
                    report = dict.fromkeys(REPORTS, chance.choice(ODD))
                    await learner.set(key, learner.within[key], json_value=json.dumps(report))
                    learner.values.pop(learner.widgets.get(key, ""), None)
            await learner.open(slug)  # and everything is as before

    run(forge())


def test_a_forged_value_is_refused_without_a_word_of_the_server(slug, server):
    async def forge() -> int:
        async with Learner(server.url) as first:
            await first.open(slug)
            await first.follow(slug, seen(slug, FORGED[slug]))
            controls = {k: c for k, c in first.controls.items() if k in first.widgets}
        for sent, (key, control) in enumerate(controls.items()):
            kind = control.DESCRIPTOR.name
            value: dict[str, object]
            if kind == "ButtonGroup" or (kind == "Slider" and control.options):
                value = {"string_array_value": ["<b>none of them"]}
            elif kind == "Slider":
                value = {"double_array_value": SLIDERS[sent % 3]}
            elif kind == "Checkbox":
                continue
            else:
                value = {"string_value": "<b>none of them"}
            async with Learner(server.url) as learner:  # what was forged stays in its session
                await learner.open(slug)
                await learner.follow(slug, seen(slug, FORGED[slug]))
                await hear_no_secret(learner, key, **value)
        return len(controls)

    assert run(forge()) >= 3
