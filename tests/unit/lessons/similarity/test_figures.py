"""The charts show what they were given."""

import numpy as np
import pytest

from lessons.similarity import compute, figures

METHODS = compute.methods()


def test_standings_are_drawn_on_their_bands():
    found = [compute.standing(m, 0.4, np.linspace(0, 1, 101)) for m in METHODS]
    figure = figures.standing_plot(found)
    band, mean, dot = figure.data
    assert list(band.base) == pytest.approx([0.05] * 7)
    assert list(band.x) == pytest.approx([0.9] * 7)
    assert list(mean.x) == pytest.approx([0.5] * 7)
    assert list(dot.x) == pytest.approx([0.4] * 7)
    assert list(figure.layout.yaxis.ticktext) == [method.title for method in METHODS]


def test_correlations_with_luck_and_without_a_value():
    found = [(METHODS[0], None), (METHODS[1], 0.5)]
    figure = figures.correlation_bars(found, title="t", luck=0.6)
    assert list(figure.data[0].x) == [0, 0.5]
    assert list(figure.data[0].text) == ["–", "0.50"]
    assert figure.layout.shapes[0].x0 == 0.6


def test_ratings_stand_beside_scores():
    pairs = [compute.Pair("<b>a</b>", "b", 1.0), compute.Pair("c", "d", 4.0)]
    figure = figures.rating_scatter(pairs, [1, 5], np.array([0.2, 0.8]), METHODS[1])
    assert list(figure.data[0].x) == [1, 5]
    assert list(figure.data[0].y) == [0.2, 0.8]
    assert "&lt;b&gt;" in figure.data[0].hovertext[0]


def test_boxes_hold_the_quantiles():
    figure = figures.random_boxes([(METHODS[1], np.linspace(0, 1, 101))])
    assert figure.data[0].median == (0.5,)
    assert figure.data[0].q1 == (0.25,)
    guessed = figures.random_boxes([(METHODS[1], np.linspace(0, 1, 101))], 0.3)
    assert guessed.data[-1].x == (0.3,)


def test_sourced_bars():
    assert list(figures.sourced_bars().data[0].x) == [29.19, 54.81, 61.32, 74.89]


def test_the_matrix_is_ordered_and_framed():
    matrix = np.array([[1, 0.1, 0.9], [0.1, 1, 0.2], [0.9, 0.2, 1]])
    found = compute.cluster(matrix, 2)
    figure = figures.cluster_heatmap(["a", "<i>", "c"], found)
    assert len(figure.layout.shapes) == 2
    z = np.array(figure.data[0].z)
    assert 0.9 in (z[0, 1], z[1, 2])
    assert any("&lt;i&gt;" in name for name in figure.layout.yaxis.ticktext)
