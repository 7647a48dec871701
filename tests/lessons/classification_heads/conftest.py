"""Small sets, so that a run of a few steps is quick."""

import pytest

from lessons.classification_heads import sets


@pytest.fixture
def small_sets(monkeypatch):
    """All sets cut to a few rows of every label."""
    whole = sets.material

    def few(settings):
        given = whole(settings)
        return sets.Material(given.labels, given.train[::9], given.dev[:12])

    monkeypatch.setattr(sets, "material", few)
