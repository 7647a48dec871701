"""The course's own sentences, as text to train on and to hold out."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import cache

from ..engine import tasks

SPLIT_SEED = 11
HELD_OUT = 120
SHORTEST, LONGEST = 5, 30  # words


@dataclass(frozen=True)
class Sentences:
    """Sentences to learn from, and others that no training here sees."""

    train: tuple[str, ...]
    held_out: tuple[str, ...]


@cache
def sentences() -> Sentences:
    """All sentences of `lessons.engine.tasks`, each once, in an order drawn by a fixed seed."""
    texts = [row.text for row in (*tasks.topics(), *tasks.sentiment())]
    texts += [row.text for row in tasks.names()]
    for pair in tasks.pairs():
        texts += [pair.first, pair.second]
    found = [text for text in dict.fromkeys(texts) if SHORTEST <= len(text.split()) <= LONGEST]
    random.Random(SPLIT_SEED).shuffle(found)
    return Sentences(tuple(found[HELD_OUT:]), tuple(found[:HELD_OUT]))
