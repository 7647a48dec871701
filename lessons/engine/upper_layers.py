"""Training the upper layers of an encoder: what lies below never changes, so it is read once.

What two trainings share: states of the frozen layers, kept by text; and AdamW with a short warm-up,
then down in a straight line, as in Devlin et al. 2019, A.3 (arxiv.org/abs/1810.04805).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)
from torch.nn.utils.rnn import pad_sequence

from .fine_tuned import FineTuned, padded
from .model import LoadedModel
from .tokenizer import Encoding, batches

WARM_UP = 0.1  # share of all steps
WEIGHT_DECAY = 0.01
CLIP = 1.0
AT_ONCE = 32  # inputs of one pass


@dataclass(frozen=True)
class States:
    """What the frozen layers made of some inputs, each (T, D)."""

    rows: list[Tensor]

    def batch(self, places: Sequence[int]) -> tuple[Tensor, Tensor]:
        """States (B, T, D) and mask (B, T) of some inputs, filled up to the longest."""
        chosen = [self.rows[i] for i in places]
        lengths = torch.tensor([len(row) for row in chosen])
        hidden = pad_sequence(chosen, batch_first=True)  # B T D
        return hidden, (torch.arange(hidden.shape[1])[None] < lengths[:, None]).long()


class UpperLayers:
    """A model whose upper layers learn, with its optimizer, over ``steps`` steps."""

    def __init__(
        self, model: LoadedModel, tuned: FineTuned, learning_rate: float, steps: int
    ) -> None:
        self.model, self.tuned = model, tuned
        self.top_rate, self.steps = learning_rate, steps
        self.steps_done = 0
        learning = tuned.learning().values()
        self.optimizer = torch.optim.AdamW(
            learning, lr=learning_rate, weight_decay=WEIGHT_DECAY, fused=True
        )

    @torch.no_grad()
    def read(self, encodings: Sequence[Encoding]) -> States:
        """States of inputs below the layers that learn, without dropout."""
        self.tuned.eval()
        found = [torch.empty(0)] * len(encodings)
        for places in batches([len(encoding) for encoding in encodings], AT_ONCE):
            batch = padded(self.model, [encodings[i] for i in places])
            states = self.tuned.below(batch.input_ids, batch.token_type_ids, batch.mask)
            for j, i in enumerate(places):
                found[i] = states[j, : len(encodings[i])].clone()
        return States(found)

    def hidden(self, states: States, places: Sequence[int]) -> tuple[Tensor, Tensor]:
        """Last hidden states (B, T, D) and mask (B, T) of some inputs."""
        below, mask = states.batch(places)
        return self.tuned.above(below, mask), mask

    def learning_rate(self) -> float:
        """Of the next step: up during the warm-up, then down to 0 in a straight line."""
        warm_up = max(1, round(WARM_UP * self.steps))
        up = (self.steps_done + 1) / warm_up
        down = (self.steps - self.steps_done) / max(1, self.steps - warm_up)
        return self.top_rate * min(up, down, 1.0)

    def update(self, loss: Tensor) -> None:
        """One step down the gradient of ``loss``; none where the gradient is broken."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.tuned.learning().values(), CLIP)
        if torch.isfinite(norm):
            self.optimizer.step()
        self.steps_done += 1


def mean_pooled(hidden: Tensor, mask: Tensor) -> Tensor:
    """Mean over the tokens of each input, brought to length 1: (B, T, D), (B, T) → (B, D)."""
    weights = mask[..., None].to(hidden.dtype)  # B T 1
    return F.normalize((hidden * weights).sum(dim=1) / weights.sum(dim=1), dim=-1)
