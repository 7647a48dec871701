"""A map of attention, and the question which head it is."""

from __future__ import annotations

import streamlit as st

from lessons.attention import detective
from pages.ui.errors import NothingToShow, fragment
from pages.ui.shell import LessonPage
from pages.views.attention.explorer import head_grid, maps


@fragment
def the_game(page: LessonPage) -> None:
    """Find the head with a given role, by its picture alone."""
    trace = page.trace(maps_only=True)
    roles = detective.roles_of(trace)
    riddles = detective.riddles(roles)
    if not riddles:
        raise NothingToShow("No head stands out on this sentence: try a longer one.")
    turn = st.session_state.setdefault("attention.turn", 0)
    riddle = riddles[turn % len(riddles)]
    st.markdown(
        f"**Which head gives most of its attention to {detective.ROLES[riddle.role]}?** "
        "Each picture is a map: rows look, columns are looked at. Click one."
    )
    guess = head_grid(maps(page.model(), page.masked(), trace), key=f"attention_game_{turn}")
    if guess:
        rank, verdict = riddle.verdict(roles, *guess)
        if rank == 1:
            st.success(verdict, icon=":material/emoji_events:")
        else:
            st.info(verdict, icon=":material/search:")
    st.button("Another head", key="attention.another", on_click=_next_turn)


def _next_turn() -> None:
    st.session_state["attention.turn"] = st.session_state.get("attention.turn", 0) + 1
