"""What the vectors of one word say about its senses: centers, silhouettes, verdicts, neighbors.

Vectors come as (L+1, N, D): for each layer, 0 to L, one vector for each of N sentences. They are
compared by direction: every vector is first given length 1, so that a dot product is a cosine.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..engine.intervals import wilson
from ..engine.trace import Floats
from .examples import Example, SenseWord, sense_words

if TYPE_CHECKING:
    from ..engine import Encoding
    from ..engine.model import LoadedModel

Numbers = NDArray[np.int64]

SHUFFLES = 20
"""How often the labels are shuffled to see what accuracy luck would give."""
SEED = 0


def unit(vectors: Floats) -> Floats:
    """The same directions (…, D) with length 1; a vector of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)  # type: ignore[no-any-return]


def readable(model: LoadedModel, examples: Sequence[Example]) -> list[bool]:
    """For each sentence, whether the model sees a token where its word stands."""
    from ..engine.tokenizer import pieces_of

    seen = []
    for example in examples:
        try:
            pieces_of(model.encode(example.text), example.span)
        except ValueError:
            seen.append(False)
        else:
            seen.append(True)
    return seen


def word_vectors(model: LoadedModel, examples: Sequence[Example]) -> Floats:
    """Vectors of the marked words in all layers: (L+1, N, D), each the mean of its pieces."""
    return model.word_vectors([(example.text, example.span) for example in examples])


def other_words(model: LoadedModel, examples: Sequence[Example]) -> Floats:
    """What a sentence is about, without context and without its marked word: (N, D).

    The mean of the other words' vectors as they stand in the vocabulary; zeros where the marked
    word is all that there is.
    """
    from ..engine.tokenizer import pieces_of

    table = model.word_table()
    found = np.zeros((len(examples), table.shape[1]), dtype=np.float32)
    for i, example in enumerate(examples):
        encoding = model.encode(example.text)
        own = pieces_of(encoding, example.span)
        ids = [
            int(token_id)
            for place, token_id in enumerate(encoding.input_ids)
            if encoding.word_ids[place] is not None and place not in own
        ]
        if ids:
            found[i] = table[ids].mean(axis=0)
    return found


# --- how well the senses come apart -------------------------------------------------------------


@dataclass(frozen=True)
class LeftOut:
    """Nearest sense center for each of N vectors, its own vector left out of the centers."""

    cosines: Floats
    """(N, K): to the center of each sense; −1 where a sense has no other sentence."""
    right: NDArray[np.bool_]
    """(N): whether the nearest center is that of the sentence's own sense."""
    margins: Floats
    """(N): cosine to the nearest center less that to the second."""

    @property
    def accuracy(self) -> float:
        return float(self.right.mean())


def leave_one_out(vectors: Floats, labels: Sequence[int] | Numbers) -> LeftOut:
    """Judge every vector (N, D) by the centers of all others.

    A center is the sum of unit vectors. Leaving v out changes its own center S to S − v, so all
    cosines follow from S·v and |v| without N new centers.
    """
    v = unit(vectors).astype(np.float64)
    y = np.asarray(labels, dtype=np.int64)
    rows = np.arange(len(y))
    members = np.eye(int(y.max()) + 1)[y]  # N K
    sums = members.T @ v  # K D
    dots = v @ sums.T  # N K
    squares = np.broadcast_to((sums**2).sum(axis=1), dots.shape).copy()  # N K: |S|²
    own, length = dots[rows, y], (v**2).sum(axis=1)
    squares[rows, y] += length - 2 * own
    dots[rows, y] -= length
    cosines = dots / np.sqrt(np.maximum(squares, 1e-12))
    cosines[members.sum(axis=0)[None] - members < 0.5] = -1  # nobody else in that sense
    order = np.sort(cosines, axis=1)
    margins = order[:, -1] - order[:, -2] if order.shape[1] > 1 else np.zeros(len(y))
    return LeftOut(
        cosines.astype(np.float32), cosines.argmax(axis=1) == y, margins.astype(np.float32)
    )


@dataclass(frozen=True)
class LayerCurve:
    """How well senses come apart in each of L+1 layers."""

    accuracy: list[float]
    """Leave-one-out, nearest center."""
    silhouette: list[float]
    """Mean silhouette with cosine distance, −1 to 1."""
    shuffled: list[float]
    """Mean accuracy of the same vectors with labels shuffled `SHUFFLES` times."""
    chance: float
    """Accuracy of always naming the commonest sense."""
    topic: float
    """Accuracy of a judge who sees the other words alone, out of context (`other_words`)."""
    count: int
    """Sentences judged."""

    @property
    def interval(self) -> tuple[float, float]:
        """Where the last layer's accuracy would lie with other sentences, 19 times in 20."""
        return wilson(float(self.accuracy[-1]), self.count)


