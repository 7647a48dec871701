"""Holds for the tests of all lessons."""

import pytest


@pytest.fixture(scope="session")
def checkpoints(tmp_path_factory):
    """Tiny checkpoints of another shape, as a learner may have them in a folder."""
    from tests.lessons.engine.checkpoints import FAMILIES, make, make_bert  # brings transformers

    root = tmp_path_factory.mktemp("models")
    make_bert(root / "own-bert")
    make(FAMILIES["roberta"], root / "own-roberta")
    return root
