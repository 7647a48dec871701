"""Models for a notebook: by name, from a folder, or as `transformers` holds them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine import ModelUnavailable, load_model
from ..engine.folders import spec_of_folder

if TYPE_CHECKING:
    import torch

    from ..engine.model import LoadedModel

PRECISIONS = ("float32", "float16", "bfloat16", "float64")


def load(
    name: str | Path = "minilm-mlm",
    *,
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
    download: bool = False,
) -> LoadedModel:
    """A model by the name that the course has for it, by its name on the hub, or by its folder.

    ``device`` ("cpu", "cuda", "mps" …) and ``dtype`` ("float32", "bfloat16" …) say where and how
    its weights are held; what it answers is NumPy, float32, on the CPU all the same. Nothing is
    fetched unless ``download`` says so; what the Hugging Face cache holds is opened from there.

    Raises ModelUnavailable with the reason, which names the file and the field at fault or the
    models that there are; ValueError for a device or a precision that does not exist.

    >>> load("minilm-mlm")
    <MiniLM (predicts words): BERT, 6 layers, 12 heads, 384 numbers>
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _placed(_opened(folder, folder.resolve().name), device, dtype)
    if isinstance(name, Path) or name.startswith(("/", ".", "~")):
        raise ModelUnavailable(f"There is no folder {folder}.")
    return _placed(load_model(name, download=download), device, dtype)


def wrap(
    model: Any,
    tokenizer: Any,
    *,
    name: str = "your model",
    device: str | torch.device | None = None,
    dtype: str | torch.dtype | None = None,
) -> LoadedModel:
    """A model and tokenizer of `transformers` as they are in memory, say amid a training.

    ``tokenizer`` is a fast one. The weights are copied, by way of a temporary folder: what is
    trained on later does not change this model. ``name`` is what it is called.

    Raises ModelUnavailable for a family that the course does not show.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as kept:
        model.save_pretrained(kept)
        tokenizer.save_pretrained(kept)
        opened = _opened(Path(kept), name)
    return _placed(opened, device, dtype)


def _opened(folder: Path, name: str) -> LoadedModel:
    from ..engine.hub import open_checkpoint

    return open_checkpoint(spec_of_folder(folder, name, "From your folder."), folder)


def _placed(
    model: LoadedModel, device: str | torch.device | None, dtype: str | torch.dtype | None
) -> LoadedModel:
    if device is None and dtype is None:
        return model
    import torch

    if isinstance(dtype, str) and dtype not in PRECISIONS:
        raise ValueError(f"dtype is {', '.join(PRECISIONS)}, not {dtype!r}")
    kind = getattr(torch, dtype) if isinstance(dtype, str) else dtype
    try:
        return model.to(device, kind)
    except (RuntimeError, AssertionError) as error:
        here = ["cpu", *(name for name in ("cuda", "mps") if getattr(torch, name).is_available())]
        said = str(error).partition("\n")[0]
        raise ValueError(f"device is {' or '.join(here)} here, not {device!r}: {said}") from error
