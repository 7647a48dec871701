"""Holds for the lesson and for its playground."""

import pytest

from pages.ui import gap_orders, gap_surprise, predictions, recipe


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
    monkeypatch.setattr(gap_surprise, "_surprise", catch)
    monkeypatch.setattr(gap_orders, "_fillings", catch)
    monkeypatch.setattr(recipe, "_draw", catch)
    return seen
