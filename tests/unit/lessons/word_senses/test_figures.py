"""The charts show what they were given."""

import numpy as np
import pytest

from lessons.word_senses import claims, compute, figures
from lessons.word_senses.examples import Example
from lessons.word_senses.maps import MapSettings, draw_map, sense_film


@pytest.fixture(scope="module")
def curve(bank, bank_vectors, model):
    others = compute.other_words(model, bank.examples)
    return compute.layer_curve(bank_vectors, bank.labels, others)


@pytest.mark.parametrize("dimensions", [2, 3])
def test_a_map_draws_every_sentence_and_the_new_one(bank, bank_vectors, dimensions):
    new = Example("<b>bank</b>", (3, 7), "")
    vectors = np.concatenate([bank_vectors[-1], bank_vectors[-1, :1]])
    drawn = draw_map(vectors, MapSettings(dimensions=dimensions))
    figure = figures.sense_map(bank, drawn, method="PCA", layer=6, new=new)
    assert [len(trace.x) for trace in figure.data] == [11, 10, 1]
    assert "&lt;b&gt;<b>bank</b>&lt;/b&gt;" in figure.data[-1].text[0]
    assert figure.data[0].type == ("scatter" if dimensions == 2 else "scatter3d")


def test_own_sentences_have_a_ring(bank, bank_vectors):
    own = bank.with_own([Example("My bank.", (3, 7), "money", own=True)])
    vectors = np.concatenate([bank_vectors[-1], bank_vectors[-1, :1]])
    figure = figures.sense_map(own, draw_map(vectors, MapSettings()), method="PCA", layer=6)
    assert figure.data[0].marker.line.width[-1] > figure.data[0].marker.line.width[0]


def test_every_sense_has_a_color_and_symbol_of_its_own():
    seen = {(figures.sense_color(i), figures.symbol_place(i)) for i in range(12)}
    assert len(seen) == 12


def test_the_film_has_each_layer_and_the_curve(bank, bank_vectors, curve):
    film = sense_film(bank_vectors)
    data = figures.film_data(bank, film, curve, None)
    assert np.array(data["points"]).shape == (7, 21, 2)
    assert np.abs(data["points"]).max() == pytest.approx(1, abs=1e-3)
    assert data["labels"] == bank.labels
    assert data["guess"] is None
    assert figures.film_data(bank, film, curve, None, 0.5)["guess"] == 0.5
    assert data["accuracy"] == [round(value, 4) for value in curve.accuracy]


def test_layer_curves(curve):
    figure = figures.layer_curve(curve, "bank")
    assert list(figure.data[0].y) == curve.accuracy
    lines = {trace.name: trace.y for trace in figure.data}
    assert lines.keys() >= {"labels shuffled", "commonest sense"}
    assert set(lines["the other words alone"]) == {curve.topic}
    both = figures.layer_curve(curve, "bank", other=("minilm", curve))
    assert both.data[1].name == "minilm"


def test_word_bars_are_sorted():
    figure = figures.word_bars(["a", "b"], [0.1, 0.2], [0.9, 0.5], [0.5, 0.5])
    assert list(figure.layout.yaxis.ticktext) == ["b", "a"]


def test_verdict_bars(bank, bank_vectors):
    found = compute.verdict(bank_vectors[-1], bank.labels, bank_vectors[-1, 0])
    figure = figures.verdict_bars(bank, found)
    assert list(figure.data[0].x) == pytest.approx(found.cosines, abs=1e-4)
    assert figure.data[0].marker.opacity[0] == 1


def test_the_matrix_is_sorted_by_sense(bank, bank_vectors):
    cosines = compute.cosine_matrix(bank_vectors[-1])
    figure = figures.cosine_heatmap(bank, cosines, 6)
    assert np.array(figure.data[0].z).shape == (21, 21)
    assert len(figure.layout.shapes) == 2  # one edge between two senses, drawn both ways


def test_alikeness_and_claims(model, bank, bank_vectors):
    found = compute.alikeness(bank_vectors, bank.labels, bank_vectors[:, :5])
    assert list(figures.alikeness_curves(found, "bank").data[0].y) == found.same_sense
    roles = claims.roles(model)
    assert list(figures.role_curves(roles).data[0].y) == roles.same_place
    mentions = claims.coreference(model)
    assert list(figures.coreference_curves(mentions).data[0].y) == mentions.nearer
    contrast = claims.contrast(model, ("a b", (0, 1)), ("a b", (2, 3)), ["<i>"])
    figure = figures.contrast_bars(contrast, 0, ("a", "b"))
    assert figure.layout.xaxis.ticktext[0] == "&lt;i&gt;"
    assert figure.layout.shapes[0].x0 == 0.5  # between the word and the check words
