"""A file that is made when somebody asks for it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui.components import component

_download = component("download", '<button type="button"></button>')


def download(label: str, make: Callable[[], str], name: str, type_: str, *, key: str) -> None:
    """A button by which the browser saves what ``make`` gives at that moment, as a file."""
    made = f"{key}.made"  # (how many were made, the last one), until the browser has it
    number, text = st.session_state.pop(made, (0, ""))

    def wanted() -> None:
        count = f"{key}.count"
        st.session_state[count] = number = st.session_state.get(count, 0) + 1
        st.session_state[made] = (number, make())

    _download(
        key=key,
        data={"label": label, "name": name, "type": type_, "number": number, "text": text},
        on_wanted_change=wanted,
    )
