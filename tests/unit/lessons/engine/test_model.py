"""What a lesson asks of a model: predictions, vectors, steps removed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from lessons.engine import SHAPES, HeadMissing, ModelUnavailable
from lessons.engine.model import BertModel

TEXT = "The bank of the river was cold."


# --- predictions --------------------------------------------------------------------------------


def test_fill_mask(mlm: BertModel) -> None:
    found = mlm.fill_mask("Paris is the [MASK] of France. The [MASK] was cold.", top_k=5)
    assert [len(answers) for answers in found] == [5, 5]
    for answers in found:
        probabilities = [probability for _, probability in answers]
        assert probabilities == sorted(probabilities, reverse=True)
        assert 0 < sum(probabilities) <= 1
    assert {"capital", "city"} & {word for word, _ in found[0]}


def test_fill_mask_knows_grammar(mlm: BertModel) -> None:
    """Not which word, but which kind: true of any masked language model worth showing."""
    words = {word for word, _ in mlm.fill_mask("She put the book [MASK] the table.", top_k=5)[0]}
    assert {"on", "in"} & words
    (answers,) = mlm.fill_mask("[MASK] bought some milk.", top_k=3, pair="They were thirsty.")
    assert "they" in {word for word, _ in answers}


def test_probabilities_are_all_of_the_vocabulary(mlm: BertModel) -> None:
    encoding = mlm.encode("The [MASK] was [MASK].")
    probabilities = mlm.token_probabilities(encoding)
    assert probabilities.shape == (2, 30522)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-4)
    top = mlm.fill_mask("The [MASK] was [MASK].", top_k=1)
    for row, ((token, probability),) in zip(probabilities, top, strict=True):
        assert row.argmax() == mlm.tokenizer.token_to_id(token)
        assert row.max() == pytest.approx(probability)


def test_positions_ids_and_batches_give_the_same(mlm: BertModel) -> None:
    encoding = mlm.encode("The [MASK] was cold.")
    once = mlm.mask_logits(encoding, [2])
    np.testing.assert_allclose(mlm.mask_logits(encoding), once, atol=1e-4)
    np.testing.assert_allclose(mlm.mask_logits("The [MASK] was cold."), once, atol=1e-4)
    np.testing.assert_allclose(mlm.mask_logits(encoding.input_ids, [2]), once, atol=1e-4)
    np.testing.assert_allclose(mlm.mask_logits(encoding.input_ids.tolist()), once, atol=1e-4)

    other = mlm.encode("[MASK] and a much longer [MASK] sentence than the first one")
    several = mlm.mask_logits([other, encoding], [[1, 6], [2]], batch_size=1)
    assert several.shape == (3, 30522)
    np.testing.assert_allclose(several[2], once[0], atol=1e-3)
    np.testing.assert_allclose(mlm.mask_logits([other, encoding]), several, atol=1e-3)


def test_one_mask_at_a_time(mlm: BertModel) -> None:
    """Every word masked in turn, in one batch: what surprise and pseudo-likelihood are made of."""
    encoding = mlm.encode(TEXT)
    positions = range(1, len(encoding) - 1)
    masked = [mlm.masked(encoding, [position]) for position in positions]
    probabilities = mlm.token_probabilities(masked, [[position] for position in positions])
    assert probabilities.shape == (len(encoding) - 2, 30522)
    alone = mlm.token_probabilities(masked[3])
    np.testing.assert_allclose(probabilities[3], alone[0], atol=1e-5)


def test_nothing_to_fill(mlm: BertModel) -> None:
    assert mlm.fill_mask("no mask here") == []
    assert mlm.mask_logits("no mask here").shape == (0, 30522)
    assert mlm.mask_logits([]).shape == (0, 30522)
    assert mlm.fill_mask("word " * 600 + "[MASK]") == []  # cut off with the rest
    with pytest.raises(ValueError, match="top_k"):
        mlm.fill_mask("a [MASK]", top_k=0)
    assert len(mlm.fill_mask("[MASK]", top_k=10**6)[0]) == 30522


def test_early_look(mlm: BertModel) -> None:
    trace = mlm.trace("The [MASK] was cold.")
    early = mlm.token_logits(trace.hidden_states[:, 2])
    assert early.shape == (7, 30522)
    np.testing.assert_allclose(early[-1], mlm.mask_logits("The [MASK] was cold.")[0], atol=1e-3)


def test_next_sentence(mlm: BertModel) -> None:
    first = "She went to the market to buy some vegetables."
    follows = mlm.next_sentence(first, "She came home with tomatoes and onions.")
    random = mlm.next_sentence(first, "The treaty was signed by both emperors in 1648.")
    assert 0 <= random < 0.5 < follows <= 1


def test_a_head_that_is_not_there(minilm: BertModel) -> None:
    assert not minilm.has_mlm
    assert not minilm.has_nsp
    for ask in (
        lambda: minilm.fill_mask("a [MASK]"),
        lambda: minilm.mask_logits("a [MASK]"),
        lambda: minilm.token_logits(np.zeros(384)),
        lambda: minilm.next_sentence("a", "b"),
    ):
        with pytest.raises(HeadMissing, match=r"MiniLM \(compares sentences\) has no"):
            ask()
    assert issubclass(HeadMissing, ModelUnavailable)


# --- vectors ------------------------------------------------------------------------------------


@pytest.mark.parametrize("pooling", ["mean", "cls", "max"])
def test_embed(mlm: BertModel, pooling: Any) -> None:
    texts = ["A much longer sentence about the river bank than that.", "", TEXT, "short"]
    vectors = mlm.embed(texts, layer=3, pooling=pooling, batch_size=2)
    assert (vectors.shape, vectors.dtype) == ((4, 384), np.float32)
    pool = {
        "mean": lambda states: states.mean(axis=0),
        "cls": lambda states: states[0],
        "max": lambda states: states.max(axis=0),
    }[pooling]
    for vector, text in zip(vectors, texts, strict=True):
        np.testing.assert_allclose(vector, pool(mlm.trace(text).hidden_states[3]), atol=1e-5)


def test_embed_by_layer(mlm: BertModel) -> None:
    assert mlm.embed([]).shape == (0, 384)
    np.testing.assert_array_equal(mlm.embed([TEXT], layer=-1), mlm.embed([TEXT], layer=6))
    np.testing.assert_array_equal(mlm.embed([TEXT], layer=0), mlm.embed([TEXT], layer=-7))
    for layer in (7, -8):
        with pytest.raises(ValueError, match=r"layers 0 \(the input\) to 6"):
            mlm.embed([], layer=layer)
    with pytest.raises(ValueError, match="pooling"):
        mlm.embed([TEXT], pooling="sum")  # type: ignore[arg-type]


def test_word_vector(mlm: BertModel) -> None:
    text = "His unhappiness was great"
    trace = mlm.trace(text)
    vector = mlm.word_vector(text, (4, 15), 2)
    np.testing.assert_allclose(vector, trace.hidden_states[2, 2:6].mean(axis=0), atol=1e-6)
    last = mlm.word_vector(text, (4, 15), -1)
    np.testing.assert_allclose(last, trace.hidden_states[6, 2:6].mean(axis=0), atol=1e-6)
    with pytest.raises(ValueError, match="no token"):
        mlm.word_vector(text, (3, 4), 2)
    with pytest.raises(ValueError, match="no token"):
        mlm.word_vector("word " * 600, (2995, 2999), 2)
    with pytest.raises(ValueError, match="layers"):
        mlm.word_vector(text, (0, 3), 9)


def test_word_vectors(mlm: BertModel) -> None:
    words = [("The river bank", (10, 14)), ("My bank is closed on Sundays, always", (3, 7))] * 2
    vectors = mlm.word_vectors(words, batch_size=3)
    assert (vectors.shape, vectors.dtype) == ((7, 4, 384), np.float32)
    np.testing.assert_allclose(vectors[:, 0], vectors[:, 2], atol=1e-5)
    for layer in range(7):
        np.testing.assert_allclose(vectors[layer, 1], mlm.word_vector(*words[1], layer), atol=1e-5)
    assert mlm.word_vectors([]).shape == (7, 0, 384)
    # The static vectors differ by place only, the contextual ones by meaning.
    assert np.abs(vectors[-1, 0] - vectors[-1, 1]).max() > 0.1


# --- the trace ----------------------------------------------------------------------------------


def test_every_field_has_the_shape_it_says(mlm: BertModel) -> None:
    trace = mlm.trace(TEXT, "It was spring.")
    sizes = {
        "T": len(trace.tokens), "D": 384, "H": 12, "L": 6, "L+1": 7, "I": 1536, "D/H": 32,
    }  # fmt: skip
    for name, shape in SHAPES.items():
        array = getattr(trace, name)
        expected = tuple(sizes[letter] for letter in shape.letters)
        assert array.shape == expected, name
        assert array.dtype == (np.int64 if shape.letters == ("T",) else np.float32), name
    assert trace.shape_of("attention_weights") == "(L, H, T, T) = (6, 12, 15, 15)"
    assert trace.shape_of("pooled") == "(D,) = (384,)"
    assert (trace.num_layers, trace.num_heads, trace.model) == (6, 12, "minilm-mlm")
    with pytest.raises(KeyError):
        trace.shape_of("nothing")


def test_a_trace_cannot_be_changed(mlm: BertModel) -> None:
    """It is cached and shared: nobody may write into another learner's numbers."""
    encoding = mlm.encode(TEXT)
    trace = mlm.trace(encoding)
    for name in SHAPES:
        with pytest.raises(ValueError, match="read-only"):
            getattr(trace, name)[...] = 0
    encoding.input_ids[0] = 7  # nor is it bound to what it was made from
    assert trace.input_ids[0] == 101


