"""Figures of the lesson "More than English"."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from lessons.figures.theme import IDEAS, OKABE_ITO, across, escape, styled
from lessons.multilingual.compute import Toll

ROW = 23  # pixels


def toll_bars(rows: Sequence[Toll]) -> go.Figure:
    """Pieces of the same sentences in every language, what is unknown marked apart."""
    ordered = sorted(rows, key=lambda row: row.pieces)
    places = list(range(len(ordered)))
    figure = go.Figure()
    for name, values, color, pattern in (
        ("pieces", [row.pieces - row.unknown for row in ordered], IDEAS["token"], ""),
        ("[UNK]", [row.unknown for row in ordered], IDEAS["unknown"], "/"),
    ):
        figure.add_bar(
            orientation="h", y=places, x=values, name=name,
            marker={"color": color, "pattern": {"shape": pattern}},
            customdata=[escape(" ".join(row.cut))[:300] for row in ordered],
            hovertemplate="%{x} " + name + "<br>%{customdata}<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title="The same sentences cost other languages more", x="pieces",
        height=110 + ROW * len(ordered), legend=True,
    )  # fmt: skip
    figure.update_layout(barmode="stack", margin={"t": 72})
    figure.update_yaxes(
        tickmode="array", tickvals=places, range=[len(ordered) - 0.5, -0.5],
        ticktext=[f"{row.language} · {row.script}" for row in ordered],
    )  # fmt: skip
    return figure


def before_and_after(before: Sequence[Toll], after: Sequence[Toll]) -> go.Figure:
    """Each language's pieces beside English, with BERT's vocabulary and with another one."""
    pairs = sorted(zip(before, after, strict=True), key=lambda pair: pair[0].beside_english)
    places = list(range(len(pairs)))
    figure = go.Figure()
    for place, (old, new) in enumerate(pairs):
        figure.add_scatter(
            x=[old.beside_english, new.beside_english], y=[place, place], mode="lines",
            line={"color": OKABE_ITO["gray"], "width": 2}, showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    for name, rows, color, symbol in (
        ("BERT's vocabulary", [old for old, _ in pairs], IDEAS["token"], "circle"),
        ("yours", [new for _, new in pairs], IDEAS["guess"], "diamond"),
    ):
        figure.add_scatter(
            x=[row.beside_english for row in rows], y=places, name=name, mode="markers",
            marker={"color": color, "size": 11, "symbol": symbol},
            customdata=[escape(" ".join(row.cut))[:300] for row in rows],
            hovertemplate="%{x:.2f} times English<br>%{customdata}<extra></extra>",
        )  # fmt: skip
    across(figure, x=1, line={"dash": "dot", "color": OKABE_ITO["gray"]})
    styled(
        figure, title="Fairer for many languages, dearer for English",
        x="pieces, English = 1", height=110 + ROW * len(pairs), legend=True,
    )  # fmt: skip
    figure.update_layout(margin={"t": 72})
    figure.update_yaxes(
        tickmode="array", tickvals=places, range=[len(pairs) - 0.5, -0.5],
        ticktext=[old.language for old, _ in pairs],
    )  # fmt: skip
    return figure
