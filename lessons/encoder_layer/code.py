"""The code of a layer beside the tensors that it made.

The lines are read from `lessons/engine/bert.py` itself: what the page shows is what ran. Each line
with a probe is joined to the array that the trace kept under that probe's name.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine.trace import SHAPES, Floats, Trace

DRAWN = 64
"""Numbers of a vector that are drawn."""

PROBE = re.compile(r'probe\("(\w+)"')


@dataclass(frozen=True)
class CodeLine:
    """One line of code, and the names of the steps that it hands to the probe, as in `bert.py`."""

    text: str
    probes: tuple[str, ...]


@dataclass(frozen=True)
class Listing:
    """The code of one part of a layer."""

    title: str
    lines: tuple[CodeLine, ...]


def listings() -> tuple[Listing, ...]:
    """The four parts of a layer in the order in which they run."""
    from ..engine.bert import AddAndNorm, FeedForward, SelfAttention

    return (
        _listing("1 · Attention: tokens exchange", SelfAttention.forward, ""),
        _listing("2 · Add and norm", AddAndNorm.forward, "attention."),
        _listing("3 · Feed-forward: each token alone", FeedForward.forward, ""),
        _listing("4 · Add and norm again", AddAndNorm.forward, "feed_forward."),
    )


def _listing(title: str, function: Any, scope: str) -> Listing:
    lines = []
    for text in textwrap.dedent(inspect.getsource(function)).splitlines():
        names = tuple(scope + name for name in PROBE.findall(text))
        lines.append(CodeLine(text, names))
    return Listing(title, tuple(lines))


def tensors(trace: Trace, layer: int) -> dict[str, Floats]:
    """The arrays of one layer by the name of their step; empty where a layer does other steps.

    The two residuals are not kept twice: they are the layer's input and the first half's output.
    """
    if trace.attention_norm is None or trace.queries is None or trace.feed_forward_inputs is None:
        return {}
    found: dict[str, Floats] = {
        "attention.residual": trace.hidden_states[layer],
        "feed_forward.residual": trace.attention_norm[layer],
        "feed_forward.norm": trace.hidden_states[layer + 1],
    }
    for field, shape in SHAPES.items():
        array = getattr(trace, field)
        if shape.probe and shape.probe.startswith("layer.{}.") and array is not None:
            found[shape.probe.removeprefix("layer.{}.")] = array[layer]
    return found


MEANINGS = {
    "attention.residual": "what came in, carried past attention",
    "feed_forward.residual": "what attention left, carried past feed-forward",
    "feed_forward.norm": "the layer's output: the next layer's input",
} | {
    shape.probe.removeprefix("layer.{}."): shape.meaning
    for shape in SHAPES.values()
    if shape.probe and shape.probe.startswith("layer.{}.")
}

LETTERS = {
    "attention.residual": ("T", "D"),
    "feed_forward.residual": ("T", "D"),
    "feed_forward.norm": ("T", "D"),
} | {
    shape.probe.removeprefix("layer.{}."): shape.letters[1:]
    for shape in SHAPES.values()
    if shape.probe and shape.probe.startswith("layer.{}.")
}


def tensor_data(name: str, array: Floats, token: int, head: int) -> dict[str, Any]:
    """One tensor for the browser: its shape, and the token's own numbers (of one head)."""
    row = array[head, token] if array.ndim == 3 else array[token]
    return {
        "name": name,
        "letters": f"({', '.join(LETTERS[name])})",
        "shape": f"({', '.join(map(str, array.shape))})",
        "meaning": MEANINGS[name],
        "per_head": array.ndim == 3,
        "over_tokens": LETTERS[name][-1] == "T",
        "values": np.round(row[:DRAWN], 3).tolist(),
        "count": len(row),
        "length": round(float(np.linalg.norm(row)), 2),
        "mean": round(float(row.mean()), 3),
        "least": round(float(row.min()), 2),
        "most": round(float(row.max()), 2),
    }


def code_data(trace: Trace, layer: int, token: int, head: int) -> dict[str, Any] | None:
    """The listings with their tensors for the browser; None where a layer does other steps."""
    arrays = tensors(trace, layer)
    if not arrays:
        return None
    return {
        "token": trace.tokens[token],
        "tokens": list(trace.tokens),
        "layer": layer + 1,
        "head": head + 1,
        "listings": [
            {
                "title": listing.title,
                "lines": [
                    {"text": line.text, "probes": list(line.probes)} for line in listing.lines
                ],
            }
            for listing in listings()
        ],
        "tensors": {
            name: tensor_data(name, array, token, head)
            for name, array in arrays.items()
            if name in LETTERS
        },
    }
