"""Other families, through `transformers`: the same questions, answered with the same shapes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from lessons.attention import importance
from lessons.engine import HeadMissing, load_model, registry
from lessons.engine.hub import HubModel
from tests.checkpoints import CORPUS, FAMILIES, HEADS, HIDDEN, LAYERS, weights_of

pytestmark = pytest.mark.usefixtures("local_models")

TEXTS = [
    ("The bank of the river was cold.", None),
    ("She put the money in the bank.", "The match was lost again!"),
    ("A bird 👩‍👩‍👧 naïve 北京 sings", None),
    ("the bank " * 80, "spring morning " * 50),
]

families = pytest.mark.parametrize("name", FAMILIES)
plain = pytest.mark.parametrize(
    "name", [name for name, family in FAMILIES.items() if family.plain_attention]
)


@pytest.fixture(scope="module")
def references(models_folder: Path) -> dict[str, tuple[Any, Any]]:
    """Every checkpoint in `transformers`, loaded plainly: (model, tokenizer)."""
    return {
        name: (
            getattr(transformers, family.model)
            .from_pretrained(models_folder / name, attn_implementation="eager")
            .eval(),
            transformers.PreTrainedTokenizerFast(
                tokenizer_file=str(models_folder / name / "tokenizer.json")
            ),
        )
        for name, family in FAMILIES.items()
    }


def run(reference: tuple[Any, Any], text: str, pair: str | None, max_tokens: int) -> Any:
    """Ids by the library's tokenizer, outputs by its model."""
    module, tokenizer = reference
    inputs = tokenizer(
        text,
        pair,
        truncation="longest_first",
        max_length=max_tokens,
        return_token_type_ids=True,
    )
    ids = torch.tensor([inputs["input_ids"]])
    encoder = module.base_model
    given: dict[str, Any] = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if getattr(module.config, "type_vocab_size", 0) > 1:
        given["token_type_ids"] = torch.tensor([inputs["token_type_ids"]])
    with torch.inference_mode():
        return ids, encoder(**given, output_hidden_states=True, output_attentions=True)


@families
def test_parity(name: str, references: dict[str, Any]) -> None:
    model = load_model(name)
    assert isinstance(model, HubModel)
    for text, pair in TEXTS:
        ids, expected = run(references[name], text, pair, model.max_tokens)
        trace = model.trace(text, pair)
        assert trace.input_ids.tolist() == ids[0].tolist()
        assert trace.hidden_states.shape == (LAYERS + 1, len(trace.tokens), HIDDEN)
        states = [*expected.hidden_states[:-1], expected.last_hidden_state]
        for ours, theirs in zip(trace.hidden_states, states, strict=True):
            assert np.abs(ours - theirs[0].numpy()).max() <= 1e-4
        for ours, theirs in zip(trace.attention_weights, expected.attentions, strict=True):
            assert np.abs(ours - weights_of(theirs)[0].numpy()).max() <= 1e-4
    assert trace.n_cut > 0
    assert len(trace.tokens) == model.max_tokens == 64


