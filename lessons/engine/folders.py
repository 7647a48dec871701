"""Folders that hold checkpoints: what their small files say, and why one of them cannot be opened.

Nothing here reads a tensor or imports torch: a list of models costs a few small files.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

from .spec import ModelSpec, Refused
from .tokenizer import read_json

LOCAL_FOLDER_VARIABLE = "INSIDE_BERT_MODELS"
DEEPEST = 3
"""Folders within folders that are looked through."""
MOST = 300
"""Folders that are looked at: a folder of everything is no folder of checkpoints."""

SINGLE = ("model.safetensors", "pytorch_model.bin")
IN_PARTS = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
WEIGHTS = (*SINGLE, *IN_PARTS)
OTHER_WEIGHTS = ("tf_model.h5", "flax_model.msgpack", "bert_model.ckpt.index", "model.onnx")
"""Weights of other libraries, as a folder that has no others may say."""
VOCABULARIES = (
    "tokenizer.json",
    "vocab.txt",
    "vocab.json",
    "spm.model",
    "spiece.model",
    "sentencepiece.bpe.model",
)
TOKENIZER_FILES = (
    *VOCABULARIES,
    "merges.txt",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)
FAMILIES = (
    "bert",
    "roberta",
    "xlm-roberta",
    "camembert",
    "data2vec-text",
    "distilbert",
    "albert",
    "electra",
    "ernie",
    "mpnet",
    "squeezebert",
    "deberta",
    "deberta-v2",
    "nomic_bert",
    "modernbert",
)
"""Values of ``model_type`` whose steps the engine knows (`families.STEPS`)."""
SIZES = (
    ("num_hidden_layers", "n_layers"),
    ("num_attention_heads", "n_heads"),
    ("hidden_size", "dim"),
)
"""What a ``config.json`` has to say, by the names that families give it."""


def subfolders(root: Path) -> dict[str, Path]:
    """Every folder under ``root`` that holds a checkpoint or what is left of one, by its path.

    The folder itself as well, by its own name, where somebody names the checkpoint instead of the
    folder above it.
    """
    found: dict[str, Path] = {root.name: root} if _holds_some(root) else {}
    waiting = [(root, "", 0)]
    for folder, before, depth in waiting:
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries:
            if not entry.is_dir() or entry.name.startswith("."):
                continue
            name, path = f"{before}{entry.name}", Path(entry.path)
            if _holds_some(path):
                found[name] = path
            if depth + 1 < DEEPEST and len(waiting) < MOST:
                waiting.append((path, f"{name}/", depth + 1))
    return found


def subfolder(root: Path, name: str) -> Path | None:
    """The one of `subfolders` with that name; no name leads out of ``root``."""
    parts = name.split("/")
    if name == root.name and _holds_some(root):
        return root
    if len(parts) > DEEPEST or any(
        part.startswith(".") or not part or "\\" in part for part in parts
    ):
        return None
    try:
        return path if (path := root / name).is_dir() and _holds_some(path) else None
    except (OSError, ValueError):  # too long a name, or one with a null in it
        return None


def _names(folder: Path) -> set[str]:
    try:
        return {entry.name for entry in os.scandir(folder)}
    except OSError:
        return set()


def _holds_some(folder: Path) -> bool:
    return not _names(folder).isdisjoint(("config.json", *WEIGHTS, *OTHER_WEIGHTS))


def refusal(folder: Path) -> str | None:
    """Why the folder cannot be opened, as far as its small files tell; None if they tell nothing.

    It goes on after "… cannot be opened, because".
    """
    try:
        check(folder)
    except Refused as reason:
        return str(reason)
    return None


def check(folder: Path) -> None:
    """Raises Refused for a folder whose files cannot be a checkpoint of the BERT family."""
    names = _names(folder)
    if "config.json" not in names:
        raise Refused("it has no config.json")
    try:
        config = read_json(folder / "config.json")
    except (OSError, ValueError):
        raise Refused("its config.json is cut off or no JSON") from None
    check_config(config)
    if names.isdisjoint(WEIGHTS):
        others = next((name for name in OTHER_WEIGHTS if name in names), None)
        raise Refused(
            f"its weights are {others}, which PyTorch does not read"
            if others
            else f"it has no weights ({WEIGHTS[0]})"
        )
    if names.isdisjoint(VOCABULARIES):
        raise Refused("it has no tokenizer (tokenizer.json or vocab.txt)")
    for path in weight_files(folder):
        if not path.is_file():
            raise Refused(f"it lacks {path.name}, which {index_of(folder)} names")


def check_config(config: dict[str, Any]) -> None:
    """Raises Refused for settings that neither our encoder nor `transformers` runs rightly.

    `transformers` opens relative positions without complaint, and leaves them out; a decoder it
    opens as one that looks back alone.
    """
    family = config.get("model_type", "bert")
    if family not in FAMILIES:
        raise Refused(
            f"config.json says model_type {family!r}, and the course shows {', '.join(FAMILIES)}"
        )
    code = config.get("auto_map")
    if isinstance(code, dict) and any(str(key).startswith("AutoModel") for key in code):
        raise Refused("config.json says auto_map: it needs code of its own, which is never run")
    sizes = []
    for wanted in SIZES:
        key = next((key for key in wanted if key in config), wanted[0])
        value = config.get(key)
        if not isinstance(value, int) or value < 1:
            said = "does not say" if value is None else f"says {value!r} for"
            raise Refused(f"its config.json {said} {key}")
        sizes.append(value)
    if sizes[2] % sizes[1]:
        raise Refused(
            f"its config.json says hidden_size {sizes[2]}, which is no multiple of "
            f"num_attention_heads {sizes[1]}"
        )
    padding, rows = config.get("pad_token_id"), config.get("vocab_size")
    if isinstance(padding, int) and isinstance(rows, int) and not 0 <= padding < rows:
        raise Refused(f"its config.json says pad_token_id {padding} and vocab_size {rows}")
    kind = config.get("position_embedding_type") or "absolute"
    if kind not in ("absolute", "rope"):
        raise Refused(f"config.json says position_embedding_type {kind!r}, not 'absolute'")
    if config.get("is_decoder"):
        raise Refused("config.json says is_decoder: it looks back alone and is no encoder")
    if config.get("quantization_config"):
        raise Refused("config.json has a quantization_config: its weights are rounded")
    if config.get("pruned_heads"):
        raise Refused("config.json has pruned_heads: its layers differ in their number of heads")
    if int(config.get("inner_group_num") or 1) != 1:
        raise Refused("config.json says inner_group_num: a layer of it holds several")


def index_of(folder: Path) -> str | None:
    """The file that says in which part each tensor lies; None where the weights are one file."""
    names = _names(folder)
    single = next((name for name in WEIGHTS if name in names), None)
    return single if single in IN_PARTS else None


def weight_files(folder: Path) -> list[Path]:
    """All files with weights: safetensors rather than pickles, one file rather than parts.

    Raises Refused for an index that cannot be read.
    """
    index = index_of(folder)
    if index is None:
        return [folder / name for name in SINGLE if (folder / name).is_file()][:1]
    try:
        parts = set(read_json(folder / index)["weight_map"].values())
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        raise Refused(f"its {index} is cut off or no index of weights") from None
    if any(not isinstance(part, str) or Path(part).name != part for part in parts):
        raise Refused(f"its {index} names files outside the folder")
    return [folder / part for part in sorted(parts)]


def spec_of_folder(folder: Path, name: str | None = None, note: str | None = None) -> ModelSpec:
    """What a checkpoint's ``config.json`` says about it; a size that it leaves out is 0."""
    config = _read_settings(folder / "config.json")
    family = str(config.get("model_type", "bert"))
    lowers = family in ("bert", "distilbert", "electra", "albert")
    settings = _read_settings(folder / "tokenizer_config.json")

    def number(*keys: str) -> int:
        return next((config[key] for key in keys if isinstance(config.get(key), int)), 0)

    return ModelSpec(
        name=name or folder.name,
        title=name or folder.name,
        family=family,
        parameters=None,
        layers=number(*SIZES[0]),
        heads=number(*SIZES[1]),
        hidden=number(*SIZES[2]),
        cased=not settings.get("do_lower_case", lowers),
        note=note or f"From your folder ({LOCAL_FOLDER_VARIABLE}).",
    )


