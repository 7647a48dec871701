"""Charts of the lesson on positions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ..figures.theme import (
    DIVERGING,
    IDEAS,
    OKABE_ITO,
    SEQUENTIAL,
    across,
    escape,
    legend_below,
    styled,
    token_axis,
)
from ..figures.token_bars import CROWDED, token_bars

Array = NDArray[np.float64]
SHORT = 30
"""Characters of a sentence on an axis."""
# From the first place to the last, in colors that stand out on a light and a dark page.
PLACES = [[0.0, OKABE_ITO["sky"]], [0.5, OKABE_ITO["purple"]], [1.0, OKABE_ITO["orange"]]]


def order_bars(
    tokens: Sequence[str], given: NDArray[np.float32], removed: NDArray[np.float32]
) -> go.Figure:
    """Each token's last vector in the new order against the old, with positions and without."""
    return token_bars(
        tokens,
        {"with positions": given, "without": removed},
        title="Same vector after moving?",
        y="cosine with first order",
        colors=(IDEAS["position"], IDEAS["baseline"]),
        top=1.02,
    )


def pair_gaps(found: Sequence[tuple[str, float, float]]) -> go.Figure:
    """Largest difference between two orders of the same words, on a logarithmic axis."""
    rows = list(range(len(found)))
    names = [name if len(name) <= SHORT else name[: SHORT - 1] + "…" for name, _, _ in found]
    figure = go.Figure()
    for values, name, color in (
        ([gap for _, gap, _ in found], "with positions", IDEAS["position"]),
        # A difference of exactly 0 has no place on a logarithmic axis.
        ([max(gap, 1e-9) for _, _, gap in found], "without", IDEAS["baseline"]),
    ):
        figure.add_scatter(
            x=values, y=rows, mode="markers", name=name, marker={"color": color, "size": 10},
            customdata=[escape(sentence) for sentence, _, _ in found],
            hovertemplate="%{customdata}<br>%{x:.1e}<extra>" + name + "</extra>",
        )  # fmt: skip
    across(figure, x=1e-5, line={"dash": "dot", "color": IDEAS["baseline"]})
    styled(
        figure, title="Two orders of the same words: how far apart?", x="largest difference",
        height=120 + 22 * len(found), legend=True,
    )  # fmt: skip
    figure.update_xaxes(type="log", exponentformat="power", dtick=2)
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=[escape(name) for name in names],
        autorange="reversed",
    )  # fmt: skip
    return figure


def heat(
    values: Array | NDArray[np.float32],
    *,
    title: str,
    x: str,
    y: str,
    step: int = 1,
    spread: float | None = None,
    height: int = 420,
    digits: int = 3,
) -> go.Figure:
    """A heat map of numbers around 0; row i stands for place i × ``step``.

    ``spread`` is the value that takes the full color, the largest one left out.
    """
    most = spread or float(np.abs(values).max()) or 1.0
    figure = go.Figure(
        go.Heatmap(
            z=np.round(values, digits).astype(np.float32),
            y0=0,
            dy=step,
            zmin=-most,
            zmax=most,
            colorscale=DIVERGING,
            colorbar={"thickness": 10},
            hovertemplate=f"{y} %{{y}}, {x} %{{x}}: %{{z:.3f}}<extra></extra>",
        )
    )
    styled(figure, title=title, x=x, y=y, height=height)
    figure.update_yaxes(autorange="reversed")
    return figure


def cosine_map(values: Array, *, title: str, step: int) -> go.Figure:
    """Cosines between every pair of places (every ``step``-th)."""
    figure = heat(values, title=title, x="place", y="place", step=step, spread=1.0, height=380)
    figure.data[0].update(x0=0, dx=step)
    return figure


def shift_map(matrix: Array, shift: int) -> go.Figure:
    """The matrix of a shift: 2 × 2 rotations along the diagonal, nothing elsewhere."""
    figure = heat(
        matrix, title=f"R for a shift of {shift}: one turn for each pair", x="from dimension",
        y="to dimension", spread=1.0, height=400,
    )  # fmt: skip
    figure.update_yaxes(scaleanchor="x", constrain="domain")
    figure.update_xaxes(constrain="domain")
    return figure


