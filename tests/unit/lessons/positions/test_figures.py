"""The charts hold what they are given, and show a learner's text as text."""

import numpy as np
import pytest

from lessons.positions import figures

TOKENS = ("[CLS]", "the", "<b>", "the", "[SEP]")


def test_both_runs_stand_side_by_side():
    figure = figures.order_bars(TOKENS, np.full(5, 0.5), np.ones(5))
    assert [bar.name for bar in figure.data] == ["with positions", "without"]
    assert list(figure.data[0].y) == [0.5] * 5
    assert figure.layout.xaxis.ticktext[2] == "&lt;b&gt;"


def test_pairs_stand_on_a_logarithmic_axis_even_at_zero():
    figure = figures.pair_gaps([("The <i>man</i> " + "bit " * 20, 1.5, 0.0), ("b", 2.5, 1e-7)])
    with_positions, without = figure.data
    assert list(with_positions.x) == [1.5, 2.5]
    assert min(without.x) > 0
    assert figure.layout.xaxis.type == "log"
    assert figure.layout.yaxis.ticktext[0].startswith("The &lt;i&gt;man")
    assert figure.layout.yaxis.ticktext[0].endswith("…")


def test_a_heat_map_counts_its_places_in_steps():
    figure = figures.heat(np.eye(3), title="t", x="x", y="y", step=4)
    assert figure.data[0].dy == 4
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-1, 1)
    both = figures.cosine_map(np.eye(3), title="t", step=4)
    assert (both.data[0].dx, both.data[0].dy) == (4, 4)


def test_an_empty_heat_map_still_has_a_scale():
    assert figures.heat(np.zeros((2, 2)), title="t", x="x", y="y").data[0].zmax > 0


def test_the_shift_shows_matrix_start_and_target():
    assert "shift of 7" in figures.shift_map(np.eye(2), 7).layout.title.text
    figure = figures.shift_lines(np.zeros(4), np.ones(4), np.ones(4), 5, 7)
    assert [line.name for line in figure.data] == ["PE(5)", "PE(12)", "R · PE(5)"]


def test_curves_have_their_names():
    figure = figures.closeness_lines({"a": np.arange(3), "b": np.arange(3)}, title="t", y="y")
    assert [line.name for line in figure.data] == ["a", "b"]
    assert figure.data[0].line.dash != figure.data[1].line.dash


def test_the_path_names_its_directions_and_places():
    figure = figures.learned_path(np.zeros((5, 3)), np.array([0.5, 0.2, 0.1]))
    assert figure.layout.scene.xaxis.title.text == "direction 1 (50%)"
    assert list(figure.data[0].customdata) == [0, 1, 2, 3, 4]


def test_lengths_are_drawn_for_every_place():
    assert len(figures.norm_line(np.arange(512, dtype=np.float32)).data[0].y) == 512


def test_attention_is_a_square_over_the_tokens():
    weights = np.full((5, 5), 0.2)
    figure = figures.attention_map(weights, TOKENS, title="t")
    assert figure.data[0].z.shape == (5, 5)
    assert figure.data[0].customdata[2][1] == ["&lt;b&gt;", "the"]
    assert figure.layout.yaxis.autorange == "reversed"


@pytest.mark.parametrize("marked", [0, 3])
def test_one_head_stands_out(marked):
    figure = figures.alibi_lines(np.array([0.5, 0.25, 0.125, 0.0625]), 100, marked)
    widths = [line.line.width for line in figure.data]
    assert widths.index(max(widths)) == marked
    assert figure.data[1].y[1] == -25
