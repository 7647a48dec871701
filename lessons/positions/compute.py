"""Where a word stands: order measured in the model, the learned table, and other ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..engine.comparison import Change, compare, picked, zeros
from ..engine.tokenizer import Encoding
from ..engine.trace import Floats, Trace
from . import alibi, rope, sinusoidal

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

Array = NDArray[np.float64]


def can_be_without(model: LoadedModel) -> bool:
    """Whether the model's places come in one way alone, which can be closed."""
    return model.places in ("added", "rotated")


def run(model: LoadedModel, encoding: Encoding, *, placed: bool = True) -> Trace:
    """A pass with places or without: no vector is added, or all are rotated as in place 0.

    Without them, raises ValueError for a model whose attention reads distances.
    """
    if placed:
        return model.trace(encoding)
    if model.places == "added":
        return model.trace(encoding, edits={"position_embeddings": zeros})
    if model.places == "rotated":
        return model.trace(encoding, position_ids=np.zeros(len(encoding)))
    raise ValueError(f"the attention of {model.spec.title} reads distances")


# --- order --------------------------------------------------------------------------------------


def words_of(encoding: Encoding) -> list[tuple[int, ...]]:
    """Positions of the pieces of each word of the first sentence, in order."""
    words: dict[int, list[int]] = {}
    for position, (word, sentence) in enumerate(
        zip(encoding.word_ids, encoding.sentence_ids, strict=True)
    ):
        if word is not None and sentence == 0:
            words.setdefault(word, []).append(position)
    return [tuple(pieces) for pieces in words.values()]


def spelled(encoding: Encoding, pieces: Sequence[int]) -> str:
    """A word as its pieces spell it: un ##ha ##pp ##iness → unhappiness."""
    first, *rest = (encoding.tokens[i] for i in pieces)
    return first + "".join(token.removeprefix("##") for token in rest)


def reordered(encoding: Encoding, order: Sequence[int]) -> tuple[int, ...]:
    """Where each token comes from when the words of the first sentence stand in another order.

    ``order`` names every word once, by its number in `words_of`. [CLS], [SEP] and a second
    sentence stay where they are. Raises ValueError for anything but an order of the words.
    """
    words = words_of(encoding)
    if sorted(order) != list(range(len(words))):
        raise ValueError(f"not an order of {len(words)} words: {list(order)}")
    moving = {position for pieces in words for position in pieces}
    arriving = iter([position for word in order for position in words[word]])
    return tuple(next(arriving) if i in moving else i for i in range(len(encoding)))


def order_between(first: Encoding, second: Encoding) -> list[int]:
    """The order of the first sentence's words that spells the second.

    A word that occurs twice is taken from left to right. Raises ValueError when the two are not
    made of the same words.
    """
    free = [tuple(first.input_ids[list(pieces)].tolist()) for pieces in words_of(first)]
    taken: list[int] = []
    for pieces in words_of(second):
        word = tuple(second.input_ids[list(pieces)].tolist())
        found = next((i for i, w in enumerate(free) if w == word and i not in taken), None)
        if found is None:
            raise ValueError("the two sentences are not made of the same words")
        taken.append(found)
    if len(taken) != len(free):
        raise ValueError("the two sentences are not made of the same words")
    return taken


@dataclass(frozen=True)
class OrderEffect:
    """One sentence in two orders, run with positions and without.

    ``gaps`` are the largest differences of any number of any token's vector in any layer, between
    the two orders, with positions and without: 0 up to rounding says that the model sees one and
    the same bag of words.
    """

    given: Change
    removed: Change
    gaps: tuple[float, float]


def order_effect(
    model: LoadedModel, encoding: Encoding, source: Sequence[int], gap: int | None
) -> OrderEffect:
    """Run an encoding and its rearrangement, where token i is token ``source[i]`` of the first.

    ``gap`` is the position of a mask in the first, to compare predictions at.
    """
    other = picked(encoding, source)
    changes, gaps = [], []
    for placed in (True, False):
        first, second = (run(model, e, placed=placed) for e in (encoding, other))
        changes.append(compare(model, first, second, gap, source))
        gaps.append(
            float(np.abs(first.hidden_states[:, list(source)] - second.hidden_states).max())
        )
    return OrderEffect(changes[0], changes[1], (gaps[0], gaps[1]))


