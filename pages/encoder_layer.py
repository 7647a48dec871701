"""The rest of the block: code beside tensors, the stream, parts removed, early looks, units."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import streamlit as st

from lessons.encoder_layer import code, compute, figures
from lessons.engine.gaps import longest_word
from pages.ui import resources
from pages.ui.errors import NothingToShow, fragment
from pages.ui.hidden_word import with_a_gap
from pages.ui.layer_code import layer_code
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.shell import LessonPage, lesson_page

if TYPE_CHECKING:
    from lessons.engine import Encoding
    from lessons.engine.model import LoadedModel

SENTENCES = resources.ASSETS / "data" / "attention" / "parsed.txt"


def token(page: LessonPage) -> int:
    """The token to look at: the selected one, a masked one, else the longest word."""
    encoding = page.masked()
    for wanted in (page.sentence.selected, *page.sentence.masks):
        if wanted is not None:
            return wanted
    return longest_word(encoding) or 0


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
        raise NothingToShow("This model hides its steps: choose a BERT.")
    layer_code(data, key="encoder_layer_code")


@fragment
def the_stream(page: LessonPage) -> None:
    """Lengths of what is added, and how a token turns."""
    stream = compute.stream_of(page.trace())
    if stream is None:
        raise NothingToShow("This model hides what its halves add: choose a BERT.")
    chosen = token(page)
    left, right = st.columns(2)
    with left:
        page.chart(
            figures.stream_lengths(stream, chosen),
            key="lengths",
            words=compute.describe_stream(stream, chosen),
        )
    with right:
        page.chart(figures.layers_alike(stream), key="alike", words=compute.describe_alike(stream))


def gap(page: LessonPage) -> tuple[LoadedModel, Encoding, int, str | None]:
    """The model, the input, the masked position, and the word that it hides."""
    model = page.model()
    if not model.has_mlm:
        raise NothingToShow("This needs a model that predicts words: choose another one.")
    encoding, position = with_a_gap(page)
    if position is None:
        raise NothingToShow("Type a sentence with a word in it, so that one can be masked.")
    written = page.encoding().tokens[position]
    return model, encoding, position, None if written == model.mask_token else written


@fragment
def remove(page: LessonPage) -> None:
    """Take parts out of the running model."""
    guess = page.predict(page.sentence.asked)
    model, encoding, position, _ = gap(page)
    if page.trace().attention_norm is None:
        raise NothingToShow("The steps of this model cannot be edited: choose a BERT.")
    parts = st.pills(
        "Take out", list(compute.PARTS), format_func=compute.PARTS.__getitem__,
        selection_mode="multi", default=["attention_residual"],
        key="encoder_layer.parts", persist_state="session",
    )  # fmt: skip
    count = model.spec.layers
    where = st.segmented_control(
        "In layer", ["all", *range(1, count + 1)], default="all", required=True,
        key=f"encoder_layer.where.{count}", persist_state="session",
    )  # fmt: skip
    layers = list(range(count)) if where == "all" else [int(where or 1) - 1]
    found = compute.without(model, encoding, position, parts or [], layers)
    if guess:
        st.markdown(f"You said: *{guess}*.")
    prediction_bars(
        [
            Bars("As it is", found.before, position=position),
            Bars("Without", found.after, position=position),
        ],
        key="encoder_layer_change",
    )
    page.chart(
        figures.lengths_without(found),
        key="without",
        words=compute.describe_without(found, parts or [], layers),
    )


@fragment
def early(page: LessonPage) -> None:
    """The masked word read out after every layer."""
    model, encoding, position, hidden = gap(page)
    look = compute.early_look(model, model.trace(encoding), position, hidden)
    page.chart(figures.early_curves(look), key="early", words=compute.describe_early_look(look))


@st.cache_resource(max_entries=64, show_spinner=False)
def fired(name: str, layer: int, unit: int) -> list[compute.Firing]:
    """What fires a unit over our sentences, kept for everybody."""
    lines = SENTENCES.read_text(encoding="utf-8").splitlines()
    texts = [re.sub(r"/\S+", "", line) for line in lines if line and not line.startswith("#")]
    return compute.what_fires(resources.model(name), texts, layer, unit)


@fragment
def the_units(page: LessonPage) -> None:
    """The feed-forward units that a token fires, and what else fires them."""
    trace = page.trace()
    layer = page.number("Layer", "units_layer", trace.num_layers, 4)
    units = compute.units_of(trace, layer - 1, token(page))
    if units is None:
        raise NothingToShow("This model hides its feed-forward units: choose a BERT.")
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
    with st.spinner("Every sentence is read …"):
        found = fired(page.model().name, layer - 1, unit)
    for firing in found:
        words = [
            f"**{escaped}**" if i == firing.place else escaped
            for i, word in enumerate(firing.words)
            for escaped in [re.sub(r"([\\`*_\[\]])", r"\\\1", word)]
        ]
        st.markdown(f"{firing.value:.1f} · {' '.join(words[1:-1]) or words[0]}")


with lesson_page("encoder_layer") as page:
    page.steps({
        "code": the_code, "stream": the_stream, "remove": remove, "early-look": early,
        "units": the_units,
    })  # fmt: skip
