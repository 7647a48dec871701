"""BertViz's three views of one input, as pages that ask nothing of any network.

The drawing scripts are those of the `bertviz` package. As published they load d3, jQuery and
require.js from other hosts; here d3 and jQuery come from installed packages and stand in the page,
and two lines take the place of require.js. Queries and keys for the neuron view come from our own
encoder, so it works for every BERT checkpoint.
"""

from __future__ import annotations

import json
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..engine.trace import Floats, Trace

View = Literal["head", "model", "neuron"]

VIEWS: dict[View, str] = {
    "head": "Head view",
    "model": "Model view",
    "neuron": "Neuron view",
}
LONGEST: dict[View, int] = {"head": 40, "model": 24, "neuron": 32}
"""Tokens up to which all layers are sent; a longer text gets one layer, up to `LONGEST_LAYER`."""
LONGEST_LAYER = 96

REQUIRE = """
window.require = { config() {} };
window.requirejs = (names, start) => start(window.jQuery, window.d3);
"""


class TooLong(ValueError):  # noqa: N818 (says what is wrong with the text)
    """The view would bring a browser to a halt."""


def view_page(trace: Trace, view: View, layer: int) -> str:
    """One view as a whole HTML page. ``layer`` (from 0) is shown first, or alone in a long text.

    Raises TooLong above `LONGEST_LAYER` tokens, and ValueError for a model that hides its queries
    or has no such layer: BertViz's script would fail where nobody sees it.
    """
    size = len(trace.tokens)
    if not 0 <= layer < trace.num_layers:
        raise ValueError(f"The model has {trace.num_layers} layers, and no layer {layer + 1}.")
    if size > LONGEST_LAYER:
        raise TooLong(f"BertViz draws up to {LONGEST_LAYER} tokens; this text has {size}.")
    all_layers = size <= LONGEST[view]
    layers = list(range(trace.num_layers)) if all_layers else [layer]
    weights = trace.attention_weights[layers]
    if view == "neuron":
        if trace.queries is None or trace.keys is None:
            raise ValueError("This model does not show its queries and keys.")
        vectors = (trace.queries[layers], trace.keys[layers])
        attention: Any = _neuron_filters(trace, weights, *vectors)
        params = {
            "attention": attention,
            "default_filter": "all",
            "bidirectional": True,
            "display_mode": "light",
            "layer": layer if all_layers else 0,
            "head": 0,
        }
    else:
        params = {
            "attention": _filters(trace, weights),
            "default_filter": "0",
            "display_mode": "light",
            "layer": layer,
            "heads": None if view == "head" else list(range(trace.num_heads)),
            "total_heads": trace.num_heads,
            "include_layers": layers,
            "include_heads": list(range(trace.num_heads)),
        }
        if view == "head":
            params["heads"] = [0]
    return _page(view, params, _selects(view, trace))


def height(view: View, tokens: int, layers: int) -> int:
    """Pixels that a view takes."""
    if view == "model":
        shown = layers if tokens <= LONGEST["model"] else 1
        return 120 + 150 * shown
    return 130 + (23 if view == "head" else 31) * tokens


def _blocks(trace: Trace) -> dict[str, tuple[slice, slice]]:
    """Rows and columns of each choice between two sentences; of a single one, all alone."""
    size = len(trace.tokens)
    whole = slice(0, size)
    if 1 not in trace.sentence_ids:
        return {"all": (whole, whole)}
    second = trace.sentence_ids.index(1)
    a, b = slice(0, second), slice(second, size)
    return {"all": (whole, whole), "aa": (a, a), "ab": (a, b), "ba": (b, a), "bb": (b, b)}


NAMES = {"all": "All", "aa": "A → A", "ab": "A → B", "ba": "B → A", "bb": "B → B"}


def _filters(trace: Trace, weights: Floats) -> list[dict[str, Any]]:
    return [
        {
            "name": NAMES[name],
            "attn": _rounded(weights[..., rows, columns]),
            "left_text": list(trace.tokens[rows]),
            "right_text": list(trace.tokens[columns]),
        }
        for name, (rows, columns) in _blocks(trace).items()
    ]


def _neuron_filters(
    trace: Trace, weights: Floats, queries: Floats, keys: Floats
) -> dict[str, dict[str, Any]]:
    return {
        name: {
            "attn": _rounded(weights[..., rows, columns]),
            "queries": _rounded(queries[..., rows, :]),
            "keys": _rounded(keys[..., columns, :]),
            "left_text": list(trace.tokens[rows]),
            "right_text": list(trace.tokens[columns]),
        }
        for name, (rows, columns) in _blocks(trace).items()
    }


def _rounded(array: Floats) -> Any:
    """Numbers with three decimals: a fifth of the text that full precision takes."""
    return np.round(array.astype(np.float64), 3).tolist()


def _selects(view: View, trace: Trace) -> str:
    """BertViz's own controls, with the labels that it leaves out for screen readers."""
    selects = []
    if view != "model":
        selects.append(("layer", "Layer", ""))
    if view == "neuron":
        selects.append(("att_head", "Head", ""))
    blocks = list(_blocks(trace))
    if len(blocks) > 1:
        options = "".join(
            f'<option value="{name if view == "neuron" else i}">{NAMES[name]}</option>'
            for i, name in enumerate(blocks)
        )
        selects.append(("filter", "Attention", options))
    return " ".join(
        f'<label class="dropdown-label">{name}: <select id="{key}">{options}</select></label>'
        for key, name, options in selects
    )


def _page(view: View, params: dict[str, Any], selects: str) -> str:
    # "<" never stands in the data as it is, so that no token can end the script.
    data = json.dumps({**params, "root_div_id": "bertviz"}, separators=(",", ":"))
    data = data.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    script = _script(view)
    if view == "neuron":
        script = f"window.bertviz_params = {data};\n{script}"
    else:
        script = script.replace("PYTHON_PARAMS", data, 1)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>BertViz: {VIEWS[view]}</title>"
        "<style>body{margin:0;padding:8px;background:#fff;color:#111;"
        "font-family:Helvetica,Arial,sans-serif}label{margin-right:1em}</style>"
        f"<script>{_libraries()}{REQUIRE}</script></head>"
        f'<body data-view="{view}">'
        f'<div id="bertviz"><span>{selects}</span><div id="vis"></div></div>'
        f"<script>{script}</script></body></html>"
    )


@lru_cache(maxsize=3)
def _script(view: View) -> str:
    return (_package("bertviz") / f"{view}_view.js").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _libraries() -> str:
    """jQuery and d3, as installed. Neither file has a closing script tag in it; a test looks."""
    jquery = _package("xstatic") / "pkg" / "jquery" / "data" / "jquery.min.js"
    d3 = _package("mpld3") / "js" / "d3.v5.min.js"
    return "\n".join(path.read_text(encoding="utf-8") for path in (jquery, d3)) + "\n"


def _package(name: str) -> Path:
    """The folder of an installed package, without importing it."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"the package {name} is not installed")
    return Path(next(iter(spec.submodule_search_locations)))
