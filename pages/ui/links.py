"""Links from page to page, which `pages.ui.address` follows without a new page load."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from pages.ui.address import HOME


def link(page: str, label: str, *, icon: str = "", into: Any = st, **query: str) -> None:
    """A link to a page of the course; ``query`` says what is chosen there.

    All pages stand side by side, below whatever path the app has, so the address is relative.
    """
    path = "./" + ("" if page == HOME else page) + (f"?{urlencode(query)}" if query else "")
    into.markdown(f"[{icon} {label}]({path})" if icon else f"[{label}]({path})", width="content")
