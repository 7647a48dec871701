"""Charts of fine-tuning: curves beside baselines, confusions, maps, runs compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ..figures.theme import (
    CATEGORIES,
    GHOST,
    IDEAS,
    OKABE_ITO,
    SEQUENTIAL_OPAQUE,
    across,
    escape,
    legend_below,
    side_by_side,
    styled,
)
from .reasons import Reasons

DEV, TRAIN = IDEAS["prediction"], OKABE_ITO["blue"]
FOR, AGAINST = OKABE_ITO["blue"], OKABE_ITO["orange"]
LONGEST_TEXT = 70
LONGEST_REASONS = 40
"""Words that have room in a figure."""


def curves(
    points: Sequence[Sequence[float | None]],
    moments: Sequence[Mapping[str, Any]],
    facts: Mapping[str, Any],
    score: str,
    raced: Sequence[Mapping[str, Any]] = (),
) -> go.Figure:
    """Loss on the left; on the right the dev score, on the lines of the baselines.

    ``points`` are (step, train loss, learning rate, share right); ``moments`` have step, loss and
    score on dev, and so have those of the recorded run that this one is racing.
    """
    figure = side_by_side(("Loss", score[0].upper() + score[1:]))
    right = {"xaxis": "x2", "yaxis": "y2"}
    steps = [moment["step"] for moment in moments]
    figure.add_scatter(
        x=[p[0] for p in points], y=[p[1] for p in points], name="loss in training", mode="lines",
        line={"color": TRAIN, "width": 1.5}, hovertemplate="step %{x}: %{y:.2f}",
    )  # fmt: skip
    for axes, key, name in (({}, "loss", "loss on dev"), (right, "score", "score on dev")):
        figure.add_scatter(
            x=steps, y=[moment[key] for moment in moments], mode="lines+markers", name=name,
            line={"color": DEV, "width": 2.5, "dash": "solid" if axes else "dot"},
            hovertemplate="step %{x}: %{y:.2f}", **axes,
        )  # fmt: skip
    for axes, key in (({}, "loss"), (right, "score")) if raced else ():
        figure.add_scatter(
            x=[moment["step"] for moment in raced], y=[moment[key] for moment in raced],
            mode="lines", name="recorded run", showlegend=not axes, line=GHOST,
            hovertemplate="recorded run, step %{x}: %{y:.2f}<extra></extra>", **axes,
        )  # fmt: skip
    for i, (name, value) in enumerate(facts["baselines"].items()):
        figure.add_scatter(
            x=[0, facts["steps"]], y=[value, value], mode="lines", name=name,
            line={"color": IDEAS["baseline"], "dash": ("dot", "dash")[i % 2]},
            hovertemplate=f"{name}: %{{y:.0%}}<extra></extra>", **right,
        )  # fmt: skip
    styled(figure, title="Learning, step by step", x="step", height=380, legend=True)
    figure.update_layout(
        margin={"t": 76}, legend={"yanchor": "top", "y": -0.22, "xanchor": "left", "x": 0}
    )
    figure.update_xaxes(range=[0, facts["steps"]])
    figure.layout.xaxis2.title.text = "step"
    figure.layout.yaxis.update(title_text="nats", rangemode="tozero")
    figure.layout.yaxis2.update(range=[0, 1], tickformat=".0%")
    return figure


def confusion_heatmap(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> go.Figure:
    """Right labels in rows, the model's in columns; the diagonal is right."""
    names = [escape(label) for label in labels]
    places = list(range(len(names)))
    figure = go.Figure(
        go.Heatmap(
            z=counts,
            text=counts,
            texttemplate="%{text}",
            colorscale=SEQUENTIAL_OPAQUE,
            zmin=0,
            showscale=False,
            xgap=2,
            ygap=2,
            hovertemplate="%{z} rows<extra></extra>",
        )
    )
    styled(
        figure, title="Which labels are confused?", x="the model says", y="right is",
        height=140 + 60 * min(len(names), 8),
    )  # fmt: skip
    figure.update_xaxes(tickvals=places, ticktext=names)
    figure.update_yaxes(tickvals=places, ticktext=names, autorange="reversed")
    return figure