@families
def test_shapes(name: str) -> None:
    family = FAMILIES[name]
    trace = load_model(name).trace("The bank of the river", "was cold.")
    length = len(trace.tokens)
    maps = (LAYERS, HEADS, length, length)
    assert trace.attention_weights.shape == maps
    np.testing.assert_allclose(trace.attention_weights.sum(axis=-1), 1, atol=1e-5)
    assert [i for i in trace.sentence_ids if i is not None] == sorted(
        i for i in trace.sentence_ids if i is not None
    )
    if family.plain_attention:
        assert trace.attention_scores is not None
        assert trace.attention_scores.shape == maps
        for tensor in (trace.queries, trace.keys, trace.values, trace.head_outputs):
            assert tensor is not None
            assert tensor.shape == (LAYERS, HEADS, length, HIDDEN // HEADS)
    else:
        assert trace.attention_scores is trace.queries is trace.keys is trace.values is None
        assert trace.shape_of("queries") == "(L, H, T, D/H), not shown by this model"
    assert trace.pooled is None


@families
def test_halves_of_a_layer(name: str) -> None:
    """What the halves add, the sums and the norms, beside the hidden states that are known."""
    model = load_model(name)
    trace = model.trace("The bank of the river", "was cold.")
    states, length = trace.hidden_states, len(trace.tokens)
    assert trace.attention_output is not None
    assert trace.attention_sum is not None
    assert trace.attention_norm is not None
    assert trace.feed_forward_output is not None
    assert trace.feed_forward_sum is not None
    first = states[:-1]
    np.testing.assert_allclose(trace.attention_sum, first + trace.attention_output, atol=1e-4)
    if name == "modernbert":  # normalises what goes in: the stream itself is never normalised
        kept = trace.attention_sum
        np.testing.assert_allclose(trace.feed_forward_sum[:-1], states[1:-1], atol=1e-5)
    else:
        kept = trace.attention_norm
    expected = kept + trace.feed_forward_output
    np.testing.assert_allclose(trace.feed_forward_sum, expected, atol=1e-4)
    for normed in (trace.attention_norm, states[-1]):  # gains are 1 and biases 0 in new weights
        np.testing.assert_allclose(normed.mean(axis=-1), 0, atol=1e-4)
        np.testing.assert_allclose(normed.std(axis=-1), 1, atol=1e-2)
    assert trace.feed_forward_units is not None
    assert trace.feed_forward_units.shape[:2] == (LAYERS, length)
    if trace.feed_forward_inputs is not None:
        inputs = torch.tensor(trace.feed_forward_inputs)
        tanh = name == "albert"  # its usual activation is the approximation
        units = torch.nn.functional.gelu(inputs, approximate="tanh" if tanh else "none")
        np.testing.assert_allclose(trace.feed_forward_units, units, atol=1e-4)
    else:
        assert name in ("modernbert", "nomic-bert")  # a gate takes part in their units


@families
def test_input_vectors(name: str) -> None:
    """The vectors that a family adds make the sum that it normalises."""
    model = load_model(name)
    trace = model.trace("The bank of the river", "was cold.")
    parts = (trace.word_embeddings, trace.position_embeddings, trace.token_type_embeddings)
    total = sum(part for part in parts if part is not None)
    np.testing.assert_allclose(trace.embedding_sum, total, atol=1e-5)
    np.testing.assert_array_equal(trace.word_embeddings, model.word_table()[trace.input_ids])
    table = model.position_weights
    assert (table is None) == (trace.position_embeddings is None)
    if table is not None:
        assert len(table) == model.positions
        np.testing.assert_array_equal(trace.position_embeddings, table[: len(trace.tokens)])
    norm = model.embedding_norm
    normed = norm(torch.tensor(trace.embedding_sum)).detach().numpy()
    if normed.shape == trace.hidden_states[0].shape and name != "electra-generator":
        np.testing.assert_allclose(trace.hidden_states[0], normed, atol=1e-5)


@families
@pytest.mark.parametrize("part", ["attention", "feed_forward"])
def test_parts_taken_out(name: str, part: str) -> None:
    """What a half adds, and what it is added to, can be taken away."""

    def zeros(x: torch.Tensor, _: Any) -> torch.Tensor:
        return x * 0

    model = load_model(name)
    text = "The bank of the river was cold."
    usual = model.trace(text)
    trace = model.trace(text, edits={f"layer.1.{part}.output": zeros})
    np.testing.assert_array_equal(trace.hidden_states[:2], usual.hidden_states[:2])
    assert np.abs(trace.hidden_states[2] - usual.hidden_states[2]).max() > 1e-3
    if part == "attention":
        np.testing.assert_allclose(trace.attention_sum[1], usual.hidden_states[1], atol=1e-5)
    trace = model.trace(text, edits={f"layer.1.{part}.residual": zeros})
    found = trace.attention_sum if part == "attention" else trace.feed_forward_sum
    added = usual.attention_output if part == "attention" else usual.feed_forward_output
    np.testing.assert_allclose(found[1], added[1], atol=1e-4)


@plain
def test_steps_fit_together(name: str) -> None:
    """scores = q·k/√d, weights = softmax of them, head outputs = weights times values."""
    trace = load_model(name).trace("The bank of the river was cold.")
    q, k, v = trace.queries, trace.keys, trace.values
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    np.testing.assert_allclose(trace.attention_scores, scores, atol=1e-4)
    np.testing.assert_allclose(trace.head_outputs, trace.attention_weights @ v, atol=1e-4)
    if name != "modernbert":  # its local layers add a window between scores and softmax
        weights = torch.from_numpy(scores).softmax(-1).numpy()
        np.testing.assert_allclose(trace.attention_weights, weights, atol=1e-4)


def test_local_attention_is_a_window() -> None:
    """ModernBERT: the first layer looks everywhere, the next ones only 4 tokens far."""
    trace = load_model("modernbert").trace("the bank of the river was cold in the spring morning")
    far = np.abs(np.subtract.outer(np.arange(len(trace.tokens)), np.arange(len(trace.tokens)))) > 4
    assert far.any()
    assert trace.attention_weights[0][:, far].max() > 0
    assert trace.attention_weights[1][:, far].max() == 0


@families
def test_masked_words(name: str, references: dict[str, Any]) -> None:
    model = load_model(name)
    text = f"The {model.mask_token} of the {model.mask_token} was cold."
    if not FAMILIES[name].predicts_words:
        assert not model.has_mlm
        with pytest.raises(HeadMissing, match="no masked-word head"):
            model.fill_mask(text)
        return
    module, _ = references[name]
    encoding = model.encode(text)
    ids = torch.from_numpy(encoding.input_ids)[None]
    with torch.inference_mode():
        out = module(input_ids=ids, attention_mask=torch.ones_like(ids))
    logits = (out.prediction_logits if "prediction_logits" in out else out.logits)[0]
    positions = np.flatnonzero(encoding.input_ids == model.mask_token_id)
    expected = logits[positions].softmax(dim=-1).topk(4)
    found = model.fill_mask(text, top_k=4)
    assert len(found) == 2
    for answers, ids, probabilities in zip(
        found, expected.indices.tolist(), expected.values.tolist(), strict=True
    ):
        assert [model.tokenizer.token_to_id(token) for token, _ in answers] == ids
        assert [probability for _, probability in answers] == pytest.approx(probabilities, abs=1e-4)
    early = model.token_logits(model.trace(text).hidden_states[:, positions])
    assert early.shape == (LAYERS + 1, 2, logits.shape[-1])
    np.testing.assert_allclose(early[-1], logits[positions].numpy(), atol=1e-3)


@families
def test_vectors(name: str) -> None:
    model = load_model(name)
    text = "She walked along the unspringiness river."
    span = (text.index("unspr"), text.index(" river"))
    trace = model.trace(text)
    inside = [
        i
        for i, where in enumerate(trace.offsets)
        if where and span[0] <= where[0] and where[1] <= span[1] and where[0] < where[1]
    ]
    assert len(inside) > 1
    assert text[trace.offsets[inside[0]][0] : trace.offsets[inside[-1]][1]] == "unspringiness"
    for layer in range(-1, LAYERS + 1):
        expected = trace.hidden_states[layer, inside].mean(axis=0)
        np.testing.assert_allclose(model.word_vector(text, span, layer), expected, atol=1e-5)

    other = "cold"
    mean, cls, top = (model.embed([text, other], pooling=p) for p in ("mean", "cls", "max"))
    last = trace.hidden_states[-1]
    np.testing.assert_allclose(mean[0], last.mean(axis=0), atol=1e-4)
    np.testing.assert_allclose(cls[0], last[0], atol=1e-4)
    np.testing.assert_allclose(top[0], last.max(axis=0), atol=1e-4)
    np.testing.assert_allclose(
        mean[1], model.trace(other).hidden_states[-1].mean(axis=0), atol=1e-4
    )


@families
@pytest.mark.parametrize("step", ["head_outputs", "attention_weights"])
def test_silenced_head(name: str, step: str) -> None:
    """An edit reaches the pass: what comes before stays, what comes after moves."""

    def silence(heads: torch.Tensor, _: Any) -> torch.Tensor:
        heads = heads.clone()
        heads[:, 0] = 0
        return heads

    model = load_model(name)
    text = "The bank of the river was cold."
    before = model.trace(text)
    after = model.trace(text, edits={f"layer.1.{step}": silence})
    if after.head_outputs is not None and step == "head_outputs":
        assert not after.head_outputs[1, 0].any()
    np.testing.assert_array_equal(after.hidden_states[:2], before.hidden_states[:2])
    assert np.abs(after.hidden_states[2] - before.hidden_states[2]).max() > 1e-3


@families
def test_every_head_and_every_word(name: str) -> None:
    """Silencing each head, and integrated gradients, in families that `transformers` runs."""
    if not FAMILIES[name].predicts_words:
        return
    model = load_model(name)
    encoding = model.encode(f"The bank of the {model.mask_token} was cold.")
    position = encoding.input_ids.tolist().index(model.mask_token_id)
    effects = importance.each_head(model, encoding, position)
    assert effects.shape == (LAYERS, HEADS)
    change = importance.silence(model, encoding, position, [(1, 0)], "silent")
    one, other = change.probability
    assert effects[1, 0] == pytest.approx(np.log(other / one), abs=1e-3)
    even = importance.silence(model, encoding, position, [(1, 0)], "even")
    assert even.probability[1] != pytest.approx(other, abs=1e-7)
    found = importance.importance(model, encoding, position)
    assert set(found.scores) == set(importance.METHODS)
    assert all(np.isfinite(scores).all() for scores in found.scores.values())
    masked = model.masked(encoding, [found.compared[0]])
    best = model.tokenizer.token_to_id(found.word)
    less = model.token_probabilities(masked, [position])[0, best]
    fall = found.scores["removal"][found.compared[0]]
    assert fall == pytest.approx(np.log(found.probability / less), abs=1e-3)
    blank = model.token_probabilities(model.masked(encoding, found.compared), [position])[0, best]
    assert found.gap == pytest.approx(np.log(found.probability / blank), abs=1e-3)
    assert np.abs(found.scores["integrated"]).max() > 0


@families
def test_what_is_kept(name: str) -> None:
    model = load_model(name)
    whole, part = model.trace("The bank"), model.trace("The bank", keep=["values"])
    np.testing.assert_array_equal(part.attention_weights, whole.attention_weights)
    np.testing.assert_array_equal(part.hidden_states, whole.hidden_states)
    assert part.queries is part.attention_scores is part.head_outputs is None
    if FAMILIES[name].plain_attention:
        np.testing.assert_array_equal(part.values, whole.values)


@families
def test_masks_and_positions(name: str) -> None:
    model = load_model(name)
    text = "The bank of the river was cold."
    usual = model.trace(text)
    length = len(usual.tokens)

    hidden = np.ones(length, dtype=int)
    hidden[2] = 0
    trace = model.trace(text, attention_mask=hidden)
    others = hidden == 1  # DeBERTa gives what is hidden a row of zeros; ask those who look
    assert np.abs(trace.attention_weights[:, :, others, 2]).max() < 1e-6
    np.testing.assert_allclose(trace.attention_weights[:, :, others].sum(-1), 1, atol=1e-5)

    left = np.tril(np.ones((length, length), dtype=int))
    if FAMILIES[name].plain_attention:
        trace = model.trace(text, attention_mask=left)
        assert np.abs(trace.attention_weights * (1 - left)).max() < 1e-6
        np.testing.assert_array_equal(trace.attention_mask, left)
    else:
        with pytest.raises(ValueError, match="one attention mask"):
            model.trace(text, attention_mask=left)

    places = np.arange(length)
    if name in ("deberta", "deberta-v3"):
        with pytest.raises(ValueError, match="no position embeddings"):
            model.trace(text, position_ids=places[::-1])
        return
    with pytest.raises(ValueError, match="position_ids must lie between 0 and 63"):
        model.trace(text, position_ids=places + 64)
    same = model.trace(text, position_ids=places)
    np.testing.assert_allclose(same.hidden_states, usual.hidden_states, atol=1e-5)
    swapped = model.trace(text, position_ids=places[::-1])
    assert np.abs(swapped.hidden_states[-1] - usual.hidden_states[-1]).max() > 1e-3


@families
def test_hostile_text(name: str) -> None:
    model = load_model(name)
    for text in ("", "   ", "\ud800", "a\x00b", "\u200d\ufe0f", "x" * 5000, "👩‍👩‍👧" * 300):
        trace = model.trace(text)
        assert np.isfinite(trace.hidden_states).all()
        assert len(trace.tokens) <= model.max_tokens
        assert np.isfinite(model.embed([text])).all()


def test_the_table_of_a_family_is_read_from_its_config(models_folder: Path) -> None:
    spec = load_model("distilbert").spec
    assert (spec.layers, spec.heads, spec.hidden) == (LAYERS, HEADS, HIDDEN)
    module = transformers.DistilBertModel.from_pretrained(models_folder / "distilbert")
    assert spec.parameters == sum(p.numel() for p in module.parameters())


def without_tokenizer_json(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for name in ("config.json", "model.safetensors"):
        (target / name).write_bytes((source / name).read_bytes())


def test_a_sentencepiece_vocabulary(
    models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As microsoft/deberta-v3-small comes: an spm.model and no tokenizer.json."""
    import sentencepiece

    folder = tmp_path / "spm"
    without_tokenizer_json(models_folder / "deberta-v3", folder)
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(CORPUS),
        model_prefix=str(folder / "spm"),
        vocab_size=70,
        pad_id=0,
        bos_id=1,
        eos_id=2,
        unk_id=3,
        pad_piece="[PAD]",
        bos_piece="[CLS]",
        eos_piece="[SEP]",
        unk_piece="[UNK]",
        user_defined_symbols=["[MASK]"],
        minloglevel=2,
    )
    (folder / "tokenizer_config.json").write_text('{"do_lower_case": false, "vocab_type": "spm"}')
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    text = "The bank of the river"
    trace = load_model("spm").trace(text)
    assert (trace.tokens[0], trace.tokens[-1]) == ("[CLS]", "[SEP]")
    assert trace.tokens[1].startswith("▁")
    spans = dict.fromkeys(span for span in trace.offsets if span)  # a lone ▁ shares its letter's
    assert "".join(text[slice(*span)] for span in spans) == "Thebankoftheriver"
    assert load_model("spm").mask_token == "[MASK]"


def test_vocabulary_and_merges(
    models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As older RoBERTa checkpoints come: vocab.json and merges.txt."""
    folder = tmp_path / "merges"
    without_tokenizer_json(models_folder / "roberta", folder)
    tokenizer = load_model("roberta").tokenizer
    tokenizer.model.save(str(folder))
    (folder / "tokenizer_config.json").write_text('{"mask_token": "<mask>"}', encoding="utf-8")
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    text = "The <mask> of the river was cold."
    mine, theirs = load_model("merges").encode(text), tokenizer.encode(text)
    assert mine.input_ids.tolist() == theirs.ids
