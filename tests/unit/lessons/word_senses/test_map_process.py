"""The process that draws maps for all processes of the app."""

import time

import numpy as np
import psutil
import pytest

from lessons.word_senses import map_process
from lessons.word_senses.map_process import MapProcess
from lessons.word_senses.maps import MapSettings, draw_map

VECTORS = np.random.default_rng(0).normal(size=(12, 8)).astype(np.float32)
SETTINGS = MapSettings("t-SNE", perplexity=3)


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    for process in drawing(tmp_path):
        process.kill()
        process.wait()


def drawing(folder) -> list[psutil.Process]:
    """The processes that draw for this folder."""
    return [
        child
        for child in psutil.Process().children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE and str(folder) in child.cmdline()
    ]


def test_a_map_is_the_one_that_would_be_drawn_here(folder):
    drawn = MapProcess(folder).draw(VECTORS, SETTINGS)
    np.testing.assert_allclose(drawn.points, draw_map(VECTORS, SETTINGS).points, atol=1e-3)
    assert drawn.kept is None


def test_all_who_know_the_folder_share_one_process_and_what_it_drew(folder, monkeypatch):
    here, there = MapProcess(folder), MapProcess(folder)
    assert not here.warm
    first = here.draw(VECTORS, SETTINGS)
    other = there.draw(VECTORS, MapSettings("t-SNE", perplexity=2))
    assert there.warm
    assert len(drawing(folder)) == 1
    assert not np.array_equal(first.points, other.points)
    monkeypatch.setattr(MapProcess, "_ask", lambda *_: pytest.fail("it was drawn before"))
    assert np.array_equal(there.draw(VECTORS, SETTINGS).points, first.points)


def test_a_process_that_was_killed_is_started_again(folder):
    maps = MapProcess(folder)
    maps.draw(VECTORS, SETTINGS)
    (before,) = drawing(folder)
    before.kill()
    before.wait()
    maps.draw(VECTORS, MapSettings("t-SNE", seed=1))
    assert [process.pid for process in drawing(folder)] != [before.pid]


def test_what_cannot_be_drawn_is_said_and_breaks_nothing(folder):
    maps = MapProcess(folder)
    with pytest.raises(RuntimeError, match="at least 4 sentences"):
        maps.draw(VECTORS[:2], SETTINGS)
    assert maps.draw(VECTORS, SETTINGS).points.shape == (12, 2)


def test_it_ends_when_everybody_has_gone(folder):
    maps = MapProcess(folder)
    maps.draw(VECTORS, SETTINGS)
    (process,) = drawing(folder)
    maps.close()
    deadline = time.monotonic() + 60 + map_process.ALONE
    while drawing(folder):
        assert time.monotonic() < deadline, f"{process} goes on"
        time.sleep(0.1)
    assert not maps.warm


def test_old_maps_make_room(folder, monkeypatch):
    monkeypatch.setattr(map_process, "KEPT", 4)
    maps = MapProcess(folder)
    for seed in range(6):
        maps.draw(VECTORS[:5], MapSettings("t-SNE", seed=seed, perplexity=2))
    assert len(list(folder.glob("*.npy"))) < 6
    monkeypatch.setattr(MapProcess, "_ask", lambda *_: pytest.fail("the last is still there"))
    maps.draw(VECTORS[:5], MapSettings("t-SNE", seed=5, perplexity=2))
