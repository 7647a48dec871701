"""The course's own browser components. Their code stands in ``assets/js`` and ``assets/css``."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

ASSETS = Path(__file__).parents[2] / "assets"


def component(name: str, html: str, *, style: str = "") -> Any:
    """Register ``assets/js/<name>.js`` with its style sheet; returns the mounting function.

    Call it once, at import. ``html`` is the component's fixed frame: whatever a learner typed
    goes in through ``data`` and is set as text by the script. ``style`` is the style sheet, where
    it has another name.
    """
    return st.components.v2.component(
        f"inside_bert_{name}",
        html=html,
        js=(ASSETS / "js" / f"{name}.js").read_text(encoding="utf-8"),
        css=(ASSETS / "css" / f"{style or name}.css").read_text(encoding="utf-8"),
    )


@lru_cache(maxsize=1)
def style_sheet() -> str:
    """The page's own rules, for ``st.html``."""
    return f"<style>{(ASSETS / 'css' / 'app.css').read_text(encoding='utf-8')}</style>"


def nothing() -> None:
    """A component reports a value only when it has a callback; reading the result is enough."""
