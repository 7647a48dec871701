"""A text in pieces: hand-worked borders, and answers that a border cuts."""

import numpy as np
import pytest

from lessons.applications import chunks
from lessons.applications.chunks import Chunk, Placed

TEXT = "one two  three\nfour five six seven"


def pieces(size, overlap):
    return [TEXT[c.start : c.end].split() for c in chunks.chunks(TEXT, size, overlap)]


def test_pieces_without_overlap():
    assert pieces(3, 0) == [["one", "two", "three"], ["four", "five", "six"], ["seven"]]


def test_with_an_overlap_a_piece_repeats_the_end_of_the_one_before():
    assert pieces(4, 0.5) == [
        ["one", "two", "three", "four"], ["three", "four", "five", "six"], ["five", "six", "seven"],
    ]  # fmt: skip


def test_a_text_that_fits_is_one_piece_and_nothing_is_none():
    assert chunks.chunks(TEXT, 99, 0.5) == [Chunk(0, len(TEXT), 0, 7)]
    assert chunks.chunks(" \n", 10, 0) == []


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (4, 1.0)])
def test_a_piece_without_a_new_word_is_refused(size, overlap):
    with pytest.raises(ValueError, match="needs a word"):
        chunks.chunks(TEXT, size, overlap)


@pytest.mark.parametrize("size", chunks.SIZES)
@pytest.mark.parametrize("overlap", chunks.OVERLAPS.values())
def test_every_word_stands_in_a_piece_and_no_piece_in_another(size, overlap):
    text, _ = chunks.long_text()
    found = chunks.chunks(text, size, overlap)
    held = {i for c in found for i in range(c.first_word, c.first_word + c.words)}
    assert held == set(range(len(chunks.word_spans(text))))
    ends = [c.end for c in found]
    assert ends == sorted(set(ends))


def test_what_has_no_blanks_is_cut_as_well():
    found = chunks.chunks("字" * 1000, 10, 0)
    assert [c.words for c in found] == [10, 10, 10, 4]
    assert max(c.end - c.start for c in found) == 300


def test_our_long_text_holds_every_answer_in_its_place():
    text, asked = chunks.long_text()
    assert len(asked) >= 100
    from lessons.engine import tasks

    for placed, row in zip(asked, tasks.questions(), strict=True):
        assert text[placed.start : placed.end] == row.answer


def test_what_is_found_and_what_is_cut():
    found = [Chunk(0, 10, 0, 2), Chunk(11, 20, 2, 2)]
    asked = [Placed("a", 2, 4), Placed("b", 2, 4), Placed("c", 8, 13)]
    vectors = np.eye(2, dtype=np.float32)
    questions = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    row = chunks.measure(2, found, vectors, asked, questions)
    assert (row.count, row.words) == (2, 2)
    assert row.found == pytest.approx(1 / 3)
    assert row.low < 1 / 3 < row.high
    assert row.cut == pytest.approx(1 / 3)  # the last answer lies across the border


def test_a_note_says_what_was_not_read():
    assert chunks.read("short") == ("short", "")
    text, note = chunks.read("x" * (chunks.LONGEST_TEXT + 1500))
    assert len(text) == chunks.LONGEST_TEXT
    assert note == f"1,500 characters beyond {chunks.LONGEST_TEXT:,} were not read."


def test_words_name_the_best_piece():
    found = [Chunk(0, 3, 0, 5), Chunk(4, 9, 5, 5)]
    said = chunks.describe_chunks(found, np.array([0.2, 0.7]))
    assert said == (
        "2 pieces. The best is words 6 to 10, with a cosine of 0.70; the second has 0.20."
    )
    assert chunks.describe_chunks(found[:1], np.array([0.2])).startswith("1 piece.")
