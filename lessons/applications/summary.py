"""A summary out of a text's own sentences: k-means over their vectors, one sentence a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..engine.trace import Floats
from .compute import DATA, Numbers, counted, percent

DRAWS = 500
SEED = 1
FEWEST = 4
"""Sentences of a text that can be made shorter."""


@dataclass(frozen=True)
class Story:
    """A text of our own, and which of its sentences we would keep."""

    title: str
    sentences: tuple[str, ...]
    kept: frozenset[int]


@lru_cache(maxsize=1)
def stories() -> tuple[Story, ...]:
    """The texts of ``assets/data/applications/summaries.txt``; a star marks what we would keep."""
    text = (DATA / "summaries.txt").read_text(encoding="utf-8")
    found = []
    for block in text.strip().split("\n\n"):
        title, *lines = block.splitlines()
        found.append(
            Story(
                title.removeprefix("= "),
                tuple(line.removeprefix("* ") for line in lines),
                frozenset(i for i, line in enumerate(lines) if line.startswith("* ")),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Summary:
    """Sentences of a text that stand for all of it.

    ``labels`` (N) is the cluster of each sentence, ``chosen`` the sentence nearest the center of
    each cluster, in the order of the text. ``plane`` (N, 2) are the vectors on the plane of their
    widest spread.
    """

    labels: tuple[int, ...]
    chosen: tuple[int, ...]
    plane: Numbers


def summarize(vectors: Floats, length: int, seed: int = SEED) -> Summary:
    """Cluster unit vectors (N, D) into ``length`` groups, and take the most central of each.

    A text that repeats itself may have fewer different sentences: there are then fewer groups.
    """
    from sklearn.cluster import KMeans

    groups = min(length, len(np.unique(vectors.round(5), axis=0)))
    means = KMeans(groups, n_init=10, random_state=seed).fit(vectors)
    chosen = []
    for group in range(groups):
        members = np.flatnonzero(means.labels_ == group)
        away = np.linalg.norm(vectors[members] - means.cluster_centers_[group], axis=1)
        chosen.append(int(members[away.argmin()]))
    return Summary(tuple(means.labels_.tolist()), tuple(sorted(chosen)), on_a_plane(vectors))


def on_a_plane(vectors: Floats) -> Numbers:
    """The two first principal components, (N, D) → (N, 2)."""
    centered = (vectors - vectors.mean(axis=0)).astype(np.float64)
    left, sizes, _ = np.linalg.svd(centered, full_matrices=False)
    points = (left * sizes)[:, :2]
    signs = np.where(points[np.abs(points).argmax(axis=0), range(points.shape[1])] < 0, -1, 1)
    return np.asarray(points * signs)


def coverage(vectors: Floats, chosen: Sequence[int]) -> float:
    """Mean cosine of the other sentences with the chosen one that is nearest; 1 if none is left."""
    others = np.ones(len(vectors), dtype=bool)
    others[list(chosen)] = False
    if not others.any():
        return 1.0
    return float((vectors[others] @ vectors[list(chosen)].T).max(axis=1).mean())


@dataclass(frozen=True)
class Judged:
    """How a choice of sentences does: how well it covers the others, how many we would keep too.

    ``kept`` is None for a text that we did not read.
    """

    title: str
    coverage: float
    kept: float | None


def judge(
    vectors: Floats, chosen: Sequence[int], kept: frozenset[int] | None, seed: int = SEED
) -> list[Judged]:
    """The clusters' choice beside the first sentences, and beside chance.

    Chance is the mean of `DRAWS` random choices of as many sentences.
    """
    length = len(chosen)

    def share(choice: Sequence[int]) -> float | None:
        return None if kept is None else len(kept & set(choice)) / length

    generator = np.random.default_rng(seed)
    draws = [generator.choice(len(vectors), length, replace=False) for _ in range(DRAWS)]
    by_chance = float(np.mean([coverage(vectors, draw.tolist()) for draw in draws]))
    lead = list(range(length))
    return [
        Judged("clusters", coverage(vectors, chosen), share(chosen)),
        Judged("the first sentences", coverage(vectors, lead), share(lead)),
        Judged("chance", by_chance, None if kept is None else len(kept) / len(vectors)),
    ]


def describe_map(summary: Summary) -> str:
    """How the sentences spread over the clusters."""
    sizes = sorted((summary.labels.count(i) for i in set(summary.labels)), reverse=True)
    return (
        f"{counted(len(summary.labels), 'sentence')} in {counted(len(sizes), 'group')} of "
        f"{', '.join(map(str, sizes))}; the most central one of each stands in the summary."
    )


def describe_judged(found: Sequence[Judged]) -> str:
    """Coverage, and the share of sentences that we would have kept."""
    said = "How well the others are covered (mean cosine): " + ", ".join(
        f"{row.title} {row.coverage:.2f}" for row in found
    )
    if found[0].kept is None:
        return f"{said}."
    kept = ", ".join(f"{row.title} {percent(row.kept or 0.0)}" for row in found)
    return f"{said}. Sentences that we would have kept, too: {kept}."
