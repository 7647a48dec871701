"""The course's own browser components, each a folder of ``assets/components``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest
from streamlit.runtime import Runtime

from lessons.figures.saved import COMPONENTS, frame_of, joined

PROJECT = "inside_bert"
ROOT = Path(__file__).parents[2]
ASSETS = ROOT / "assets"


def component(name: str, html: str | None = None, *, frame: bool = False) -> Any:
    """Register ``assets/components/<name>/<name>.js`` with its style sheet, where it has one.

    Call it once, at import; returns the mounting function. ``html`` is the component's fixed frame:
    whatever a learner typed goes in through ``data`` and is set as text by the script. Where the
    component can be saved as a page it stands beside the script, as ``<name>.html``.

    What is part of the ``frame`` is drawn by every run: its script is not sent along each time, the
    browser fetches it once. Other scripts come with their component, so that none can be missing
    because a server was away for a moment.
    """
    script = COMPONENTS / name / f"{name}.js"
    sheet = script.with_suffix(".css")
    return st.components.v2.component(
        f"{PROJECT}.{name}",
        html=frame_of(name) if html is None else html,
        js=f"{name}/{name}.js" if frame and _served() else joined(script),
        css=joined(sheet) if sheet.exists() else None,
    )


def _served() -> bool:
    """Whether a server is there to serve the folder of components; it is told to.

    Streamlit serves such a folder for installed packages, and here as if this were one.
    """
    if not Runtime.exists() or type(Runtime.instance()) is not Runtime:  # a stand-in, in tests
        return False
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(f"{PROJECT}.parts") is None:
        names = [folder.name for folder in sorted(COMPONENTS.iterdir()) if folder.is_dir()]
        parts = [ComponentConfig(name, str(COMPONENTS.relative_to(ROOT))) for name in names]
        manager.register_from_manifest(ComponentManifest(PROJECT, "", parts), ROOT)
    return True


@lru_cache(maxsize=1)
def style_sheet() -> str:
    """The page's own rules, for ``st.html``."""
    return f"<style>{(ASSETS / 'app.css').read_text(encoding='utf-8')}</style>"


def nothing() -> None:
    """A component reports a value only when it has a callback; reading the result is enough."""
