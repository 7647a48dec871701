"""What one unit of the feed-forward layer responds to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from lessons.encoder_layer import compute, figures
from pages.ui import long_work, resources
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage
from pages.views.encoder_layer.gap import token

if TYPE_CHECKING:
    from lessons.engine.model import LoadedModel

SENTENCES = resources.ASSETS / "data" / "attention" / "parsed.txt"


def fired(model: LoadedModel, layer: int, unit: int) -> list[compute.Firing]:
    """What fires a unit over our sentences, kept for everybody."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    texts = [re.sub(r"/\S+", "", line) for line in lines if line and not line.startswith("#")]
    return long_work.result(
        ("fires", model.name, model.version, layer, unit),
        "Every sentence is read",
        lambda progress: compute.what_fires(model, texts, layer, unit, progress=progress),
    )


@fragment
def the_units(page: LessonPage) -> None:
    """The feed-forward units that a token fires, and what else fires them."""
    trace = page.trace()
    layer = page.number("Layer", "units_layer", trace.num_layers, 4)
    units = compute.units_of(trace, layer - 1, token(page))
    page.chart(figures.unit_grid(units), key="unit_grid", words=compute.describe_units(units))
    unit = st.selectbox(
        "Search our sentences for what fires a unit",
        list(units.best),
        index=None,
        format_func=lambda i: f"unit {i}",
        placeholder="Choose one of these units",
        key="encoder_layer.unit",
        persist_state="session",
    )
    if unit is None:
        return
    for firing in fired(page.model(), layer - 1, unit):
        words = [
            f"**{escaped}**" if i == firing.place else escaped
            for i, word in enumerate(firing.words)
            for escaped in [re.sub(r"([\\`*_\[\]])", r"\\\1", word)]
        ]
        st.markdown(f"{firing.value:.1f} · {' '.join(words[1:-1]) or words[0]}")
