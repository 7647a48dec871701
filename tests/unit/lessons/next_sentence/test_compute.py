"""Pairs and what the head says of them, against the engine and against counting by hand."""

import math

import numpy as np
import pytest

from lessons.engine import HeadMissing, load_model
from lessons.next_sentence import compute, figures
from lessons.next_sentence.compute import Measured, Pair, Score

TEXT = (
    "The sun rose. Birds began to sing! Was it late?\n\n"
    "He had lost his key. So he rang the bell.\n\nAlone."
)


def test_our_texts_make_more_than_a_hundred_different_pairs():
    rows = compute.all_pairs(0)
    assert len(rows) >= 100
    assert len({(row[0].first, row[0].second) for row in rows}) == len(rows)
    sentences = [s for d in compute.documents() for s in d.sentences]
    assert len(set(sentences)) == len(sentences)


def test_the_four_kinds_are_what_they_are_called():
    places = {
        s: (i, j) for i, d in enumerate(compute.documents()) for j, s in enumerate(d.sentences)
    }
    for row in compute.all_pairs(3):
        assert tuple(pair.kind for pair in row) == compute.KINDS
        following, swapped, same, other = (
            (places[pair.first], places[pair.second]) for pair in row
        )
        (text, place), after = following
        assert after == (text, place + 1)
        assert swapped == (after, (text, place))
        assert same[0] == (text, place)
        assert same[1][0] == text
        assert same[1][1] not in (place, place + 1)
        assert other[0] == (text, place)
        assert other[1][0] != text


def test_the_seed_decides_the_strangers():
    assert compute.all_pairs(1) == compute.all_pairs(1)
    assert compute.all_pairs(1) != compute.all_pairs(2)


def test_probabilities_are_those_of_the_engine(mlm):
    pairs = [
        ("Did you feed the cat?", "Yes, she had a bowl of fish."),
        ("Did you feed the cat?", "The bridge was built of stone two hundred years ago."),
        ("a", ""),
        ("x " * 600, "y"),
    ]
    found = compute.probabilities(mlm, pairs)
    assert found == pytest.approx([mlm.next_sentence(*pair) for pair in pairs], abs=1e-4)
    assert found[0] > found[1]


def test_a_model_without_the_head_is_refused():
    with pytest.raises(HeadMissing, match="choose another model"):
        compute.probabilities(load_model("minilm"), [("a", "b")])


def test_variants_keep_swap_repeat_and_replace():
    rows = compute.variants("He slept.", "She read.")
    assert [(a, b) for _, a, b in rows[:3]] == [
        ("He slept.", "She read."),
        ("She read.", "He slept."),
        ("He slept.", "He slept."),
    ]
    assert rows[3][1] == "He slept."
    assert rows[3][2] not in ("He slept.", "She read.")


def test_a_text_falls_into_documents_and_sentences():
    assert compute.sentences_of(TEXT) == [
        ["The sun rose.", "Birds began to sing!", "Was it late?"],
        ["He had lost his key.", "So he rang the bell."],
        ["Alone."],
    ]
    assert compute.sentences_of("  \n ") == []


def test_pairs_follow_or_come_from_another_document():
    found = compute.sentences_of(TEXT)
    home = {s: i for i, d in enumerate(found) for s in d}
    coins = []
    for seed in range(200):
        pairs = compute.make_pairs(TEXT, seed)
        assert [pair.first for pair in pairs] == [
            "The sun rose.",
            "Birds began to sing!",
            "He had lost his key.",
        ]
        for pair in pairs:
            coins.append(pair.is_next)
            document = found[home[pair.first]]
            if pair.is_next:
                assert pair.second == document[document.index(pair.first) + 1]
            else:
                assert home[pair.second] != home[pair.first]
            assert not pair.from_library
    n = len(coins)
    assert abs(sum(coins) / n - 0.5) < 3 * math.sqrt(0.25 / n)


def test_a_single_document_borrows_strangers_and_says_so():
    pairs = compute.make_pairs("One came. Two went. Three stayed. Four slept.", 1)
    strangers = [pair for pair in pairs if not pair.is_next]
    assert strangers
    ours = {s for d in compute.documents() for s in d.sentences}
    assert all(pair.from_library and pair.second in ours for pair in strangers)
    said = compute.describe_made(pairs, np.ones(len(pairs), dtype=np.float32))
    assert "come from our own texts" in said
    assert f"right about {sum(pair.is_next for pair in pairs)} of {len(pairs)}" in said


