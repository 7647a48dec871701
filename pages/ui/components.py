"""The course's own browser components. Their code stands in ``assets/js`` and ``assets/css``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

ASSETS = Path(__file__).parents[2] / "assets"


def component(name: str, html: str, *, styles: Sequence[str] = ()) -> Any:
    """Register ``assets/js/<name>.js`` with its style sheets; returns the mounting function.

    Call it once, at import. ``html`` is the component's fixed frame: whatever a learner typed
    goes in through ``data`` and is set as text by the script. ``styles`` are the names of its style
    sheets, where they are not the one of its own name.
    """
    sheets = (ASSETS / "css" / f"{style}.css" for style in styles or (name,))
    return st.components.v2.component(
        f"inside_bert_{name}",
        html=html,
        js=(ASSETS / "js" / f"{name}.js").read_text(encoding="utf-8"),
        css="\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets),
    )


@lru_cache(maxsize=1)
def style_sheet() -> str:
    """The page's own rules, for ``st.html``."""
    return f"<style>{(ASSETS / 'css' / 'app.css').read_text(encoding='utf-8')}</style>"


def nothing() -> None:
    """A component reports a value only when it has a callback; reading the result is enough."""
