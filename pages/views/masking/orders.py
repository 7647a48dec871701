"""All gaps of a sentence filled in three orders, side by side."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from lessons.engine import Encoding
from lessons.masking import compute
from pages.ui import long_work, resources
from pages.ui.components import component
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain
from pages.ui.sentence import Sentence
from pages.views.masking.masked_words import setup, some_gaps

_fillings = component(
    "masking_orders",
    """<div class="fillings"><button type="button">▶ Fill them step by step</button>
<div class="rows"></div></div>
""",
)


def filling_orders(sentence: Sentence, slug: str) -> None:
    """All gaps filled in three orders, side by side."""
    gaps = some_gaps(sentence)
    masks = sum(len(gap.positions) for gap in gaps)
    asked, encoding = sentence.asked, sentence.encoding
    if masks == 1:
        preset = next(preset for preset in compute.presets()[0] if len(preset.hide) > 1)
        st.caption(
            "With a single gap all orders are the same, so a sentence of ours with two gaps stands "
            "in."
        )
        encoding = resources.encode(sentence.model, preset.text, None)
        hidden = compute.positions_of(encoding, preset.hide)
        asked = (sentence.model, preset.text, None, hidden)
    if masks > compute.MOST_FILLED:
        raise NothingToShow(
            f"Filling in turn works for up to {compute.MOST_FILLED} masks: show some words again."
        )
    fillings = _filled(*asked)
    assert encoding is not None
    _fillings(
        key=f"{slug}.fillings",
        data={"fillings": [_filling_row(filling, encoding) for filling in fillings]},
    )
    st.markdown(as_plain(compute.describe_fillings(fillings)))


def _filling_row(filling: compute.Filling, encoding: Encoding) -> dict[str, object]:
    steps = {step.position: (i, step) for i, step in enumerate(filling.steps)}
    tokens = []
    for position, token in enumerate(filling.tokens):
        if encoding.offsets[position] is None:
            continue
        continues = token.startswith("##")
        entry: dict[str, object] = {
            "text": token.removeprefix("##"),
            "continues": continues,
            "step": None,
        }
        if position in steps:
            i, step = steps[position]
            together = filling.order == "all at once"
            entry |= {
                "step": 0 if together else i,
                "count": 1 if together else len(steps),
                "shown": compute.percent(step.probability),
            }
        tokens.append(entry)
    return {
        "order": filling.order,
        "tokens": tokens,
        "facts": [
            ["all words together", compute.percent(filling.joint)],
            ["checked against each other", compute.percent(filling.judged)],
        ],
    }


def _filled(
    name: str, text: str, pair: str | None, masks: tuple[int, ...]
) -> list[compute.Filling]:
    model, encoding = setup(name, text, pair)

    def work(progress: Callable[[float], object]) -> list[compute.Filling]:
        found: list[compute.Filling] = []
        for order in compute.ORDERS:
            progress(len(found) / len(compute.ORDERS))
            found.append(compute.fill(model, encoding, masks, order))
        return found

    key = ("fillings", model.name, model.version, text, pair, masks)
    return long_work.result(key, "The gaps are filled in three orders", work)
