"""Scores of sentence pairs by several methods, and what they are worth.

A method is a model with a pooling, or the count of shared words. Scores of methods cannot be
compared as they are: each has a range of its own. What can be compared is where a score stands
among random pairs, and the order that a method puts many pairs in.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..engine.intervals import wilson
from ..engine.registry import BUNDLED, MODELS
from ..engine.trace import Floats

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

DATA = Path(__file__).parents[2] / "assets" / "data" / "similarity"

Pooling = Literal["cls", "mean", "max"]
POOLINGS: tuple[Pooling, ...] = ("cls", "mean", "max")
POOLING_NAMES: dict[Pooling, str] = {"cls": "[CLS]", "mean": "mean", "max": "max"}

MOST_SENTENCES = 60
LONGEST_SENTENCE = 500  # characters
RANDOM_PAIRS = 400
SHUFFLES = 2000
SEED = 0

Numbers = NDArray[np.float64]
Pooled = dict[Pooling, Floats]


@dataclass(frozen=True)
class Method:
    """One way to score a pair; ``model`` and ``pooling`` are None for shared words."""

    title: str
    model: str | None = None
    pooling: Pooling | None = None


SHARED_WORDS = Method("Shared words")


def methods(extra: str | None = None) -> list[Method]:
    """Shared words, then every pooling of both bundled models and, if it is another, ``extra``."""
    names = [*BUNDLED, *([extra] if extra and extra not in BUNDLED else [])]
    titles = {"minilm-mlm": "Predicts words", "minilm": "Compares sentences"}
    return [
        SHARED_WORDS,
        *(
            Method(
                f"{titles.get(name) or title_of(name)} · {POOLING_NAMES[pooling]}", name, pooling
            )
            for name in names
            for pooling in POOLINGS
        ),
    ]


def title_of(model: str) -> str:
    return MODELS[model].title if model in MODELS else model


SOURCED = "Averages over the STS tasks as published by Reimers and Gurevych (2019)."

BEST = methods()[5]
"""The method that its model was trained for: mean pooling of the one that compares sentences."""


# --- our own sentences --------------------------------------------------------------------------


@dataclass(frozen=True)
class Pair:
    """Two sentences with our score from 0 to 5, and what makes them hard, if something does."""

    first: str
    second: str
    score: float
    trap: str = ""


@lru_cache(maxsize=1)
def pairs() -> tuple[Pair, ...]:
    """The pairs of ``assets/data/similarity/pairs.toml``."""
    table = tomllib.loads((DATA / "pairs.toml").read_text(encoding="utf-8"))
    return tuple(Pair(**entry) for entry in table["pair"])


@dataclass(frozen=True)
class SentenceList:
    """Some sentences to compare with each other, one a line."""

    about: str
    text: str


@lru_cache(maxsize=1)
def sentence_lists() -> tuple[SentenceList, ...]:
    """The lists of ``assets/data/similarity/sentences.toml``."""
    table = tomllib.loads((DATA / "sentences.toml").read_text(encoding="utf-8"))
    return tuple(SentenceList(x["about"], x["text"].strip()) for x in table["list"])


@lru_cache(maxsize=1)
def stand_in() -> str:
    """The second sentence until the learner types one."""
    table = tomllib.loads((DATA / "sentences.toml").read_text(encoding="utf-8"))
    return str(table["stand_in"])


# --- scores -------------------------------------------------------------------------------------


def pool(model: LoadedModel, texts: Sequence[str]) -> Pooled:
    """Last-layer vectors of texts, (N, D) for each pooling, from one pass.

    Special tokens count in mean and max, as in `LoadedModel.embed`.
    """
    states = [hidden[-1] for hidden in model.hidden_states(texts)]  # N × (T, D)
    width = model.spec.hidden
    return {
        "cls": np.array([x[0] for x in states], dtype=np.float32).reshape(-1, width),
        "mean": np.array([x.mean(axis=0) for x in states], dtype=np.float32).reshape(-1, width),
        "max": np.array([x.max(axis=0) for x in states], dtype=np.float32).reshape(-1, width),
    }


def words_of(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def overlap(first: str, second: str) -> float:
    """Shared words over all words of two sentences (Jaccard), 0 to 1; 0 where there are none."""
    a, b = words_of(first), words_of(second)
    return len(a & b) / len(a | b) if a | b else 0.0


def cosines(first: Floats, second: Floats) -> Numbers:
    """Cosine of each row of (N, D) to the same row of another: (N)."""
    a, b = first.astype(np.float64), second.astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return (a * b).sum(axis=1) / np.maximum(lengths, 1e-12)  # type: ignore[no-any-return]


Vectors = dict[str, Pooled]
"""For each model by name, the pooled vectors of the same texts."""


def scores(
    method: Method, texts: Sequence[str], vectors: Vectors, rows: Sequence[tuple[int, int]]
) -> Numbers:
    """Score pairs of texts, given as places in ``texts``, by one method."""
    if method.model is None or method.pooling is None:
        return np.array([overlap(texts[i], texts[j]) for i, j in rows], dtype=np.float64)
    pooled = vectors[method.model][method.pooling]
    left, right = np.array(rows, dtype=np.int64).reshape(-1, 2).T
    return cosines(pooled[left], pooled[right])


def pair_texts() -> tuple[list[str], list[tuple[int, int]]]:
    """All sentences of our pairs, each once, and each pair as two places among them."""
    texts = list(dict.fromkeys(text for pair in pairs() for text in (pair.first, pair.second)))
    place = {text: i for i, text in enumerate(texts)}
    return texts, [(place[pair.first], place[pair.second]) for pair in pairs()]


def random_pairs(count: int = RANDOM_PAIRS, seed: int = SEED) -> list[tuple[int, int]]:
    """Pairs of our sentences that were not written as a pair and share no partner, by place."""
    texts, written = pair_texts()
    together = {frozenset(pair) for pair in written}
    partners: dict[int, set[int]] = {i: {i} for i in range(len(texts))}
    for i, j in written:
        partners[i].add(j)
        partners[j].add(i)
    rng = random.Random(seed)
    found: list[tuple[int, int]] = []
    while len(found) < count:
        i, j = rng.sample(range(len(texts)), 2)
        if frozenset((i, j)) not in together and not partners[i] & partners[j]:
            found.append((i, j))
    return found


@dataclass(frozen=True)
class Standing:
    """A score of one method, and where it stands among random pairs."""

    method: Method
    score: float
    low: float
    mean: float
    high: float
    """Mean of the random pairs, and the range of their middle 90%."""
    above: float
    """Share of random pairs with a lower score."""


def standing(method: Method, score: float, random_scores: Numbers) -> Standing:
    """Place one score among those of random pairs."""
    low, high = np.quantile(random_scores, [0.05, 0.95])
    return Standing(
        method,
        float(score),
        float(low),
        float(random_scores.mean()),
        float(high),
        float((random_scores < score).mean()),
    )


# --- how well a method orders pairs -------------------------------------------------------------


def rank_correlation(
    first: Sequence[float] | Numbers, second: Sequence[float] | Numbers
) -> float | None:
    """Spearman's ρ; None where one side never changes or there are fewer than three values."""
    from scipy.stats import spearmanr

    if len(first) < 3 or len(set(first)) < 2 or len(set(second)) < 2:
        return None
    return float(spearmanr(first, second).statistic)


