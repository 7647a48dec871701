"""Figures of the lesson "What came after"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ..figures.theme import (
    DIVERGING,
    GHOST,
    IDEAS,
    OKABE_ITO,
    SEQUENTIAL,
    across,
    escape,
    styled,
    token_axis,
)
from ..figures.token_bars import CROWDED

WAYS = (OKABE_ITO["gray"], OKABE_ITO["orange"], OKABE_ITO["blue"])
PART_COLORS = (IDEAS["token"], IDEAS["position"], OKABE_ITO["green"])
ROOM_FOR_LEGEND = 104  # pixels over the chart: on a phone a legend takes two lines


def with_legend_above(figure: go.Figure) -> go.Figure:
    """Put the legend under the title, from the left, where a phone has room for it."""
    figure.update_layout(
        margin={"t": ROOM_FOR_LEGEND}, legend={"x": 0, "xanchor": "left", "y": 1.02}
    )
    return figure


# --- RoBERTa


def coverage_curves(ways: Sequence[tuple[str, Any]]) -> go.Figure:
    """Share of the tokens asked for at least once, epoch by epoch; dashed what is expected."""
    figure = go.Figure()
    for (name, way), color in zip(ways, WAYS, strict=True):
        epochs = list(range(1, len(way.seen) + 1))
        figure.add_scatter(
            x=epochs, y=way.expected, mode="lines", showlegend=False, hoverinfo="skip",
            line={"dash": "dot", "color": color},
        )  # fmt: skip
        figure.add_scatter(
            x=epochs, y=way.seen, mode="lines+markers", name=name, marker={"size": 6},
            line={"color": color, "shape": "hv"},
            hovertemplate=f"{name}, epoch %{{x}}: %{{y:.0%}}<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title="Tokens ever asked for", x="epoch",
        y="share of tokens", height=340, legend=True,
    )  # fmt: skip
    figure.update_yaxes(range=[0, 1.04], tickformat=".0%")
    return with_legend_above(figure)


def times_asked(tokens: Sequence[str], ways: Sequence[tuple[str, Any]]) -> go.Figure:
    """How often each token was asked for."""
    figure = go.Figure()
    for (name, way), color in zip(ways, (WAYS[0], WAYS[2]), strict=True):
        figure.add_bar(
            x=list(range(len(tokens))), y=way.times, name=name, marker_color=color,
            customdata=[escape(token) for token in tokens],
            hovertemplate=f"%{{customdata}}, {name}: %{{y}} times<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title="How often each token was asked for", x="token", y="times", height=340,
        legend=True,
    )  # fmt: skip
    figure.update_xaxes(**token_axis(tokens, angle=-60))
    return with_legend_above(figure)


# --- DistilBERT, ELECTRA


def agreement_curve(
    facts: Mapping[str, Any],
    moments: Sequence[Mapping[str, Any]],
    raced: Sequence[Mapping[str, Any]] = (),
) -> go.Figure:
    """On held-out gaps: how often the student says what the teacher says, and what is right.

    ``raced`` are the moments of the recorded run that this one is racing.
    """
    steps = [moment["step"] for moment in moments]
    figure = go.Figure()
    if raced:
        figure.add_scatter(
            x=[moment["step"] for moment in raced], y=[m["agreement"] for m in raced],
            mode="lines", name="recorded run", line=GHOST,
            hovertemplate="recorded run, step %{x}: %{y:.1%}<extra></extra>",
        )  # fmt: skip
    for key, name, color in (
        ("agreement", "says what the teacher says", OKABE_ITO["blue"]),
        ("right", "says the hidden word", OKABE_ITO["green"]),
    ):
        figure.add_scatter(
            x=steps, y=[moment[key] for moment in moments], mode="lines+markers", name=name,
            line={"color": color}, hovertemplate="step %{x}: %{y:.1%}<extra></extra>",
        )  # fmt: skip
    figure.add_hline(
        y=facts["teacher_right"], line={"dash": "dot", "color": OKABE_ITO["green"]},
        annotation={"text": "teacher: the hidden word", "font": {"size": 11}},
        annotation_position="bottom right",
    )  # fmt: skip
    figure.add_hline(
        y=facts["chance"], line={"dash": "dot", "color": IDEAS["baseline"]},
        annotation={"text": "always the teacher's favorite", "font": {"size": 11}},
        annotation_position="bottom left",
    )  # fmt: skip
    styled(
        figure, title="Says what the teacher says?", x="step",
        y="share of gaps", height=340, legend=True,
    )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return with_legend_above(figure)


def loss_curves(points: Sequence[Sequence[float | None]], names: Sequence[str]) -> go.Figure:
    """The parts of a loss, step by step, on a logarithmic axis."""
    figure = go.Figure()
    colors = (OKABE_ITO["blue"], OKABE_ITO["green"], OKABE_ITO["orange"])
    for i, (name, color) in enumerate(zip(names, colors, strict=False)):
        values = [point[i] for point in (row[1:] for row in points)]
        if any(value is not None for value in values):
            figure.add_scatter(
                x=[row[0] for row in points], y=values, mode="lines", name=name,
                line={"color": color}, hovertemplate="step %{x}: %{y:.3f}<extra></extra>",
            )  # fmt: skip
    styled(figure, title="The loss, part by part", x="step", y="loss", height=340, legend=True)
    figure.update_yaxes(type="log", tickmode="array", tickvals=[0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10])
    return with_legend_above(figure)


def found_curves(
    facts: Mapping[str, Any],
    moments: Sequence[Mapping[str, Any]],
    raced: Sequence[Mapping[str, Any]] = (),
) -> go.Figure:
    """Replaced words found by the two heads, by step.

    ``raced`` are the moments of the recorded run that this one is racing.
    """
    figure = go.Figure()
    if raced:
        figure.add_scatter(
            x=[moment["step"] for moment in raced], y=[m["found"][0] for m in raced],
            mode="lines", name="recorded run", line=GHOST,
            hovertemplate="recorded run, step %{x}: %{y:.1%}<extra></extra>",
        )  # fmt: skip
    for i, (name, color) in enumerate(
        (("learns from every token", OKABE_ITO["blue"]), ("from the masked ones", WAYS[1]))
    ):
        figure.add_scatter(
            x=[moment["step"] for moment in moments], y=[m["found"][i] for m in moments],
            customdata=[m["counted"][i] for m in moments], mode="lines+markers", name=name,
            line={"color": color},
            hovertemplate="step %{x}, %{customdata:,} tokens learned from: %{y:.1%}<extra></extra>",
        )  # fmt: skip
    figure.add_hline(
        y=facts["chance"], line={"dash": "dot", "color": IDEAS["baseline"]},
        annotation={"text": "picking at random", "font": {"size": 11}},
        annotation_position="bottom right",
    )  # fmt: skip
    styled(
        figure, title="Replaced words found, held out", x="step",
        y="share found", height=340, legend=True,
    )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return with_legend_above(figure)


def suspicion_bars(
    tokens: Sequence[str], scores: Sequence[float], replaced: Sequence[int], picked: Sequence[int]
) -> go.Figure:
    """The detector's suspicion of each token; replaced ones in the color of masks."""
    places = list(range(len(tokens)))
    figure = go.Figure()
    for name, chosen, color in (
        ("original", [i for i in places if i not in replaced], IDEAS["baseline"]),
        ("replaced", list(replaced), IDEAS["mask"]),
    ):
        figure.add_bar(
            x=chosen, y=[scores[i] for i in chosen], name=name, marker_color=color,
            customdata=[escape(tokens[i]) for i in chosen],
            hovertemplate="%{customdata}: %{y:.0%}<extra></extra>",
        )  # fmt: skip
    if picked:
        figure.add_scatter(
            x=list(picked), y=[max(scores) * 1.12] * len(picked), mode="markers", name="your pick",
            marker={"symbol": "triangle-down", "size": 12, "color": IDEAS["guess"]},
            hovertemplate="your pick<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title="What the detector suspected", x="token", y="suspicion", height=320,
        legend=True,
    )  # fmt: skip
    figure.update_xaxes(**token_axis(tokens, angle=-60 if len(tokens) > CROWDED else 0))
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    return with_legend_above(figure)


