"""Checkpoints as people have them: the same numbers as `transformers`, or one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

from lessons.engine import (
    HeadMissing,
    ModelUnavailable,
    available_models,
    load_model,
    registry,
    unopened_models,
)
from lessons.engine.model import LoadedModel
from tests.checkpoints import weights_of
from tests.shapes import OPENED, REFUSED, Shape

TEXTS = [
    ("the bank of river was cold", None),
    ("The covid19 bank was Cold!", "the unhappiness of it, naïve 北京"),
    ("the bank " * 400, "was cold " * 300),
]


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", {})
    return tmp_path


def written(root: Path, name: str, shape: Shape) -> Path:
    shape.write(root / name)
    return root / name


@pytest.mark.parametrize("name", OPENED)
def test_it_says_what_transformers_says(name: str, root: Path) -> None:
    shape = OPENED[name]
    folder = written(root, name, shape)
    assert name in {spec.name for spec in available_models()}
    assert unopened_models() == {}
    model = load_model(name)
    kind = getattr(transformers, shape.reference)
    theirs: Any = kind.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32)
    theirs = theirs.eval()
    tokenizer = tokenizer_of(folder)
    for text, pair in TEXTS:
        given = tokenizer(
            text, pair, truncation="longest_first", max_length=model.max_tokens,
            return_tensors="pt", return_token_type_ids=True,
        )  # fmt: skip
        trace = model.trace(text, pair)
        assert trace.input_ids.tolist() == given["input_ids"][0].tolist()
        types = given.pop("token_type_ids") * (model.token_types > 1)
        assert trace.token_type_ids.tolist() == types[0].tolist()
        if model.token_types > 1:
            given["token_type_ids"] = types
        with torch.inference_mode():
            inner = theirs.base_model(**given, output_hidden_states=True, output_attentions=True)
        states = [*inner.hidden_states[:-1], inner.last_hidden_state]
        for ours, expected in zip(trace.hidden_states, states, strict=True):
            np.testing.assert_allclose(ours, expected[0], atol=1e-4)
        for ours, expected in zip(trace.attention_weights, inner.attentions, strict=True):
            np.testing.assert_allclose(ours, weights_of(expected)[0], atol=1e-4)
    assert model.has_mlm == shape.mask
    assert (model.labels is not None) == shape.reference.endswith("Classification")
    if model.labels is not None:
        compare_labels(model, theirs)
    if not shape.mask:
        with pytest.raises(HeadMissing):
            model.fill_mask("the bank")
        return
    encoding = model.encode(*TEXTS[0])
    assert len(encoding) < 60
    with torch.inference_mode():
        out = theirs(input_ids=torch.from_numpy(encoding.input_ids)[None])
    logits = out.prediction_logits if "prediction_logits" in out else out.logits
    ours = model.mask_logits(encoding, range(len(encoding)))
    np.testing.assert_allclose(ours, logits[0], atol=1e-3)
    if model.has_nsp:
        said = model.next_sentence("the bank", "of river")
        given = tokenizer("the bank", "of river", return_tensors="pt", return_token_type_ids=True)
        given["token_type_ids"] *= model.token_types > 1
        with torch.inference_mode():
            follows = theirs(**given).seq_relationship_logits.softmax(-1)[0, 0]
        assert said == pytest.approx(float(follows), abs=1e-4)
    assert model.has_nsp == ("seq_relationship_logits" in out)


def compare_labels(model: LoadedModel, theirs: Any) -> None:
    """A classifier's own names, and what its head says of a pair of sentences."""
    assert model.labels is not None
    assert model.labels.names == ("cold", "warm", "hot")
    many = theirs.config.problem_type == "multi_label_classification"
    assert model.labels.kind == ("many" if many else "one")
    encoding = model.encode("the bank of river", "was cold")
    given = {"input_ids": torch.from_numpy(encoding.input_ids)[None]}
    if model.token_types > 1:
        given["token_type_ids"] = torch.from_numpy(encoding.token_type_ids)[None]
    with torch.inference_mode():
        logits = theirs(**given).logits[0]
    expected = logits.sigmoid() if many else logits.softmax(-1)
    found = model.label_probabilities("the bank of river", "was cold")
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert found.shape == ((3,) if model.labels.per == "text" else (len(encoding), 3))


def tokenizer_of(folder: Path) -> Any:
    """The library's own tokenizer of a checkpoint, by its file where the class is not said."""
    config = transformers.AutoConfig.from_pretrained(folder)
    if config.model_type == "bert" or not (folder / "tokenizer.json").is_file():
        return transformers.AutoTokenizer.from_pretrained(folder)
    return transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_one_sentence(name: str, root: Path) -> None:
    shape = REFUSED[name]
    written(root, name, shape)
    with pytest.raises(ModelUnavailable) as caught:
        load_model(name)
    message = str(caught.value)
    assert message.startswith(f"{name} cannot be opened")
    assert shape.refusal in message
    assert "\n" not in message
    assert str(root) not in message
    assert len(message) < 400
    listed = {spec.name for spec in available_models()} | set(unopened_models())
    assert name in listed  # what small files tell is said before anybody waits for the weights


def test_there_are_25_that_open() -> None:
    assert len(OPENED) >= 25
