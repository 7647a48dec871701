"""The models of the course: `load_model(name)` gives one, `model.trace(text)` shows all it did.

Importing this package is cheap: torch is imported when the first model is loaded.
"""

from .registry import (
    MODELS,
    add_trained,
    available_models,
    load_model,
    status_of,
    unopened_models,
)
from .spec import HeadMissing, ModelSpec, ModelUnavailable
from .tokenizer import Encoding
from .trace import LETTERS, SHAPES, Trace

__all__ = [
    "LETTERS",
    "MODELS",
    "SHAPES",
    "Encoding",
    "HeadMissing",
    "ModelSpec",
    "ModelUnavailable",
    "Trace",
    "add_trained",
    "available_models",
    "load_model",
    "status_of",
    "unopened_models",
]
