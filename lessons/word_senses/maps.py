"""Many dimensions drawn in two or three: PCA, t-SNE, UMAP, and a film over the layers.

All of them see unit vectors, on which squared distance and cosine say the same:
|a − b|² = 2 − 2·cos(a, b).
"""

from __future__ import annotations

import os
import warnings
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..engine.trace import Floats
from .compute import unit

Method = Literal["PCA", "t-SNE", "UMAP"]
Coordinates = NDArray[np.float32]

METHODS: tuple[Method, ...] = ("PCA", "t-SNE", "UMAP")
FEWEST = 4
"""Sentences: with fewer, there is nothing that a map could arrange."""


@dataclass(frozen=True)
class MapSettings:
    """How a map is drawn. What a method does not know it leaves alone."""

    method: Method = "PCA"
    dimensions: int = 2
    seed: int = 0
    perplexity: int = 10
    """t-SNE: how many neighbors each point tries to keep, roughly."""
    n_neighbors: int = 10
    """UMAP: the same."""
    min_dist: float = 0.1
    """UMAP: how tightly points may be packed."""


@dataclass(frozen=True)
class Map:
    """Places of N points, (N, 2) or (N, 3), and the share of the spread shown (PCA alone)."""

    points: Coordinates
    kept: float | None


def draw_map(vectors: Floats, settings: MapSettings) -> Map:
    """Draw vectors (N, D) as points. N must be at least `FEWEST`.

    PCA takes milliseconds. t-SNE takes up to seconds, UMAP's first call in a process some 15 s
    of compiling: never call these two where somebody waits.
    """
    v = unit(vectors)
    if len(v) < FEWEST:
        raise ValueError(f"a map needs at least {FEWEST} sentences")
    if settings.method == "PCA":
        return _pca(v, settings.dimensions)
    if settings.method == "t-SNE":
        from sklearn.manifold import TSNE

        points = TSNE(
            n_components=settings.dimensions,
            perplexity=min(settings.perplexity, (len(v) - 1) / 3),
            init="pca",
            random_state=settings.seed,
        ).fit_transform(v)
        return Map(_centered(points), None)
    return Map(_centered(_umap(v, settings)), None)


def _pca(v: Floats, dimensions: int) -> Map:
    from sklearn.decomposition import PCA

    found = PCA(n_components=dimensions, svd_solver="full").fit(v)
    points = found.transform(v)
    return Map(points.astype(np.float32), float(np.nansum(found.explained_variance_ratio_)))


def _umap(v: Floats, settings: MapSettings) -> Floats:
    # More threads fight each other on a small machine; must be set before numba is imported.
    os.environ.setdefault("NUMBA_NUM_THREADS", "1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a seed makes UMAP use one thread, and it says so
        import umap

        return umap.UMAP(  # type: ignore[no-any-return]
            n_components=settings.dimensions,
            n_neighbors=min(settings.n_neighbors, len(v) - 1),
            min_dist=settings.min_dist,
            metric="cosine",
            random_state=settings.seed,
            n_jobs=1,
            # The spectral start needs more points than dimensions to spare.
            init="spectral" if len(v) > 3 * settings.dimensions + 4 else "random",
        ).fit_transform(v)


def _centered(points: Floats) -> Coordinates:
    return (points - points.mean(axis=0)).astype(np.float32)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Film:
    """The same N points in each of L+1 layers, each layer turned to lie best on the next."""

    points: Coordinates
    """(L+1, N, 2)"""
    kept: list[float]
    """Share of the spread that each layer's two axes show."""


def sense_film(vectors: Floats) -> Film:
    """PCA of each layer of (L+1, N, D), aligned from the last layer down by Procrustes.

    PCA's axes may flip or turn from one layer to the next without any point having moved. The
    orthogonal Procrustes solution (Schönemann 1966) takes out turns and flips, and nothing else:
    distances within a layer stay, and all layers have one scale.
    """
    from scipy.linalg import orthogonal_procrustes

    maps = [_pca(unit(layer), 2) for layer in vectors]
    points = [layer.points.astype(np.float64) for layer in maps]
    for layer in range(len(points) - 2, -1, -1):
        turn, _ = orthogonal_procrustes(points[layer], points[layer + 1])
        points[layer] = points[layer] @ turn
    return Film(np.stack(points).astype(np.float32), [float(layer.kept or 0.0) for layer in maps])
