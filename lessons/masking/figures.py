"""Charts of the masking lesson."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from ..figures.theme import (
    CATEGORIES,
    GHOST,
    IDEAS,
    OKABE_ITO,
    across,
    escape,
    legend_below,
    side_by_side,
    styled,
    token_axis,
)

if TYPE_CHECKING:
    from .compute import Contrast, Surprise
    from .recipe import Epochs, Tally
    from .word2vec import Trained

FATES = (
    ("becomes [MASK]", OKABE_ITO["vermillion"]),
    ("becomes a random word", OKABE_ITO["orange"]),
    ("stays as it is", OKABE_ITO["green"]),
)


def contrast_bars(found: Contrast, first: str, second: str) -> go.Figure:
    """Two sentences' chances for the same words: bars to the left and to the right of one axis.

    ``first`` and ``second`` name the sides. Both sides share one scale.
    """
    places = list(range(len(found.words)))
    largest = max(*found.first, *found.second, 0.01)
    ticks = [largest * share for share in (-1, -0.5, 0, 0.5, 1)]
    figure = go.Figure()
    for name, values, sign, color in (
        (first, found.first, -1, CATEGORIES[0]),
        (second, found.second, 1, CATEGORIES[3]),
    ):
        figure.add_bar(
            x=[sign * value for value in values],
            y=places,
            orientation="h",
            name=escape(shortened(name, 48)),
            marker_color=color,
            customdata=values,
            text=[f"{value:.0%}" if value >= 0.01 else "" for value in values],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{customdata:.1%}<extra></extra>",
        )
    styled(
        figure,
        title="The same words, in one gap and in the other",
        x="probability: left in the first, right in the second",
        height=180 + 25 * len(places),
        legend=True,
    )
    figure.update_layout(barmode="relative")
    legend_below(figure)
    figure.update_xaxes(
        tickvals=ticks,
        ticktext=[f"{abs(tick):.0%}" for tick in ticks],
        range=[-1.25 * largest, 1.25 * largest],
    )
    figure.update_yaxes(**token_axis(found.words))
    return figure


def surprise_bars(found: Sequence[Surprise]) -> go.Figure:
    """Bits of surprise for each word, in the order of the sentence."""
    worst = max(range(len(found)), key=lambda i: found[i].bits)
    figure = go.Figure(
        go.Bar(
            x=list(range(len(found))),
            y=[word.bits for word in found],
            marker_color=[
                IDEAS["prediction"] if i == worst else CATEGORIES[0] for i in range(len(found))
            ],
            hovertemplate="%{y:.1f} bits<extra></extra>",
        )
    )
    styled(
        figure,
        title="How far each word is from what the model expected",
        x="word of the sentence",
        y="surprise in bits",
    )
    angle = -45 if len(found) > 12 else 0
    figure.update_xaxes(**token_axis([word.gap.title for word in found], angle=angle))
    return figure


def share_points(counted: Tally) -> go.Figure:
    """Observed shares as multiples of the expected ones, beside the 95% band around 1."""
    places = list(range(3))
    bands = [b / e for b, e in zip(counted.band, counted.expected, strict=True)]
    figure = go.Figure()
    figure.add_bar(
        x=places,
        y=[2 * band for band in bands],
        base=[1 - band for band in bands],
        width=0.5,
        marker_color=IDEAS["baseline"],
        opacity=0.35,
        name="95% band",
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=places,
        y=[o / e for o, e in zip(counted.observed, counted.expected, strict=True)],
        mode="markers",
        marker={"color": [color for _, color in FATES], "size": 13},
        name="observed",
        customdata=list(zip(counted.observed, counted.expected, strict=True)),
        hovertemplate="%{customdata[0]:.2%}, expected %{customdata[1]:.2%}<extra></extra>",
    )
    across(figure, y=1, line={"color": IDEAS["baseline"], "dash": "dot", "width": 1})
    reach = 1.6 * max(
        *bands, *(abs(o / e - 1) for o, e in zip(counted.observed, counted.expected, strict=True))
    )
    styled(
        figure,
        title="Observed over expected",
        y="observed ÷ expected",
        height=360,
        legend=True,
    )
    figure.update_xaxes(
        tickvals=places,
        ticktext=[
            f"{name}<br>{share:.1%}"
            for name, share in zip(("[MASK]", "random", "same"), counted.expected, strict=True)
        ],
        range=[-0.5, 2.5],
    )
    figure.update_yaxes(range=[1 - reach, 1 + reach])
    legend_below(figure)
    return figure


def token_tally(counted: Tally, tokens: Sequence[str]) -> go.Figure:
    """How often each token met each fate, stacked, with the 95% band around the rate."""
    places = list(range(len(tokens)))
    figure = go.Figure()
    for (name, color), shares in zip(FATES, counted.per_token, strict=True):
        figure.add_bar(
            x=places,
            y=shares,
            name=name,
            marker_color=color,
            hovertemplate="%{y:.2%}<extra>" + name + "</extra>",
        )
    low, high = counted.rate - counted.token_band, counted.rate + counted.token_band
    figure.add_hrect(y0=low, y1=high, fillcolor=IDEAS["baseline"], opacity=0.35, line_width=0)
    across(figure, y=counted.rate, line={"color": IDEAS["baseline"], "dash": "dot", "width": 1})
    styled(
        figure,
        title="Each token's turn: how often it was chosen",
        y="share of the draws",
        height=340,
        legend=True,
    )
    figure.update_layout(barmode="stack")
    legend_below(figure)
    figure.update_xaxes(**token_axis(tokens, angle=-45 if len(tokens) > 8 else 0))
    figure.update_yaxes(tickformat=".0%")
    return figure


def epoch_grid(found: Epochs, tokens: Sequence[str]) -> go.Figure:
    """Which tokens each epoch asks for, drawn once (left) and drawn anew (right)."""
    count = len(found.static)
    figure = side_by_side(("static: drawn once", "dynamic: drawn anew"), shared_y=True)
    for axes, chosen in (({}, found.static), ({"xaxis": "x2", "yaxis": "y2"}, found.dynamic)):
        figure.add_heatmap(
            z=chosen.astype(int),
            x=list(range(len(tokens))),
            y=list(range(1, count + 1)),
            colorscale=[[0, "rgba(138,143,152,0.13)"], [1, IDEAS["mask"]]],
            zmin=0,
            zmax=1,
            showscale=False,
            xgap=1,
            ygap=1,
            customdata=[[["left alone", "asked for"][int(c)] for c in row] for row in chosen],
            hovertemplate="epoch %{y}: %{customdata}<extra></extra>",
            **axes,
        )
    styled(figure, title="Which words are asked for, epoch after epoch", height=380)
    figure.update_xaxes(**token_axis(tokens, angle=-60))
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.layout.yaxis.title.text = "epoch"
    figure.layout.margin.t = 84
    return figure


def coverage_lines(found: Epochs) -> go.Figure:
    """Share of the tokens that have been asked for at least once, by epoch."""
    x = list(range(1, len(found.static) + 1))
    figure = go.Figure()
    for name, values, color, dash in (
        ("expected, drawn anew", found.expected_coverage, IDEAS["baseline"], "dot"),
        ("drawn anew", found.dynamic_coverage, IDEAS["mask"], "solid"),
        ("drawn once", found.static_coverage, CATEGORIES[0], "solid"),
    ):
        figure.add_scatter(
            x=x,
            y=values,
            mode="lines+markers" if dash == "solid" else "lines",
            name=name,
            line={"color": color, "dash": dash},
            hovertemplate="%{y:.0%}<extra>" + name + "</extra>",
        )
    styled(
        figure,
        title="How much of the sentence has been asked for",
        x="epoch",
        y="share of its tokens",
        height=340,
        legend=True,
    )
    figure.update_yaxes(tickformat=".0%", range=[0, 1.05])
    legend_below(figure)
    return figure


def word_map(trained: Trained, words: Sequence[str], chosen: Sequence[str]) -> go.Figure:
    """Vectors of some words on their two main axes (PCA), ``chosen`` ones in color."""
    vectors = np.stack([trained.vector(word) for word in words])
    vectors = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    centered = vectors - vectors.mean(axis=0)
    _, _, axes = np.linalg.svd(centered, full_matrices=False)
    places = centered @ axes[:2].T  # words, 2
    if places.shape[1] < 2:
        places = np.pad(places, ((0, 0), (0, 2 - places.shape[1])))
    figure = go.Figure(
        go.Scatter(
            x=places[:, 0],
            y=places[:, 1],
            mode="markers+text",
            text=[escape(word) for word in words],
            textposition="top center",
            textfont={"size": 11},
            marker={
                "size": [13 if word in chosen else 7 for word in words],
                "color": [
                    IDEAS["prediction"] if word in chosen else CATEGORIES[0] for word in words
                ],
            },
            hovertemplate="%{text}<extra></extra>",
        )
    )
    styled(
        figure,
        title="Words that are used alike lie together",
        x="first main axis",
        y="second main axis",
        height=460,
    )
    figure.update_xaxes(showticklabels=False)
    figure.update_yaxes(showticklabels=False)
    return figure


def loss_line(
    points: Sequence[Sequence[float | None]],
    steps: int,
    vocabulary: int,
    raced: Sequence[Sequence[float | None]] = (),
) -> go.Figure:
    """The loss falling, (step, nats) of ``steps``, beside that of a blind guess.

    ``raced`` are the points of the recorded run that this one is racing.
    """
    figure = go.Figure()
    for name, rows, line in (
        ("recorded run", raced, GHOST),
        ("this run", points, {"color": CATEGORIES[0]}),
    ):
        if rows:
            figure.add_scatter(
                x=[row[0] for row in rows], y=[row[1] for row in rows], mode="lines", name=name,
                line=line, hovertemplate="step %{x}: %{y:.2f}",
            )  # fmt: skip
    across(
        figure,
        y=math.log(vocabulary),
        line={"color": IDEAS["baseline"], "dash": "dot", "width": 1.5},
    )
    figure.add_annotation(
        x=steps, y=math.log(vocabulary), text="a blind guess", showarrow=False, yshift=10,
        xanchor="right",
    )  # fmt: skip
    styled(
        figure, title="The guessing game is being learned", x="step", y="loss in nats",
        height=320, legend=bool(raced),
    )  # fmt: skip
    figure.update_xaxes(range=[0, steps])
    figure.update_yaxes(rangemode="tozero")
    return figure


def shortened(text: str, length: int) -> str:
    """A text cut to fit a legend."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
