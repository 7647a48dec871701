"""One pair, judged by the next-sentence head."""

from __future__ import annotations

import random

import streamlit as st

from lessons.next_sentence import compute
from pages.ui import controls
from pages.ui.errors import NothingToShow, calmly, fragment
from pages.ui.shell import LessonPage
from pages.views.next_sentence.parts import OURS, OWN, SLUG, judged


@fragment
def judge(page: LessonPage) -> None:
    """One pair and its rivals."""
    from lessons.next_sentence import figures

    guess = page.predict(page.sentence.model)
    sentence, texts = page.sentence, compute.documents()
    source = controls.segmented_control(
        "Pair",
        [OWN, OURS],
        default=OWN if sentence.pair else OURS,
        key=f"{SLUG}.source.{bool(sentence.pair)}",
    )
    with calmly():
        if source == OWN:
            if not sentence.pair or sentence.empty:
                raise NothingToShow("Type a second sentence above, or take one of ours.")
            named = compute.variants(sentence.text, sentence.pair)
        else:
            with st.container(horizontal=True, vertical_alignment="bottom"):
                about = controls.selectbox(
                    "Text",
                    [d.about for d in texts],
                    key=f"{SLUG}.about",
                )
                place = controls.select_slider(
                    "Sentence", [1, 2, 3], 1, key=f"{SLUG}.place", width=180
                )
                st.button(
                    "Surprise me",
                    icon=":material/casino:",
                    key=f"{SLUG}.any",
                    on_click=another_text,
                )
            document = next(d for d in texts if d.about == about)
            named = compute.preset_pairs(document, place - 1)
        page.model()
        found = judged(sentence.model, tuple((first, second) for _, first, second in named))
        left, right = st.columns([2, 3], gap="large")
        with left:
            for name, first, second in (named[0], named[-1]):
                with st.container(border=True):
                    st.caption(name)
                    st.text(f"A  {first[:300]}\nB  {second[:300]}")
        with right:
            names = [name for name, _, _ in named]
            import numpy as np

            array = np.array(found, dtype=np.float32)
            said = f"You said: {guess.lower()}. " if guess else ""
            page.chart(
                figures.pair_bars(named, array),
                key="pairs",
                words=said + compute.describe_variants(names, array),
            )


def another_text() -> None:
    """Another text of ours."""
    others = [d.about for d in compute.documents()]
    others.remove(st.session_state[f"{SLUG}.about"])
    st.session_state[f"{SLUG}.about"] = random.choice(others)
