"""One attention head, taken apart: q · k, scale, softmax, and the mix of values.

Vaswani et al. 2017, *Attention Is All You Need*, equation 1: softmax(QKᵀ / √d) V. The arithmetic
is done again in the browser, where every score can be moved; what is here are the model's own
numbers.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.trace import Floats, Trace

LONGEST_SUM = 128
"""Tokens of an input whose sum is shown."""


@dataclass(frozen=True, eq=False)
class OneHead:
    """One head of one layer over T tokens; d = D/H numbers in each of its vectors.

    ``queries``, ``keys``, ``values`` and ``outputs`` are (T, d), ``scores`` (before softmax) and
    ``weights`` (T, T). ``layer`` and ``head`` count from 0.
    """

    layer: int
    head: int
    tokens: tuple[str, ...]
    queries: Floats
    keys: Floats
    values: Floats
    scores: Floats
    weights: Floats
    outputs: Floats

    @property
    def window(self) -> bool:
        """Whether the layer looks at near tokens alone, so that its scores alone tell not all."""
        return not np.allclose(softmax(self.scores), self.weights, atol=1e-3)

    def as_data(self, query: int) -> dict[str, Any]:
        """The head for the browser; ``query`` is the token that looks at first."""
        return {
            "layer": self.layer,
            "head": self.head,
            "tokens": list(self.tokens),
            "size": self.queries.shape[1],
            "query": query,
            "queries": _text(self.queries),
            "keys": _text(self.keys),
            "values": _text(self.values),
        }


def one_head(trace: Trace, layer: int, head: int) -> OneHead | None:
    """A head of a trace; None for a model that does not show its queries and keys."""
    arrays = (
        trace.queries,
        trace.keys,
        trace.values,
        trace.attention_scores,
        trace.attention_weights,
        trace.head_outputs,
    )
    found = [array[layer, head] for array in arrays if array is not None]
    return OneHead(layer, head, trace.tokens, *found) if len(found) == len(arrays) else None


@dataclass(frozen=True)
class PassStep:
    """One step of a token's way through attention: how many numbers, their norm, the first few."""

    name: str
    formula: str
    count: int
    norm: float
    first: str


def one_pass(trace: Trace, layer: int, head: int, token: int) -> list[PassStep]:
    """A token from its vector to what attention hands on, by way of one head.

    ``layer`` and ``head`` count from 0. Empty for a model that does not show all steps.
    """
    if (
        trace.queries is None
        or trace.keys is None
        or trace.values is None
        or trace.head_outputs is None
        or trace.attention_output is None
    ):
        return []
    outputs = trace.head_outputs[layer, :, token]  # H D/H
    found = (
        ("the token's vector", "x", trace.hidden_states[layer, token]),  # D
        ("its query", "q = x W_Q", trace.queries[layer, head, token]),  # D/H
        ("its key", "k = x W_K", trace.keys[layer, head, token]),  # D/H
        ("its value", "v = x W_V", trace.values[layer, head, token]),  # D/H
        ("scores, one a token", "q Kᵀ / √d", trace.attention_scores[layer, head, token])
        if trace.attention_scores is not None
        else None,  # T
        ("weights, one a token", "softmax", trace.attention_weights[layer, head, token]),  # T
        ("the mix of values", "weights V", outputs[head]),  # D/H
        (f"{len(outputs)} heads joined", "[head₁; head₂; …]", outputs.reshape(-1)),  # D
        ("what attention hands on", "[…] W_O", trace.attention_output[layer, token]),  # D
    )
    return [
        PassStep(
            name, formula, len(vector), float(np.linalg.norm(vector)),
            ", ".join(f"{x:.2f}" for x in vector[:4]).replace("-", "−") + " …",
        )
        for name, formula, vector in filter(None, found)
    ]  # fmt: skip


def softmax(scores: Floats, temperature: float = 1.0) -> Floats:
    """Scores (…, T) as weights that sum to 1. A low temperature sharpens, a high one evens out."""
    scaled = scores / temperature
    powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    weights: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return weights


def suggested_query(trace: Trace, selected: int | None, masks: tuple[int, ...]) -> int:
    """The token that looks first: the selected one, a masked one, else the longest word."""
    for wanted in (selected, *masks):
        if wanted is not None and wanted < len(trace.tokens):
            return wanted
    own = [i for i, offsets in enumerate(trace.offsets) if offsets is not None]
    return max(own, key=lambda i: len(trace.tokens[i]), default=0)


def describe_sum(head: OneHead, query: int) -> str:
    """The sum of one token in words: its best score, what softmax makes of it, and the mix."""
    weights = head.weights[query]
    best = int(weights.argmax())
    raw = float(head.queries[query] @ head.keys[best])
    return (
        f"For “{head.tokens[query]}” the highest weight goes to “{head.tokens[best]}”: "
        f"q · k = {raw:.2f}, divided by √{head.queries.shape[1]} is "
        f"{head.scores[query, best]:.2f}, and softmax over {len(head.tokens)} tokens makes "
        f"{weights[best]:.1%} of it. The new vector of “{head.tokens[query]}” "
        "in this head is the mix of all values by these weights."
    )


def _text(array: Floats) -> str:
    return base64.b64encode(np.ascontiguousarray(array, dtype="<f4").tobytes()).decode("ascii")
