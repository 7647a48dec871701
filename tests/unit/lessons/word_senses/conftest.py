"""Vectors of one word, from the bundled model, once for all tests."""

import numpy as np
import pytest

from lessons.word_senses import compute
from lessons.word_senses.examples import sense_words


@pytest.fixture(scope="session")
def bank():
    return sense_words()["bank"]


@pytest.fixture(scope="session")
def bank_vectors(model, bank):
    return compute.word_vectors(model, bank.examples)


@pytest.fixture
def blobs():
    """Three well-kept clouds of 8 directions each in 12 dimensions: (vectors, labels)."""
    rng = np.random.default_rng(3)
    centers = rng.normal(size=(3, 12)) * 4
    vectors = np.concatenate([center + rng.normal(size=(8, 12)) for center in centers])
    return vectors.astype(np.float32), [0] * 8 + [1] * 8 + [2] * 8
