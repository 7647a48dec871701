"""Tiny checkpoints of every family, made once for all tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons.engine import registry
from lessons.engine.model import LoadedModel
from tests.checkpoints import FAMILIES, make, make_bert


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of checkpoints, as INSIDE_BERT_MODELS may name."""
    root = tmp_path_factory.mktemp("models")
    for name, family in FAMILIES.items():
        make(family, root / name)
    make_bert(root / "bert")
    make_bert(root / "bert-gelu-new", hidden_act="gelu_new", seed=1)
    make_bert(root / "bert-cased", lowercase=False, old_files=True, seed=2)
    make_bert(root / "bert-words-only", model="BertForMaskedLM", seed=3)
    make_bert(root / "bert-encoder-only", model="BertModel", seed=4)
    make_bert(root / "bert-untied", tie_word_embeddings=False, seed=5)
    return root


@pytest.fixture
def local_models(models_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The app as it is when INSIDE_BERT_MODELS names the folder of checkpoints."""
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(models_folder))
    return models_folder


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch, mlm: LoadedModel, minilm: LoadedModel) -> None:
    """No model loaded yet, and none of what is loaded now stays; what others share is as it was."""
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(registry, "_minilm", {})
