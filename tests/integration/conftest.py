"""Holds for all tests of pages without a browser."""

import pytest
from streamlit.components.v2 import manifest_scanner

from pages.ui import long_work, runner
from pages.views.word_senses.maps import MapWorker


@pytest.fixture(scope="session", autouse=True)
def packages_are_scanned_once():
    """Each ``AppTest`` looks through all installed packages for components: 0.4 s, once is enough.

    The course's own components are registered by its code and don't come this way.
    """
    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda *_, **__: list(found))
        yield


@pytest.fixture(autouse=True)
def no_process_is_kept_ready(monkeypatch):
    """Whoever opens a page with a training would else have a process load torch, for nothing."""
    monkeypatch.setattr(runner.Runs, "warm", lambda self: None)


@pytest.fixture(autouse=True)
def long_work_is_waited_for(monkeypatch):
    """On a busy machine a bar would stand where a result is asked for."""
    monkeypatch.setattr(long_work, "PATIENCE", 300.0)


@pytest.fixture(autouse=True)
def no_map_is_drawn_in_advance(monkeypatch):
    """Whoever opens a page with a map would else have a process compile UMAP, for nothing."""
    monkeypatch.setattr(MapWorker, "warm", lambda self: None)