def describe_order(effect: OrderEffect, moved: int) -> str:
    """What the order changes, with positions and without."""
    with_positions, without = effect.gaps
    if not moved:
        return "The words stand in their first order: move one to see what changes."
    most = int(effect.given.cosines.argmin())
    return (
        f"{moved} words stand elsewhere. With positions the vectors change by up to "
        f"{with_positions:.2f}, most of all “{effect.given.tokens[most]}” (cosine "
        f"{effect.given.cosines[most]:.2f}). Without positions no number changes by more than "
        f"{max(without, 1e-9):.0e}: {'rounding' if without < 1e-3 else 'layers with a window'}."
    )


def every_pair(
    model: LoadedModel, pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, float, float]]:
    """For pairs of sentences with the same words: the second sentence and its two ``gaps``."""
    for first, second in pairs:
        encoding = model.encode(first)
        order = order_between(encoding, model.encode(second))
        effect = order_effect(model, encoding, reordered(encoding, order), None)
        yield second, *effect.gaps


def describe_pairs(found: Sequence[tuple[str, float, float]]) -> str:
    """All pairs in one sentence."""
    with_positions = [gap for _, gap, _ in found]
    without = [gap for _, _, gap in found]
    return (
        f"In all {len(found)} pairs the largest difference without positions is "
        f"{max(without):.0e}; with positions the smallest is {min(with_positions):.2f}."
    )


# --- waves --------------------------------------------------------------------------------------


def describe_waves(length: int, size: int, base: float) -> str:
    """The fastest and the slowest wave of a table."""
    omega = sinusoidal.frequencies(size, base)
    return (
        f"{length} positions, {size} dimensions in {size // 2} pairs. The first pair turns once "
        f"in {2 * np.pi / omega[0]:.1f} positions, the last once in {2 * np.pi / omega[-1]:,.0f}."
    )


@dataclass(frozen=True)
class Shift:
    """PE(p), the matrix of a shift, what it makes of PE(p), and PE(p + k) itself."""

    start: Array
    matrix: Array
    turned: Array
    target: Array
    error: float
    """Largest difference over every p of the table, not only this one."""


def shifted(position: int, shift: int, length: int, size: int, base: float) -> Shift:
    """Move PE(p) by ``shift`` places with one matrix."""
    start, target = sinusoidal.positional_encoding([position, position + shift], size, base)
    matrix = sinusoidal.shift_matrix(shift, size, base)
    error = sinusoidal.shift_error(shift, length, size, base)
    return Shift(start, matrix, matrix @ start, target, error)


def describe_shift(found: Shift, position: int, shift: int) -> str:
    """The proof in words."""
    return (
        f"R times PE({position}) is PE({position + shift}). The same matrix moves every other "
        f"position by {shift} too: the largest error over all of them is {found.error:.0e}."
    )


# --- the learned table --------------------------------------------------------------------------


def learned_table(model: LoadedModel) -> Floats:
    """The model's position vectors: (positions, D). Raises ValueError where there are none."""
    weights = model.position_weights
    if weights is None:
        how = "rotates queries and keys" if model.places == "rotated" else "scores distances"
        raise ValueError(f"{model.spec.title} has no table of positions: it {how} instead")
    return weights.detach().numpy()


def cosine_matrix(table: Floats | Array, step: int = 1) -> Array:
    """Cosines between every ``step``-th row and every other such row: (N, N)."""
    rows = np.asarray(table, dtype=np.float64)[::step]
    unit = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit @ unit.T  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Path:
    """Positions in their three main directions: (P, 3), and the share of variance of each."""

    points: Array
    shares: Array