# --- memory -------------------------------------------------------------------------------------


def memory_needed(folder: Path) -> int:
    """Bytes that the weights take once they are open: four for each number."""
    return sum(_memory_of(path) for path in weight_files(folder) if path.is_file())


def _memory_of(path: Path) -> int:
    size = path.stat().st_size
    if path.suffix != ".safetensors":
        config = _read_settings(path.parent / "config.json")
        kind = str(config.get("dtype") or config.get("torch_dtype") or "float32")
        return size * (2 if kind.endswith("float16") else 1)
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if length > size:
            return size  # cut off: opening it says so
        try:
            header = json.loads(file.read(length))
        except ValueError:
            return size
    return sum(
        4 * math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__"
    )


def free_memory(root: Path = Path("/")) -> int | None:
    """Bytes that this machine, or the container that the process runs in, has left.

    None where the system does not say (only Linux does, in files).
    """
    try:
        lines = (root / "proc/meminfo").read_text(encoding="ascii").splitlines()
        left = next(int(line.split()[1]) * 1024 for line in lines if line[:13] == "MemAvailable:")
    except (OSError, StopIteration, ValueError):
        return None
    group = root / "sys/fs/cgroup"
    try:
        most = int((group / "memory.max").read_text(encoding="ascii"))  # "max" is no number
        used = int((group / "memory.current").read_text(encoding="ascii"))
        lines = (group / "memory.stat").read_text(encoding="ascii").splitlines()
        cached = next(int(line.split()[1]) for line in lines if line.startswith("inactive_file "))
    except (OSError, StopIteration, ValueError):
        return left
    return min(left, most - used + cached)


# --- versions -----------------------------------------------------------------------------------


def version(folder: Path) -> str:
    """A word that changes when one of the checkpoint's files is written again."""
    said = hashlib.blake2b(digest_size=8)
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        if entry.name.endswith((".json", ".txt", ".model", ".safetensors", ".bin")):
            about = entry.stat()
            said.update(f"{entry.name} {about.st_mtime_ns} {about.st_size};".encode())
    return said.hexdigest()


def _read_settings(path: Path) -> dict[str, Any]:
    """A JSON file of a checkpoint, read again only when it changes; empty if there is none."""
    try:
        return _read_version(path, path.stat().st_mtime_ns)
    except (OSError, ValueError):
        return {}


@lru_cache(maxsize=256)
def _read_version(path: Path, _modified: int) -> dict[str, Any]:
    return read_json(path)
