"""Predict, then reveal: a veil over the answer, a guess made on it, and the guess beside the truth.

A guess belongs to what it was made for: a sentence, a model, a training run. Who would rather look
lifts the veil without one, and is not asked again at that step; the link says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import streamlit as st

from lessons.schema import Prediction
from pages.ui import address
from pages.ui.components import component, nothing

OPEN = "lesson.steps"  # {lesson: the step that was open last}
ASKED = "guesses.asked"  # {(slug, step): what its question is about now}
MADE = "guesses.made"  # {(slug, step, about): guess}
SHOWN = "guesses.shown"  # steps (slug, step) whose veil was lifted without a guess
RUNS = "guesses.runs"  # {run id: guess}

KNOTS = 9  # points of a curve that is drawn by hand

Made = str | float | list[float] | list[int]

_veil = component(
    "veil", '<div class="veil" role="group" aria-label="Predict, then see" tabindex="-1"></div>'
)


@dataclass(frozen=True)
class Guess:
    """What was guessed before the veil was lifted; None by those who only looked.

    An option's text, a number on the axis, the heights of a curve, or the places of the cuts.
    """

    made: Made | None = None


def ask(
    slug: str, prediction: Prediction, about: str, known: Mapping[str, float | str]
) -> Guess | None:
    """The guess of a step's question; None while it is open: then the veil is drawn.

    Another ``about`` is another question. ``known`` are numbers on the axis that help to guess; for
    cuts, the ``word``.
    """
    step = prediction.step
    name = f"{slug}.shown.{step}"
    if address.heard(name) == ["true"]:
        _shown().add((slug, step))
    st.session_state.setdefault(ASKED, {})[slug, step] = about
    made = _made().get((slug, step, about))
    if made is None and (slug, step) not in _shown():
        address.say(name)
        key = f"{slug}.predict.{step}"
        _veil(
            key=key,
            data=_data(prediction, known) | {"open": False},
            on_guess_change=lambda: _take(key, slug, prediction, about, known),
            on_look_change=lambda: _shown().add((slug, step)),
        )
        return None
    address.say(name, "true")
    return Guess(made)


def reveal(
    slug: str, prediction: Prediction, guess: Guess, truth: Made | None, words: str,
    *, known: Mapping[str, float | str], values: Sequence[float | None] = (), key: str = "",
) -> None:  # fmt: skip
    """Draw the guess as a ghost beside the truth, with ``words`` that say what came out.

    ``values`` (0 to 1) are the lengths of the bars, where options have any. ``truth`` is None
    where no option holds.
    """
    _veil(
        key=f"{slug}.revealed.{prediction.step}{key}",
        data=_data(prediction, known)
        | {
            "open": True,
            "guess": guess.made,
            "truth": truth,
            "words": words,
            "values": list(values),
        },
        on_guess_change=nothing,
    )


def hand_over(slug: str, run: str) -> None:
    """A training run begins: the guess of the open step is about this one. For callbacks.

    ``slug`` is the lesson, or a lesson and one of its tasks.
    """
    session, lesson = st.session_state, slug.partition(".")[0]
    step = session.get(OPEN, {}).get(lesson)
    about = session.get(ASKED, {}).get((lesson, step))
    if about is not None:
        session.setdefault(RUNS, {})[run] = _made().pop((lesson, step, about), None)
        _shown().add((lesson, step))  # another run may begin: its curve is looked at already


def of_run(run: str) -> Made | None:
    """The guess that was made before a training run began."""
    guess: Made | None = st.session_state.get(RUNS, {}).get(run)
    return guess


def _made() -> dict[tuple[str, str, str], Made]:
    made: dict[tuple[str, str, str], Made] = st.session_state.setdefault(MADE, {})
    return made


def _shown() -> set[tuple[str, str]]:
    shown: set[tuple[str, str]] = st.session_state.setdefault(SHOWN, set())
    return shown


def _data(prediction: Prediction, known: Mapping[str, float | str]) -> dict[str, Any]:
    return {
        "prompt": prediction.prompt,
        "form": prediction.form,
        "options": list(prediction.options),
        "axis": prediction.axis and asdict(prediction.axis),
        "knots": KNOTS,
        "known": dict(known),
    }


def _take(
    key: str, slug: str, prediction: Prediction, about: str, known: Mapping[str, float | str]
) -> None:
    sent = (st.session_state.get(key) or {}).get("guess")
    guess = read(prediction, sent.get("value") if isinstance(sent, dict) else None, known)
    if guess is not None:
        _made()[slug, prediction.step, about] = guess


def read(prediction: Prediction, sent: Any, known: Mapping[str, float | str]) -> Made | None:
    """What a browser sent as a guess; None for what can be none, since it may send anything."""
    if prediction.form == "bars":
        return sent if isinstance(sent, str) and sent in prediction.options else None
    if prediction.form == "cuts":
        ends = range(1, len(str(known["word"])))
        wrong = not isinstance(sent, list) or any(x not in ends for x in sent)
        return None if wrong else sorted({int(x) for x in sent})
    axis = prediction.axis
    assert axis is not None

    def on_it(x: Any) -> bool:
        number = isinstance(x, int | float) and not isinstance(x, bool)
        return number and axis.low <= x <= axis.high

    if prediction.form == "marker":
        return float(sent) if on_it(sent) else None
    curve = isinstance(sent, list) and len(sent) == KNOTS and all(map(on_it, sent))
    return [float(x) for x in sent] if curve else None
