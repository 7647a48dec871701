"""The vocabulary's vectors nearest to a token's."""

from __future__ import annotations

import streamlit as st

from lessons.inputs import compute, figures
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage


@fragment
def vocabulary(page: LessonPage) -> None:
    encoding = page.encoding()
    chosen = page.sentence.selected
    if chosen is None:
        chosen = min(2, len(encoding) - 1)
    left, right = st.columns([2, 1], vertical_alignment="bottom")
    kind = controls.segmented_control(
        "Look among", compute.KINDS, default="words", key="inputs.kind", into=left
    )
    other = right.text_input(
        "Or any other word", key="inputs.word", max_chars=60, persist_state="session",
        placeholder="its first piece counts",
    )  # fmt: skip
    token_id = int(encoding.input_ids[chosen])
    model = page.model()
    if other and other.strip():
        pieces = [i for i in model.encode(other).input_ids.tolist() if i not in model.special_ids]
        token_id = pieces[0] if pieces else token_id
    found = compute.neighbors(model, token_id, kind)
    figure = figures.neighbor_bars(found.token, found.found, found.typical)
    page.chart(figure, key="neighbors_chart", words=compute.describe_neighbors(found))
