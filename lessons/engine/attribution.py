"""Integrated gradients: which numbers of an input an answer depends on.

Sundararajan, Taly and Yan 2017, *Axiomatic Attribution for Deep Networks*, equations 1 and 3.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

Answer = Callable[[Tensor], Tensor]
"""Word vectors (B, T, D) in, one number for each input (B) out, such as a log-probability."""
Progress = Callable[[float], object]

STEPS = 24
"""Points on the straight path."""
AT_ONCE = 8
"""Points that go through the model together."""


def gradient(answer: Answer, words: Tensor) -> Tensor:
    """How the answer changes with each number of the word vectors: (B, T, D) like ``words``."""
    words = words.detach().requires_grad_(True)
    with torch.enable_grad():
        (found,) = torch.autograd.grad(answer(words).sum(), words)
    return found


def integrated_gradients(
    answer: Answer,
    here: Tensor,
    blank: Tensor,
    progress: Progress | None = None,
    steps: int = STEPS,
) -> Tensor:
    """How much each token of ``here`` adds to the answer, walking from ``blank``: (T).

    Both are (1, T, D). With many steps the T numbers add up to answer(here) − answer(blank).
    ``progress`` is told how far it is, from 0 to 1; what it raises stops the walk.
    """
    # Middle points of equal steps
    at = ((torch.arange(steps) + 0.5) / steps)[:, None, None]
    total = torch.zeros_like(here[0])  # T D
    done = 0
    for part in torch.split(at, AT_ONCE):
        total += gradient(answer, blank + part * (here - blank)).sum(dim=0)
        done += len(part)
        if progress:
            progress(done / steps)
    return (total / steps * (here - blank)[0]).sum(dim=-1)
