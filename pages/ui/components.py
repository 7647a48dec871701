"""The course's own browser components, each a folder of ``assets/components``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

from lessons.figures.saved import COMPONENTS, frame_of, joined

ASSETS = Path(__file__).parents[2] / "assets"


def component(name: str, html: str | None = None) -> Any:
    """Register ``assets/components/<name>/<name>.js`` with its style sheet, where it has one.

    Call it once, at import; returns the mounting function. ``html`` is the component's fixed frame:
    whatever a learner typed goes in through ``data`` and is set as text by the script. Where the
    component can be saved as a page it stands beside the script, as ``<name>.html``.
    """
    script = COMPONENTS / name / f"{name}.js"
    sheet = script.with_suffix(".css")
    return st.components.v2.component(
        f"inside_bert_{name}",
        html=frame_of(name) if html is None else html,
        js=joined(script),
        css=joined(sheet) if sheet.exists() else None,
    )


@lru_cache(maxsize=1)
def style_sheet() -> str:
    """The page's own rules, for ``st.html``."""
    return f"<style>{(ASSETS / 'app.css').read_text(encoding='utf-8')}</style>"


def nothing() -> None:
    """A component reports a value only when it has a callback; reading the result is enough."""
