"""Figures: they show the numbers they are given, at places, not at names that would merge."""

import numpy as np
import pytest

from lessons.engine import load_model
from lessons.variants import chooser, coverage, figures, windows

TOKENS = ("the", "<b>dog</b>", "bit", "the", "man")


@pytest.fixture(scope="module")
def ways():
    encoding = load_model("minilm-mlm").encode("The dog bit the man in the park.")
    return [(coverage.name_of(n), coverage.coverage(encoding, 12, n, 1)) for n in (1, 10, None)]


def test_masks_are_drawn_beside_what_is_expected(ways):
    figure = figures.coverage_curves(ways)
    named = [trace for trace in figure.data if trace.name]
    assert [trace.name for trace in named] == ["drawn once", "10 copies", "anew each epoch"]
    assert len(figure.data) == 6
    assert list(named[2].y) == list(ways[2][1].seen)
    bars = figures.times_asked(ways[0][1].tokens, [ways[0], ways[2]])
    assert list(bars.data[0].y) == list(ways[0][1].times)
    assert list(bars.layout.xaxis.tickvals) == list(range(len(ways[0][1].tokens)))


def test_a_student_stands_beside_its_teacher_and_chance():
    moments = [{"step": s, "agreement": 0.3 + s / 100, "right": 0.2} for s in (0, 5, 10)]
    figure = figures.agreement_curve({"teacher_right": 0.33, "chance": 0.15}, moments)
    assert list(figure.data[0].y) == [0.3, 0.35, 0.4]
    assert [shape.y0 for shape in figure.layout.shapes] == [0.33, 0.15]
    both = figures.agreement_curve({"teacher_right": 0.33, "chance": 0.15}, moments, moments[:2])
    assert both.data[0].name == "recorded run"
    assert list(both.data[0].y) == [0.3, 0.35]


def test_a_term_that_was_off_has_no_line():
    points = [[1, 0.5, None, 0.1], [2, 0.4, None, 0.1]]
    figure = figures.loss_curves(points, ["soft", "masked", "cosine"])
    assert [trace.name for trace in figure.data] == ["soft", "cosine"]
    assert list(figure.data[0].y) == [0.5, 0.4]


def test_both_detectors_and_luck():
    moments = [{"step": s, "found": [0.1 * s, 0.05 * s], "counted": [10, 1]} for s in (1, 2)]
    figure = figures.found_curves({"chance": 0.15}, moments)
    assert list(figure.data[0].y) == [0.1, 0.2]
    assert list(figure.data[1].y) == [0.05, 0.1]
    assert figure.layout.shapes[0].y0 == 0.15
    raced = figures.found_curves({"chance": 0.15}, moments, moments[:1])
    assert (raced.data[0].name, list(raced.data[0].y)) == ("recorded run", [0.1])


def test_suspicion_shows_replaced_tokens_and_picks():
    figure = figures.suspicion_bars(TOKENS, [0.1, 0.9, 0.2, 0.1, 0.3], [1], [1, 4])
    original, replaced, picks = figure.data
    assert list(original.x) == [0, 2, 3, 4]
    assert (list(replaced.x), list(replaced.y)) == ([1], [0.9])
    assert list(picks.x) == [1, 4]
    assert "<b>" not in figure.layout.xaxis.ticktext[1]


def test_two_tables_against_one():
    figure = figures.factor_curve([16, 32], [1_000_000, 2_000_000], 3_000_000, 32)
    assert list(figure.data[0].y) == [1.0, 2.0]
    assert list(figure.data[1].x) == [32]
    assert figure.layout.shapes[0].y0 == 3.0


def test_parts_add_up_in_maps_and_rows():
    parts = {name: np.full((5, 5), i + 1.0) for i, name in enumerate("abc")}
    maps = figures.part_maps(parts, TOKENS, 1)
    assert [float(trace.z[0][0]) for trace in maps.data] == [1, 2, 3, 6]
    assert all(shape.y0 == 0.5 for shape in maps.layout.shapes)
    row = figures.part_rows(parts, TOKENS, 1)
    assert list(row.data[-1].y) == [6] * 5
    assert "<b>" not in row.layout.title.text


def test_windows_are_drawn_as_they_are():
    mask = windows.local_mask(5, 2)
    assert np.array_equal(figures.mask_map(mask, TOKENS, 1, 2).data[0].z, mask.astype(int))
    rows = windows.reach(5, 2, (20, 19, 18), 0)
    figure = figures.reach_map(rows, (20, 19, 18), TOKENS)
    assert figure.data[0].z.sum(axis=1).tolist() == [2, 3, 5]
    assert list(figure.layout.yaxis.ticktext) == ["21 local", "20 local", "19 global"]


def test_prices_leave_out_what_is_not_measured():
    figure = figures.price_lines([512, 1024], {"all": [1.0, None]}, title="t", y="ms")
    assert list(figure.data[0].y) == [1.0, None]
    assert list(figure.layout.xaxis.ticktext) == ["512", "1,024"]


def test_the_chosen_model_has_a_color_of_its_own():
    points = chooser.points_of(chooser.DEFAULTS)
    bar = figures.points_bars(points, "DistilBERT").data[0]
    colors = dict(zip(bar.y, bar.marker.color, strict=True))
    assert colors.pop("DistilBERT") not in colors.values()
    assert dict(zip(bar.y, bar.x, strict=True)) == points
