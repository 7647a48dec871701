"""A chooser of models, with its reasons."""

from __future__ import annotations

import streamlit as st

from lessons.variants import chooser, figures
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage


@fragment
def choose(page: LessonPage) -> None:
    answers: dict[str, str] = {}
    columns = st.columns(2)
    for i, (question, options) in enumerate(chooser.QUESTIONS.items()):
        with columns[i % 2]:
            answers[question] = st.segmented_control(
                chooser.LABELS[question], list(options), default=chooser.DEFAULTS[question],
                required=True, format_func=options.__getitem__, key=f"variants.ask_{question}",
                persist_state="session",
            )  # fmt: skip
    found = chooser.choose(answers)
    left, right = st.columns([3, 2])
    with left, st.container(border=True, key="variants.answer"):
        st.subheader(found.model or "None of these", anchor=False)
        st.markdown(
            "\n".join(f"- {reason}" for reason in found.reasons)
            or "- No rule speaks for it; the others have more against them."
        )
        if found.against:
            st.markdown("Against it:\n" + "\n".join(f"- {reason}" for reason in found.against))
    with right:
        st.markdown("**What would change the answer**")
        st.markdown(
            "\n".join(
                f"- {chooser.LABELS[question]} *{chooser.QUESTIONS[question][other]}*: "
                f"**{then or 'none of these'}**"
                for question, other, then in found.changes
            )
            or "Nothing that is asked here."
        )
    if found.model:
        left_in = {name: p for name, p in found.points.items() if p > chooser.OUT // 2}
        page.chart(
            figures.points_bars(left_in, found.model), key="points",
            words=chooser.describe_choice(found),
        )  # fmt: skip
    with st.expander("All rules", key="variants.rules"):
        st.dataframe(
            [
                {
                    "if": " and ".join(
                        f"{chooser.LABELS[question]} {chooser.QUESTIONS[question][answer]}"
                        for question, answer in [
                            (r.question, r.answer),
                            *([r.also] if r.also else []),
                        ]
                    ),
                    "models": ", ".join(r.models),
                    "points": "out" if r.points == chooser.OUT else f"{r.points:+d}",
                    "because": r.reason,
                }
                for r in chooser.RULES
            ],
            hide_index=True,
        )  # fmt: skip
