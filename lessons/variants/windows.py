"""Local and global attention, and what each costs (Warner et al. 2024, arxiv.org/abs/2412.13663).

ModernBERT looks at everything in every third layer. In the others a token sees 64 places to each
side. `AttentionTiming` measures both on this machine, at one layer's real shapes; it is a task for
`lessons.engine.training_process`.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor

LAYERS, HIDDEN, HEADS, WIDE = 22, 768, 12, 1152
"""Sizes of ModernBERT-base; ``WIDE`` is I, and its gated feed-forward has three I × D matrices."""
GLOBAL_EVERY = 3
WINDOW = 128
LENGTHS = (512, 1024, 2048, 4096, 8192)
BLOCK = 128  # queries at a time: scores of 8,192 tokens would fill 3.2 GB at once
BYTES = 4  # of a number in fp32
KINDS = ("global", "local", "rest")


def is_global(layer: int) -> bool:
    """Whether a layer (counted from 0) sees everything: every third, beginning with the first."""
    return layer % GLOBAL_EVERY == 0


def local_mask(length: int, window: int = WINDOW) -> NDArray[np.bool_]:
    """Who sees whom in a local layer, (T, T): ``window`` / 2 places to each side, and itself."""
    place = np.arange(length)
    near: NDArray[np.bool_] = np.abs(place[:, None] - place[None, :]) <= window // 2
    return near


def reach(length: int, window: int, layers: Sequence[int], start: int) -> list[NDArray[np.bool_]]:
    """From which places news can have come to ``start``: (T) below each of ``layers``.

    ``layers`` go from above down. Through a local layer news travels ``window`` / 2 places,
    through a global one any distance.
    """
    seen: NDArray[np.bool_] = np.zeros(length, dtype=bool)
    seen[start] = True
    local = local_mask(length, window)
    found = []
    for layer in layers:
        seen = np.asarray(local[seen].any(axis=0) | is_global(layer))
        found.append(seen)
    return found


@dataclass(frozen=True)
class Cost:
    """Operations (2 for a product and its sum) and bytes of scores in one layer over T tokens."""

    tokens: int
    global_operations: int
    local_operations: int
    rest_operations: int
    global_bytes: int
    local_bytes: int


def pairs(length: int, window: int = WINDOW) -> int:
    """How many pairs a local layer scores: the ones in its mask."""
    half = min(window // 2, length - 1)
    return length * (2 * half + 1) - half * (half + 1)


def cost(length: int, window: int = WINDOW) -> Cost:
    """Each scored pair takes D products for the score and D for the mix, in all heads together.

    The rest of a layer is four D × D matrices and three D × I, for each token by itself.
    """
    everything, nearby = length * length, pairs(length, window)
    return Cost(
        length,
        4 * everything * HIDDEN,
        4 * nearby * HIDDEN,
        2 * length * (4 * HIDDEN * HIDDEN + 3 * HIDDEN * WIDE),
        BYTES * HEADS * everything,
        BYTES * HEADS * nearby,
    )


def stacks(per_layer: Mapping[str, float]) -> tuple[float, float]:
    """22 layers from the price of one: all global, and ModernBERT's 8 global and 14 local."""
    n_global = sum(is_global(layer) for layer in range(LAYERS))
    rest = LAYERS * per_layer["rest"]
    mixed = n_global * per_layer["global"] + (LAYERS - n_global) * per_layer["local"]
    return LAYERS * per_layer["global"] + rest, mixed + rest


# --- measured -----------------------------------------------------------------------------------


