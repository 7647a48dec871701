"""Sentences of different lengths in one rectangle."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.inputs import compute, figures
from lessons.inputs.texts import texts
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage
from pages.views.inputs.numbers import LONGEST_DRAWN


@fragment
def rectangle(page: LessonPage) -> None:
    model = page.model()
    typed = st.text_area(
        "Sentences that go along with yours, one a line", "\n".join(texts().companions),
        key="inputs.companions", persist_state="session", max_chars=4000, height=110,
    )  # fmt: skip
    lines = [line for line in typed.splitlines() if line.strip()][:7]
    found = compute.batch(model, [page.masked(), *(model.encode(line) for line in lines)])
    field = controls.segmented_control(
        "Show",
        ["tokens", *compute.FIELDS],
        default="tokens",
        key="inputs.field",
    )
    values: Any = getattr(found, field)
    shown = [[str(value) for value in row[:LONGEST_DRAWN]] for row in values]
    padding = found.attention_mask[:, :LONGEST_DRAWN] == 0
    types = found.token_type_ids[:, :LONGEST_DRAWN]
    figure = figures.batch_grid(shown, padding, types, field)
    page.chart(figure, key="batch_chart", words=compute.describe_batch(found))
    with st.expander("The batch as Python, to paste", key="inputs.code"):
        st.code(compute.as_python(found), language="python")
