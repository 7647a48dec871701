"""Outlier dimensions: the few numbers of a vector that are large in every token and layer.

Kovaleva et al. 2021, *BERT Busters* (arxiv.org/abs/2105.06990), switched them off in LayerNorm's
weights; here they are set to zero in the stream itself, after the embeddings and after each layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..engine.trace import Floats, Trace
from .compute import Word, best_words, softmax

if TYPE_CHECKING:
    from torch import Tensor

    from ..engine.bert import Edit
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding

DRAWS, SEED = 20, 0


@dataclass(frozen=True, eq=False)
class Loudness:
    """Mean absolute value of each of D dimensions over all tokens: by layer (L+1, D), and over all
    layers (D). ``order`` are the dimensions, the loudest first."""

    by_layer: Floats
    overall: Floats
    order: tuple[int, ...]

    @property
    def median(self) -> float:
        return float(np.median(self.overall))


def loudness_of(trace: Trace) -> Loudness:
    """How loud each dimension is in a trace."""
    by_layer = np.abs(trace.hidden_states).mean(axis=1)  # L+1 D
    overall = by_layer.mean(axis=0)  # D
    return Loudness(by_layer, overall, tuple(int(i) for i in np.argsort(-overall)))


def describe_loudness(loud: Loudness, count: int) -> str:
    """The loudest dimensions, and how they stand to the one in the middle."""
    named = ", ".join(f"{i} ({loud.overall[i]:.1f})" for i in loud.order[:count])
    return (
        f"Loudest: dimension {named}. Half of all {len(loud.overall)} dimensions lie below "
        f"{loud.median:.2f}; the loudest is {loud.overall[loud.order[0]] / loud.median:.1f} times "
        "that."
    )


@dataclass(frozen=True, eq=False)
class Silenced:
    """The prediction at a gap: as it is, without the loudest dimensions, without others.

    ``word`` is the first word of the whole pass, ``whole``, ``without`` and ``others`` (draws) are
    its probabilities; ``before`` and ``after`` the best words whole and without the loudest.
    """

    count: int
    word: str
    whole: float
    without: float
    others: Floats
    before: list[Word]
    after: list[Word]


def silenced(
    model: LoadedModel,
    encoding: Encoding,
    position: int,
    loud: Loudness,
    count: int,
    top_k: int = 6,
) -> Silenced:
    """Set the ``count`` loudest dimensions to zero in the whole stream, and as many others, drawn
    `DRAWS` times. All passes run as one batch.

    Raises HeadMissing for a model that does not predict words, ValueError for one whose stream
    cannot be edited.
    """
    import torch

    rng = np.random.default_rng(SEED)
    keep = np.ones((2 + DRAWS, len(loud.order)), dtype=np.float32)  # passes, D
    keep[1, loud.order[:count]] = 0
    for row in keep[2:]:
        row[rng.choice(loud.order[count:], count, replace=False)] = 0
    factor = torch.from_numpy(keep)[:, None]  # passes 1 D

    def quiet(x: Tensor, seen: Mapping[str, Tensor]) -> Tensor:
        # The input of an ALBERT or an ELECTRA may have another size, before it is widened.
        return x * factor if x.shape[-1] == factor.shape[-1] else x

    steps = [
        "embedding_output",
        *(f"layer.{i}.feed_forward.norm" for i in range(model.spec.layers)),
    ]
    edits: dict[str, Edit] = dict.fromkeys(steps, quiet)
    with torch.inference_mode():
        ids, types, mask = (
            torch.from_numpy(np.stack([array] * len(keep)))
            for array in (encoding.input_ids, encoding.token_type_ids, encoding.attention_mask)
        )
        states = model.last_states(ids, types, mask, edits)[:, position]  # passes D
    found = softmax(model.token_logits(states.numpy()))  # passes V
    best = int(found[0].argmax())
    return Silenced(
        count=count,
        word=model.tokenizer.id_to_token(best) or "",
        whole=float(found[0, best]),
        without=float(found[1, best]),
        others=found[2:, best],
        before=best_words(model, found[0], top_k),
        after=best_words(model, found[1], top_k),
    )


def describe_silenced(found: Silenced) -> str:
    """What the loudest dimensions are to the prediction, beside as many others."""
    others: Sequence[float] = found.others.tolist()
    return (
        f"“{found.word}”: {found.whole:.0%} as it is, {found.without:.0%} without the "
        f"{found.count} loudest, {np.mean(others):.0%} on average without {found.count} others "
        f"({min(others):.0%} to {max(others):.0%} in {len(others)} draws). Without the loudest the "
        f"model says “{found.after[0][0]}” ({found.after[0][1]:.0%})."
    )
