"""Static and dynamic masking over many epochs (Liu et al. 2019, §4.1, arxiv.org/abs/1907.11692).

BERT's data was masked beforehand, in ten copies, so that over 40 epochs each mask came back four
times. RoBERTa draws a new one each time a sentence is fed in. Counted here: which tokens of a
sentence have been asked for at least once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..engine.tokenizer import Encoding
from ..engine.trace import Ints

RATE = 0.15
LONGEST = 60  # tokens of a sentence that are counted and drawn


@dataclass(frozen=True, eq=False)
class Coverage:
    """``asked`` (E, N): which of N tokens are masked in each of E epochs.

    ``seen`` (E) is the share asked for at least once by then, ``expected`` (E) the same by
    probability.
    """

    copies: int | None
    tokens: tuple[str, ...]
    asked: NDArray[np.bool_]
    seen: NDArray[np.float64]
    expected: NDArray[np.float64]

    @property
    def times(self) -> Ints:
        """How often each token was asked for: (N)."""
        return self.asked.sum(axis=0)  # type: ignore[no-any-return]


def coverage(encoding: Encoding, epochs: int, copies: int | None, seed: int) -> Coverage:
    """Mask 15% of the sentence's tokens in every epoch, from ``copies`` masks or a new one each.

    As in BERT's own code the number of masked tokens is fixed: 15% of them, rounded, at least one.
    Raises ValueError for a sentence with no token of its own.
    """
    own = [i for i, offsets in enumerate(encoding.offsets) if offsets is not None][:LONGEST]
    if not own:
        raise ValueError("nothing to mask")
    count = max(1, round(RATE * len(own)))
    drawn = epochs if copies is None else min(copies, epochs)
    generator = np.random.default_rng(seed)
    masks = np.zeros((drawn, len(own)), dtype=bool)
    for row in masks:
        row[generator.choice(len(own), count, replace=False)] = True
    asked = masks[np.arange(epochs) % drawn]
    draws_so_far = np.minimum(np.arange(1, epochs + 1), drawn)
    return Coverage(
        copies,
        tuple(encoding.tokens[i] for i in own),
        asked,
        np.maximum.accumulate(asked, axis=0).mean(axis=1),
        1 - (1 - count / len(own)) ** draws_so_far,
    )


def name_of(copies: int | None) -> str:
    """What a chart calls a way of masking."""
    if copies is None:
        return "anew each epoch"
    return "drawn once" if copies == 1 else f"{copies} copies"


def describe_coverage(ways: Sequence[Coverage]) -> str:
    """How much of the sentence each way asked for in the end, and what was to be expected."""
    said = "; ".join(
        f"{name_of(way.copies)}: {way.seen[-1]:.0%} (expected {way.expected[-1]:.0%})"
        for way in ways
    )
    epochs = len(ways[0].asked)
    return f"Tokens asked for at least once after {epochs} epochs: {said}."


def describe_times(way: Coverage) -> str:
    """Which tokens were asked for most and least."""
    times = way.times
    never = int((times == 0).sum())
    most = int(times.argmax())
    return (
        f"{name_of(way.copies).capitalize()}: “{way.tokens[most]}” was asked for {times[most]} "
        f"times; {never} of {len(times)} tokens never were."
    )
