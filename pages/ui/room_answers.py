"""Written answers of a room, those of like meaning together: the course's own subject at work."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lessons.engine import ModelUnavailable
from pages.ui import resources

MODEL = "minilm"  # trained to place sentences of like meaning close together
ALIKE = 0.55  # cosine, on the average between two groups, from which they are one
FEWEST = 4  # answers; fewer are seen at a glance


@lru_cache(maxsize=32)
def alike(answers: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """The answers in groups by the model's sentence vectors, each in the order given.

    Groups come by their first answer; whatever is like no other is a group of its own. All are one
    group where they are few, or where the model is not there.
    """
    if len(answers) < FEWEST:
        return (answers,)
    try:
        vectors = resources.model(MODEL).embed(list(answers), pooling="mean")  # N D
    except ModelUnavailable:
        return (answers,)
    from sklearn.cluster import AgglomerativeClustering

    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    found = AgglomerativeClustering(
        n_clusters=None, metric="cosine", linkage="average", distance_threshold=1 - ALIKE
    ).fit_predict(vectors)
    groups: dict[int, list[str]] = {}
    for answer, group in zip(answers, found, strict=True):
        groups.setdefault(int(group), []).append(answer)
    return tuple(map(tuple, groups.values()))
