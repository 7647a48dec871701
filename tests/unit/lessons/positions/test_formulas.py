"""Waves, rotations and biases: hand-worked values, and what transformers computes itself."""

import math

import numpy as np
import pytest
import torch

from lessons.positions import alibi, rope, sinusoidal

# --- sinusoidal


def test_hand_worked_values():
    table = sinusoidal.positional_encoding([0, 1, 3], 4)
    np.testing.assert_allclose(table[0], [0, 1, 0, 1])
    np.testing.assert_allclose(
        table[1], [math.sin(1), math.cos(1), math.sin(0.01), math.cos(0.01)], atol=1e-15
    )
    np.testing.assert_allclose(
        table[2], [0.14112000806, -0.98999249660, 0.02999550020, 0.99955003375], atol=1e-10
    )


def test_the_formula_as_it_is_printed():
    table = sinusoidal.positional_encoding(range(20), 16, base=500)
    for p in (0, 7, 19):
        for i in range(8):
            angle = p / 500 ** (2 * i / 16)
            assert table[p, 2 * i] == pytest.approx(math.sin(angle))
            assert table[p, 2 * i + 1] == pytest.approx(math.cos(angle))


def test_as_marian_computes_it_in_transformers():
    from transformers.models.marian.modeling_marian import MarianSinusoidalPositionalEmbedding

    theirs = MarianSinusoidalPositionalEmbedding(50, 64)
    theirs.weight.data = theirs.create_weight()
    ours = sinusoidal.positional_encoding(range(50), 64)
    # Marian keeps all sines in the first half and all cosines in the second.
    halves = np.concatenate([ours[:, 0::2], ours[:, 1::2]], axis=1)
    np.testing.assert_allclose(theirs.weight.detach().numpy(), halves, atol=1e-6)


@pytest.mark.parametrize("size", [0, 1, 7, -2])
def test_an_odd_size_is_refused(size):
    with pytest.raises(ValueError, match="even"):
        sinusoidal.frequencies(size)


@pytest.mark.parametrize("shift", [0, 1, 17, -5])
def test_a_shift_is_one_rotation_for_all_positions(shift):
    matrix = sinusoidal.shift_matrix(shift, 64)
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(64), atol=1e-12)
    assert np.linalg.det(matrix) == pytest.approx(1)
    assert sinusoidal.shift_error(shift, 512, 64) < 1e-10
    other = sinusoidal.shift_matrix(shift + 1, 64)
    start = sinusoidal.positional_encoding([3], 64)[0]
    target = sinusoidal.positional_encoding([3 + shift], 64)[0]
    assert np.abs(other @ start - target).max() > 0.1, "the matrix of another shift does not fit"


def test_products_depend_on_distance_alone():
    table = sinusoidal.positional_encoding(range(300), 32)
    products = table @ table.T / 16
    for k in (0, 1, 30):
        diagonal = np.diagonal(products, k)
        np.testing.assert_allclose(diagonal, diagonal[0], atol=1e-12)
        assert sinusoidal.closeness([k], 32)[0] == pytest.approx(diagonal[0])
    assert products[0, 1] != pytest.approx(products[0, 30])


# --- RoPE


@pytest.fixture(scope="module")
def vectors():
    generator = np.random.default_rng(0)
    return generator.normal(size=(2, 3, 11, 64)), generator.normal(size=(2, 3, 11, 64))


@pytest.mark.parametrize(("layer_type", "base"), [("sliding_attention", 10_000.0),
                                                  ("full_attention", 160_000.0)])  # fmt: skip
def test_rope_is_modernbert_s(vectors, layer_type, base):
    from transformers import ModernBertConfig
    from transformers.models.modernbert.modeling_modernbert import (
        ModernBertRotaryEmbedding,
        apply_rotary_pos_emb,
    )

    config = ModernBertConfig(hidden_size=192, num_attention_heads=3)
    assert config.rope_parameters[layer_type]["rope_theta"] == base
    q, k = (torch.tensor(x, dtype=torch.float32) for x in vectors)
    cosine, sine = ModernBertRotaryEmbedding(config)(q, torch.arange(11)[None], layer_type)
    theirs = apply_rotary_pos_emb(q, k, cosine, sine)
    for x, expected in zip(vectors, theirs, strict=True):
        np.testing.assert_allclose(rope.rotate(x, range(11), base), expected.numpy(), atol=1e-5)


def test_rope_is_llama_s(vectors):
    from transformers import LlamaConfig
    from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding, apply_rotary_pos_emb

    config = LlamaConfig(hidden_size=192, num_attention_heads=3, num_key_value_heads=3)
    q, k = (torch.tensor(x, dtype=torch.float32) for x in vectors)
    positions = torch.arange(5, 16)
    cosine, sine = LlamaRotaryEmbedding(config)(q, positions[None])
    theirs, _ = apply_rotary_pos_emb(q, k, cosine, sine)
    np.testing.assert_allclose(
        rope.rotate(vectors[0], positions.numpy()), theirs.numpy(), atol=1e-5
    )


def test_rope_of_a_quarter_turn():
    turned = rope.rotate([[1.0, 0.0]], [math.pi / 2])
    np.testing.assert_allclose(turned, [[0, 1]], atol=1e-15)


def test_rope_keeps_lengths_and_sees_distance_alone(vectors):
    q, k = vectors
    turned = rope.rotate(q, range(11))
    np.testing.assert_allclose(
        np.linalg.norm(turned, axis=-1), np.linalg.norm(q, axis=-1), atol=1e-12
    )
    here = rope.scores(q, k, np.arange(11))
    there = rope.scores(q, k, np.arange(11) + 1000)
    np.testing.assert_allclose(here, there, atol=1e-9)
    assert np.abs(here - rope.scores(q, k, 2 * np.arange(11))).max() > 0.1


# --- ALiBi


def test_hand_worked_slopes():
    np.testing.assert_allclose(alibi.slopes(8), [2.0**-i for i in range(1, 9)])
    np.testing.assert_allclose(alibi.slopes(1), [2.0**-8])
    with pytest.raises(ValueError, match="at least one"):
        alibi.slopes(0)


@pytest.mark.parametrize("heads", [1, 2, 4, 8, 12, 16, 20])
def test_slopes_and_biases_are_bloom_s(heads):
    from transformers.models.bloom.modeling_bloom import build_alibi_tensor

    theirs = build_alibi_tensor(torch.ones(1, 9), heads, torch.float32).numpy()[:, 0]  # H T
    ours = alibi.bias(9, heads)
    # Bloom looks back only and adds slope × position of the key; a row is free up to a constant.
    np.testing.assert_allclose(ours[:, -1, :], theirs - theirs[:, -1:], rtol=1e-5)


@pytest.mark.parametrize("heads", [2, 4, 8, 16])
def test_biases_are_mpt_s(heads):
    from transformers.models.mpt.modeling_mpt import build_mpt_alibi_tensor

    theirs = build_mpt_alibi_tensor(heads, 9).numpy()[:, 0]  # H T
    np.testing.assert_allclose(alibi.bias(9, heads)[:, -1, :], theirs, rtol=1e-6)


def test_an_encoder_looks_both_ways():
    found = alibi.bias(4, 8)
    np.testing.assert_allclose(found, np.swapaxes(found, 1, 2))
    np.testing.assert_allclose(found[0, 1], [-0.5, 0, -0.5, -1])
