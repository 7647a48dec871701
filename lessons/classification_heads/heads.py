"""The four heads. All read the last hidden states of a frozen encoder and give one score a class.

``hidden`` is (B, T, D), ``mask`` (B, T) with 1 for tokens and 0 for padding; the logits are
(B, K). The lesson shows each class as it stands here: what a learner reads is what is trained.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class ClsHead(nn.Module):
    """BERT's own way (Devlin et al. 2019, §4): read the first token, leave the others."""

    def __init__(self, d: int, k: int) -> None:
        super().__init__()
        self.pooler = nn.Linear(d, d)  # starts from the weights that pre-training left
        self.dropout = nn.Dropout(0.1)
        self.output = nn.Linear(d, k)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        first = hidden[:, 0]  # B D: the vector of [CLS]
        pooled = torch.tanh(self.pooler(first))  # B D
        logits: Tensor = self.output(self.dropout(pooled))  # B K
        return logits


class MeanHead(nn.Module):
    """Read the mean of all tokens, whatever their order."""

    def __init__(self, d: int, k: int) -> None:
        super().__init__()
        self.dense = nn.Linear(d, d)
        self.dropout = nn.Dropout(0.1)
        self.output = nn.Linear(d, k)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        seen = mask[..., None]  # B T 1
        mean = (hidden * seen).sum(dim=1) / seen.sum(dim=1)  # B D: padding does not count
        dense = torch.tanh(self.dense(mean))  # B D
        logits: Tensor = self.output(self.dropout(dense))  # B K
        return logits


class LstmHead(nn.Module):
    """Read token after token, and keep the state after the last one."""

    def __init__(self, d: int, k: int, size: int = 64) -> None:
        super().__init__()
        self.lstm = nn.LSTM(d, size, batch_first=True)
        self.dropout = nn.Dropout(0.1)
        self.output = nn.Linear(size, k)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        states, _ = self.lstm(hidden)  # B T S
        last = mask.sum(dim=1).long() - 1  # B: place of the last token, before the padding
        final = states[torch.arange(len(last)), last]  # B S
        logits: Tensor = self.output(self.dropout(final))  # B K
        return logits


class CnnHead(nn.Module):
    """Look at windows of two, three and four tokens; keep how well each filter fits at best."""

    def __init__(self, d: int, k: int, filters: int = 32) -> None:
        super().__init__()
        self.windows = nn.ModuleList(nn.Conv1d(d, filters, width) for width in (2, 3, 4))
        self.dropout = nn.Dropout(0.1)
        self.output = nn.Linear(3 * filters, k)

    def forward(self, hidden: Tensor, mask: Tensor) -> Tensor:
        tokens = (hidden * mask[..., None]).transpose(1, 2)  # B D T: Conv1d wants channels first
        tokens = nn.functional.pad(tokens, (0, 4))  # every sentence ends in one empty window
        best = [window(tokens).relu().amax(dim=2) for window in self.windows]  # 3 × (B, F)
        logits: Tensor = self.output(self.dropout(torch.cat(best, dim=1)))  # B K
        return logits
