"""The course's own browser components, each a folder of ``assets/components``."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import streamlit as st

ASSETS = Path(__file__).parents[2] / "assets"
COMPONENTS = ASSETS / "components"

_IMPORT = re.compile(r'^(?:import \{[^}]+\} from|@import) "([^"]+)";?\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?!default)", re.MULTILINE)


def component(name: str, html: str) -> Any:
    """Register ``assets/components/<name>/<name>.js`` with its style sheet, where it has one.

    Call it once, at import; returns the mounting function. ``html`` is the component's fixed frame:
    whatever a learner typed goes in through ``data`` and is set as text by the script.
    """
    script = COMPONENTS / name / f"{name}.js"
    sheet = script.with_suffix(".css")
    return st.components.v2.component(
        f"inside_bert_{name}",
        html=html,
        js=joined(script),
        css=joined(sheet) if sheet.exists() else None,
    )


def joined(path: Path) -> str:
    """One text of a script or style sheet and all that it imports, each file once.

    Streamlit takes a component as one text, which cannot import from a file beside it. So each file
    is a module of its own, for editors, linters and tests, and here they are put one after the
    other. They then share their names: no two that meet may declare the same at their top level.
    Imports are by name, without ``as``.
    """
    return "".join(_texts(path.resolve(), set()))


def _texts(path: Path, seen: set[Path]) -> list[str]:
    """Texts of the files that ``path`` needs, before its own; without those already seen."""
    if path in seen:
        return []
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    needed = [(path.parent / other).resolve() for other in _IMPORT.findall(text)]
    own = _EXPORT.sub("", _IMPORT.sub("", text))
    return [part for other in needed for part in _texts(other, seen)] + [own]


@lru_cache(maxsize=1)
def style_sheet() -> str:
    """The page's own rules, for ``st.html``."""
    return f"<style>{(ASSETS / 'app.css').read_text(encoding='utf-8')}</style>"


def nothing() -> None:
    """A component reports a value only when it has a callback; reading the result is enough."""
