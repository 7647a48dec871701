"""A constant that LayerNorm deletes is taken out, and every prediction stays."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lessons.engine.bert import BertConfig, BertForPreTraining
from training.batches import FOLLOWS, NO_PAIR, Batch, Example, collate
from training.repair import (
    dead_dimensions,
    last_block,
    observe,
    remove_constants,
    repair,
    scale_last_layer,
)

SICK = [3, 11]
CONFIG = BertConfig(
    hidden_size=48,
    num_hidden_layers=3,
    num_attention_heads=2,
    intermediate_size=96,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)


@pytest.fixture
def model() -> BertForPreTraining:
    """A random model whose last feed-forward block adds a constant of length 57."""
    model = BertForPreTraining(CONFIG).initialise(torch.Generator().manual_seed(0)).eval()
    with torch.no_grad():
        block = last_block(model)
        block.dense.bias[SICK] = 40.0
        block.LayerNorm.weight[SICK] = 1e-4
        block.LayerNorm.bias[SICK] = 0.0
        block.LayerNorm.bias[20:30] = 0.3
        model.cls.seq_relationship.weight.mul_(20)
    return model


@pytest.fixture
def batches() -> list[Batch]:
    rng = np.random.default_rng(0)
    words = [rng.integers(2000, 3000, size=(2, 12)) for _ in range(24)]
    rows = [Example(a, b, FOLLOWS) for a, b in words[:12]]
    rows += [Example(a, None, NO_PAIR) for a, _ in words[12:]]
    return [collate(rows[i : i + 6], rng, 0.0).unmasked() for i in range(0, len(rows), 6)]


@torch.no_grad()
def says(model: BertForPreTraining, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """Probabilities of both heads."""
    states = model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
    real = batch.attention_mask == 1
    words = model.token_logits(states[real]).softmax(-1)
    return words, model.next_sentence_logits(states).softmax(-1)


def test_the_constant_is_found_and_taken_out(
    model: BertForPreTraining, batches: list[Batch]
) -> None:
    before = observe(model, batches)
    assert float(before.added.norm(dim=1).mean()) > 50
    assert dead_dimensions(model) == SICK
    assert remove_constants(model, batches) == SICK
    after = observe(model, batches)
    assert float(after.added.norm(dim=1).mean()) < 5
    assert float(after.added.mean(dim=0)[SICK].abs().max()) < 1e-4
    assert dead_dimensions(model) == []


def test_both_heads_say_the_same_afterwards(
    model: BertForPreTraining, batches: list[Batch]
) -> None:
    before = [says(model, batch) for batch in batches]
    repair(model, batches)
    for batch, (words, follows) in zip(batches, before, strict=True):
        new_words, new_follows = says(model, batch)
        moved = 0.5 * (new_words - words).abs().sum(dim=-1)
        assert float(moved.mean()) < 0.02
        torch.testing.assert_close(new_follows, follows, atol=0.02, rtol=0)


def test_the_last_layer_becomes_as_long_as_the_others(
    model: BertForPreTraining, batches: list[Batch]
) -> None:
    before = observe(model, batches).lengths
    assert float(before[-1]) < 0.7 * float(before[1:-1].mean())
    after = repair(model, batches).lengths
    assert float(after[-1]) == pytest.approx(float(after[1:-1].mean()), rel=0.01)
    torch.testing.assert_close(after[:-1], before[:-1])


def test_scaling_alone_changes_no_prediction(
    model: BertForPreTraining, batches: list[Batch]
) -> None:
    length = float(observe(model, batches).lengths[-1])
    words, follows = says(model, batches[0])
    scale_last_layer(model, 3.0)
    assert float(observe(model, batches).lengths[-1]) == pytest.approx(3 * length, rel=1e-4)
    new_words, new_follows = says(model, batches[0])
    torch.testing.assert_close(new_words, words, atol=1e-6, rtol=1e-3)
    torch.testing.assert_close(new_follows, follows, atol=1e-6, rtol=1e-3)


def test_a_healthy_model_is_only_scaled(batches: list[Batch]) -> None:
    model = BertForPreTraining(CONFIG).initialise(torch.Generator().manual_seed(1)).eval()
    assert remove_constants(model, batches) == []
