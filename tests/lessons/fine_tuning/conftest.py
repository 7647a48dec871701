"""Small sets, so that a run of a few steps is quick."""

import pytest

from lessons.engine import tasks
from lessons.engine.tasks import Split

FEW = 12


def few(split):
    """Rows from all over the set, so that all labels are there."""
    return Split(*(side[:: -(-len(side) // FEW)] for side in (split.train, split.dev)))


@pytest.fixture
def small_sets(monkeypatch):
    """All sets cut to a few rows."""
    for name in ("split_labelled", "split_names", "split_questions", "split_pairs"):
        original = getattr(tasks, name)
        monkeypatch.setattr(tasks, name, lambda *a, original=original: few(original(*a)))
    monkeypatch.setattr("lessons.fine_tuning.training.MASKED_WORDS", 8)
