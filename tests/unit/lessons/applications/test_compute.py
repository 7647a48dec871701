"""Sentences and parts of texts; vectors."""

import numpy as np
import pytest

from lessons.applications import compute
from lessons.engine import load_model


def sentences(text):
    return [text[a:b] for a, b in compute.sentence_spans(text)]


def test_sentences_end_where_they_should():
    text = (
        'Dr. Eze met J. S. Bach in St. Gallen. "Really?" she asked.  It was 3.5 miles… Yes!\nNo end'
    )
    assert sentences(text) == [
        "Dr. Eze met J. S. Bach in St. Gallen.", '"Really?"', "she asked.", "It was 3.5 miles…",
        "Yes!", "No end",
    ]  # fmt: skip


def test_sentences_of_other_scripts_and_of_nothing():
    assert sentences("你好。再见！") == ["你好。", "再见！"]
    assert sentences("  \n … !!! ") == []


def test_signs_without_a_word_join_the_next_sentence():
    assert sentences("!! Go on. Stop.") == ["!! Go on.", "Stop."]


@pytest.mark.parametrize(
    "text", ["a" * 100_000, "word. " * 20_000, "<b>x</b>\n" * 5000, "\x00\x01"]
)
def test_long_and_strange_texts_are_cut_and_counted(text):
    found = compute.in_parts(text)
    assert len(found.parts) <= compute.MOST_PARTS
    assert all(len(part) <= compute.LONGEST_PART for part in found.parts)
    assert found.n_unread == max(0, len(text) - compute.LONGEST_TEXT)
    assert bool(found.note) == bool(found.n_unread or found.n_over or found.n_shortened)


def test_parts_by_line():
    found = compute.in_parts("One. Two.\n\n  Three\n…\n", whole_lines=True)
    assert found.parts == ("One. Two.", "Three")
    assert found.note == ""


def test_vectors_have_length_one_and_similar_texts_are_near():
    model = load_model("minilm")
    found = compute.vectors(model, ["A cat sleeps.", "A kitten is asleep.", "Prices rose."])
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert found[0] @ found[1] > found[0] @ found[2] + 0.2