def vector_maps(
    facts: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]
) -> go.Figure:
    """The vectors that the head reads, before and after, each on its plane of widest spread."""
    figure = side_by_side(("Before training", "Now"))
    rows = facts["dev"]
    for axes, moment in (({}, before), ({"xaxis": "x2", "yaxis": "y2"}, after)):
        for number, label in enumerate(facts["labels"]):
            own = [i for i, row in enumerate(rows) if row["right"] == number]
            figure.add_scatter(
                x=[moment["map"][i][0] for i in own], y=[moment["map"][i][1] for i in own],
                mode="markers", name=escape(label), legendgroup=label, showlegend=not axes,
                marker={
                    "size": 9, "color": CATEGORIES[number % len(CATEGORIES)],
                    "symbol": ("circle", "diamond", "square", "x")[number % 4],
                },
                text=[escape(rows[i]["text"][:LONGEST_TEXT]) for i in own],
                hovertemplate="%{text}<extra>" + escape(label) + "</extra>", **axes,
            )  # fmt: skip
    styled(figure, title="Do sentences with the same label move together?", height=400, legend=True)
    figure.update_layout(
        margin={"t": 76}, legend={"yanchor": "top", "y": -0.08, "xanchor": "left", "x": 0}
    )
    figure.update_xaxes(showticklabels=False)
    figure.update_yaxes(showticklabels=False)
    return figure


def run_bars(
    titles: Sequence[str], scores: Sequence[float], before: float, known: Sequence[float]
) -> go.Figure:
    """For each run, its dev score and the share of hidden words that it still finds."""
    figure = go.Figure()
    places = list(range(len(titles)))
    for name, values, color in (
        ("score on dev", scores, DEV),
        ("hidden words still found", known, OKABE_ITO["blue"]),
    ):
        figure.add_bar(
            y=places, x=list(values), orientation="h", name=name, marker_color=color,
            text=[f"{value:.0%}" for value in values], hovertemplate="%{x:.0%}",
        )  # fmt: skip
    across(figure, x=before, line={"color": OKABE_ITO["blue"], "dash": "dot"})
    styled(
        figure, title="What each run learned, and what it kept",
        x="share (dotted: hidden words found before training)",
        height=170 + 58 * len(titles), legend=True,
    )  # fmt: skip
    legend_below(figure, 0.3)
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    lines = [escape(title).replace(", ", "<br>", 2) for title in titles]  # a phone is narrow
    figure.update_yaxes(tickvals=places, ticktext=lines, autorange="reversed")
    return figure


def label_bars(found: Sequence[tuple[str, float]], name: str = "What your model says") -> go.Figure:
    """Probability of each label for one text."""
    places = list(range(len(found)))
    figure = go.Figure(
        go.Bar(
            y=places,
            x=[p for _, p in found],
            orientation="h",
            marker_color=DEV,
            text=[f"{p:.0%}" for _, p in found],
            hovertemplate="%{x:.1%}<extra></extra>",
        )
    )
    styled(figure, title=name, x="probability", height=130 + 34 * len(found))
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.update_yaxes(
        tickvals=places, ticktext=[escape(label) for label, _ in found], autorange="reversed"
    )
    return figure


def reason_bars(found: Reasons) -> go.Figure:
    """What each word adds to a label, for it to the right and against it to the left."""
    shown = list(found.own)[:LONGEST_REASONS]
    places = list(range(len(shown)))
    values = [float(found.values[i]) for i in shown]
    figure = go.Figure(
        go.Bar(
            y=places,
            x=values,
            orientation="h",
            marker_color=[FOR if value >= 0 else AGAINST for value in values],
            hovertemplate="%{x:+.3f}<extra></extra>",
        )
    )
    styled(
        figure,
        title=f"Which words speak for “{escape(found.label)}”?",
        x="score" if found.score else "log-probability",
        height=110 + 17 * len(shown),
    )
    figure.update_yaxes(
        tickvals=places, ticktext=[escape(found.tokens[i]) for i in shown], autorange="reversed"
    )
    return figure
