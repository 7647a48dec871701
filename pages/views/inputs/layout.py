"""Two sentences in one input, laid out in several ways."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lessons.engine.comparison import compare, describe_change
from lessons.inputs import compute, figures
from lessons.inputs.texts import texts
from pages.ui import controls
from pages.ui.errors import fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.shell import LessonPage
from pages.views.inputs.numbers import LONGEST_DRAWN, numbers

LAYOUTS = {
    "trained": "As trained", "all-a": "All segment A", "swapped": "Segments swapped",
    "no-sep": "No [SEP] between", "no-cls": "No [CLS]", "bare": "Words only",
}  # fmt: skip


@fragment
def two_sentences(page: LessonPage) -> None:
    model = page.model()
    both = page.encoding()
    if not page.sentence.pair:
        st.caption(f"You have typed no second sentence, so “{texts().second}” stands in.")
        both = model.encode(page.sentence.text, texts().second)
    encoding, gap = with_a_gap(page, both)
    layout = controls.segmented_control(
        "Put together",
        list(LAYOUTS),
        format_func=LAYOUTS.__getitem__,
        default="trained",
        key="inputs.layout",
    )
    chosen = compute.laid_out(encoding, layout)
    st.markdown(compute.LAYOUTS[layout])
    shown = slice(LONGEST_DRAWN)
    special = [span is None for span in chosen.encoding.offsets[shown]]
    figure = figures.input_rows(
        chosen.encoding.tokens[shown], special, chosen.encoding.input_ids[shown].tolist(),
        chosen.encoding.token_type_ids[shown].tolist(),
    )  # fmt: skip
    page.chart(figure, key="rows", words=compute.describe_layout(chosen.encoding))
    with st.expander("The same rows as a table", key="inputs.table"):
        st.dataframe(
            {
                "token": chosen.encoding.tokens,
                "input_ids": chosen.encoding.input_ids,
                "token_type_ids": chosen.encoding.token_type_ids,
                "position_ids": np.arange(len(chosen.encoding)),
            },
            height=280,
        )
    first, second = page.trace(encoding), page.trace(chosen.encoding)
    found = compare(model, first, second, gap, chosen.source)
    usual, now = compute.follows(model, first), compute.follows(model, second)
    if usual is not None and now is not None:
        st.metric(
            "B follows A, says the next-sentence head", f"{now:.1%}",
            None if layout == "trained" else f"{100 * (now - usual):+.1f} points",
            delta_color="off",
        )  # fmt: skip
    if layout != "trained":
        numbers(found)
        title = f"{LAYOUTS[layout]}: how much of each vector stays"
        figure = figures.kept_vectors(found.tokens[shown], found.cosines[shown], None, title)
        page.chart(figure, key="layout_chart", words=describe_change(found))