def attend(query: Tensor, key: Tensor, value: Tensor, window: int | None = None) -> Tensor:
    """softmax(QKᵀ / √d) V, (H, T, D/H) each, a block of queries at a time.

    With a ``window`` a block of queries is multiplied only with the keys that one of them may see.
    """
    import torch

    length = query.shape[1]
    place = torch.arange(length)
    out = torch.empty_like(query)
    for start in range(0, length, BLOCK):
        end = min(start + BLOCK, length)
        first, last = 0, length
        if window is not None:
            first, last = max(0, start - window // 2), min(length, end + window // 2)
        scores = query[:, start:end] @ key[:, first:last].transpose(-1, -2)  # H block keys
        scores *= query.shape[-1] ** -0.5
        if window is not None:
            far = (place[start:end, None] - place[None, first:last]).abs() > window // 2
            scores.masked_fill_(far, -torch.inf)
        out[:, start:end] = scores.softmax(dim=-1) @ value[:, first:last]
    return out


class AttentionTiming:
    """Times one layer at each length: global attention, local attention, and the rest.

    One step is one measurement. Weights and inputs are random: what they are does not change how
    long they take. ``settings``: ``lengths``, any of `LENGTHS`.
    """

    def __init__(self, settings: Mapping[str, Any]) -> None:
        lengths = list(settings.get("lengths", LENGTHS))
        if not lengths or any(not 0 < length <= max(LENGTHS) for length in lengths):
            raise ValueError(f"Lengths go from 1 to {max(LENGTHS):,} tokens.")
        self.todo = [(length, kind) for length in lengths for kind in KINDS]
        self.found: dict[str, dict[str, float]] = {}
        self.steps_done = 0

    @property
    def finished(self) -> bool:
        """Whether everything is measured."""
        return self.steps_done >= len(self.todo)

    @property
    def facts(self) -> dict[str, Any]:
        """How many measurements there are."""
        return {"steps": len(self.todo)}

    def step(self) -> list[float | None]:
        """Measure the next: (step, milliseconds)."""
        length, kind = self.todo[self.steps_done]
        # Short ones twice: the first pass of a kind also pays for memory that comes from the system
        took = min(milliseconds(length, kind) for _ in range(1 if length > 2048 else 2))
        self.found.setdefault(str(length), {})[kind] = round(took, 2)
        self.steps_done += 1
        return [self.steps_done, took]

    def moment_due(self) -> bool:
        """After every measurement."""
        return True

    def moment(self) -> dict[str, Any]:
        """All that was measured so far, and what comes next."""
        following = None if self.finished else list(self.todo[self.steps_done])
        return {"step": self.steps_done, "found": self.found, "next": following}

    def save(self, folder: Path) -> None:
        """There is nothing to keep but the numbers, which the page has."""


def milliseconds(length: int, kind: str) -> float:
    """Time one part of a layer over T tokens, on one thread."""
    import torch

    generator = torch.Generator().manual_seed(0)
    with torch.inference_mode():
        if kind == "rest":
            tokens = torch.randn(length, HIDDEN, generator=generator)
            matrices = [torch.randn(HIDDEN, HIDDEN, generator=generator) for _ in range(4)]
            up, gate = (torch.randn(HIDDEN, WIDE, generator=generator) for _ in range(2))
            down = torch.randn(WIDE, HIDDEN, generator=generator)
            start = time.perf_counter()
            for matrix in matrices:
                tokens @ matrix
            (torch.nn.functional.gelu(tokens @ up) * (tokens @ gate)) @ down
            return 1000 * (time.perf_counter() - start)
        query, key, value = (
            torch.randn(HEADS, length, HIDDEN // HEADS, generator=generator) for _ in range(3)
        )
        start = time.perf_counter()
        attend(query, key, value, WINDOW if kind == "local" else None)
        return 1000 * (time.perf_counter() - start)


# --- in words -----------------------------------------------------------------------------------


def size(count: float) -> str:
    """Bytes as people read them (10⁶ and 10⁹)."""
    return f"{count / 1e9:,.1f} GB" if count >= 1e9 else f"{count / 1e6:,.0f} MB"


def describe_cost(costs: Sequence[Cost]) -> str:
    """The longest text, one layer: operations and memory, both ways."""
    last = costs[-1]
    return (
        f"One layer over {last.tokens:,} tokens: looking at everything takes "
        f"{last.global_operations / last.local_operations:.0f} times the operations of the window, "
        f"and scores of {size(last.global_bytes)} in place of {size(last.local_bytes)} if all are "
        "kept at once."
    )


def describe_timing(found: Mapping[str, Mapping[str, float]]) -> str:
    """What was measured at the longest length that is whole."""
    whole = [length for length, times in found.items() if set(times) == set(KINDS)]
    if not whole:
        return "Nothing is measured yet."
    length = max(whole, key=int)
    times = found[length]
    everything, mixed = stacks(times)
    return (
        f"Measured at {int(length):,} tokens, one layer: {times['global']:,.0f} ms for global "
        f"attention, {times['local']:,.0f} ms for local, {times['rest']:,.0f} ms for all the rest. "
        f"From that, 22 layers take {everything / 1000:,.1f} s if all are global and "
        f"{mixed / 1000:,.1f} s with ModernBERT's 8 global and 14 local."
    )


def describe_reach(token: str, rows: Sequence[NDArray[np.bool_]], layers: Sequence[int]) -> str:
    """On how many tokens a vector depends, from layer to layer downward."""
    counts = [int(row.sum()) for row in rows]
    return (
        f"The vector of “{token}” above layer {layers[0] + 1} depends on {counts[0]} tokens of the "
        f"layer below, then on {', then '.join(str(count) for count in counts[1:])} of "
        f"{len(rows[0])}: a global layer brings them all."
    )
