"""Recorded runs are what the code of now would do: their first steps are trained again here.

Numbers agree to a hundredth of their size, since another processor adds in another order; shares of
a few dozen answers may differ by two answers. What was measured on a clock is left out.
"""

import json
import math

import pytest

from lessons.engine import recorded
from lessons.engine.training_process import average, task_of
from training.record import runs

RUNS = {f"{slug}/{name}": run for (slug, name), run in runs().items()}
REPLAYED = 2  # points of the curve
CLOCK = {"seconds", "milliseconds"}
SHARES = {"score", "second", "masked", "agreement", "right", "found", "margin", "heads", "decided"}
CLOSE = 0.01
SPEED = {"lessons.pretraining.training:PreTraining": 3}  # the column that says tokens a second


def recording(about):
    slug, _, name = about.partition("/")
    return recorded.load(slug, name)


def apart(told, found, name=""):
    """Where two tables of numbers differ, as a list of names."""
    if name in CLOCK:
        return []
    if isinstance(told, dict):
        same = told.keys() == found.keys()
        return [
            *([] if same else [f"{name}: other entries"]),
            *(x for key in told.keys() & found.keys() for x in apart(told[key], found[key], key)),
        ]
    if isinstance(told, list):
        same = len(told) == len(found)
        return [
            *([] if same else [f"{name}: another length"]),
            *(x for a, b in zip(told, found, strict=False) for x in apart(a, b, name)),
        ]
    if isinstance(told, float) and isinstance(found, float | int):
        share = 0.03 if name in SHARES else 0.0
        close = math.isclose(told, found, rel_tol=CLOSE, abs_tol=max(CLOSE, share))
        return [] if close else [f"{name}: {told} and {found}"]
    return [] if told == found else [f"{name}: {str(told)[:60]} and {str(found)[:60]}"]


@pytest.mark.parametrize("about", RUNS)
def test_a_recording_has_the_settings_and_the_weights_of_now(about):
    run, told = RUNS[about], recording(about)
    assert told.task == run.task
    assert told.fingerprint == recorded.fingerprint_of(run.model)
    wanted = json.loads(json.dumps(dict(run.settings)))
    assert {name: told.settings[name] for name in wanted} == wanted
    assert told.moments[-1]["step"] == told.points[-1][0]
    slug, _, name = about.partition("/")
    assert recorded.folder_of(slug, name).is_dir() == (run.keep is not None)


@pytest.mark.parametrize("about", RUNS)
def test_the_first_steps_of_a_recording_come_out_again(about):
    told = recording(about)
    task = task_of(told.task, RUNS[about].settings)
    assert json.loads(json.dumps(task.settings.to_dict())) == told.settings
    assert apart(told.facts, json.loads(json.dumps(task.facts)), "facts") == []
    unsteady = {"attention", "map", "probes", "answers"}  # pictures, and choices that may be close
    first = json.loads(json.dumps(task.moment()))
    assert apart(
        {k: v for k, v in told.moments[0].items() if k not in unsteady},
        {k: v for k, v in first.items() if k not in unsteady},
    ) == []  # fmt: skip
    clock = SPEED.get(told.task)
    for point in told.points[:REPLAYED]:
        found = average([task.step() for _ in range(told.every)])
        pairs = [pair for i, pair in enumerate(zip(point, found, strict=True)) if i != clock]
        assert apart([a for a, _ in pairs], [b for _, b in pairs], f"step {point[0]}") == []


def test_a_difference_is_found():
    told = recording("masking/skip-gram")
    assert apart(told.points, told.points) == []
    assert apart([[1, 4.5]], [[1, 4.6]], "point") == ["point: 4.5 and 4.6"]
    assert apart({"a": 1.0}, {"b": 1.0}) == [": other entries"]
    assert apart(["dog"], ["cat"], "word") == ["word: dog and cat"]


def test_all_recordings_together_are_small():
    kept = [p for p in recorded.DATA.glob("*/recorded/**/*") if p.is_file()]
    files = {recorded.file_of(*about.split("/")) for about in RUNS}
    assert files <= set(kept)
    assert {p for p in kept if p.name.endswith(".xz")} == files  # nothing is left over
    assert sum(p.stat().st_size for p in kept) < 3_000_000
