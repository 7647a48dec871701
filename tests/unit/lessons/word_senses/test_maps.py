"""Maps and the film: what they keep, and that a seed is a seed."""

import numpy as np
import pytest
from scipy.stats import special_ortho_group

from lessons.word_senses.maps import MapSettings, draw_map, sense_film


@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", ["PCA", "t-SNE"])
def test_a_map_has_a_place_for_every_point(blobs, method, dimensions):
    vectors, _ = blobs
    drawn = draw_map(vectors, MapSettings(method, dimensions))
    assert drawn.points.shape == (24, dimensions)
    assert np.isfinite(drawn.points).all()
    assert (drawn.kept is None) == (method != "PCA")
    again = draw_map(vectors, MapSettings(method, dimensions))
    np.testing.assert_array_equal(drawn.points, again.points)


def test_umap_keeps_clouds_together_and_knows_its_seed(blobs):
    vectors, labels = blobs
    drawn = draw_map(vectors, MapSettings("UMAP", n_neighbors=6)).points
    groups = [drawn[np.array(labels) == k] for k in range(3)]
    within = max(np.linalg.norm(g - g.mean(axis=0), axis=1).mean() for g in groups)
    between = np.linalg.norm(groups[0].mean(axis=0) - groups[1].mean(axis=0))
    assert between > within
    other = draw_map(vectors, MapSettings("UMAP", n_neighbors=6, seed=5)).points
    assert not np.allclose(drawn, other)


def test_settings_change_a_map(blobs):
    vectors, _ = blobs
    near = draw_map(vectors, MapSettings("t-SNE", perplexity=3)).points
    wide = draw_map(vectors, MapSettings("t-SNE", perplexity=7)).points
    assert not np.allclose(near, wide)


def test_pca_in_as_many_dimensions_as_there_are_loses_nothing():
    rng = np.random.default_rng(0)
    flat = rng.normal(size=(9, 2)) @ rng.normal(size=(2, 7))
    assert draw_map(flat.astype(np.float32), MapSettings(dimensions=3)).kept == pytest.approx(1)


def test_too_few_points():
    with pytest.raises(ValueError, match="at least 4"):
        draw_map(np.eye(3, dtype=np.float32), MapSettings())


def test_the_film_stands_still_where_only_the_axes_turn(blobs):
    """A layer that is another one rotated in its 12 dimensions must give the same picture."""
    vectors, _ = blobs
    turn = special_ortho_group.rvs(12, random_state=1)
    film = sense_film(np.stack([vectors @ turn, vectors]).astype(np.float32))
    np.testing.assert_allclose(film.points[0], film.points[1], atol=1e-4)


def test_the_film_keeps_distances_within_a_layer(bank_vectors):
    film = sense_film(bank_vectors)
    assert film.points.shape == (7, bank_vectors.shape[1], 2)
    for layer in (0, 3, 6):
        plain = draw_map(bank_vectors[layer], MapSettings()).points
        for pair in ((0, 1), (3, 15)):
            np.testing.assert_allclose(
                np.linalg.norm(film.points[layer][pair[0]] - film.points[layer][pair[1]]),
                np.linalg.norm(plain[pair[0]] - plain[pair[1]]),
                atol=1e-4,
            )
