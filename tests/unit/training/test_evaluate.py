"""What the figures of the model card are counted from."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from lessons.engine.bert import BertConfig, BertForPreTraining
from training import evaluate
from training.batches import CLS, FOLLOWS, IGNORE, MASK, RANDOM, SEP
from training.evaluate import Reader, by_length, guess_masked, halves, long_rows, tell_pairs

TINY = BertConfig(
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=32,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)


@pytest.fixture
def reader() -> Reader:
    model = BertForPreTraining(TINY).initialise(torch.Generator().manual_seed(0))
    return Reader(model, workers=2)


@pytest.fixture
def texts() -> list[tuple[str, list[int]]]:
    """Two sources in turn, every word piece another number; the third has too little."""
    return [(("a", "b")[i % 2], list(range(1000 + 200 * i, 1200 + 200 * i))) for i in range(12)] + [
        ("c", [5, 6, 7])
    ]


def test_rows_join_the_paragraphs_of_one_source(texts: list[tuple[str, list[int]]]) -> None:
    rows = long_rows(texts, 504)
    assert len(rows) == 4
    assert rows[0][:201] == [*range(1000, 1200), 1400]
    assert rows[2][0] == 1200
    assert not any({5, 6, 7} & set(row) for row in rows)


def test_every_length_asks_for_the_same_words(texts: list[tuple[str, list[int]]]) -> None:
    found = by_length(texts)
    assert [batches[0].input_ids.shape[1] for batches in found.values()] == [128, 254, 506]
    asked = []
    for batches in found.values():
        for batch in batches:
            assert bool((batch.input_ids[:, 0] == CLS).all())
            assert bool((batch.input_ids[:, -1] == SEP).all())
            assert torch.equal(batch.input_ids == MASK, batch.labels != IGNORE)
        labels = torch.cat([batch.labels.flatten() for batch in batches])
        asked.append(labels[labels != IGNORE].tolist())
    assert asked[0] == asked[1] == asked[2]
    assert len(asked[0]) == round(0.15 * 4 * 504)


def test_guesses_are_counted(reader: Reader, texts: list[tuple[str, list[int]]]) -> None:
    batches = by_length(texts)[128]
    with torch.no_grad():
        word = int(batches[0].labels.max())
        reader.model.cls.predictions.bias[word] = 1e4
    found = guess_masked(reader, batches)
    assert found.answers[word] == 1
    assert found.right == 1
    assert found.accuracy == 1 / found.total


def test_a_paragraph_is_cut_at_the_sentence_end_nearest_to_its_middle() -> None:
    assert halves([[1] * 5, [2] * 4, [3] * 30]) == ([1] * 5 + [2] * 4, [3] * 30)
    assert halves([[1] * 30, [2] * 4, [3] * 5]) == ([1] * 30, [2] * 4 + [3] * 5)


def test_long_pairs_are_halves_of_long_paragraphs(
    reader: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluate, "MOVE_AWAY", 2)
    long = ["The man saw a dog near the old river today. " * 14 + f"It was {i}." for i in range(4)]
    lines = [f"a\t{text}" for text in [long[0], "Too short.", *long[1:]]]
    (tmp_path / "heldout_dev.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    examples = evaluate.long_pairs(reader, tmp_path)
    assert [example.label for example in examples] == [FOLLOWS, RANDOM] * 4
    for follows, other in zip(examples[::2], examples[1::2], strict=True):
        assert follows.first.tolist() == other.first.tolist()
        assert follows.second is not None
        assert other.second is not None
        assert follows.second.tolist() != other.second.tolist()
    with torch.no_grad():
        reader.model.cls.seq_relationship.bias[RANDOM] = 1e4
    found = tell_pairs(reader, examples)
    assert (found.follows, found.other, found.count) == (0.0, 1.0, 8)


def test_several_at_once_find_the_same_as_one(
    reader: Reader, texts: list[tuple[str, list[int]]]
) -> None:
    rows = [[CLS, *ids[:n], SEP] for n, (_, ids) in enumerate(texts, start=3)]
    alone = Reader(reader.model, workers=1).hidden(rows)
    for one, other in zip(alone, reader.hidden(rows), strict=True):
        torch.testing.assert_close(one, other)
