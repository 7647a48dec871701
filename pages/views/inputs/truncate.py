"""What is lost when a text does not fit."""

from __future__ import annotations

import streamlit as st

from lessons.inputs import compute, figures
from lessons.inputs.texts import texts
from pages.ui import controls, state
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage


@fragment
def make_it_fit(page: LessonPage) -> None:
    encoding = page.encoding()
    special = sum(span is None for span in encoding.offsets)
    smallest, longest = special + 1, len(encoding)
    if longest - smallest < 2:
        st.info("There is nothing to cut yet: type a few more words above.", icon=":material/edit:")
        return
    usual = max(smallest, longest * 2 // 3)
    left, right = st.columns(2)
    limit = controls.slider(
        "Tokens that fit", smallest, longest, usual, key="inputs.limit", into=left
    )
    stride = 0
    if not page.sentence.pair and limit - special > 1:
        most = limit - special - 1
        stride = controls.slider(
            "Tokens that windows share", 0, most, 0, key="inputs.stride", into=right
        )
    found = compute.cuts(encoding, limit, stride)
    more = len(found) - 14
    found = found[:14]
    meaning = compute.kept_meaning(page.model(), encoding, found)
    special_at = [span is None for span in encoding.offsets]
    figure = figures.kept_tokens(
        encoding.tokens, special_at, [(cut.name, cut.kept) for cut in found], meaning
    )
    words = compute.describe_cuts(encoding, found, meaning)
    page.chart(figure, key="cuts", words=words + (f" {more} more windows." if more > 0 else ""))
    st.markdown("\n".join(f"- **{cut.name}**: {cut.note}" for cut in found[:4]))


def truncate(page: LessonPage) -> None:
    with st.container(horizontal=True, key="inputs_long"):
        for number, (about, text) in enumerate(texts().long):
            st.button(
                about.capitalize(),
                key=f"inputs.long{number}",
                on_click=state.show_example,
                args=(text,),
            )
    make_it_fit(page)