def luck(ratings: Sequence[float], seed: int = SEED) -> float | None:
    """The ρ that shuffled ratings exceed in 5% of `SHUFFLES` shuffles; None where undefined."""
    from scipy.stats import rankdata

    if len(ratings) < 3 or len(set(ratings)) < 2:
        return None
    ranks = rankdata(ratings)
    ranks = (ranks - ranks.mean()) / ranks.std()
    order = np.arange(len(ranks), dtype=np.float64)
    order = (order - order.mean()) / order.std()
    rng = np.random.default_rng(seed)
    found = [float((rng.permutation(ranks) * order).mean()) for _ in range(SHUFFLES)]
    return float(np.quantile(found, 0.95))


def deal(count: int = 8, seed: int = SEED) -> list[int]:
    """Places of pairs for a round of the rating game, spread over our scores, in random order."""
    rng = random.Random(seed)
    order = sorted(range(len(pairs())), key=lambda i: (pairs()[i].score, rng.random()))
    bounds = [round(i * len(order) / count) for i in range(count + 1)]
    chosen = [rng.choice(order[a:b]) for a, b in pairwise(bounds)]
    rng.shuffle(chosen)
    return chosen


# --- many sentences -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Lines:
    """A learner's sentences, one a line, and what was left out."""

    sentences: list[str]
    n_cut: int
    """Lines beyond the limit."""
    n_shortened: int