def test_the_steps_of_a_trace_fit_together(mlm: BertModel) -> None:
    """Embeddings add up, scores are q·k/√d, rows are softmax, residuals add, layers chain."""
    trace = mlm.trace(TEXT, "It was spring.")
    close = {"atol": 1e-4, "rtol": 1e-4}
    np.testing.assert_allclose(
        trace.word_embeddings + trace.position_embeddings + trace.token_type_embeddings,
        trace.embedding_sum,
        **close,
    )
    scores = trace.queries @ trace.keys.swapaxes(-1, -2) / np.sqrt(32)
    np.testing.assert_allclose(trace.attention_scores, scores, **close)
    exponentials = np.exp(scores - scores.max(-1, keepdims=True))
    np.testing.assert_allclose(
        trace.attention_weights, exponentials / exponentials.sum(-1, keepdims=True), **close
    )
    np.testing.assert_allclose(trace.attention_weights.sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(trace.head_outputs, trace.attention_weights @ trace.values, **close)
    np.testing.assert_allclose(
        trace.attention_sum, trace.hidden_states[:-1] + trace.attention_output, **close
    )
    np.testing.assert_allclose(
        trace.feed_forward_sum, trace.attention_norm + trace.feed_forward_output, **close
    )
    for layer, module in enumerate(mlm.encoder.encoder.layer):
        norm = module.output.LayerNorm(torch.tensor(trace.feed_forward_sum[layer]))
        np.testing.assert_allclose(norm.numpy(), trace.hidden_states[layer + 1], **close)
        units = module.intermediate.activation(torch.tensor(trace.feed_forward_inputs[layer]))
        np.testing.assert_allclose(units.numpy(), trace.feed_forward_units[layer], **close)


# --- steps changed ------------------------------------------------------------------------------


def silence(head: int) -> Any:
    def edit(heads: Tensor, _: Mapping[str, Tensor]) -> Tensor:
        heads = heads.clone()
        heads[:, head] = 0
        return heads

    return edit


def test_silenced_head(mlm: BertModel) -> None:
    before = mlm.trace(TEXT)
    after = mlm.trace(TEXT, edits={"layer.2.head_outputs": silence(5)})
    assert not after.head_outputs[2, 5].any()
    assert before.head_outputs[2, 5].any()
    np.testing.assert_array_equal(after.hidden_states[:3], before.hidden_states[:3])
    assert np.abs(after.hidden_states[3] - before.hidden_states[3]).max() > 1e-2
    # What the head gave is exactly what is missing from the attention output.
    weight = mlm.encoder.encoder.layer[2].attention.output.dense.weight[:, 5 * 32 : 6 * 32].numpy()
    gone = before.attention_output[2] - after.attention_output[2]
    np.testing.assert_allclose(gone, before.head_outputs[2, 5] @ weight.T, atol=1e-4)
    np.testing.assert_array_equal(mlm.trace(TEXT).hidden_states, before.hidden_states)


def test_positions_removed(mlm: BertModel) -> None:
    """Without positions the order is gone: shuffled words get the same vectors, shuffled."""
    edits = {"position_embeddings": lambda positions, seen: 0 * positions}
    dog = mlm.trace("the dog bit the man", edits=edits)
    man = mlm.trace("the man bit the dog", edits=edits)
    order = [0, 1, 5, 3, 4, 2, 6]
    np.testing.assert_allclose(dog.hidden_states[:, order], man.hidden_states, atol=1e-4)
    assert not dog.position_embeddings.any()
    with_positions = mlm.trace("the dog bit the man").hidden_states[:, order]
    assert np.abs(with_positions - mlm.trace("the man bit the dog").hidden_states).max() > 0.1


def test_an_edit_sees_what_came_before(mlm: BertModel) -> None:
    edits = {"layer.0.attention.sum": lambda summed, seen: seen["layer.0.attention.output"]}
    trace = mlm.trace(TEXT, edits=edits)  # the residual connection taken out
    np.testing.assert_array_equal(trace.attention_sum[0], trace.attention_output[0])


def test_an_edit_that_would_do_nothing(mlm: BertModel) -> None:
    with pytest.raises(ValueError, match=r"no step called layer\.6\.query"):
        mlm.trace(TEXT, edits={"layer.6.query": silence(0)})


def test_other_inputs_to_a_trace(mlm: BertModel) -> None:
    usual = mlm.trace(TEXT)
    length = len(usual.tokens)

    hidden = [1] * length
    hidden[3] = 0
    assert mlm.trace(TEXT, attention_mask=hidden).attention_weights[..., 3].max() == 0

    left = np.tril(np.ones((length, length)))
    trace = mlm.trace(TEXT, attention_mask=left)
    assert (trace.attention_weights * (1 - left)).max() == 0
    assert trace.shape_of("attention_mask") == f"(T, T) = ({length}, {length})"
    np.testing.assert_allclose(trace.attention_weights.sum(-1), 1, atol=1e-5)
    # Nothing that stands later can reach a token: its vector is that of the text cut behind it.
    start = mlm.trace("The bank of the", attention_mask=np.tril(np.ones((6, 6))))
    np.testing.assert_allclose(trace.hidden_states[:, :5], start.hidden_states[:, :5], atol=1e-4)

    second = mlm.trace(TEXT, token_type_ids=[1] * length)
    assert np.abs(second.hidden_states - usual.hidden_states).max() > 1e-3
    assert second.token_type_ids.tolist() == [1] * length

    turned = np.arange(length)[::-1]
    trace = mlm.trace(TEXT, position_ids=turned)
    np.testing.assert_array_equal(trace.position_embeddings[::-1], usual.position_embeddings)
    np.testing.assert_array_equal(trace.position_ids, turned)


@pytest.mark.parametrize(
    "wrong",
    [
        {"attention_mask": [1, 1]},
        {"attention_mask": np.ones((10, 4))},
        {"token_type_ids": [0]},
        {"token_type_ids": [2] * 10},
        {"position_ids": [512] * 10},
        {"position_ids": [-1] * 10},
        {"position_ids": np.ones((10, 10))},
    ],
)
def test_wrong_inputs_to_a_trace(mlm: BertModel, wrong: dict[str, Any]) -> None:
    assert len(mlm.encode(TEXT)) == 10
    with pytest.raises(ValueError, match=next(iter(wrong))):
        mlm.trace(TEXT, **wrong)


def test_a_copy_can_be_trained_and_the_model_stays(mlm: BertModel) -> None:
    assert not any(parameter.requires_grad for parameter in mlm.module.parameters())
    before = mlm.trace(TEXT).hidden_states
    module = copy.deepcopy(mlm.module).requires_grad_(True).train()
    ids = torch.tensor(mlm.encode(TEXT).input_ids)[None]
    optimizer = torch.optim.SGD(module.parameters(), lr=0.1)
    module.next_sentence_logits(module.bert(ids)).sum().backward()
    optimizer.step()
    np.testing.assert_array_equal(mlm.trace(TEXT).hidden_states, before)
    with torch.no_grad():
        moved = module.eval().bert(ids)[0].numpy()
    assert np.abs(moved - before[-1]).max() > 1e-3


def test_gradients_reach_the_embeddings(mlm: BertModel) -> None:
    """What gradient × input needs: no gradient for weights, but one for what flows through."""
    kept: dict[str, Tensor] = {}

    def watch(name: str, tensor: Tensor) -> Tensor:
        if name == "word_embeddings":
            kept[name] = tensor = tensor.detach().requires_grad_(True)
        return tensor

    ids = torch.tensor(mlm.encode("The [MASK] was cold.").input_ids)[None]
    hidden = mlm.module.bert(ids, probe=watch)
    mlm.module.token_logits(hidden[0, 2]).max().backward()
    assert kept["word_embeddings"].grad.abs().max() > 0
