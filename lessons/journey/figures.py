"""Figures of the lesson "One sentence through BERT"."""

from __future__ import annotations

import plotly.graph_objects as go

from ..figures.theme import IDEAS, escape, styled
from .compute import Meeting


def meeting_curve(met: Meeting) -> go.Figure:
    """Cosine of one word's two vectors over the layers, beside the mean of all other words."""
    layers = list(range(len(met.cosines)))
    names = ["input", *map(str, layers[1:])]
    figure = go.Figure()
    figure.add_scatter(
        x=layers, y=met.baseline, name="other words", mode="lines",
        line={"color": IDEAS["baseline"], "dash": "dash"},
        hovertemplate="other words, layer %{x}: %{y:.2f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=layers, y=met.cosines, name=f"“{escape(met.word)}”", mode="lines+markers",
        line={"color": IDEAS["token"], "width": 3}, marker={"size": 9},
        hovertemplate="layer %{x}: %{y:.2f}<extra></extra>",
    )  # fmt: skip
    styled(
        figure,
        title=f"“{escape(met.word)}” in two sentences grows apart on its way",
        x="layer",
        y="cosine of the two vectors",
        legend=True,
    )
    figure.update_xaxes(tickmode="array", tickvals=layers, ticktext=names)
    figure.update_yaxes(range=[min(0.0, float(met.baseline.min()) - 0.05), 1.05])
    figure.update_layout(margin={"t": 76})
    return figure
