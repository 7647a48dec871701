"""Constants of the last layer are taken out, and every prediction stays."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lessons.engine.bert import BertConfig, BertForPreTraining
from training.batches import FOLLOWS, NO_PAIR, Batch, Example, collate
from training.repair import (
    center,
    constant_dimensions,
    dead_dimensions,
    last_block,
    observe,
    remove_constants,
    repair,
    scale_last_layer,
    straighten,
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


@pytest.fixture
def one_way() -> BertForPreTraining:
    """A random model whose last LayerNorm adds two large constants; both heads depend on them."""
    model = BertForPreTraining(CONFIG).initialise(torch.Generator().manual_seed(2)).eval()
    with torch.no_grad():
        last_block(model).LayerNorm.bias[SICK] = torch.tensor([-21.0, 13.0])
        model.cls.seq_relationship.weight.mul_(20)
        model.cls.predictions.transform.dense.weight.mul_(10)
    return model


def mean_cosine(vectors: torch.Tensor) -> float:
    """Of two different rows of (N, D)."""
    units = vectors / vectors.norm(dim=1, keepdim=True)
    alike = units @ units.T
    return float((alike.sum() - alike.trace()) / (alike.numel() - len(alike)))


def test_what_is_added_to_every_token_is_centered(
    one_way: BertForPreTraining, batches: list[Batch]
) -> None:
    before = observe(one_way, batches).vectors
    assert mean_cosine(before) > 0.9
    assert center(one_way, batches) == SICK
    after = observe(one_way, batches).vectors
    assert float(after.mean(dim=0)[SICK].abs().max()) < 1e-4
    others = [d for d in range(CONFIG.hidden_size) if d not in SICK]
    torch.testing.assert_close(after[:, others], before[:, others])
    assert mean_cosine(after) < 0.5
    assert constant_dimensions(after) == []


def test_both_heads_say_exactly_the_same_of_centered_vectors(
    one_way: BertForPreTraining, batches: list[Batch]
) -> None:
    before = [says(one_way, batch) for batch in batches]
    straighten(one_way, batches)
    for batch, (words, follows) in zip(batches, before, strict=True):
        new_words, new_follows = says(one_way, batch)
        torch.testing.assert_close(new_words, words, atol=1e-7, rtol=1e-3)
        torch.testing.assert_close(new_follows, follows, atol=1e-4, rtol=0)


def test_heads_left_alone_would_say_something_else(
    one_way: BertForPreTraining, batches: list[Batch]
) -> None:
    words, follows = says(one_way, batches[0])
    shifts = {
        name: value.clone() for name, value in one_way.state_dict().items() if "dense.bias" in name
    }
    center(one_way, batches)
    one_way.load_state_dict(shifts, strict=False)
    new_words, new_follows = says(one_way, batches[0])
    assert float((0.5 * (new_words - words).abs().sum(dim=-1)).mean()) > 0.05
    assert float((new_follows - follows).abs().max()) > 0.01


def test_centered_vectors_are_as_long_as_those_of_the_other_layers(
    one_way: BertForPreTraining, batches: list[Batch]
) -> None:
    after = straighten(one_way, batches).lengths
    assert float(after[-1]) == pytest.approx(float(after[1:-1].mean()), rel=0.01)


def test_a_centered_model_stays_as_it_is(one_way: BertForPreTraining, batches: list[Batch]) -> None:
    straighten(one_way, batches)
    before = {name: value.clone() for name, value in one_way.state_dict().items()}
    assert center(one_way, batches) == []
    for name, value in one_way.state_dict().items():
        torch.testing.assert_close(value, before[name], rtol=0, atol=0)
