"""The code of an encoder layer beside its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lessons.encoder_layer import code
from pages.ui.components import component
from pages.ui.errors import NothingToShow, fragment
from pages.ui.shell import LessonPage
from pages.views.encoder_layer.gap import token

_layer_code = component(
    "layer_code",
    """<div class="layercode">
<div class="code" role="group" aria-label="Code of a layer; lines with a bar can be opened"></div>
<div class="panel" role="status"></div></div>
""",
)


def layer_code(data: Mapping[str, Any], *, key: str) -> None:
    """Draw the listings of `lessons.encoder_layer.code.code_data`."""
    _layer_code(key=key, data=data)


@fragment
def the_code(page: LessonPage) -> None:
    """The code of a layer, each line with its tensor."""
    trace = page.trace()
    left, right = st.columns(2)
    with left:
        layer = page.number("Layer", "layer", trace.num_layers, 1)
    with right:
        head = page.number("Head", "head", trace.num_heads, 1)
    data = code.code_data(trace, layer - 1, token(page), head - 1)
    if data is None:
        raise NothingToShow(
            f"A layer of {page.model().spec.title} does other steps than this code: choose a model "
            "whose layers are BERT's."
        )
    layer_code(data, key="encoder_layer_code")
    if page.model().runs_elsewhere:
        st.caption(
            f"{page.model().spec.title} runs in transformers, which does the same steps: this is "
            "the course's code beside the tensors that came out there."
        )