def layer_curve(
    vectors: Floats, labels: Sequence[int], others: Floats, seed: int = SEED
) -> LayerCurve:
    """Quality of the senses in every layer of (L+1, N, D), beside luck and beside the topic.

    ``others`` (N, D) are the sentences without their word: see `other_words`.
    Silhouette: Rousseeuw 1987, from scikit-learn.
    """
    from sklearn.metrics import silhouette_score

    y = np.asarray(labels)
    rng = np.random.default_rng(seed)
    mixed = [rng.permutation(y) for _ in range(SHUFFLES)]
    can_compare = 2 <= len(set(labels)) < len(labels)
    return LayerCurve(
        accuracy=[leave_one_out(layer, y).accuracy for layer in vectors],
        silhouette=[
            float(silhouette_score(unit(layer), y, metric="cosine")) if can_compare else 0.0
            for layer in vectors
        ],
        shuffled=[
            float(np.mean([leave_one_out(layer, other).accuracy for other in mixed]))
            for layer in vectors
        ],
        chance=float(np.bincount(y).max() / len(y)),
        topic=leave_one_out(others, y).accuracy,
        count=len(y),
    )


def mean_curve(curves: Sequence[LayerCurve]) -> LayerCurve:
    """The curves of many words averaged, each word counted once; their sentences added up."""
    means = {
        name: np.mean([getattr(curve, name) for curve in curves], axis=0).tolist()
        for name in ("accuracy", "silhouette", "shuffled", "chance", "topic")
    }
    return LayerCurve(**means, count=sum(curve.count for curve in curves))


# --- one new sentence ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Verdict:
    """Where a new vector stands among the senses, in one layer."""

    cosines: list[float]
    """To the center of each sense."""
    sense: int
    """The nearest."""
    margin: float
    """Cosine to the nearest center less that to the second."""
    as_clear: int
    """Known sentences whose margin, left out, is at least this one's …"""
    as_clear_right: int
    """… and how many of them were judged rightly."""
    far: bool
    """Whether it is farther from every center than any known sentence from its own."""


def verdict(vectors: Floats, labels: Sequence[int], new: Floats) -> Verdict:
    """Judge a new vector (D) by the known ones (N, D)."""
    v, y = unit(vectors), np.asarray(labels)
    centers = unit(np.stack([v[y == sense].sum(axis=0) for sense in range(int(y.max()) + 1)]))
    cosines = centers @ unit(new)
    order = np.sort(cosines)
    margin = float(order[-1] - order[-2]) if len(order) > 1 else 0.0
    known = leave_one_out(vectors, labels)
    clear = known.margins >= margin
    return Verdict(
        cosines=cosines.tolist(),
        sense=int(cosines.argmax()),
        margin=margin,
        as_clear=int(clear.sum()),
        as_clear_right=int(known.right[clear].sum()),
        far=bool(order[-1] < known.cosines[np.arange(len(y)), y].min()),
    )


def neighbors(vectors: Floats, new: Floats, count: int = 8) -> list[tuple[int, float]]:
    """The nearest of the known vectors (N, D) to a new one (D): (which, cosine), nearest first."""
    cosines = unit(vectors) @ unit(new)
    return [(int(i), float(cosines[i])) for i in np.argsort(-cosines, kind="stable")[:count]]


def cosine_matrix(vectors: Floats) -> Floats:
    """Cosine of every pair: (N, D) → (N, N)."""
    v = unit(vectors)
    return np.clip(v @ v.T, -1, 1)  # type: ignore[no-any-return]


# --- how alike vectors are anyway ---------------------------------------------------------------


def mean_pair_cosine(vectors: Floats) -> float:
    """Mean cosine over all pairs of different rows of (N, D), N ≥ 2."""
    v = unit(vectors).astype(np.float64)
    count = len(v)
    total = float((v.sum(axis=0) ** 2).sum()) - float((v**2).sum())
    return total / (count * (count - 1))


@dataclass(frozen=True)
class Alikeness:
    """Mean cosines in each layer, of pairs that are ever less alike (after Ethayarajh 2019)."""

    same_sense: list[float]
    """Two sentences, the word in the same sense."""
    other_sense: list[float]
    """Two sentences, the word in different senses."""
    self_similarity: list[float]
    """The word in any two of its sentences."""
    random_words: list[float]
    """Two random words of unrelated sentences: the baseline."""


def alikeness(vectors: Floats, labels: Sequence[int], baseline: Floats) -> Alikeness:
    """Mean cosines of (L+1, N, D) by sense, beside random words (L+1, M, D)."""
    y = np.asarray(labels)
    same = (y[:, None] == y[None]) & ~np.eye(len(y), dtype=bool)
    other = y[:, None] != y[None]
    rows: list[tuple[float, float, float, float]] = []
    for layer, words in zip(vectors, baseline, strict=True):
        cosines = cosine_matrix(layer)
        rows.append(
            (
                float(cosines[same].mean()) if same.any() else 1.0,
                float(cosines[other].mean()) if other.any() else 1.0,
                mean_pair_cosine(layer),
                mean_pair_cosine(words),
            )
        )
    return Alikeness(*(list(column) for column in zip(*rows, strict=True)))


