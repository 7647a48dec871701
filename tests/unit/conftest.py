"""The bundled models, loaded once for all tests without an interface."""

import pytest

from lessons.engine import load_model
from lessons.engine.model import LoadedModel


@pytest.fixture(scope="session")
def mlm() -> LoadedModel:
    """The default model of the lessons."""
    return load_model("minilm-mlm")


@pytest.fixture(scope="session")
def model(mlm: LoadedModel) -> LoadedModel:
    """The same, where a test speaks of no other."""
    return mlm


@pytest.fixture(scope="session")
def minilm() -> LoadedModel:
    """The model of sentence similarity."""
    return load_model("minilm")