def path(table: Floats) -> Path:
    """The learned vectors by principal component analysis."""
    from sklearn.decomposition import PCA

    found = PCA(n_components=3, svd_solver="full").fit(table)
    return Path(found.transform(table), found.explained_variance_ratio_)


def nearness(table: Floats | Array, reach: int) -> Array:
    """Mean cosine of two positions by their distance 0 … ``reach``: (reach + 1,)."""
    cosines = cosine_matrix(table)
    return np.array([np.diagonal(cosines, k).mean() for k in range(reach + 1)])


def describe_learned(table: Floats) -> str:
    """Size, neighbors and ends of the table."""
    near = nearness(table, min(50, len(table) - 1))
    norms = np.linalg.norm(table, axis=1)
    return (
        f"{len(table)} positions × {table.shape[1]} dimensions = {table.size:,} learned numbers. "
        f"Next-door positions have a mean cosine of {near[1]:.2f}, those {len(near) - 1} apart "
        f"{near[-1]:.2f}. The longest vector stands in place {int(norms.argmax())} "
        f"({norms.max():.2f}; median {np.median(norms):.2f})."
    )


def beyond(model: LoadedModel, position: int) -> str | None:
    """What the model says when a token is put in this place: None, or why it refuses."""
    try:
        model.trace(model.encode("a"), position_ids=[0, position, 2])
    except ValueError as reason:
        return str(reason)
    return None


# --- other ways ---------------------------------------------------------------------------------

SCHEMES = ("no positions", "RoPE", "ALiBi")


@dataclass(frozen=True)
class Borrowed:
    """Attention of one head of the first layer under one scheme: scores and weights, (T, T)."""

    scores: Array
    weights: Array


def borrowed_attention(
    model: LoadedModel, encoding: Encoding, head: int, scheme: str, base: float = 10_000.0
) -> Borrowed:
    """The first layer's own queries and keys, computed without positions, under a scheme.

    The weights were trained with another scheme, so this shows what a scheme does to scores, not
    what a model trained with it would do. Raises ValueError for another scheme.
    """
    trace = run(model, encoding, placed=False)
    assert trace.queries is not None
    assert trace.keys is not None
    queries, keys = (np.asarray(x[0, head], dtype=np.float64) for x in (trace.queries, trace.keys))
    places = np.arange(len(queries))
    if scheme == "RoPE":
        scores = rope.scores(queries, keys, places, base)
    elif scheme in SCHEMES:
        scores = queries @ keys.T / np.sqrt(queries.shape[-1])
        if scheme == "ALiBi":
            scores = scores + alibi.bias(len(queries), trace.num_heads)[head]
    else:
        raise ValueError(f"no scheme called {scheme}")
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return Borrowed(scores, powers / powers.sum(axis=-1, keepdims=True))


def mean_distance(weights: Array) -> float:
    """How many places away attention falls on average, by its weights (T, T)."""
    places = np.arange(len(weights))
    return float((weights * np.abs(places[:, None] - places)).sum(axis=1).mean())


def describe_borrowed(found: Borrowed, tokens: Sequence[str], row: int, scheme: str) -> str:
    """Where one token looks, and how far all look."""
    most = int(found.weights[row].argmax())
    return (
        f"With {scheme}, “{tokens[row]}” looks most at “{tokens[most]}” "
        f"({found.weights[row, most]:.0%}). Over all tokens attention falls "
        f"{mean_distance(found.weights):.1f} places away on average."
    )


def score_by_distance(reach: int, size: int = 64, base: float = 10_000.0, start: int = 0) -> Array:
    """RoPE's score of one fixed query and an equal key, at distances 0 … ``reach``.

    The vectors are all ones, scaled so that distance 0 scores 1. ``start`` is the place of the
    query: it makes no difference, which is the point.
    """
    ones = np.ones((1, size)) / np.sqrt(size)
    query = rope.rotate(ones, [start], base)  # 1 d
    keys = rope.rotate(np.repeat(ones, reach + 1, axis=0), start + np.arange(reach + 1), base)
    return (keys @ query.T)[:, 0]
