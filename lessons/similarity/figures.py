"""Charts of sentence similarity: standings, correlations, matrices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ..figures.colorbar import ROOM_BELOW, colorbar_below
from ..figures.theme import (
    CATEGORIES,
    GHOST,
    IDEAS,
    OKABE_ITO,
    SEQUENTIAL,
    escape,
    legend_below,
    side_by_side,
    styled,
)
from .compute import Clusters, Method, Pair, Standing

SIDES = ("top center", "middle right", "bottom center", "middle left")
"""Where numbers stand beside their points, in turn, so that equal points can be told apart."""
LONGEST_NAME = 20


def method_color(method: Method) -> str:
    """Gray for shared words, one color for each model."""
    if method.model is None:
        return IDEAS["baseline"]
    return {"minilm-mlm": IDEAS["position"], "minilm": IDEAS["token"]}.get(
        method.model, OKABE_ITO["green"]
    )


def _rows(methods: Sequence[Method]) -> dict[str, object]:
    return {
        "tickmode": "array",
        "tickvals": list(range(len(methods))),
        "ticktext": [escape(method.title) for method in methods],
        "autorange": "reversed",
    }


def standing_plot(found: Sequence[Standing]) -> go.Figure:
    """Each method's score as a dot on the band of random pairs."""
    figure = go.Figure()
    rows = list(range(len(found)))
    figure.add_bar(
        x=[s.high - s.low for s in found], base=[s.low for s in found], y=rows, orientation="h",
        name="random pairs, middle 90%", marker_color=IDEAS["baseline"], marker_opacity=0.35,
        width=0.5, hovertemplate="%{base:.2f} to %{x:.2f}<extra>random pairs</extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[s.mean for s in found], y=rows, mode="markers", name="mean of random pairs",
        marker={"symbol": "line-ns-open", "size": 15, "color": IDEAS["baseline"],
                "line": {"width": 3}},
        hovertemplate="mean %{x:.2f}<extra>random pairs</extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[s.score for s in found], y=rows, mode="markers+text", name="your pair",
        text=[f"{s.score:.2f}" for s in found], textposition="top center",
        marker={"size": 14, "color": [method_color(s.method) for s in found]},
        customdata=[100 * s.above for s in found],
        hovertemplate="%{x:.3f}, above %{customdata:.0f}% of random pairs<extra></extra>",
    )  # fmt: skip
    styled(
        figure, title="Read each score against its gray band",
        x="score", y="", height=130 + 38 * len(found), legend=True,
    )  # fmt: skip
    figure.update_yaxes(**_rows([s.method for s in found]))
    figure.update_yaxes(autorange=False, range=[len(found) - 0.5, -0.9])  # from the top
    figure.update_xaxes(range=[min(-0.15, *(s.low for s in found)), 1.12])
    legend_below(figure, 0.2)
    return figure


def correlation_bars(
    found: Sequence[tuple[Method, float | None]], *, title: str, luck: float | None = None
) -> go.Figure:
    """Rank correlation of each method with somebody's ratings; ``luck`` is a dashed line."""
    methods = [method for method, _ in found]
    values = [0.0 if rho is None else rho for _, rho in found]
    figure = go.Figure(
        go.Bar(
            x=[round(value, 4) for value in values], y=list(range(len(found))), orientation="h",
            marker_color=[method_color(method) for method in methods],
            text=["–" if rho is None else f"{rho:.2f}" for _, rho in found],
            textposition="outside", cliponaxis=False,
            hovertemplate="ρ = %{x:.3f}<extra></extra>",
        )
    )  # fmt: skip
    styled(
        figure, title=title, x="rank correlation", y="",
        height=110 + 34 * len(found),
    )  # fmt: skip
    figure.update_yaxes(**_rows(methods))
    figure.update_xaxes(range=[min(0.0, *values) - 0.1 * (min(values) < 0), 1.05])
    if luck is not None:
        figure.add_vline(
            x=luck, line={"dash": "dash", "color": IDEAS["baseline"]},
            annotation_text="luck reaches this 1 time in 20", annotation_position="top",
        )  # fmt: skip
    return figure


def rating_scatter(
    shown: Sequence[Pair], ratings: Sequence[float], scores: NDArray[np.float64], method: Method
) -> go.Figure:
    """The learner's rating of each pair against the score of a method."""
    texts = [
        f"{escape(pair.first)}<br>{escape(pair.second)}<br>ours: {pair.score:g}" for pair in shown
    ]
    figure = go.Figure(
        go.Scatter(
            x=list(ratings), y=scores.round(4), mode="markers+text",
            text=[str(i + 1) for i in range(len(shown))],
            textposition=[SIDES[i % len(SIDES)] for i in range(len(shown))],
            hovertext=texts,
            hovertemplate="%{hovertext}<br>yours: %{x}, score %{y:.2f}<extra></extra>",
            marker={"size": 13, "color": method_color(method)},
        )
    )  # fmt: skip
    styled(
        figure, title=f"Your ratings and {escape(method.title)}", x="your rating, 0 to 5",
        y="score", height=380,
    )  # fmt: skip
    figure.update_xaxes(range=[-0.3, 5.3], dtick=1)
    return figure


