"""Pages that the app goes to by itself, as when a class follows its teacher."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

COUNT = "moves"


def move_to(slug: str, query: Mapping[str, str] | None = None) -> None:
    """Go to another page; a link that was clicked before no longer counts."""
    st.session_state[COUNT] = moves() + 1
    st.switch_page(f"pages/{slug}.py", query_params=query)


def moves() -> int:
    """How often the app went to another page by itself in this visit."""
    count: int = st.session_state.get(COUNT, 0)
    return count
