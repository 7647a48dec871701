"""Few sentences, so that a run of a few steps is quick."""

import pytest

from lessons.variants import detection, distillation
from lessons.variants.sentences import Sentences, sentences


@pytest.fixture
def few_sentences(monkeypatch):
    """Training and held-out text cut to a handful."""
    every = sentences()
    small = Sentences(every.train[:40], every.held_out[:12])
    for module in (detection, distillation):
        monkeypatch.setattr(module, "sentences", lambda: small)
    return small
