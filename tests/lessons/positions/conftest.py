import pytest
import torch

from lessons.engine import load_model
from lessons.engine.model import LoadedModel

torch.set_num_threads(1)  # two threads on a shared machine fight each other


@pytest.fixture(scope="session")
def model() -> LoadedModel:
    return load_model("minilm-mlm")
