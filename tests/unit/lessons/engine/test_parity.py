"""Our encoder against `transformers`: the same numbers, step by step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from safetensors.torch import load_file, save_file

from lessons.engine import folders, load_model, registry
from lessons.engine.model import BertModel
from lessons.engine.registry import minilm_folder

TOLERANCE = 1e-4

TEXTS: list[tuple[str, str | None]] = [
    ("", None),
    ("Hello", None),
    ("The bank of the river was cold.", None),
    ("I put my [MASK] in the bank, then the [MASK] closed.", None),
    ("Unhappiness, antidisestablishmentarianism & co.", None),
    ("Café naïve Ångström ŒUVRE", None),
    ("北京 is the capital of 中国", None),
    ("Привет, мир! مرحبا بالعالم", None),
    ("emoji 👩‍👩‍👧 and 🇫🇷 flags", None),
    ("don't can't won't shouldn't", None),
    ("3.14159 and 1,000,000 and 12:30", None),
    ("a" * 150, None),
    ("[MASK] [MASK] [MASK]", None),
    ("!!! ??? ...", None),
    ("tabs\tand\nnew lines\r\nand  blanks", None),
    ("The cat sat on the mat because it was tired.", None),
    ("She went to the shop.", "She bought some milk."),
    ("She went to the shop.", "Light is both a wave and a particle."),
    ("One", ""),
    ("", "Two"),
    ("A [MASK] one.", "A [MASK] two."),
    ("long " * 600, None),
    ("first " * 400, "second " * 300),
    ("short", "long " * 700),
]


class Reference:
    """The same checkpoint in `transformers`."""

    def __init__(self, module: Any, tokenizer: Any) -> None:
        self.module = module.eval()
        self.tokenizer = tokenizer

    @torch.inference_mode()
    def __call__(self, text: str, pair: str | None, max_tokens: int, **options: Any) -> Any:
        inputs = self.tokenizer(
            text, pair, truncation="longest_first", max_length=max_tokens, return_tensors="pt",
            **options,
        )  # fmt: skip
        encoder = getattr(self.module, "bert", self.module)
        return inputs, encoder(**inputs, output_hidden_states=True, output_attentions=True)


def reference_of(folder: Path, model: str) -> Reference:
    module = getattr(transformers, model).from_pretrained(folder, attn_implementation="eager")
    return Reference(module, transformers.AutoTokenizer.from_pretrained(folder))


@pytest.fixture(scope="module")
def minilm_reference() -> Reference:
    return reference_of(minilm_folder(), "BertModel")


@pytest.fixture(scope="module")
def mlm_reference() -> Reference:
    """The bundled weights file and MiniLM's embeddings, put together without our code."""
    config = transformers.BertConfig.from_pretrained(minilm_folder(), attn_implementation="eager")
    module = transformers.BertForPreTraining(config)
    weights = {
        f"bert.{name}": tensor
        for name, tensor in load_file(minilm_folder() / "model.safetensors").items()
        if name.startswith("embeddings.") and not name.endswith("position_ids")
    }
    own = load_file(registry.ASSETS / "models" / "minilm-mlm" / "model.safetensors")
    weights |= {name: tensor.float() for name, tensor in own.items()}
    missing = module.load_state_dict(weights, strict=False).missing_keys
    assert set(missing) <= {"cls.predictions.decoder.weight", "cls.predictions.decoder.bias"}
    module.tie_weights()
    with torch.no_grad():
        module.cls.predictions.decoder.bias.copy_(module.cls.predictions.bias)
    return Reference(module, transformers.AutoTokenizer.from_pretrained(minilm_folder()))


def assert_same(model: BertModel, reference: Reference, text: str, pair: str | None) -> None:
    """Ids, every hidden state, every attention map and the pooler agree."""
    inputs, expected = reference(text, pair, model.max_tokens)
    trace = model.trace(text, pair)
    assert trace.input_ids.tolist() == inputs.input_ids[0].tolist()
    assert trace.token_type_ids.tolist() == inputs.token_type_ids[0].tolist()
    for ours, theirs in zip(trace.hidden_states, expected.hidden_states, strict=True):
        assert np.abs(ours - theirs[0].numpy()).max() <= TOLERANCE
    for ours, theirs in zip(trace.attention_weights, expected.attentions, strict=True):
        assert np.abs(ours - theirs[0].numpy()).max() <= TOLERANCE
    if expected.pooler_output is None:
        assert trace.pooled is None
    else:
        assert np.abs(trace.pooled - expected.pooler_output[0].numpy()).max() <= TOLERANCE


@pytest.mark.parametrize(("text", "pair"), TEXTS, ids=range(len(TEXTS)))
def test_minilm(
    minilm: BertModel, minilm_reference: Reference, text: str, pair: str | None
) -> None:
    assert_same(minilm, minilm_reference, text, pair)


@pytest.mark.parametrize(("text", "pair"), TEXTS, ids=range(len(TEXTS)))
def test_minilm_mlm(mlm: BertModel, mlm_reference: Reference, text: str, pair: str | None) -> None:
    assert_same(mlm, mlm_reference, text, pair)


def test_the_longest_inputs_are_512_tokens(mlm: BertModel) -> None:
    assert {len(mlm.encode(*pair)) for pair in TEXTS[-3:]} == {512}


