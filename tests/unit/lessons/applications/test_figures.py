"""Figures show the values that they were given, and escape what a learner wrote."""

import numpy as np
import pytest

from lessons.applications import answers, figures, search, slips, sorting, summary


def test_measure_bars_have_a_bar_for_each_method_and_kind():
    found = {m: {"paraphrase": 0.1 * i, "exact": 0.5} for i, m in enumerate(search.METHODS, 1)}
    figure = figures.measure_bars(found, search.MEASURES[0])
    assert [list(bar.y) for bar in figure.data] == [
        [0.1, 0.5],
        [0.2, 0.5],
        [pytest.approx(0.3), 0.5],
    ]


def test_dumbbells_put_what_is_lost_beyond_the_last_rank():
    questions = [
        search.Question("<b>code</b>", "exact", (0,)), search.Question("other", "paraphrase", (1,)),
    ]  # fmt: skip
    ranks = {search.WORDS: [1, None], search.MEANING: [4, 10], search.BOTH: [1, 1]}
    figure = figures.rank_dumbbells(questions, ranks)
    words, meaning = figure.data[-2:]
    assert list(words.x) == [16.0, 1]  # paraphrases stand first
    assert list(words.text) == ["not found", "rank 1"]
    assert list(meaning.x) == [10, 4]
    assert figure.layout.yaxis.ticktext == ("other", "&lt;b&gt;code&lt;/b&gt;")


def test_the_map_has_every_sentence_once_and_stars_for_the_chosen():
    vectors = np.eye(6, dtype=np.float32)[:, :4] + 0.1
    found = summary.summarize(vectors, 2)
    sentences = [f"<i>{i}</i>" for i in range(6)]
    figure = figures.sentence_map(sentences, found, frozenset({1}))
    dots, stars, rings = [], [], []
    for trace in figure.data:
        kind = {"star": stars, "circle": dots}.get(trace.marker.symbol, rings)
        kind += trace.text or [None] * len(trace.x)
    assert sorted(map(int, dots + stars)) == [1, 2, 3, 4, 5, 6]
    assert sorted(int(n) - 1 for n in stars) == list(found.chosen)
    assert len(rings) == 1
    assert "&lt;i&gt;" in figure.data[0].customdata[0]


def test_judged_bars_leave_out_what_was_not_judged():
    rows = [summary.Judged("clusters", 0.5, 0.2), summary.Judged("chance", 0.4, 0.3)]
    assert len(figures.judged_bars(rows).data) == 2
    assert len(figures.judged_bars([summary.Judged("clusters", 0.5, None)]).data) == 1


def test_words_over_the_limit_have_another_color():
    found = [
        slips.Checked((0, 1), "<u>", 9.0, ("so", 0.5), None),
        slips.Checked((2, 3), "b", 2.0, ("so", 0.5), None),
    ]
    figure = figures.word_bars(found, slips.BETTER, 5)
    assert list(figure.data[0].y) == [8.0, 1.0]
    first, second = figure.data[0].marker.color
    assert first != second
    assert figure.layout.xaxis.ticktext[0] == "&lt;u&gt;"
    assert figure.layout.shapes[0].y0 == 5


def test_limit_curves_follow_the_marks():
    curve = [slips.Marks(4, 2, 1, 2, 10, 1, 4), slips.Marks(0, 0, 0, 2, 10, 0, 4)]
    figure = figures.limit_curves((1, 9), curve, 3)
    values = {line.name: list(line.y) for line in figure.data}
    assert values["mistakes found"] == [1.0, 0.0]
    assert values["marks that are right"] == [0.5, None]
    assert values["right sentences disturbed"] == [0.25, 0.0]
    assert values["marks right by chance"] == [0.2, 0.2]


def test_answers_and_refusals():
    scores = [
        answers.Score("the sentence with most shared words", 0.2, 0.0, False),
        answers.Score("a span of the nearest sentence", 0.6, 0.4, True),
    ]
    figure = figures.answer_bars(scores)
    assert list(figure.data[0].x) == [0.2, 0.6]
    assert len(set(figure.data[0].marker.color)) == 2
    shares = [answers.Refusals((0.5,), (0.4,), (0.1,)).answered(t) for t in (0.0, 0.45, 1.0)]
    lines = figures.refusal_curves((0.0, 0.45, 1.0), shares, 0.3).data
    assert [list(line.y) for line in lines] == [[1, 1, 0], [1, 0, 0], [1, 0, 0]]


def test_few_shot_curves_show_the_spread():
    rows = {m: [sorting.Learned(1, 0.5, 0.4, 0.8), sorting.Learned(2, 0.7, 0.6, 0.9)]
            for m in (*sorting.METHODS, sorting.BAG)}  # fmt: skip
    figure = figures.few_shot_curves(rows, 0.66, 0.25)
    assert list(figure.data[0].y) == [0.5, 0.7]
    assert list(figure.data[0].error_y.array) == pytest.approx([0.3, 0.2])
    assert list(figure.data[3].y) == [0.66, 0.66]
    assert figure.layout.shapes[0].y0 == 0.25