@pytest.mark.parametrize("text", ["", "One sentence only.", "One.\n\nTwo.\n\nThree.", "🙂"])
def test_no_pair_is_an_error(text):
    with pytest.raises(ValueError, match="no sentence"):
        compute.make_pairs(text, 0)


def test_a_long_text_is_limited():
    assert len(compute.make_pairs("It rained. " * 500, 0)) == compute.MOST_SENTENCES


def test_wilson_interval_of_a_known_case():
    low, high = Score(8, 10).interval  # by hand: 0.490, 0.943
    assert (low, high) == (pytest.approx(0.490, abs=1e-3), pytest.approx(0.943, abs=1e-3))
    assert Score(0, 10).interval[0] == pytest.approx(0, abs=1e-9)


def made_up() -> Measured:
    rows = tuple(tuple(Pair("a", "b", kind) for kind in compute.KINDS) for _ in range(4))
    table = [[0.9, 0.8, 0.7, 0.6], [0.95, 0.1, 0.9, 0.1], [0.9, 0.7, 0.6, 0.5], [0, 0, 0, 0]]
    return Measured(rows, np.array(table, dtype=np.float32))


def test_scores_count_strict_wins():
    measured = made_up()
    assert measured.score("swapped").wins == 2
    assert measured.score("same text").wins == 3  # a tie is no win
    assert measured.score("another text").share == 1.0
    assert "order to the swapped one in 50%" in compute.describe_scores(measured)
    assert "chance alone could give" in compute.describe_scores(measured)


def test_a_single_pair_is_judged_without_its_rival():
    measured = made_up()
    alone = measured.alone("swapped")  # four real ones accepted, two of four swapped ones refused
    assert (alone.wins, alone.count) == (6, 8)
    assert measured.alone("another text").share == 1.0
    assert measured.accepted("swapped") == 0.5
    assert "in 75% (" in compute.describe_scores(measured)
    assert "0% get more than" in compute.describe_kinds(measured)


def test_measuring_reports_progress_and_agrees_with_single_pairs(mlm, monkeypatch):
    few = compute.documents()[:2]
    monkeypatch.setattr(compute, "documents", lambda: few)
    shares: list[float] = []
    measured = compute.measure(mlm, 5, shares.append)
    assert shares[-1] == 1.0
    assert measured.probabilities.shape == (4, 6)
    for j, row in enumerate(measured.pairs):
        for i, pair in enumerate(row):
            assert measured.probabilities[i, j] == pytest.approx(
                mlm.next_sentence(pair.first, pair.second), abs=1e-4
            )


def test_a_few_rows_stand_for_all_and_are_gathered_row_by_row():
    rows = compute.few(2)
    assert set(rows) < set(compute.all_pairs(2))
    assert len({row[0].first for row in rows}) == len(rows)
    flat = [i / 100 for i in range(4 * len(rows))]
    measured = compute.gathered(rows, flat)
    assert measured.pairs == rows
    assert measured.probabilities[:, 1].tolist() == pytest.approx(flat[4:8])


def test_topic_is_seen_far_better_than_order(mlm):
    measured = compute.measure(mlm, 0)
    topic, order = measured.score("another text"), measured.score("swapped")
    assert topic.interval[0] > order.interval[1]


def test_figures_show_what_was_measured():
    measured = made_up()
    strips = figures.kind_strips(measured)
    assert [box.name for box in strips.data] == list(compute.KINDS)
    assert list(strips.data[1].y) == pytest.approx([0.95, 0.1, 0.9, 0.1])
    bars = figures.score_bars(measured)
    assert list(bars.data[0].y) == [1.0, 0.75, 0.5]
    assert list(bars.data[1].y) == [1.0, 0.625, 0.75]
    named = [("A, then B", "<b>x</b>", "y & z")]
    pairs = figures.pair_bars(named, np.array([0.25], dtype=np.float32))
    assert list(pairs.data[0].x) == [0.25]
    assert "&lt;b&gt;" in pairs.data[0].customdata[0][0]
    assert pairs.data[0].text[0] == "25%"
