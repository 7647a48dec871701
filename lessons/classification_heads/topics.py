"""Several topics for a sentence: a head with sigmoids, and beside it one with a softmax.

Both are one linear layer over the mean vectors of a frozen encoder, trained at once on all rows.
The lesson shows both functions as they stand here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


def train_sigmoid(vectors: Tensor, labels: Tensor, steps: int = 200) -> nn.Linear:
    """Each label asks its own yes-or-no question. ``labels`` (N, K) holds 1 for yes, 0 for no."""
    head = nn.Linear(vectors.shape[1], labels.shape[1])
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.02, weight_decay=0.1)
    for _ in range(steps):
        logits = head(vectors)  # N K
        loss = nn.functional.binary_cross_entropy_with_logits(logits, labels)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return head


def train_softmax(vectors: Tensor, labels: Tensor, steps: int = 200) -> nn.Linear:
    """The labels share one probability. A row with no label can't be said, so it is left out."""
    some = labels.sum(dim=1) > 0  # N
    shares = labels[some] / labels[some].sum(dim=1, keepdim=True)  # N K: two labels get a half each
    head = nn.Linear(vectors.shape[1], labels.shape[1])
    optimizer = torch.optim.AdamW(head.parameters(), lr=0.02, weight_decay=0.1)
    for _ in range(steps):
        logits = head(vectors[some])  # N K
        loss = nn.functional.cross_entropy(logits, shares)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return head