CHECKPOINTS = {
    "bert": "BertForPreTraining",
    "bert-gelu-new": "BertForPreTraining",
    "bert-cased": "BertForPreTraining",
    "bert-words-only": "BertForMaskedLM",
    "bert-encoder-only": "BertModel",
}


@pytest.mark.usefixtures("local_models")
@pytest.mark.parametrize("name", CHECKPOINTS)
def test_any_bert_checkpoint(models_folder: Path, name: str) -> None:
    model = load_model(name)
    assert isinstance(model, BertModel)
    reference = reference_of(models_folder / name, CHECKPOINTS[name])
    for text, pair in TEXTS:
        assert_same(model, reference, text, pair)


@pytest.mark.parametrize("name", ["minilm-mlm", "bert", "bert-gelu-new", "bert-cased"])
@pytest.mark.usefixtures("local_models")
def test_predictions(name: str, models_folder: Path, mlm_reference: Reference) -> None:
    model = load_model(name)
    reference = (
        mlm_reference
        if name == "minilm-mlm"
        else reference_of(models_folder / name, "BertForPreTraining")
    )
    for text, pair in TEXTS:
        if len(encoding := model.encode(text, pair)) > 100:
            continue  # logits over the vocabulary of 512 tokens are tested by a few tokens as well
        inputs = reference.tokenizer(
            text, pair, truncation="longest_first", max_length=64, return_tensors="pt"
        )
        with torch.inference_mode():
            expected = reference.module(**inputs)
        logits = model.mask_logits(encoding, range(len(encoding)))
        assert np.abs(logits - expected.prediction_logits[0].numpy()).max() <= 10 * TOLERANCE
        if pair is not None:
            follows = expected.seq_relationship_logits.softmax(dim=-1)[0, 0].item()
            assert model.next_sentence(text, pair) == pytest.approx(follows, abs=TOLERANCE)


def test_padding(mlm: BertModel, mlm_reference: Reference) -> None:
    """Padding tokens are in the input, and nobody looks at them."""
    text = "The river bank was cold."
    trace = mlm.trace(mlm.padded(mlm.encode(text), 20))
    _, expected = mlm_reference(text, None, 20, padding="max_length")
    real = trace.attention_mask == 1
    assert (len(trace.tokens), real.sum()) == (20, 8)
    for ours, theirs in zip(trace.hidden_states, expected.hidden_states, strict=True):
        assert np.abs(ours - theirs[0].numpy())[real].max() <= TOLERANCE
    for ours, theirs in zip(trace.attention_weights, expected.attentions, strict=True):
        assert np.abs(ours - theirs[0].numpy()).max() <= TOLERANCE
    assert trace.attention_weights[..., ~real].max() == 0

    alone = mlm.trace(text)
    assert np.abs(alone.hidden_states - trace.hidden_states[:, real]).max() <= TOLERANCE


def test_batches_with_padding_agree_with_one_by_one(mlm: BertModel) -> None:
    texts = [text for text, pair in TEXTS[:16] if pair is None]
    for states, text in zip(mlm.hidden_states(texts, batch_size=5), texts, strict=True):
        assert np.abs(states - mlm.trace(text).hidden_states).max() <= TOLERANCE


def test_old_names_of_layer_norm(models_folder: Path, tmp_path: Path) -> None:
    """The first checkpoints say gamma and beta, and have no "bert." in front."""
    from lessons.engine.hub import open_checkpoint

    tensors = load_file(models_folder / "bert-encoder-only" / "model.safetensors")
    renamed = {
        name.replace("LayerNorm.weight", "LayerNorm.gamma").replace(
            "LayerNorm.bias", "LayerNorm.beta"
        ): tensor
        for name, tensor in tensors.items()
    }
    assert set(renamed) != set(tensors)
    folder = tmp_path / "old"
    folder.mkdir()
    for file in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        (folder / file).write_bytes((models_folder / "bert-encoder-only" / file).read_bytes())
    save_file(renamed, folder / "model.safetensors")
    model = open_checkpoint(folders.spec_of_folder(folder), folder)
    reference = reference_of(models_folder / "bert-encoder-only", "BertModel")
    for text, pair in TEXTS[:6]:
        assert_same(model, reference, text, pair)


@pytest.mark.usefixtures("local_models")
def test_a_head_of_its_own_is_left_to_transformers(models_folder: Path) -> None:
    """Our decoder *is* the word table; a checkpoint whose decoder is another must not lose it."""
    model = load_model("bert-untied")
    assert not isinstance(model, BertModel)
    reference = reference_of(models_folder / "bert-untied", "BertForPreTraining")
    encoding = model.encode("The bank of the [MASK].")
    with torch.inference_mode():
        ids = torch.from_numpy(encoding.input_ids)[None]
        expected = reference.module(input_ids=ids).prediction_logits[0].numpy()
    logits = model.mask_logits(encoding, range(len(encoding)))
    assert np.abs(logits - expected).max() <= 10 * TOLERANCE


def test_embed_is_what_sentence_transformers_gives(minilm: BertModel) -> None:
    from sentence_transformers import SentenceTransformer

    texts = [text for text, pair in TEXTS[1:16] if pair is None]
    expected = SentenceTransformer(str(minilm_folder()), device="cpu").encode(texts)
    ours = minilm.embed(texts, pooling="mean", batch_size=4)
    ours /= np.linalg.norm(ours, axis=1, keepdims=True)
    assert np.abs(ours - expected).max() <= TOLERANCE