def random_words(count: int = 120, seed: int = SEED) -> list[Example]:
    """One word at random from each of ``count`` of the course's sentences, never a marked one."""
    rng = random.Random(seed)
    examples = [example for word in sense_words().values() for example in word.examples]
    chosen = []
    for example in rng.sample(examples, min(count, len(examples))):
        spans = [m.span() for m in re.finditer(r"\w+", example.text) if m.span() != example.span]
        chosen.append(Example(example.text, rng.choice(spans), ""))
    return chosen


# --- the sentence above -------------------------------------------------------------------------


def span_of_token(encoding: Encoding, position: int) -> tuple[int, int] | None:
    """Characters of the whole word that a token of the first sentence belongs to, or None."""
    word = encoding.word_ids[position]
    if word is None or encoding.sentence_ids[position] != 0:
        return None
    spans = [
        offsets
        for offsets, other in zip(encoding.offsets, encoding.word_ids, strict=True)
        if other == word and offsets is not None
    ]
    return min(start for start, _ in spans), max(end for _, end in spans)


# --- in words -----------------------------------------------------------------------------------


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def describe_curve(curve: LayerCurve, what: str) -> str:
    """``what`` is “bank” or “all 18 words”."""
    last = len(curve.accuracy) - 1
    low, high = curve.interval
    return (
        f"For {what} the nearest sense center is right for {percent(curve.accuracy[0])} of the "
        f"sentences at layer 0 and for {percent(curve.accuracy[-1])} at layer {last}. With "
        f"{plural(curve.count, 'sentence')}, the last could as well be anything from "
        f"{percent(low)} to {percent(high)}. The other words alone, out of context, give "
        f"{percent(curve.topic)}, always naming the commonest sense {percent(curve.chance)}, "
        f"shuffled labels {percent(curve.shuffled[-1])}."
    )


def describe_words(words: Sequence[str], accuracy: Sequence[float], layer: int) -> str:
    order = np.argsort(accuracy, kind="stable")
    easy, hard = ([f"“{words[i]}”" for i in few] for few in (order[::-1][:3], order[:3]))
    return (
        f"At layer {layer} the easiest are {', '.join(easy)}, the hardest {', '.join(hard)} "
        f"({percent(accuracy[order[0]])}). The mean is {percent(float(np.mean(accuracy)))}."
    )


def describe_map(word: SenseWord, method: str, layer: int, kept: float | None) -> str:
    """``kept`` is the share of the spread that the map shows, if the method tells."""
    text = (
        f"{plural(len(word.examples), 'sentence')} with “{word.word}”, "
        f"{plural(len(word.senses), 'sense')}, at layer {layer}, drawn by {method}."
    )
    if kept is not None:
        return text + f" The axes shown hold {percent(kept)} of the spread."
    return text + " Groups can be read; distances between groups and their sizes cannot."


def describe_verdict(word: SenseWord, found: Verdict) -> str:
    """The verdict with its margin, and how far such margins could be trusted before."""
    names = list(word.senses)
    others = [names[i] for i in np.argsort(found.cosines)[::-1][1:2]]
    text = f"Nearest to {names[found.sense]} (cosine {found.cosines[found.sense]:.2f})" + (
        f", {found.margin:.2f} ahead of {others[0]}. " if others else ". "
    )
    if found.as_clear:
        text += (
            f"Of the known sentences, {found.as_clear} had at least this margin when they were "
            f"left out, and {found.as_clear_right} of them were judged rightly."
        )
    else:
        text += "No known sentence had so large a margin when it was left out."
    if found.far:
        text += (
            " But it is farther from every sense than any known sentence is from its own: "
            "perhaps none of these senses is meant."
        )
    return text


def describe_matrix(found: Floats, labels: Sequence[int]) -> str:
    y = np.asarray(labels)
    same = (y[:, None] == y[None]) & ~np.eye(len(y), dtype=bool)
    other = y[:, None] != y[None]
    if not same.any() or not other.any():
        return "There are too few sentences to compare senses."
    return (
        f"Two sentences with the same sense have a cosine of {found[same].mean():.2f} on average, "
        f"two with different senses {found[other].mean():.2f}."
    )


def describe_alikeness(found: Alikeness, word: str) -> str:
    last = len(found.same_sense) - 1
    return (
        f"At layer {last}, two uses of “{word}” in one sense have a cosine of "
        f"{found.same_sense[last]:.2f}, in different senses {found.other_sense[last]:.2f}. Two "
        f"random words have {found.random_words[last]:.2f}, and only what lies above that counts. "
        f"At layer 0 the three were {found.same_sense[0]:.2f}, {found.other_sense[0]:.2f} and "
        f"{found.random_words[0]:.2f}."
    )


@lru_cache(maxsize=1)
def counts() -> tuple[int, int, int]:
    """How many words, senses and sentences the course brings."""
    words = sense_words().values()
    return (
        len(words),
        sum(len(word.senses) for word in words),
        sum(len(word.examples) for word in words),
    )
