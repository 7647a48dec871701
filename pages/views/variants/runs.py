"""What the steps of the lesson share: a question before an answer."""

from __future__ import annotations

import streamlit as st


def guess(key: str, prompt: str, options: tuple[str, ...]) -> str | None:
    """A question before an answer, as `LessonPage.predict` asks the lesson's own."""
    key = f"variants.{key}"
    with st.container(border=True, key=f"{key}.box"):
        st.markdown(f"**Predict first.** {prompt}")
        return st.segmented_control(
            "Your guess", options, key=key, persist_state="session", label_visibility="collapsed"
        )


def resolve(said: str | None, truth: str) -> None:
    """The guess beside what came out."""
    if said:
        st.markdown(f"You said **{said}**. Measured just now: **{truth}**.")
