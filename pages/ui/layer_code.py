"""The code of an encoder layer beside its tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pages.ui.components import component

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
