"""Two runs of a model, compared: which vectors moved, and what became of a prediction.

Lessons change one thing (a step, a place, an order) and run the same input again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from .tokenizer import Encoding
from .trace import Floats, Trace

if TYPE_CHECKING:
    from torch import Tensor

    from .model import LoadedModel

Word = tuple[str, float]


def zeros(tensor: Tensor, seen: Mapping[str, Tensor]) -> Tensor:
    """An edit (see `Recorder`) that takes a step's result away."""
    return tensor * 0


def picked(encoding: Encoding, positions: Sequence[int]) -> Encoding:
    """The tokens at some positions, in that order, as an input of their own."""
    index = list(positions)
    return replace(
        encoding,
        tokens=tuple(encoding.tokens[i] for i in index),
        input_ids=encoding.input_ids[index],
        token_type_ids=encoding.token_type_ids[index],
        attention_mask=encoding.attention_mask[index],
        offsets=tuple(encoding.offsets[i] for i in index),
        sentence_ids=tuple(encoding.sentence_ids[i] for i in index),
        word_ids=tuple(encoding.word_ids[i] for i in index),
    )


@dataclass(frozen=True)
class Change:
    """One input run twice. Token i of the second run is token ``source[i]`` of the first.

    ``cosines`` (T of the second run) compare each token's last vector in both. ``alike`` is the
    mean cosine between different tokens, before and after. ``before`` and ``after`` are the
    likeliest words at the gap, ``moved`` how much probability went to other words (0 none, 1 all):
    half the summed differences over the vocabulary. Without a gap or a masked-word head they are
    empty and None.
    """

    tokens: tuple[str, ...]
    cosines: Floats
    alike: tuple[float, float]
    before: list[Word]
    after: list[Word]
    moved: float | None


def compare(
    model: LoadedModel,
    first: Trace,
    second: Trace,
    gap: int | None,
    source: Sequence[int] | None = None,
    top: int = 5,
) -> Change:
    """What changed between two runs. ``gap`` is a position in the first run.

    ``source`` says for each token of the second run which token of the first it is; left out, the
    tokens stand where they stood. Tokens of the second run beyond ``source`` are not compared.
    """
    kept = list(range(len(first.tokens))) if source is None else list(source)
    before, after = first.hidden_states[-1][kept], second.hidden_states[-1][: len(kept)]
    words: tuple[list[Word], list[Word]] = ([], [])
    moved = None
    if gap is not None and gap in kept and model.has_mlm:
        rows = np.stack([first.hidden_states[-1][gap], second.hidden_states[-1][kept.index(gap)]])
        probabilities = _softmax(model.token_logits(rows))  # 2 V
        words = (_top(model, probabilities[0], top), _top(model, probabilities[1], top))
        moved = float(np.abs(probabilities[0] - probabilities[1]).sum() / 2)
    return Change(
        tokens=second.tokens[: len(kept)],
        cosines=cosines(before, after),
        alike=(mean_cosine(first.hidden_states[-1]), mean_cosine(after)),
        before=words[0],
        after=words[1],
        moved=moved,
    )


def _top(model: LoadedModel, probabilities: Floats, count: int) -> list[Word]:
    best = np.argsort(-probabilities)[:count]
    return [(model.tokenizer.id_to_token(int(i)) or "", float(probabilities[i])) for i in best]


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]


def cosines(first: Floats, second: Floats) -> Floats:
    """Cosine of each row of one with the same row of the other: (N, D), (N, D) → (N)."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    return (first * second).sum(axis=-1) / np.maximum(lengths, 1e-12)  # type: ignore[no-any-return]


def mean_cosine(vectors: Floats) -> float:
    """Mean cosine between different rows, (N, D); 1 for a single row."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    count = len(unit)
    if count < 2:
        return 1.0
    return float((np.square(unit.sum(axis=0)).sum() - count) / (count * (count - 1)))


def describe_change(change: Change) -> str:
    """A change in one sentence: who moved most, and what became of the prediction."""
    most, least = int(change.cosines.argmin()), int(change.cosines.argmax())
    said = (
        f"Cosine with each token's own vector from the unchanged input: "
        f"{change.cosines.mean():.2f} on average, lowest for “{change.tokens[most]}” "
        f"({change.cosines[most]:.2f}), highest for "
        f"“{change.tokens[least]}” ({change.cosines[least]:.2f})."
    )
    if change.moved is None:
        return said
    first, second = change.before[0], change.after[0]
    return (
        f"{said} At the gap, “{first[0]}” ({first[1]:.0%}) led before and “{second[0]}” "
        f"({second[1]:.0%}) leads now; {change.moved:.0%} of the probability moved."
    )