def random_boxes(
    rows: Sequence[tuple[Method, NDArray[np.float64]]], guess: float | None = None
) -> go.Figure:
    """Scores of unrelated sentences by each method; ``guess`` stands in the second row."""
    figure = go.Figure()
    for place, (method, values) in enumerate(rows):
        quantiles = np.quantile(values, [0.05, 0.25, 0.5, 0.75, 0.95])
        figure.add_box(
            y=[place], lowerfence=[quantiles[0]], q1=[quantiles[1]], median=[quantiles[2]],
            q3=[quantiles[3]], upperfence=[quantiles[4]], orientation="h", name="",
            marker_color=method_color(method), showlegend=False, hoverinfo="x",
        )  # fmt: skip
    styled(
        figure, title="Scores of unrelated sentences", x="score", y="",
        height=110 + 34 * len(rows),
    )  # fmt: skip
    figure.update_yaxes(**_rows([method for method, _ in rows]))
    if guess is not None:
        figure.add_scatter(
            x=[guess], y=[1], mode="markers+text", text=["your guess"],
            textposition="bottom center",
            marker={"symbol": "diamond", "size": 13, "color": IDEAS["guess"]}, showlegend=False,
            hovertemplate="your guess<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(range=[-0.25, 1])
    return figure


def sourced_bars() -> go.Figure:
    """Published averages over STS tasks (Reimers and Gurevych 2019, Table 1)."""
    names = ["BERT, [CLS]", "BERT, mean", "GloVe words, mean", "Sentence-BERT, mean"]
    values = [29.19, 54.81, 61.32, 74.89]
    figure = go.Figure(
        go.Bar(
            x=values, y=list(range(4)), orientation="h", text=[f"{v:.2f}" for v in values],
            marker_color=[IDEAS["position"], IDEAS["position"], IDEAS["baseline"], IDEAS["token"]],
            hoverinfo="skip",
        )
    )  # fmt: skip
    styled(
        figure, title="BERT-base on the STS tasks, 2019", y="",
        x="mean rank correlation × 100", height=250,
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(4)), ticktext=names, autorange="reversed"
    )
    figure.update_xaxes(range=[0, 100])
    return figure


def _short(text: str) -> str:
    text = text if len(text) <= LONGEST_NAME else text[: LONGEST_NAME - 1].rstrip() + "…"
    return escape(text)


def cluster_heatmap(sentences: Sequence[str], found: Clusters) -> go.Figure:
    """Every sentence against every other, similar ones together, groups framed."""
    order = found.order
    count = len(order)
    shown = found.matrix[np.ix_(order, order)]
    names = [f"{i + 1}. {_short(sentences[k])}" for i, k in enumerate(order)]
    off = shown[~np.eye(count, dtype=bool)]
    figure = go.Figure(
        go.Heatmap(
            z=shown.round(3), x=list(range(count)), y=list(range(count)),
            customdata=[[_short(sentences[j]) for j in order]] * count,
            text=[[name] * count for name in names],
            colorscale=SEQUENTIAL, zmin=float(off.min()), zmax=float(off.max()),
            colorbar=colorbar_below("score"),
            hovertemplate="%{text}<br>%{customdata}<br>%{z:.2f}<extra></extra>",
        )
    )  # fmt: skip
    styled(
        figure, title="Who is like whom?", x="the same sentences", y="",
        height=260 + 22 * count,
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(count)), ticktext=names, autorange="reversed"
    )
    figure.update_xaxes(
        tickmode="array", tickvals=list(range(count)), ticktext=[str(i + 1) for i in range(count)]
    )
    figure.update_layout(margin_b=ROOM_BELOW)
    labels = [found.labels[i] for i in order]
    start = 0
    for end in range(1, count + 1):
        if end == count or labels[end] != labels[start]:
            figure.add_shape(
                type="rect", x0=start - 0.5, x1=end - 0.5, y0=start - 0.5, y1=end - 0.5,
                line={"color": CATEGORIES[3], "width": 2},
            )  # fmt: skip
            start = end
    return figure


# --- training on pairs --------------------------------------------------------------------------


