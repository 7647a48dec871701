"""The explorer and the journey as pages: shown in a notebook, saved as one file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..attention import maps
from ..engine import Trace
from ..engine.gaps import longest_word
from ..engine.trace import shortened
from ..figures.saved import Page, component_page
from ..journey import compute

if TYPE_CHECKING:
    from ..engine.model import LoadedModel


TITLE = 80  # characters


def explorer(trace: Trace, other: Trace | None = None, *, title: str = "") -> Page:
    """All attention of a trace, to be looked through head by head; of two, contrasted.

    Jupyter shows it; ``.save("attention.html")`` writes one file that needs no network. It grows
    with layers × heads × T²: 6 × 12 heads take 0.2 MB at 32 tokens and 26 MB at 512.

    Raises ValueError for two traces of models with different layers or heads.

    >>> from . import load
    >>> model = load("minilm-mlm")
    >>> explorer(model.trace("The river bank"), model.trace("The money bank")).title
    'The river bank / The money bank'
    """
    if other is not None and (shape := other.attention_weights.shape[:2]) != (
        trace.num_layers,
        trace.num_heads,
    ):
        raise ValueError(
            f"the first trace has {trace.num_layers} layers of {trace.num_heads} heads, the second "
            f"{shape[0]} of {shape[1]}: contrast two of one model"
        )
    first, second = maps.maps_of(trace), None if other is None else maps.maps_of(other)
    data = maps.explorer_data(first, second, whole=True)
    return component_page(
        "attention_explorer",
        {**data, "model": trace.model, "made": ""},
        title=title or shortened(" / ".join(written(t) for t in (trace, other) if t), TITLE),
        words=maps.describe(first, second),
        about=about(trace, other),
        height=760,
    )


def journey(model: LoadedModel, text: str, pair: str | None = None, *, title: str = "") -> Page:
    """One input on its way through the layers, as one picture; write [MASK] for a hidden word.

    Jupyter shows it; ``.save("journey.html")`` writes one file that needs no network.

    >>> from . import load
    >>> journey(load("minilm-mlm"), "She sat on the [MASK].").title
    'She sat on the [MASK].'
    """
    encoding = model.encode(text, pair)
    found = compute.journey(model, encoding, ())
    focus = next(iter(found.guesses), longest_word(encoding, compute.LONGEST) or 0)
    return component_page(
        "journey",
        {**found.as_data(), "focus": focus, "lessons": {}},
        title=title or shortened(found.text, TITLE),
        words=compute.describe(found),
        about={"Sentence": found.text, "Model": model.name},
    )


def written(trace: Trace) -> str:
    """What a trace read, as it was written."""
    return trace.text if trace.pair is None else f"{trace.text}  {trace.pair}"


def about(trace: Trace, other: Trace | None) -> dict[str, str]:
    said = {"Sentence": written(trace), "Model": trace.model}
    return said if other is None else {**said, "Contrasted with": written(other)}
