"""One row of attention, worked out from queries, keys and values."""

from __future__ import annotations

import streamlit as st

from lessons.attention import compute
from pages.ui.errors import NothingToShow, fragment
from pages.ui.shell import LessonPage
from pages.views.attention.explorer import attention_sum


@fragment
def the_sum(page: LessonPage) -> None:
    """One head, one token that looks: every number, and what if it were another."""
    trace = page.trace()
    left, right = st.columns(2)
    with left:
        layer = page.number("Layer", "layer", trace.num_layers, 3)
    with right:
        head = page.number("Head", "head", trace.num_heads, 1)
    if len(trace.tokens) > compute.LONGEST_SUM:
        raise NothingToShow(
            f"The sum is shown for up to {compute.LONGEST_SUM} tokens: shorten your text."
        )
    one = compute.one_head(trace, layer - 1, head - 1)
    if one is None:
        raise NothingToShow(
            f"{page.model().spec.title} computes its attention in a form of its own, and one "
            "product of query and key is not its sum: choose another model above."
        )
    if one.window:
        raise NothingToShow(
            f"Layer {layer} of {page.model().spec.title} looks at near tokens alone, and your text "
            "is longer: choose layer 1, or shorten it."
        )
    query = compute.suggested_query(trace, page.sentence.selected, page.sentence.masks)
    attention_sum(one.as_data(query), key="attention_sum", words=compute.describe_sum(one, query))
    steps = compute.one_pass(trace, layer - 1, head - 1, query)
    st.dataframe(
        {
            "step": [step.name for step in steps],
            "formula": [step.formula for step in steps],
            "numbers": [step.count for step in steps],
            "length (norm)": [round(step.norm, 2) for step in steps],
            "the first of them": [step.first for step in steps],
        },
        hide_index=True,
    )
