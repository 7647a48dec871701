"""The charts show the values they were given."""

from __future__ import annotations

import pytest

from lessons.tokenization import compute, figures


@pytest.fixture(scope="module")
def trained() -> compute.Trained:
    return compute.train(compute.training_texts()[1].text, 150)


def axis_names(figure) -> tuple[str, str]:
    return figure.layout.xaxis.title.text, figure.layout.yaxis.title.text


def test_candidates_grid_has_a_bar_for_each_look() -> None:
    trace = compute.longest_match("unhappiness")
    figure = figures.candidates_grid(trace)
    missed, found = figure.data
    assert len(missed.y) == 21
    assert list(found.text) == ["✓ un", "✓ ##ha", "✓ ##pp", "✓ ##iness"]
    assert list(found.base) == [-0.5, 1.5, 3.5, 5.5]
    assert list(found.x) == [2, 2, 2, 5]
    assert list(figure.layout.xaxis.ticktext) == list("unhappiness")
    assert all(axis_names(figure))


def test_candidates_grid_stays_small_and_survives_the_odd() -> None:
    figure = figures.candidates_grid(compute.longest_match("<b>" + "😀" * 90))
    assert sum(len(bars.y) for bars in figure.data) == figures.MOST_ROWS
    assert figure.layout.title.text.endswith("looks)")
    assert "<" not in "".join(figure.data[0].text)
    for word in ("", "a" * 101):
        assert (
            sum(len(bars.y) for bars in figures.candidates_grid(compute.longest_match(word)).data)
            == 0
        )


def test_merge_scores_show_the_ranking(trained: compute.Trained) -> None:
    for model in (trained.wordpiece, trained.bpe):
        merge = model.history[4]
        figure = figures.merge_scores(merge, model.name)
        (bars,) = figure.data
        assert list(bars.x) == [pair.score for pair in merge.ranking]
        assert bars.marker.color[0] == figures.ALGORITHMS[model.name] != bars.marker.color[1]
        labels = list(figure.layout.yaxis.ticktext)
        assert labels[0] == f"{merge.winner.left} + {merge.winner.right}"
        assert all(axis_names(figure))


def test_dropping_costs_show_both_sides_of_the_border(trained: compute.Trained) -> None:
    round_ = trained.unigram.history[-2]
    dropped, kept = figures.dropping_costs(round_).data
    assert list(dropped.x) == [piece.cost for piece in round_.dropped[-6:]]
    assert list(kept.x) == [piece.cost for piece in round_.spared[:6]]
    assert max(dropped.x) <= min(kept.x)
    assert kept.y[0] == len(dropped.y)
    last = figures.dropping_costs(trained.unigram.history[-1])
    assert len(last.data[0].x) == 0
    assert "would have been next" in last.layout.title.text


def test_vocabulary_growth_has_a_line_for_each(trained: compute.Trained) -> None:
    curves = compute.growth(trained)
    figure = figures.vocabulary_growth(curves, step=100)
    assert [line.name for line in figure.data] == ["WordPiece", "BPE", "Unigram"]
    assert len({line.line.dash for line in figure.data}) == 3
    for line in figure.data:
        assert list(zip(line.x, line.y, strict=True)) == curves[line.name]
    assert figure.layout.shapes[0].x0 == 100


def test_race_cuts_ring_the_words_that_differ(trained: compute.Trained) -> None:
    result = compute.race(trained, "The unbelievable <b> 😀 fishmonger")
    figure = figures.race_cuts(result)
    assert len(figure.layout.shapes) == len(result.disagreements) > 0
    assert list(figure.layout.yaxis.ticktext) == ["WordPiece", "BPE", "Unigram"]
    for bars, standing in zip(figure.data, result.standings, strict=True):
        assert len(bars.x) == standing.pieces
    assert "<" not in "".join("".join(bars.text) for bars in figure.data)
    some = figures.race_cuts(result, 0, 1)
    assert list(some.layout.xaxis.ticktext) == ["T", "h", "e"]
    assert len(figures.race_cuts(compute.race(trained, "")).data) == 3


def test_script_bars_split_known_and_unknown() -> None:
    rows = compute.survey()
    pieces, unknown = figures.script_bars(rows).data
    assert [a + b for a, b in zip(pieces.x, unknown.x, strict=True)] == [r.pieces for r in rows]
    assert unknown.marker.pattern.shape == "/"
    figure = figures.script_bars(rows, "pieces_per_word")
    assert "Thai" not in figure.layout.yaxis.ticktext
    assert "Finnish" in figure.layout.yaxis.ticktext
    assert all(axis_names(figure))
