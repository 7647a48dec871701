"""The family as a table."""

from __future__ import annotations

import streamlit as st

from lessons.variants import family
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage

counts = SessionRuns(
    "variants.counting", "lessons.variants.family:Counting", label="Count them again here"
)


def table(page: LessonPage) -> None:
    members = family.family()
    st.dataframe(
        [
            {
                "model": m.name, "year": m.year, "idea": m.idea, "parameters": m.parameters,
                "GLUE": m.glue, "embeddings": 100 * m.embeddings / m.parameters,
                "context": m.context,
                "layers": m.layers, "hidden": m.hidden, "vocabulary": m.vocabulary,
                "pieces": m.cutting, "source": m.source,
            }
            for m in members
        ],
        hide_index=True, height=430, placeholder="", key="variants.family",
        column_config={
            "model": st.column_config.TextColumn(pinned=True),
            "year": st.column_config.NumberColumn(format="%d"),
            "parameters": st.column_config.NumberColumn(
                format="localized", help="Encoder and pooler, without a task head."
            ),
            "embeddings": st.column_config.NumberColumn(
                format="%.1f%%", help="Share of the parameters in the embedding tables."
            ),
            "GLUE": st.column_config.NumberColumn(
                format="%.1f",
                help="Mean over eight tasks, dev split, Warner et al. 2024, tables 1 and 5.",
            ),
            "context": st.column_config.NumberColumn(format="localized", help="Tokens."),
            "vocabulary": st.column_config.NumberColumn(format="localized"),
            "source": st.column_config.LinkColumn(display_text="open"),
        },
    )  # fmt: skip
    st.caption(
        f"{family.describe_family(members)} Click a column's head to sort. GLUE: "
        "[Warner et al. 2024](https://arxiv.org/abs/2412.13663), tables 1 and 5."
    )
    counts.watch(
        {}, draw_counting,
        before="Each model is built from its configuration with shapes alone, no weights, and "
        "counted.",
    )  # fmt: skip


def draw_counting(run: Run) -> None:
    st.caption(family.describe_counting(run.moments[-1]["counted"]))
