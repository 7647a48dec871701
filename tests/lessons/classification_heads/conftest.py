"""Small sets and few looks, so that a run of a few steps is quick."""

import pytest
import torch

from lessons.classification_heads import sets


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """As the app and its training processes run: two threads on a busy machine only wait."""
    torch.set_num_threads(1)


@pytest.fixture
def small_sets(monkeypatch):
    """All sets cut to a few rows of every label."""
    whole = sets.material

    def few(settings):
        given = whole(settings)
        return sets.Material(given.labels, given.train[::13], given.dev[:12])

    monkeypatch.setattr(sets, "material", few)
    monkeypatch.setattr("lessons.classification_heads.training.MOMENTS", 2)