def cosine_maps(
    rows: Sequence[str],
    columns: Sequence[str],
    maps: Sequence[tuple[str, Sequence[Sequence[float]]]],
    *,
    title: str,
) -> go.Figure:
    """Cosines of each row's sentence with each column's, in one map or in two side by side.

    ``maps`` are titles with cosines (N, M), on one scale from 0 to 1.
    """
    figure = side_by_side([name for name, _ in maps], shared_y=True)
    for i, (_, cosines) in enumerate(maps):
        number = str(i + 1) if i else ""
        figure.add_heatmap(
            z=cosines, x=list(range(len(columns))), y=list(range(len(rows))),
            text=[[escape(row)] * len(columns) for row in rows],
            customdata=[[escape(column) for column in columns]] * len(rows),
            colorscale=SEQUENTIAL, zmin=0, zmax=1, xgap=1, ygap=1,
            showscale=i == 0, colorbar=colorbar_below("cosine") if i == 0 else None,
            hovertemplate="%{text}<br>%{customdata}<br>%{z:.2f}<extra></extra>",
            xaxis=f"x{number}", yaxis=f"y{number}",
        )  # fmt: skip
    styled(figure, title=title, height=190 + 20 * len(rows))
    places = list(range(len(columns)))
    names = [f"{i + 1}. {_short(row)}" for i, row in enumerate(rows)]
    figure.update_xaxes(tickvals=places, ticktext=[str(i + 1) for i in places])
    figure.update_yaxes(tickvals=list(range(len(rows))), ticktext=names, autorange="reversed")
    figure.update_layout(margin={"t": 76, "b": ROOM_BELOW})
    return figure


def found_curve(
    moments: Sequence[Mapping[str, Any]],
    intervals: Sequence[tuple[float, float]],
    facts: Mapping[str, Any],
    raced: Sequence[Mapping[str, Any]] = (),
) -> go.Figure:
    """Share of held-out sentences that find their partner, with the interval of each share."""
    steps = [moment["step"] for moment in moments]
    color = IDEAS["prediction"]
    figure = go.Figure()
    figure.add_scatter(
        x=[*steps, *reversed(steps)],
        y=[*(high for _, high in intervals), *(low for low, _ in reversed(intervals))],
        fill="toself", fillcolor="rgba(213,94,0,0.15)", line={"width": 0}, hoverinfo="skip",
        name="where other pairs would put it",
    )  # fmt: skip
    figure.add_scatter(
        x=steps, y=[moment["found"] for moment in moments], mode="lines+markers",
        name="partners found", line={"color": color, "width": 2.5},
        hovertemplate="step %{x}: %{y:.0%}<extra></extra>",
    )  # fmt: skip
    if raced:
        figure.add_scatter(
            x=[m["step"] for m in raced], y=[m["found"] for m in raced], mode="lines",
            name="recorded run", line=GHOST,
            hovertemplate="recorded run, step %{x}: %{y:.0%}<extra></extra>",
        )  # fmt: skip
    for key, name, dash in (
        ("by_words", "by shared words", "dot"), ("by_many_pairs", "all-MiniLM", "dash"),
    ):  # fmt: skip
        figure.add_scatter(
            x=[0, facts["steps"]], y=[facts[key]] * 2, mode="lines", name=name,
            line={"color": IDEAS["baseline"], "dash": dash},
            hovertemplate=f"{name}: %{{y:.0%}}<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title="How many held-out sentences find their partner?", x="step",
        y=f"share of {facts['n_dev']}", height=330, legend=True,
    )  # fmt: skip
    figure.update_xaxes(range=[0, max(facts["steps"], *(m["step"] for m in raced), 1)])
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    return legend_below(figure, 0.24)


def spread_curves(
    moments: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
    raced: Sequence[Mapping[str, Any]] = (),
) -> go.Figure:
    """Alignment and uniformity of the held-out sentences, step by step; lower is better in both."""
    figure = side_by_side(("Alignment: how far partners are", "Uniformity: how crowded all are"))
    for i, name in enumerate(("alignment", "uniformity")):
        axes = {"xaxis": "x2", "yaxis": "y2"} if i else {}
        figure.add_scatter(
            x=[m["step"] for m in moments], y=[m[name] for m in moments], mode="lines+markers",
            name="this run", showlegend=not i, line={"color": IDEAS["prediction"], "width": 2.5},
            hovertemplate="step %{x}: %{y:.2f}<extra></extra>", **axes,
        )  # fmt: skip
        if raced:
            figure.add_scatter(
                x=[m["step"] for m in raced], y=[m[name] for m in raced], mode="lines",
                name="recorded run", showlegend=not i, line=GHOST,
                hovertemplate="recorded run, step %{x}: %{y:.2f}<extra></extra>", **axes,
            )  # fmt: skip
    styled(
        figure, title="Closer to the partner, farther from the rest: lower is better",
        x="step", height=360, legend=True,
    )  # fmt: skip
    figure.update_layout(margin={"t": 76})
    figure.update_xaxes(range=[0, facts["steps"]], title_text="step")
    figure.layout.yaxis.update(rangemode="tozero")
    return legend_below(figure, 0.24)
