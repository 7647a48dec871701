"""Holds for the lesson and for its playground."""

import pytest

from pages.ui import predictions
from pages.views.masking import orders, recipe, surprise


@pytest.fixture
def drawn(monkeypatch):
    """What the page hands to its own components, by key: AppTest does not know them."""
    seen = {}

    def catch(**sent):
        seen[sent["key"]] = sent["data"]

        class Nothing:
            take = None

        return Nothing()

    monkeypatch.setattr(predictions, "_predictions", catch)
    monkeypatch.setattr(surprise, "_surprise", catch)
    monkeypatch.setattr(orders, "_fillings", catch)
    monkeypatch.setattr(recipe, "_draw", catch)
    return seen
