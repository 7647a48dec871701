"""The charts hold what they are given, and show a learner's text as text."""

import numpy as np
import pytest

from lessons.figures.theme import MOST_LABELS, token_axis
from lessons.figures.token_bars import token_bars
from lessons.inputs import figures
from lessons.inputs.texts import texts

TOKENS = ("[CLS]", "the", "<b>", "the", "[SEP]")


def test_equal_tokens_keep_their_own_bars():
    figure = figures.part_lengths(TOKENS, np.arange(15, dtype=np.float32).reshape(3, 5), 2)
    assert [list(bar.x) for bar in figure.data] == [[0, 1, 2, 3, 4]] * 3
    assert [bar.name for bar in figure.data] == ["word", "position", "segment"]
    assert list(figure.data[1].y) == [5, 6, 7, 8, 9]
    assert figure.layout.xaxis.ticktext[2] == "<b>▸&lt;b&gt;</b>"


def test_bars_below_zero_are_not_cut_off():
    figure = token_bars(
        ("a", "b"), {"cosine": [-0.4, 1.0]}, title="t", y="y", colors=["red"], top=1
    )
    assert list(figure.layout.yaxis.range) == [-0.4, 1]


def test_two_masks_are_two_series():
    figure = figures.two_masks(TOKENS, np.ones(5), np.full(5, 0.5))
    assert [bar.name for bar in figure.data] == ["padding hidden", "padding looked at"]
    assert figure.layout.showlegend


def test_rows_of_the_input_show_ids_segments_and_places():
    figure = figures.input_rows(TOKENS, [True, False, False, False, True], [1, 2, 3, 4, 5], [0] * 5)
    ids, types, places = figure.data[0].text
    assert list(ids) == ["1", "2", "3", "4", "5"]
    assert types[0] == "0 (A)"
    assert list(places) == ["0", "1", "2", "3", "4"]
    kinds = figure.data[0].z
    assert kinds[0][0] != kinds[0][1], "a special token has a color of its own"
    assert kinds[1][0] == kinds[1][1], "but its segment is A like that of the words"


def test_padding_is_pale_and_text_is_escaped():
    rows = [["<i>", "[PAD]"], ["a", "b"]]
    padding = np.array([[False, True], [False, False]])
    figure = figures.batch_grid(rows, padding, np.zeros((2, 2), dtype=np.int64), "tokens")
    assert figure.data[0].text[0][0] == "&lt;i&gt;"
    assert figure.data[0].z[0][1] == 0
    assert figure.data[0].z[1][1] != 0


def test_kept_tokens_name_the_strategy_and_its_cosine():
    figure = figures.kept_tokens(
        TOKENS, [True, False, False, False, True], [("beginning", (0, 1, 4))], np.array([0.5])
    )
    assert figure.layout.yaxis.ticktext == ("beginning · 0.500",)
    assert [bool(z) for z in figure.data[0].z[0]] == [True, True, False, False, True]


def test_every_color_of_a_cell_is_its_own():
    figure = figures.kept_tokens(TOKENS, [True] * 5, [("x", ())], np.array([0.0]))
    scale = figure.data[0].colorscale
    assert len({color for _, color in scale}) == len(scale) / 2


@pytest.mark.parametrize("found", [[], [("riverbank", 0.7), ("<x>", 0.6)]])
def test_neighbors_stand_in_order(found):
    figure = figures.neighbor_bars("river", found, 0.2)
    assert list(figure.data[0].x) == [score for _, score in found]
    assert all("<x>" not in name for name in figure.layout.yaxis.ticktext)


def test_the_lesson_has_its_texts():
    assert len(texts().companions) >= 2
    assert len({len(line.split()) for line in texts().companions}) == len(texts().companions)
    assert all(len(text.split()) > 50 for _, text in texts().long)


def test_labels_of_a_whole_page_do_not_lie_on_top_of_each_other():
    tokens = [f"<{i}>" for i in range(472)]
    axis = token_axis(tokens)
    assert len(axis["tickvals"]) <= MOST_LABELS
    assert axis["ticktext"][1] == f"{axis['tickvals'][1]} &lt;{axis['tickvals'][1]}&gt;"
    short = token_axis(tokens[:MOST_LABELS])
    assert short["tickvals"] == list(range(MOST_LABELS))
    assert short["ticktext"][3] == "&lt;3&gt;"


@pytest.mark.parametrize("marked", [None, 3, 4, 900])
def test_a_mark_without_a_label_is_left_out(marked):
    figure = token_bars(
        ["x"] * 130, {"y": [0.5] * 130}, colors=["red"], title="t", y="y", marked=marked
    )
    bold = [text for text in figure.layout.xaxis.ticktext if "<b>" in text]
    assert len(bold) == (marked == 3)
