"""The figures show the numbers that they are given."""

import numpy as np
import pytest

from lessons.classification_heads import compute, figures
from tests.unit.lessons.classification_heads.answers import CLEAR, CLOSE, facts, moment


def test_curves_have_a_line_and_a_band_for_each_head():
    given = facts()
    found = [compute.scores(given, moment(given, wrong)) for wrong in (CLOSE, CLEAR)]
    figure = figures.accuracy_curves([0, 100], found, given)
    lines = [t for t in figure.data if t.mode == "lines+markers"]
    assert [line.name for line in lines] == ["[CLS]", "Mean", "LSTM", "CNN"]
    assert lines[3].y[1] == pytest.approx(found[1][3].mean)
    bands = [t for t in figure.data if t.fill == "toself"]
    assert max(bands[0].y) == max(max(f[0].seeds) for f in found)
    assert {"most frequent label", "bag of words"} <= {t.name for t in figure.data}
    raced = figures.accuracy_curves([0, 100], found, given, [(0, found[1]), (50, found[0])])
    ghosts = [t for t in raced.data if t.name == "recorded run"]
    assert [list(t.y) for t in ghosts] == [[found[1][i].mean, found[0][i].mean] for i in range(4)]


def test_equal_baselines_are_one_line():
    given = facts() | {"baselines": {"one": 0.5, "two": 0.5, "three": 0.6}}
    found = [compute.scores(given, moment(given, CLOSE))]
    names = [t.name for t in figures.accuracy_curves([0], found, given).data]
    assert "one, two" in names
    assert "three" in names


def test_losses_have_a_line_for_each_head_and_gaps_where_there_is_none():
    points = [[1, 0.7, 0.7, 0.7, 0.7], [2, 0.5, None, 0.4, 0.1]]
    figure = figures.loss_curves(points, 50)
    assert [line.name for line in figure.data] == ["[CLS]", "Mean", "LSTM", "CNN"]
    assert figure.data[3].y == (0.7, 0.1)
    assert figure.data[1].y == (0.7, None)
    assert "batch 2: CNN" in compute.describe_losses(points)


def test_dots_stand_at_the_seeds_and_the_guess_is_marked():
    given = facts()
    found = compute.scores(given, moment(given, CLOSE))
    figure = figures.score_dots(found, 0.6, "LSTM")
    dots = [t for t in figure.data if t.mode == "markers"]
    assert tuple(dots[0].x) == found[0].seeds
    assert [t for t in figure.layout.yaxis.ticktext if "guess" in t] == ["LSTM ◂ your guess"]
    assert figure.layout.xaxis.range[0] < 0.6


def test_bars_have_whiskers_over_the_seeds():
    reply = compute.Reply("cls", (0.7, 0.3), (0.6, 0.2), (0.8, 0.4))
    figure = figures.reply_bars([reply], ["<b>a</b>", "b"])
    assert figure.data[0].error_x.array == pytest.approx((0.1, 0.1))
    assert figure.layout.yaxis.ticktext[0] == "&lt;b&gt;a&lt;/b&gt;"


def test_the_winner_is_bold_in_the_table_of_tasks():
    given = facts()
    found = [
        compute.result(task, given, moment(given, wrong))
        for task, wrong in (("order", CLEAR), ("tone", CLOSE))
    ]
    text = figures.task_heatmap(found).data[0].text
    assert text[0][4] == "<b>98%</b>"
    assert "<b>" not in "".join(text[1])


def test_the_points_stand_where_they_are_told():
    curve = compute.curve(np.array([0.9, 0.2, 0.6]), np.array([True, False, True]))
    figure = figures.precision_recall(curve, (0.5, 1.0), (0.4, 0.8), "food")
    assert (figure.data[1].x[0], figure.data[1].y[0]) == (0.5, 1.0)
    assert (figure.data[2].x[0], figure.data[2].y[0]) == (0.4, 0.8)
    assert "food" in figure.layout.title.text


def test_each_label_has_its_three_scores():
    found = compute.Measured((compute.Counts(4, 5, 3), compute.Counts(0, 2, 0)))
    figure = figures.label_scores(found, ["a", "b"])
    dots = {t.name: t.x for t in figure.data if t.mode == "markers"}
    assert dots["precision"] == (0.75, 0.0)
    assert dots["recall"] == (0.6, 0.0)


def test_the_own_sentence_is_colored_by_the_threshold():
    yes, shares = np.array([0.9, 0.4]), np.array([0.3, 0.7])
    colors = [
        figures.own_topics(yes, shares, t, ["a", "b"]).data[0].marker.color for t in (0.5, 0.3)
    ]
    assert colors[0] != colors[1]
    assert colors[1] == (figures.POINT, figures.POINT)
