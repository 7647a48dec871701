"""Figures of the lesson "More than English"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ..figures.theme import GHOST, IDEAS, OKABE_ITO, across, escape, legend_below, styled
from .compute import Toll

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
        figure, title="What the same sentences cost each language", x="pieces",
        height=110 + ROW * len(ordered), legend=True,
    )  # fmt: skip
    figure.update_layout(barmode="stack", margin={"t": 72})
    figure.update_yaxes(
        tickmode="array", tickvals=places, range=[len(ordered) - 0.5, -0.5],
        ticktext=[f"{row.language} · {row.script}" for row in ordered],
    )  # fmt: skip
    return figure


def alone_and_mixed(
    alone: Sequence[Toll], mixed: Sequence[Toll], bert: Sequence[Toll]
) -> go.Figure:
    """Each language's pieces with two vocabularies of one size, and with BERT's own.

    Where a language is mostly [UNK], its point is left out: few pieces would look like a gain.
    """
    rows = sorted(zip(alone, mixed, bert, strict=True), key=lambda row: row[1].pieces)
    places = list(range(len(rows)))
    figure = go.Figure()
    for place, (old, new, _) in enumerate(rows):
        if max(old.unknown_share, new.unknown_share) <= 0.5:
            figure.add_scatter(
                x=[old.pieces, new.pieces], y=[place, place], mode="lines",
                line={"color": OKABE_ITO["gray"], "width": 2}, showlegend=False, hoverinfo="skip",
            )  # fmt: skip
    for name, column, color, symbol in (
        ("BERT's vocabulary, from far more text", 2, IDEAS["baseline"], "line-ns-open"),
        ("this size, English alone", 0, IDEAS["token"], "circle"),
        ("this size, yours", 1, IDEAS["guess"], "diamond"),
    ):
        shown = [row[column] for row in rows]
        figure.add_scatter(
            x=[row.pieces if row.unknown_share <= 0.5 else None for row in shown],
            y=places, name=name, mode="markers",
            marker={"color": color, "size": 11, "symbol": symbol},
            customdata=[escape(" ".join(row.cut))[:300] for row in shown],
            hovertemplate="%{x} pieces<br>%{customdata}<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title="Cheaper for most languages, dearer for English where places are scarce",
        x="pieces of the same sentences", height=130 + ROW * len(rows), legend=True,
    )  # fmt: skip
    figure.update_layout(margin={"t": 92})
    figure.update_yaxes(
        tickmode="array", tickvals=places, range=[len(rows) - 0.5, -0.5],
        ticktext=[old.language for old, _, _ in rows],
    )  # fmt: skip
    return figure


def transfer_curves(
    facts: Mapping[str, Any],
    moments: Sequence[Mapping[str, Any]],
    raced: Sequence[Mapping[str, Any]],
) -> go.Figure:
    """Share right in both languages, the classifier being trained anew at each moment.

    ``raced`` are the moments of a recorded run that this one is set beside.
    """
    figure = go.Figure()
    steps = [moment["step"] for moment in moments]
    for i, (name, color) in enumerate(
        (("asked in the same language", OKABE_ITO["blue"]),
         ("asked in the other", OKABE_ITO["vermillion"]))
    ):  # fmt: skip
        figure.add_scatter(
            x=steps, y=[moment["right"][i] for moment in moments], name=name,
            mode="lines+markers", line={"color": color, "width": 3},
            hovertemplate=f"{name}, step %{{x}}: %{{y:.0%}}<extra></extra>",
        )  # fmt: skip
    if raced:
        figure.add_scatter(
            x=[m["step"] for m in raced], y=[m["right"][1] for m in raced], mode="lines",
            name="recorded run, in the other", line=GHOST, hovertemplate="recorded: %{y:.0%}",
        )  # fmt: skip
    across(figure, y=1 / len(facts["topics"]), line={"color": IDEAS["baseline"], "dash": "dot"})
    styled(
        figure, title="Learned in one language, asked in two",
        x="steps of pre-training (dotted: guessing)", y="topics right", height=280, legend=True,
    )  # fmt: skip
    legend_below(figure, 0.33)
    figure.update_xaxes(range=[0, facts["steps"] * 1.02])
    figure.update_yaxes(range=[0, 1.05], tickformat=".0%")
    return figure
