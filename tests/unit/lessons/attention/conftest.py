import pytest

TEXT = "She sat on the unhappily green bank of the river and watched the boats."


@pytest.fixture(scope="session")
def trace(model):
    return model.trace(TEXT)


@pytest.fixture(scope="session")
def pair_trace(model):
    return model.trace("Did you feed the cat?", "Yes, it ate a bowl of fish.")
