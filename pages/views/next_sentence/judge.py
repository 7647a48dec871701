"""One pair, judged by the next-sentence head."""

from __future__ import annotations

import random

import numpy as np
import streamlit as st

from lessons.next_sentence import compute
from pages.ui import controls
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.next_sentence.parts import OURS, OWN, SLUG, judged


def judge(page: LessonPage) -> None:
    """A pair in its order; once the swapped one was guessed, that and its other rivals."""
    from lessons.next_sentence import figures

    named = chosen(page)
    page.model()
    names = [name for name, _, _ in named]
    found = judged(page.sentence.model, tuple((first, second) for _, first, second in named))
    in_order, swapped = (float(p) for p in found[:2])
    written(*named[0])
    guess = page.predict(page.sentence.model, named[0], now=100 * in_order)
    if guess is None:
        return
    page.reveal(
        guess,
        100 * swapped,
        f"A, then B: {in_order:.0%}. B, then A: {swapped:.0%}.",
        now=100 * in_order,
    )
    array = np.array(found, dtype=np.float32)
    words = compute.describe_variants(names, array)
    page.chart(figures.pair_bars(named, array), key="pairs", words=words)
    written(*named[-1])


def written(name: str, first: str, second: str) -> None:
    """A pair, spelled out."""
    with st.container(border=True):
        st.caption(name)
        st.text(f"A  {first[:300]}\nB  {second[:300]}")


def chosen(page: LessonPage) -> list[tuple[str, str, str]]:
    """The pair and its rivals: (what it is, first, second), the pair in its order first."""
    sentence, texts = page.sentence, compute.documents()
    source = controls.segmented_control(
        "Pair",
        [OWN, OURS],
        default=OWN if sentence.pair else OURS,
        key=f"{SLUG}.source.{bool(sentence.pair)}",
    )
    if source == OWN:
        if not sentence.pair or sentence.empty:
            raise NothingToShow("Type a second sentence above, or take one of ours.")
        return compute.variants(sentence.text, sentence.pair)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        about = controls.selectbox(
            "Text",
            [d.about for d in texts],
            key=f"{SLUG}.about",
        )
        place = controls.select_slider("Sentence", [1, 2, 3], 1, key=f"{SLUG}.place", width=180)
        st.button(
            "Surprise me",
            icon=":material/casino:",
            key=f"{SLUG}.any",
            on_click=another_text,
        )
    document = next(d for d in texts if d.about == about)
    return compute.preset_pairs(document, place - 1)


def another_text() -> None:
    """Another text of ours."""
    others = [d.about for d in compute.documents()]
    others.remove(st.session_state[f"{SLUG}.about"])
    st.session_state[f"{SLUG}.about"] = random.choice(others)
