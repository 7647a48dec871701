"""A guess belongs to what it was made for: a sentence, a model, a training run."""

from __future__ import annotations

import streamlit as st

from lessons.schema import Prediction

ABOUT = "guesses.about"  # {slug: what the question is about now}
MADE = "guesses.made"  # {(slug, about): guess}
RUNS = "guesses.runs"  # {run id: guess}


def ask(slug: str, predict: Prediction, about: str) -> str | None:
    """Ask a lesson's question before the answer is shown. Returns the guess, None without one.

    Another ``about`` is another question: it is open again, or answered as it was before.
    """
    key, session = f"{slug}.predict", st.session_state
    made: dict[tuple[str, str], str | None] = session.setdefault(MADE, {})
    asked: dict[str, str] = session.setdefault(ABOUT, {})
    if asked.setdefault(slug, about) != about:
        asked[slug] = about
        session[key] = made.get((slug, about))
    with st.container(border=True, key=f"{key}.box"):
        st.markdown(f"**Predict first.** {predict.prompt}")
        if predict.options:
            guess = st.segmented_control(
                "Your guess",
                predict.options,
                key=key,
                persist_state="session",
                label_visibility="collapsed",
            )
        else:
            typed = st.text_input(
                "Your guess",
                key=key,
                max_chars=80,
                persist_state="session",
                placeholder="Your guess",
                label_visibility="collapsed",
            )
            guess = (typed or "").strip() or None
    made[slug, about] = guess
    return guess


def hand_over(slug: str, run: str) -> None:
    """A training run begins: the guess is about this one, and the next is open. For callbacks."""
    guess = st.session_state.get(f"{slug}.predict")
    st.session_state.setdefault(RUNS, {})[run] = guess
    if guess is not None:
        st.session_state[f"{slug}.predict"] = None


def of_run(run: str) -> str | None:
    """The guess that was made before a training run began."""
    guess: str | None = st.session_state.get(RUNS, {}).get(run)
    return guess
