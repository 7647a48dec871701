"""A sentence tinted by surprise: each word hidden in turn, and what the model expected instead."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lessons.masking import compute
from pages.ui import state
from pages.ui.components import component
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain, chart
from pages.ui.predictions import taken
from pages.ui.sentence import Sentence
from pages.views.masking.masked_words import draw_once, load, put_in, remember, setup

if TYPE_CHECKING:
    import plotly.graph_objects as go

_surprise = component(
    "surprise",
    """<div class="surprise"><div class="text" role="group"
aria-label="Words, tinted by surprise"></div>
<div class="panel" role="status"></div></div>
""",
)


def every_word(sentence: Sentence, slug: str, *, with_chart: bool = False) -> None:
    """The sentence tinted by surprise; each word opens what the model expected instead."""
    load(sentence.model)
    if sentence.masks:
        st.caption("Each word is hidden in turn here; your own masks are set aside.")
    found = _surprises(sentence.model, sentence.text, sentence.pair)
    if not found:
        raise NothingToShow("There is no word here that BERT knows: type a sentence above.")
    key = f"{slug}.surprise"
    worst = max(range(len(found)), key=lambda i: found[i].bits)
    _surprise(
        key=key,
        data={
            "text": f"{sentence.text}\n{sentence.pair or ''}"[:2000],
            "parts": _parts(sentence, found),
            "words": [
                {
                    "text": word.gap.title,
                    "bits": word.bits,
                    "position": word.gap.positions[0],
                    "chance": compute.percent(word.probability),
                    "rivals": [[w, p, compute.percent(p)] for w, p in word.suggestions],
                }
                for word in found
            ],
            "worst": worst,
            "scale": 14,  # bits at full tint, the same for every sentence: about 1 in 16,000
        },
        on_take_change=partial(_take_rival, key, [word.gap for word in found]),
    )
    if not with_chart:
        st.markdown(as_plain(compute.describe_surprise(found)))
    if sentence.encoding is not None and len(sentence.encoding) > compute.LONGEST_SURPRISE:
        st.caption(f"The first {compute.LONGEST_SURPRISE} tokens are read here.")
    if with_chart:
        figure = _surprise_chart(sentence.model, sentence.text, sentence.pair)
        chart(figure, key=f"{slug}.surprise_bars", words=compute.describe_surprise(found))


@draw_once()
def _surprise_chart(name: str, text: str, pair: str | None) -> go.Figure:
    from lessons.masking import figures

    return figures.surprise_bars(_surprises(name, text, pair))


def _parts(sentence: Sentence, found: Sequence[compute.Surprise]) -> list[dict[str, object]]:
    """The text in order, cut into words (by number) and what stands between them."""
    parts: list[dict[str, object]] = []
    for which, text in enumerate((sentence.text, sentence.pair or "")):
        own = [(i, w.gap.span) for i, w in enumerate(found) if w.gap.sentence == which]
        end = 0
        if which and own:
            parts.append({"text": "\n", "word": None})
        for i, (start, stop) in own:
            if start > end:
                parts.append({"text": text[end:start], "word": None})
            parts.append({"text": text[start:stop], "word": i})
            end = stop
        rest = text[end:]
        if rest and own:
            parts.append({"text": rest if len(rest) < 200 else " …", "word": None})
    return parts


def _take_rival(key: str, gaps: Sequence[compute.Gap]) -> None:
    """Put a clicked suggestion into the sentence in place of a word."""
    took = taken(key)
    gap = took and next((gap for gap in gaps if gap.positions[0] == took[0]), None)
    if took and gap:
        put_in(gap, took[1])
        state.MASKS.set(())


@remember()
def _surprises(name: str, text: str, pair: str | None) -> tuple[compute.Surprise, ...]:
    model, encoding = setup(name, text, pair)
    return compute.surprise(model, compute.readable(model, encoding))
