"""A bar for each token: how far it moved, how long its vector is, in one or more runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from .theme import escape, styled, token_axis

CROWDED = 14
"""Tokens from which on their names are turned, so that they do not run into each other."""


def token_bars(
    tokens: Sequence[str],
    series: Mapping[str, Sequence[float] | NDArray[np.float32]],
    *,
    title: str,
    y: str,
    colors: Sequence[str],
    top: float | None = None,
    marked: int | None = None,
) -> go.Figure:
    """Bars over token positions, one group of bars for each token, one color for each series.

    ``top`` fixes the upper end of the axis, ``marked`` rings the name of one position.
    """
    names = [escape(token) for token in tokens]
    figure = go.Figure(
        [
            go.Bar(
                x=list(range(len(tokens))),
                y=np.asarray(values, dtype=np.float64).round(4),
                name=name,
                marker={"color": color},
                customdata=names,
                hovertemplate=f"%{{customdata}} (place %{{x}})<br>{name}: "
                "%{y:.3f}<extra></extra>",
            )
            for (name, values), color in zip(series.items(), colors, strict=True)
        ]
    )
    axis = token_axis(tokens, angle=-60 if len(tokens) > CROWDED else 0)
    if marked in axis["tickvals"]:
        at = axis["tickvals"].index(marked)
        axis["ticktext"][at] = f"<b>▸{axis['ticktext'][at]}</b>"
    figure.layout.xaxis = axis
    if top is not None:
        low = min(0.0, *(float(np.min(values)) for values in series.values()))
        figure.layout.yaxis = {"range": [low, top]}
    return styled(figure, title=title, x="token", y=y, height=320, legend=len(series) > 1)
