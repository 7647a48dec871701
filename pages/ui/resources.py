"""Models and data, loaded once for everybody, and warmed while the first page is read."""

from __future__ import annotations

import gc
import os
import threading
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from lessons.engine import Encoding, Trace, load_model
from lessons.engine.memory import Memory
from lessons.engine.registry import BUNDLED, is_loaded, minilm_folder
from lessons.engine.tokenizer import encode as encode_with
from lessons.engine.tokenizer import read_tokenizer
from pages.ui import long_work

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from lessons.engine.model import LoadedModel

# Two OpenMP threads on a small machine fight each other; one serves many learners better. This
# must be set before torch is first imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

ASSETS = Path(__file__).parents[2] / "assets"
ON_ITS_WAY = 1.0  # seconds
LONGEST_INPUT = 512  # tokens: BERT has no position beyond


@dataclass(frozen=True)
class Preset:
    """A sentence, or a pair, that a page offers."""

    text: str
    pair: str
    about: str


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """The sentences of ``assets/data/sentences.toml``."""
    table = tomllib.loads((ASSETS / "data" / "sentences.toml").read_text(encoding="utf-8"))
    return tuple(Preset(s["text"], s.get("pair", ""), s["about"]) for s in table["sentence"])


def model(name: str) -> LoadedModel:
    """The model of that name, ready to run. Raises ModelUnavailable with the reason."""
    loaded = load_model(name)
    _settle()
    if loaded.version and _versions.get(name, loaded.version) != loaded.version:
        # It was saved again: what the pages keep was computed by the one before.
        st.cache_data.clear()
        st.cache_resource.clear()
        long_work.forget()
    if loaded.version:
        _versions[name] = loaded.version
    loaded.memory = _memory
    return loaded


_versions: dict[str, str] = {}
_memory = Memory(32_000_000)  # bytes: the last sentences of a class, with all that a pass computes


LONG = 30e9
"""Multiplications of a pass from which on it is done under a bar: some seconds."""


def trace(model: LoadedModel, encoding: Encoding, keep: tuple[str, ...] | None = None) -> Trace:
    """`LoadedModel.trace`; under a bar for a long text in a large model.

    Raises StillWorking while it is not done.
    """
    spec = model.spec
    if spec.layers * len(encoding) * 12 * spec.hidden**2 < LONG:
        return model.trace(encoding, keep=keep)
    ids = encoding.input_ids.tobytes(), encoding.token_type_ids.tobytes()
    return long_work.result(
        ("trace", model.name, model.version, ids, keep),
        f"{spec.title} reads {len(encoding)} tokens",
        lambda progress: model.trace(encoding, keep=keep, progress=progress),
        large=True,
    )


def ready(name: str) -> bool:
    """Whether that model is loaded, so that `model` answers at once."""
    return is_loaded(name)


def encode(name: str, text: str, pair: str | None) -> Encoding:
    """Tokens of a sentence or a pair. For the bundled models this does not wait for torch."""
    if name in BUNDLED:
        return encode_with(_bundled_tokenizer(), text, pair, LONGEST_INPUT)
    return model(name).encode(text, pair)


@lru_cache(maxsize=1)
def _bundled_tokenizer() -> Tokenizer:
    return read_tokenizer(minilm_folder())[0]


@lru_cache(maxsize=1)
def warm() -> None:
    """Load torch and the bundled model in the background, once per process.

    Called when a first page has been computed. It waits until that page has reached the browser:
    importing torch holds the interpreter, and with it the messages on their way.
    """
    later = threading.Timer(ON_ITS_WAY, model, ("minilm-mlm",))
    later.daemon = True
    later.start()


@lru_cache(maxsize=1)
def _settle() -> None:
    """After the heavy imports: one thread for torch, and the garbage collector told to skip them.

    A full collection over torch's objects takes 0.2 s under the interpreter's lock, for everybody.
    """
    import torch

    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()
