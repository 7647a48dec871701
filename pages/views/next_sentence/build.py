"""Training pairs built as BERT's were."""

from __future__ import annotations

import streamlit as st

from lessons.next_sentence import compute
from pages.ui import controls
from pages.ui.errors import NothingToShow, calmly, fragment
from pages.ui.shell import LessonPage
from pages.views.next_sentence.parts import SLUG, judged

SAMPLE = "\n\n".join(" ".join(d.sentences) for d in compute.documents()[:3])


@fragment
def build(page: LessonPage) -> None:
    """Pairs from a pasted text, with the model's verdict on each."""
    text = st.text_area(
        "A text of yours, blank lines between documents",
        SAMPLE,
        height=170,
        max_chars=20_000,
        key=f"{SLUG}.text",
        persist_state="session",
    )
    seed = controls.number_input("Seed of the coin", 0, 9999, 1, key=f"{SLUG}.seed", width=180)
    with calmly():
        try:
            pairs = compute.make_pairs(text or "", seed)
        except ValueError:
            raise NothingToShow("Paste at least two sentences, one after the other.") from None
        page.model()
        found = judged(page.sentence.model, tuple((p.first, p.second) for p in pairs))
        st.dataframe(
            [
                {
                    "First": pair.first,
                    "Second": pair.second,
                    "Made as": "next" if pair.is_next else "random",
                    "Model: follows": p,
                    "Right": "✓" if (p > 0.5) == pair.is_next else "✗",
                }
                for pair, p in zip(pairs, found, strict=True)
            ],
            hide_index=True,
            height=min(420, 38 + 35 * len(pairs)),
            column_config={
                "First": st.column_config.TextColumn(width=230),
                "Second": st.column_config.TextColumn(width=230),
                "Made as": st.column_config.TextColumn(width=75),
                "Model: follows": st.column_config.ProgressColumn(
                    min_value=0.0, max_value=1.0, format="percent", width=120
                ),
                "Right": st.column_config.TextColumn(width=60),
            },
        )
        import numpy as np

        st.markdown(compute.describe_made(pairs, np.array(found, dtype=np.float32)))
