"""LoRA, written out: a weight matrix that stays, and two thin ones beside it that learn.

Hu et al. 2021, *LoRA: Low-Rank Adaptation of Large Language Models* (arxiv.org/abs/2106.09685),
§4.1 and equation 3.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from .bert import Bert

ALPHA = 16.0


class Adapted(nn.Module):
    """A linear layer with LoRA: h = W x + b + (α / r) · B A x.

    W and b are frozen. A (r, in) starts at random and B (out, r) at zero, so that at first the
    layer gives what it gave before. Only A and B learn: r · (in + out) numbers, not in · out.
    """

    def __init__(self, frozen: nn.Linear, rank: int, alpha: float = ALPHA) -> None:
        super().__init__()
        self.frozen = frozen.requires_grad_(False)
        self.scale = alpha / rank
        self.A = nn.Parameter(torch.empty(rank, frozen.in_features))
        self.B = nn.Parameter(torch.zeros(frozen.out_features, rank))
        nn.init.normal_(self.A, std=1 / math.sqrt(frozen.in_features))

    def forward(self, x: Tensor) -> Tensor:
        narrow = x @ self.A.T  # … in → … r
        change = narrow @ self.B.T  # … r → … out
        return self.frozen(x) + self.scale * change  # type: ignore[no-any-return]

    @torch.no_grad()
    def merged(self) -> nn.Linear:
        """One plain linear layer that gives the same: W + (α / r) · B A in place of W."""
        plain = nn.Linear(self.frozen.in_features, self.frozen.out_features, device="meta")
        plain.weight = nn.Parameter(self.frozen.weight + self.scale * self.B @ self.A)
        plain.bias = self.frozen.bias
        return plain.requires_grad_(False)


def adapt(encoder: Bert, rank: int, adapted: Sequence[str]) -> None:
    """Put `Adapted` in the place of some linear maps in all layers; everything else is frozen.

    ``adapted`` are names in a layer, such as "attention.self.query".
    """
    encoder.requires_grad_(False)
    for layer in encoder.encoder.layer:
        for name in adapted:
            layer.set_submodule(name, Adapted(layer.get_submodule(name), rank))  # type: ignore[arg-type]


def merge(encoder: Bert) -> None:
    """Put the merged matrices in: a plain BERT again, no larger and no slower than before."""
    for name, module in [*adapted_in(encoder)]:
        encoder.set_submodule(name, module.merged())


def adapted_in(module: nn.Module) -> Iterator[tuple[str, Adapted]]:
    """All adapted layers of a model, with their names."""
    for name, part in module.named_modules():
        if isinstance(part, Adapted):
            yield name, part