def read_lines(text: str) -> Lines:
    """Lines with a word in them, each once, at most `MOST_SENTENCES`, long ones cut."""
    lines = [line.strip() for line in text.splitlines()]
    lines = list(dict.fromkeys(line for line in lines if words_of(line)))
    kept = lines[:MOST_SENTENCES]
    return Lines(
        [line[:LONGEST_SENTENCE] for line in kept],
        len(lines) - len(kept),
        sum(len(line) > LONGEST_SENTENCE for line in kept),
    )


@dataclass(frozen=True)
class Clusters:
    """N sentences in an order that puts similar ones together."""

    order: list[int]
    labels: list[int]
    """For each sentence, in the original order, its group, counted along ``order``."""
    matrix: Numbers
    """(N, N) scores, in the original order."""


def cluster(matrix: Numbers, count: int) -> Clusters:
    """Group by average linkage on 1 − score, the tree's leaves in their best order.

    Needs two sentences or more; ``count`` is cut to their number.
    """
    from scipy.cluster.hierarchy import fcluster, leaves_list, linkage
    from scipy.spatial.distance import squareform

    distances = np.clip(1 - matrix, 0, 2)
    distances = (distances + distances.T) / 2
    np.fill_diagonal(distances, 0)
    tree = linkage(squareform(distances, checks=False), "average", optimal_ordering=True)
    order = [int(i) for i in leaves_list(tree)]
    found = fcluster(tree, min(count, len(matrix)), "maxclust")
    names = {int(label): i for i, label in enumerate(dict.fromkeys(found[order].tolist()))}
    return Clusters(order, [names[int(label)] for label in found], matrix)


def score_matrix(method: Method, texts: Sequence[str], vectors: Vectors) -> Numbers:
    """Score of every two of N texts: (N, N), 1 on the diagonal."""
    count = len(texts)
    rows = [(i, j) for i in range(count) for j in range(count)]
    matrix = scores(method, texts, vectors, rows).reshape(count, count)
    np.fill_diagonal(matrix, 1.0)
    return matrix


# --- in words -----------------------------------------------------------------------------------


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def describe_standings(found: Sequence[Standing]) -> str:
    """What the trained method says, and the highest raw cosine that means little."""
    best = next(s for s in found if s.method == BEST)
    raw = next(s for s in found if s.method.model == BUNDLED[0] and s.method.pooling == "cls")
    return (
        f"{best.method.title}: {best.score:.2f}, higher than {percent(best.above)} of random "
        f"pairs (their mean is {best.mean:.2f}). {raw.method.title}: {raw.score:.2f}, but random "
        f"pairs have {raw.mean:.2f} there, so it is higher than {percent(raw.above)} of them."
        + "".join(
            f" {own.method.title}: {own.score:.2f}, higher than {percent(own.above)}."
            for own in found
            if own.method.model not in (None, *BUNDLED) and own.method.pooling == "mean"
        )
    )


def describe_correlations(
    found: Sequence[tuple[Method, float | None]], count: int, whose: str
) -> str:
    known = [(method, rho) for method, rho in found if rho is not None]
    if not known:
        return "All ratings are the same, so there is no order to compare: use more of the scale."
    best, rho = max(known, key=lambda item: item[1])
    words = dict(found).get(SHARED_WORDS)
    return (
        f"Over {count} pairs, the order of {best.title} is closest to {whose} "
        f"(ρ = {rho:.2f})"
        + (f"; counting shared words gives {words:.2f}." if words is not None else ".")
    )


