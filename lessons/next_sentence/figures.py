"""Charts of the next-sentence lesson."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ..figures.theme import CATEGORIES, IDEAS, OKABE_ITO, across, escape, legend_below, styled

if TYPE_CHECKING:
    from .compute import Measured

KIND_COLORS = {
    "continuation": OKABE_ITO["green"],
    "swapped": OKABE_ITO["orange"],
    "same text": OKABE_ITO["sky"],
    "another text": OKABE_ITO["gray"],
}


def pair_bars(named: Sequence[tuple[str, str, str]], found: NDArray[np.float32]) -> go.Figure:
    """Probability that the second sentence follows, for several pairs: (name, first, second)."""
    places = list(range(len(named)))
    in_turn = [OKABE_ITO[c] for c in ("green", "orange", "purple", "gray")]
    colors = [KIND_COLORS.get(name, in_turn[i % 4]) for i, (name, _, _) in enumerate(named)]
    figure = go.Figure(
        go.Bar(
            x=found,
            y=places,
            orientation="h",
            marker_color=colors,
            text=[f"{p:.0%}" for p in found],
            textposition="outside",
            cliponaxis=False,
            customdata=[[_wrapped(first), _wrapped(second)] for _, first, second in named],
            hovertemplate="A: %{customdata[0]}<br>B: %{customdata[1]}<extra></extra>",
        )
    )
    styled(
        figure,
        title="Does the second follow the first?",
        x="probability that it follows",
        height=110 + 52 * len(named),
    )
    figure.update_yaxes(
        tickvals=places, ticktext=[escape(name) for name, _, _ in named], autorange="reversed"
    )
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.25, 0.5, 0.75, 1])
    across(figure, x=0.5, line={"color": IDEAS["baseline"], "dash": "dot", "width": 1})
    return figure


def kind_strips(measured: Measured) -> go.Figure:
    """All pairs as points, one strip for each kind, with a box over the middle half."""
    figure = go.Figure()
    kinds = [pair.kind for pair in measured.pairs[0]]
    for i, kind in enumerate(kinds):
        figure.add_box(
            y=measured.probabilities[i],
            name=kind,
            boxpoints="all",
            jitter=0.6,
            pointpos=0,
            marker={"color": KIND_COLORS[kind], "size": 5, "opacity": 0.6},
            line={"width": 1.5, "color": KIND_COLORS[kind]},
            fillcolor="rgba(0,0,0,0)",
            customdata=[
                [_wrapped(row[i].first), _wrapped(row[i].second)] for row in measured.pairs
            ],
            hovertemplate="%{y:.0%}<br>A: %{customdata[0]}<br>B: %{customdata[1]}<extra></extra>",
            hoveron="points",
        )
    styled(
        figure,
        title=f"{len(measured.pairs)} pairs of each kind: what the model gives them",
        y="probability that B follows A",
        height=420,
    )
    figure.update_yaxes(range=[-0.03, 1.03], tickformat=".0%")
    return figure


def score_bars(measured: Measured) -> go.Figure:
    """Right choices in topic and in order, with 95% intervals, the chance line, and ALBERT's.

    Pale bars choose one of two pairs; full ones judge each pair alone, as ALBERT's authors do.
    """
    tasks = [("topic", "another text"), ("shuffled", "same text"), ("order", "swapped")]
    figure = go.Figure()
    for judge, name, opacity, shift in (
        (measured.score, "here: the better of two pairs", 0.45, -0.19),
        (measured.alone, "here: each pair by itself", 1.0, 0.19),
    ):
        scores = [judge(against) for _, against in tasks]  # type: ignore[arg-type]
        figure.add_bar(
            x=[place + shift for place in range(3)],
            y=[score.share for score in scores],
            error_y={
                "type": "data",
                "array": [score.interval[1] - score.share for score in scores],
                "arrayminus": [score.share - score.interval[0] for score in scores],
            },
            width=0.36,
            marker={"color": [KIND_COLORS[against] for _, against in tasks], "opacity": opacity},
            name=name,
            hovertemplate="%{y:.0%}<extra>" + name + "</extra>",
        )
    for y, symbol, name in (
        (0.520, "diamond", "ALBERT's authors, each pair by itself: trained on next sentence"),
        (0.865, "star", "ALBERT's authors, each pair by itself: trained on order"),
    ):
        figure.add_scatter(
            x=[2.48],
            y=[y],
            mode="markers",
            marker={"symbol": symbol, "size": 12, "color": CATEGORIES[0]},
            name=name,
            hovertemplate="%{y:.1%}<extra>" + name + "</extra>",
        )
    across(figure, y=0.5, line={"color": IDEAS["baseline"], "dash": "dot", "width": 1.5})
    styled(
        figure,
        title="Topic is learned, order is not",
        y="share of right choices",
        height=420,
        legend=True,
    )
    figure.update_xaxes(
        tickvals=[0, 1, 2],
        ticktext=["against<br>another text", "against the<br>same text", "against<br>swapped"],
        range=[-0.5, 2.7],
    )
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    legend_below(figure, 0.25)
    return figure


def _wrapped(text: str, width: int = 60, longest: int = 240) -> str:
    """Text cut into lines for a hover label, and to ``longest`` characters."""
    if len(text) > longest:
        text = text[: longest - 1] + "…"
    lines, line = [], ""
    for word in text.split():
        if line and len(line) + len(word) + 1 > width:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}".strip()
    return "<br>".join(escape(part) for part in [*lines, line])