# --- ALBERT


def factor_curve(inner: Sequence[int], counts: Sequence[int], whole: int, chosen: int) -> go.Figure:
    """Weights of a table in two factors against the inner size E."""
    figure = go.Figure()
    figure.add_scatter(
        x=list(inner), y=[count / 1e6 for count in counts], mode="lines", name="two tables",
        line={"color": IDEAS["token"]}, hovertemplate="E = %{x}: %{y:.2f} million<extra></extra>",
    )  # fmt: skip
    at = list(inner).index(chosen)
    figure.add_scatter(
        x=[chosen], y=[counts[at] / 1e6], mode="markers", name=f"E = {chosen}",
        marker={"size": 12, "color": IDEAS["mask"]}, hoverinfo="skip",
    )  # fmt: skip
    across(figure, y=whole / 1e6, line={"dash": "dash", "color": IDEAS["baseline"]})
    figure.add_annotation(
        x=inner[0], y=whole / 1e6, text="one table", showarrow=False, xanchor="left",
        yanchor="bottom",
    )  # fmt: skip
    styled(
        figure, title="One word table, or two smaller ones", x="inner size E",
        y="million weights", height=320, legend=True,
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero")
    return with_legend_above(figure)


# --- DeBERTa


def part_maps(
    parts: Mapping[str, NDArray[np.float32]], tokens: Sequence[str], query: int
) -> go.Figure:
    """Three heat maps and their sum, (T, T) each, on one scale; the chosen row is framed."""
    total = np.sum(list(parts.values()), axis=0)
    maps = {**parts, "sum, before softmax": total}
    # A token that meets itself may score far above all others, and would leave them pale.
    most = float(np.quantile(np.abs(total), 0.97)) or 1.0
    figure = go.Figure()
    layout: dict[str, Any] = {
        "coloraxis": {"colorscale": DIVERGING, "cmin": -most, "cmax": most, "showscale": False},
        "margin": {"t": 76}, "annotations": [], "shapes": [],
    }  # fmt: skip
    # Written out: `make_subplots` takes ten times as long.
    for i, (name, values) in enumerate(maps.items()):
        number = "" if i == 0 else str(i + 1)
        left, low = (i % 2) * 0.52, 0.54 if i < 2 else 0.0
        figure.add_heatmap(
            z=np.round(values, 3), coloraxis="coloraxis", xaxis=f"x{number}", yaxis=f"y{number}",
            hovertemplate=f"%{{y}} → %{{x}}: %{{z:.2f}}<extra>{name}</extra>",
        )  # fmt: skip
        axis = {"automargin": True, "zeroline": False, "tickfont": {"size": 10}}
        layout[f"xaxis{number}"] = {
            **token_axis(tokens, angle=-90), **axis, "domain": [left, left + 0.48],
            "anchor": f"y{number}", "matches": "x" if i else None, "showticklabels": i > 1,
        }  # fmt: skip
        layout[f"yaxis{number}"] = {
            **token_axis(tokens), **axis, "domain": [low, low + 0.46], "anchor": f"x{number}",
            "autorange": "reversed", "showticklabels": i % 2 == 0,
        }  # fmt: skip
        layout["annotations"].append(
            {
                "text": name, "x": left + 0.24, "y": low + 0.46, "xref": "paper", "yref": "paper",
                "xanchor": "center", "yanchor": "bottom", "showarrow": False,
                "font": {"size": 12},
            }
        )  # fmt: skip
        layout["shapes"].append(
            {
                "type": "rect", "x0": -0.5, "x1": len(tokens) - 0.5, "y0": query - 0.5,
                "y1": query + 0.5, "xref": f"x{number}", "yref": f"y{number}",
                "line": {"color": IDEAS["mask"], "width": 2},
            }
        )  # fmt: skip
    styled(figure, title="One score, three parts: rows look at columns", height=640)
    figure.update_layout(layout)
    return figure


def part_rows(
    parts: Mapping[str, NDArray[np.float32]], tokens: Sequence[str], query: int
) -> go.Figure:
    """The parts of one query's row, bars stacked around 0, and the sum on top."""
    figure = go.Figure()
    places = list(range(len(tokens)))
    for (name, values), color in zip(parts.items(), PART_COLORS, strict=True):
        figure.add_bar(
            x=places, y=np.round(values[query], 3), name=name, marker_color=color,
            hovertemplate=f"{name}: %{{y:.2f}}<extra></extra>",
        )  # fmt: skip
    total = np.sum([values[query] for values in parts.values()], axis=0)
    figure.add_scatter(
        x=places, y=np.round(total, 3), name="sum", mode="markers",
        marker={"symbol": "diamond", "size": 9, "color": IDEAS["mask"]},
        hovertemplate="sum: %{y:.2f}<extra></extra>",
    )  # fmt: skip
    styled(
        figure, title=f"The row of “{escape(tokens[query])}”: what made each score",
        x="token looked at", y="score", height=360, legend=True,
    )  # fmt: skip
    figure.update_layout(barmode="relative")
    figure.update_xaxes(**token_axis(tokens, angle=-60 if len(tokens) > CROWDED else 0))
    return with_legend_above(figure)


# --- ModernBERT


def mask_map(
    mask: NDArray[np.bool_], tokens: Sequence[str], selected: int, window: int
) -> go.Figure:
    """Who sees whom in a local layer; the row of one token framed."""
    figure = go.Figure(
        go.Heatmap(
            z=mask.astype(int), colorscale=SEQUENTIAL, showscale=False, xgap=1, ygap=1,
            zmin=0, zmax=1.4,
            customdata=[[escape(b) for b in tokens] for _ in tokens],
            text=[[escape(a)] * len(tokens) for a in tokens],
            hovertemplate="%{text} → %{customdata}: %{z}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_shape(
        type="rect", x0=-0.5, x1=len(tokens) - 0.5, y0=selected - 0.5, y1=selected + 0.5,
        line={"color": IDEAS["mask"], "width": 2},
    )  # fmt: skip
    styled(figure, title=f"A local layer: {window // 2} places to each side", height=420)
    figure.update_xaxes(**token_axis(tokens, angle=-60), tickfont={"size": 11})
    figure.update_yaxes(**token_axis(tokens), tickfont={"size": 11}, autorange="reversed")
    return figure


def reach_map(
    rows: Sequence[NDArray[np.bool_]], layers: Sequence[int], tokens: Sequence[str]
) -> go.Figure:
    """Which tokens one vector of the top layer depends on, layer by layer downward."""
    names = [f"{layer + 1} {'global' if layer % 3 == 0 else 'local'}" for layer in layers]
    figure = go.Figure(
        go.Heatmap(
            z=np.array(rows, dtype=int), colorscale=SEQUENTIAL, showscale=False, xgap=1, ygap=1,
            zmin=0, zmax=1.4,
            hovertemplate="layer %{customdata}<extra></extra>",
            customdata=[[name] * len(tokens) for name in names],
        )
    )  # fmt: skip
    styled(figure, title="Heard of, from layer to layer", y="layer", height=420)
    figure.update_xaxes(**token_axis(tokens, angle=-60), tickfont={"size": 11})
    figure.update_yaxes(**token_axis(names), tickfont={"size": 11}, autorange="reversed")
    return figure


def price_lines(
    lengths: Sequence[int], series: Mapping[str, Sequence[float | None]], *, title: str, y: str
) -> go.Figure:
    """A price against length for several kinds of attention, both axes logarithmic."""
    figure = go.Figure()
    for (name, values), color in zip(series.items(), WAYS[::-1], strict=False):
        figure.add_scatter(
            x=list(lengths), y=list(values), mode="lines+markers", name=name,
            line={"color": color}, marker={"size": 8},
            hovertemplate=f"{name}, %{{x:,}} tokens: %{{y:,.1f}}<extra></extra>",
        )  # fmt: skip
    styled(figure, title=title, x="tokens", y=y, height=360, legend=True)
    figure.update_xaxes(
        type="log", tickmode="array", tickvals=list(lengths), ticktext=[f"{n:,}" for n in lengths]
    )
    figure.update_yaxes(type="log", dtick=1, tickformat=",")
    return with_legend_above(figure)


# --- the chooser


def points_bars(points: Mapping[str, int], chosen: str | None) -> go.Figure:
    """Points of the models that are not ruled out; the answer in color."""
    rows = sorted(points.items(), key=lambda item: item[1])
    figure = go.Figure(
        go.Bar(
            orientation="h", x=[value for _, value in rows], y=[name for name, _ in rows],
            marker_color=[
                OKABE_ITO["blue"] if name == chosen else IDEAS["baseline"] for name, _ in rows
            ],
            hovertemplate="%{y}: %{x} points<extra></extra>",
        )
    )  # fmt: skip
    styled(figure, title="Points by the rules below", x="points", height=110 + 28 * len(rows))
    figure.update_xaxes(zeroline=True)
    return figure
