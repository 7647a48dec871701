"""Charts of training runs that are over; a run that goes on is drawn in the browser."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ..figures.theme import IDEAS, OKABE_ITO, escape, styled

COLORS = (IDEAS["prediction"], OKABE_ITO["purple"])


def learning_curves(
    names: Sequence[str],
    moments: Sequence[Sequence[Mapping[str, Any]]],
    baseline: Mapping[str, float],
    ceiling: float | None = None,
) -> go.Figure:
    """Held-out and training accuracy of up to two runs by step, with the baseline and chance.

    ``ceiling`` is what a perfect reader of the first run's language would find, where it is known.

    ``moments`` of each run hold ``step``, ``held_out`` and ``train`` as (loss, accuracy).
    """
    figure = go.Figure()
    for name, run, color in zip(names, moments, COLORS, strict=False):
        for part, dash in (("held_out", "solid"), ("train", "dot")):
            figure.add_scatter(
                x=[moment["step"] for moment in run],
                y=[moment[part][1] for moment in run],
                mode="lines",
                line={"color": color, "dash": dash, "width": 2.5 if dash == "solid" else 1.5},
                name=f"{escape(name)} · {'held out' if part == 'held_out' else 'training'}",
                hovertemplate="step %{x}: %{y:.0%}<extra></extra>",
            )
    levels = {"most frequent word": baseline["accuracy"], "chance": baseline["chance"]}
    if ceiling is not None:
        levels["a perfect reader"] = ceiling
    for label, value in levels.items():
        figure.add_hline(
            y=value,
            line={"color": IDEAS["baseline"], "dash": "dash", "width": 1},
            annotation={"text": label, "xanchor": "right", "font": {"size": 12}},
        )
    styled(
        figure,
        title="How often a hidden word is found",
        x="step",
        y="share of hidden words found",
        height=440,
        legend=True,
    )
    figure.update_layout(
        legend={"orientation": "h", "yanchor": "top", "y": -0.25, "xanchor": "left", "x": 0}
    )
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    return figure


def budget_bars(
    names: Sequence[str], toy: Sequence[float], bert: Sequence[float], run: str = "this run"
) -> go.Figure:
    """A run and BERT-base side by side, on an axis of powers of ten."""
    figure = go.Figure()
    for label, values, color in (
        (run, toy, IDEAS["prediction"]),
        ("BERT-base", bert, IDEAS["token"]),
    ):
        figure.add_bar(
            y=list(names),
            x=list(values),
            orientation="h",
            name=label,
            marker={"color": color},
            text=[f"{value:,.0f}" for value in values],
            textposition="auto",
            textangle=0,
            hovertemplate="%{y}: %{x:,.0f}<extra></extra>",
        )
    styled(
        figure,
        title="A minute here, four days there",
        x="how many (each line is ten times the one before)",
        height=340,
        legend=True,
    )
    figure.update_xaxes(type="log", dtick=1, exponentformat="power")
    figure.update_yaxes(autorange="reversed")
    return figure