def shift_lines(start: Array, turned: Array, target: Array, position: int, shift: int) -> go.Figure:
    """PE(p), R PE(p) and PE(p + k) over the dimensions."""
    places = list(range(len(start)))
    figure = go.Figure()
    figure.add_scatter(
        x=places, y=start, name=f"PE({position})", mode="lines",
        line={"color": IDEAS["baseline"], "dash": "dot"},
    )  # fmt: skip
    figure.add_scatter(
        x=places, y=target, name=f"PE({position + shift})", mode="markers",
        marker={"color": IDEAS["position"], "size": 9, "symbol": "circle-open", "line_width": 2},
    )  # fmt: skip
    figure.add_scatter(
        x=places, y=turned, name=f"R · PE({position})", mode="lines",
        line={"color": IDEAS["token"], "width": 1.5},
    )  # fmt: skip
    styled(
        figure, title=f"R · PE({position}) lands on PE({position + shift})", x="dimension",
        y="value", height=400, legend=True,
    )  # fmt: skip
    legend_below(figure, 0.22)
    return figure


def closeness_lines(curves: Mapping[str, Array], *, title: str, y: str) -> go.Figure:
    """Curves over distance, one for each name."""
    figure = go.Figure()
    dashes = ("solid", "dash", "dot", "dashdot")
    for (name, values), dash in zip(curves.items(), dashes, strict=False):
        figure.add_scatter(y=values, name=name, mode="lines", line={"dash": dash, "width": 2.5})
    return styled(
        figure, title=title, x="distance in positions", y=y, height=360, legend=len(curves) > 1
    )


def learned_path(points: Array, shares: Array) -> go.Figure:
    """The way of the learned vectors from place 0 to the last, in three main directions."""
    places = np.arange(len(points))
    figure = go.Figure(
        go.Scatter3d(
            x=points[:, 0],
            y=points[:, 1],
            z=points[:, 2],
            mode="lines+markers",
            marker={"size": 3, "color": places, "colorscale": PLACES,
                    "colorbar": {"title": "place", "thickness": 10}},
            line={"color": "rgba(138,143,152,0.35)", "width": 1},
            customdata=places,
            hovertemplate="place %{customdata}<extra></extra>",
        )
    )  # fmt: skip
    styled(figure, title="The path of the positions in three directions", height=520)
    names = [f"direction {i + 1} ({share:.0%})" for i, share in enumerate(shares)]
    figure.update_scenes(
        xaxis_title=names[0], yaxis_title=names[1], zaxis_title=names[2],
        bgcolor="rgba(0,0,0,0)",
    )  # fmt: skip
    return figure


def norm_line(norms: NDArray[np.float32]) -> go.Figure:
    """How long the vector of each place is."""
    figure = go.Figure(
        go.Scatter(
            y=norms, mode="lines", line={"color": IDEAS["position"], "width": 2},
            hovertemplate="place %{x}: %{y:.3f}<extra></extra>",
        )
    )  # fmt: skip
    return styled(
        figure, title="How long each position's vector is", x="place", y="length (norm)", height=380
    )


def attention_map(weights: Array, tokens: Sequence[str], *, title: str) -> go.Figure:
    """Attention of one head over tokens: row = the token that looks."""
    names = [escape(token) for token in tokens]
    figure = go.Figure(
        go.Heatmap(
            z=np.round(weights, 4).astype(np.float32),
            zmin=0,
            zmax=float(weights.max()),
            colorscale=SEQUENTIAL,
            colorbar={"thickness": 10},
            customdata=[[[row, column] for column in names] for row in names],
            hovertemplate="%{customdata[0]} → %{customdata[1]}: %{z:.0%}<extra></extra>",
        )
    )
    styled(figure, title=title, x="looked at", y="looks", height=420)
    angle = -60 if len(tokens) > CROWDED // 2 else 0
    figure.update_xaxes(**token_axis(tokens, angle=angle))
    figure.update_yaxes(**token_axis(tokens), autorange="reversed")
    return figure


def alibi_lines(slopes: Array, reach: int, marked: int) -> go.Figure:
    """What each head takes off a score, by distance; ``marked`` (from 0) stands out.

    On the screen heads are counted from 1, as everywhere.
    """
    figure = go.Figure()
    for head, slope in enumerate(slopes):
        figure.add_scatter(
            x=[0, reach], y=[0, -slope * reach], mode="lines", name=f"head {head + 1}",
            line={"color": IDEAS["position"] if head == marked else "rgba(138,143,152,0.55)",
                  "width": 4 if head == marked else 1.5},
            hovertemplate=f"head {head + 1}: slope {slope:.4f}<extra></extra>",
        )  # fmt: skip
    return styled(
        figure, title=f"ALiBi: what head {marked + 1} takes off a score", x="distance in positions",
        y="added to the score", height=420,
    )  # fmt: skip