def describe_clusters(found: Clusters, method: Method) -> str:
    count = len(found.labels)
    off = found.matrix[~np.eye(count, dtype=bool)]
    same = np.equal.outer(found.labels, found.labels) & ~np.eye(count, dtype=bool)
    text = (
        f"{count} sentences in {len(set(found.labels))} groups by {method.title}; any two have "
        f"{off.mean():.2f} on average"
    )
    return text + (f", two of one group {found.matrix[same].mean():.2f}." if same.any() else ".")


def describe_random(rows: Sequence[tuple[Method, Numbers]]) -> str:
    spans = dict(rows)
    raw = next(v for m, v in spans.items() if m.model == BUNDLED[0] and m.pooling == "cls")
    best = spans[BEST]
    return (
        f"Two unrelated sentences score {raw.mean():.2f} on average by [CLS] of the model that "
        f"predicts words, and {best.mean():.2f} by the mean of the one that compares sentences"
        + "".join(
            f", {numbers.mean():.2f} by {own.title}"
            for own, numbers in rows
            if own.model not in (None, *BUNDLED) and own.pooling == "mean"
        )
        + "."
    )


# --- training on pairs --------------------------------------------------------------------------

COLLAPSED = 0.9
"""Mean cosine of strangers from which on all vectors point the same way."""


def found_intervals(
    facts: Mapping[str, Any], moments: Sequence[Mapping[str, Any]]
) -> list[tuple[float, float]]:
    """For each moment, where the share of partners found would lie with other pairs."""
    return [wilson(moment["found"], facts["n_dev"]) for moment in moments]


def describe_found(facts: Mapping[str, Any], moments: Sequence[Mapping[str, Any]]) -> str:
    """Partners found before and now, each with its interval, and by shared words."""
    (low, high), (low_now, high_now) = found_intervals(facts, [moments[0], moments[-1]])
    return (
        f"Of {facts['n_dev']} held-out sentences, {percent(moments[-1]['found'])} are nearer to "
        f"their partner than to all other candidates ({percent(low_now)} to {percent(high_now)} "
        f"with other pairs); before training {percent(moments[0]['found'])} ({percent(low)} to "
        f"{percent(high)}). Counting shared words finds {percent(facts['by_words'])}, all-MiniLM "
        f"{percent(facts['by_many_pairs'])}."
    )


def describe_cosines(moments: Sequence[Mapping[str, Any]]) -> str:
    """Mean cosines of partners and of strangers, before and now."""
    first, last = moments[0], moments[-1]
    said = (
        f"Over all held-out pairs, partners have a cosine of {last['partners']:.2f} (before: "
        f"{first['partners']:.2f}), strangers {last['strangers']:.2f} (before: "
        f"{first['strangers']:.2f})."
    )
    if last["strangers"] > COLLAPSED:
        return f"{said} All vectors point the same way: the run has collapsed."
    return said


def describe_spread(facts: Mapping[str, Any], moments: Sequence[Mapping[str, Any]]) -> str:
    """Alignment, uniformity and agreement with our ratings, before and now."""
    first, last = moments[0], moments[-1]
    return (
        f"Alignment {first['alignment']:.2f} → {last['alignment']:.2f}, uniformity "
        f"{first['uniformity']:.2f} → {last['uniformity']:.2f}. Rank correlation with our ratings "
        f"of {facts['n_rated']} other pairs: {first['agreement']:.2f} → {last['agreement']:.2f}."
    )


def describe_cosine_pair(cosines: Numbers) -> str:
    """The cosine of the first two sentences of some, and that of any two."""
    off = ~np.eye(len(cosines), dtype=bool)
    return (
        f"Before any training on pairs your two sentences have a cosine of {cosines[0, 1]:.2f}, "
        f"any two of all {len(cosines)} {cosines[off].mean():.2f}."
    )


def describe_own(before: Numbers, now: Numbers) -> str:
    """The cosine of the learner's first two sentences, before and now, and that of all others."""
    off = ~np.eye(len(before), dtype=bool)
    return (
        f"Your two sentences: {before[0, 1]:.2f} before, {now[0, 1]:.2f} now. Any two of all "
        f"{len(before)}: {before[off].mean():.2f} before, {now[off].mean():.2f} now."
    )
