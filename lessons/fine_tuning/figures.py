"""Charts of fine-tuning: curves beside baselines, confusions, maps, runs compared."""

from __future__ import annotations

import math
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
from .calibration import Bin
from .spread import Spread

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


def reason_bars(words: Sequence[tuple[str, float]], label: str, *, score: bool) -> go.Figure:
    """What each word adds to a label, for it to the right and against it to the left.

    To its ``score`` or, where that is False, to its log-probability.
    """
    shown = words[:LONGEST_REASONS]
    places = list(range(len(shown)))
    values = [value for _, value in shown]
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
        title=f"Which words speak for “{escape(label)}”?",
        x="score" if score else "log-probability",
        height=110 + 17 * len(shown),
    )
    figure.update_yaxes(
        tickvals=places, ticktext=[escape(word) for word, _ in shown], autorange="reversed"
    )
    return figure


# --- how much learns ----------------------------------------------------------------------------

SIDE = 100.0  # of the square that stands for the whole model, and of one matrix
WAY_COLORS = dict(
    zip(("head", "lora", "all"), (OKABE_ITO["orange"], OKABE_ITO["blue"], OKABE_ITO["green"]),
        strict=True)
)  # fmt: skip


def what_learns(rank: int, hidden: int, sizes: Mapping[str, tuple[str, int]]) -> go.Figure:
    """Above, one matrix W with B and A of this rank, to scale; below, all that learns as area.

    ``sizes`` are title and number of weights of each way; the last is the largest.
    """
    figure = go.Figure()
    thin = SIDE * rank / hidden
    stays, learns = {"color": OKABE_ITO["gray"], "width": 1}, WAY_COLORS["lora"]

    def box(x: float, y: float, width: float, height: float, color: str, shade: float) -> None:
        figure.add_shape(
            type="rect", x0=x, x1=x + width, y0=y, y1=y + height, fillcolor=color, opacity=shade,
            line={"color": color, "width": 1},
        )  # fmt: skip

    def write(x: float, y: float, text: str, anchor: str = "center") -> None:
        figure.add_annotation(x=x, y=y, text=text, showarrow=False, xanchor=anchor)

    figure.add_shape(
        type="rect", x0=0, x1=SIDE, y0=130, y1=130 + SIDE, line=stays,
        fillcolor="rgba(138,143,152,0.15)",
    )  # fmt: skip
    write(SIDE / 2, 130 + SIDE / 2, f"W stays<br>{hidden} × {hidden}")
    write(112, 180, "+")
    box(124, 130, thin, SIDE, learns, 0.9)
    write(128 + thin, 180, "B", "left")
    box(152, 130 + SIDE - thin, SIDE, thin, learns, 0.9)
    write(202, 130 + SIDE - thin - 12, "A")
    most = max(number for _, number in sizes.values())
    left = 0.0
    for name, (title, number) in sorted(sizes.items(), key=lambda item: -item[1][1]):
        side = SIDE * math.sqrt(number / most)
        inside = side > SIDE / 2
        box(left, 0, side, side, WAY_COLORS[name], 0.2 if inside else 0.7)  # pale under its text
        write(
            left + side / 2 if inside else left, SIDE / 2 if inside else side + 16,
            f"{title}<br>{number:,}", "center" if inside else "left",
        )  # fmt: skip
        left += side + (12 if inside else 62)
    # A point that nobody sees: without a trace Plotly draws no axes to place shapes on.
    figure.add_scatter(x=[0], y=[0], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    styled(figure, title="One matrix, and all that learns", height=290)
    figure.update_xaxes(visible=False, range=[-4, 258])
    figure.update_yaxes(visible=False, range=[-4, 236], scaleanchor="x")
    return figure


def ways_curves(
    ways: Mapping[str, tuple[str, Sequence[Sequence[Mapping[str, Any]]]]],
    own: tuple[str, Sequence[Mapping[str, Any]]] | None,
    steps: int,
    before_bert: float,
) -> go.Figure:
    """Score on dev of each way: thin lines are seeds, the thick one their mean; one's own beside.

    ``ways`` are title and the moments of each seed, ``before_bert`` the best baseline.
    """
    figure = go.Figure()
    for name, (title, seeds) in ways.items():
        color = WAY_COLORS[name]
        at = [moment["step"] for moment in seeds[0]]
        for moments in seeds:
            figure.add_scatter(
                x=at, y=[m["score"] for m in moments], mode="lines", showlegend=False,
                line={"color": color, "width": 1}, opacity=0.35, hoverinfo="skip",
            )  # fmt: skip
        mean = [sum(m["score"] for m in column) / len(seeds) for column in zip(*seeds, strict=True)]
        figure.add_scatter(
            x=at, y=mean, mode="lines+markers", name=title, line={"color": color, "width": 3},
            hovertemplate=f"{title}, step %{{x}}: %{{y:.0%}}<extra></extra>",
        )  # fmt: skip
    if own is not None:
        figure.add_scatter(
            x=[m["step"] for m in own[1]], y=[m["score"] for m in own[1]], mode="lines+markers",
            name=f"yours: {escape(own[0])}",
            line={"color": IDEAS["guess"], "width": 3, "dash": "dot"},
            hovertemplate="yours, step %{x}: %{y:.0%}<extra></extra>",
        )  # fmt: skip
    across(figure, y=before_bert, line={"color": IDEAS["baseline"], "dash": "dot"})
    styled(
        figure, title="Right on dev, three ways", x="step (dotted line: without BERT)",
        height=290, legend=True,
    )  # fmt: skip
    legend_below(figure, 0.32)
    figure.update_xaxes(range=[0, steps * 1.02])
    figure.update_yaxes(range=[0.2, 1], tickformat=".0%")
    return figure


# --- several seeds ------------------------------------------------------------------------------


def spread_dots(spreads: Sequence[Spread]) -> go.Figure:
    """A row for each setting: a dot for each seed, and the interval of its mean as a bar."""
    figure = go.Figure()
    places = list(range(len(spreads)))
    ends = [one.interval for one in spreads]
    figure.add_scatter(
        x=[one.mean for one in spreads], y=places, mode="markers", name="mean, 95% interval",
        marker={"symbol": "line-ns-open", "size": 20, "color": OKABE_ITO["gray"]},
        error_x={
            "type": "data", "symmetric": False, "thickness": 8, "width": 0,
            "color": "rgba(138,143,152,0.35)",
            "array": [high - one.mean for one, (_, high) in zip(spreads, ends, strict=True)],
            "arrayminus": [one.mean - low for one, (low, _) in zip(spreads, ends, strict=True)],
        },
        hovertemplate="mean %{x:.1%}<extra></extra>",
    )  # fmt: skip
    for own, name, color, symbol in (
        (False, "recorded seed", TRAIN, "circle"), (True, "your seed", IDEAS["guess"], "diamond"),
    ):  # fmt: skip
        dots = [
            (score, place + 0.09 * (i - (len(one.seeds) - 1) / 2), seed)
            for place, one in enumerate(spreads)
            for i, (score, seed, mine) in enumerate(
                zip(one.scores, one.seeds, one.own, strict=True)
            )
            if mine == own
        ]
        if dots:
            figure.add_scatter(
                x=[x for x, _, _ in dots], y=[y for _, y, _ in dots], mode="markers", name=name,
                marker={"size": 11, "color": color, "symbol": symbol, "opacity": 0.85},
                customdata=[seed for *_, seed in dots],
                hovertemplate="seed %{customdata}: %{x:.1%}<extra></extra>",
            )  # fmt: skip
    styled(
        figure, title="Each dot is one seed", x="right on dev", height=150 + 62 * len(spreads),
        legend=True,
    )  # fmt: skip
    legend_below(figure, 60 / (62 * len(spreads)))
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(
        tickvals=places, range=[len(spreads) - 0.5, -0.5],
        ticktext=[escape(one.title).replace(", ", "<br>", 1) for one in spreads],
    )  # fmt: skip
    return figure


# --- how sure -----------------------------------------------------------------------------------


def reliability(trained: Sequence[Bin], scaled: Sequence[Bin], temperature: float) -> go.Figure:
    """How sure against how often right, in bins; on the diagonal, the two agree."""
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="as sure as right", hoverinfo="skip",
        line={"color": IDEAS["baseline"], "dash": "dot"},
    )  # fmt: skip
    for bins, name, color, symbol in (
        (trained, "as trained", OKABE_ITO["orange"], "circle-open"),
        (scaled, f"at temperature {temperature:.1f}", OKABE_ITO["blue"], "circle"),
    ):
        full = [one for one in bins if one.count]
        figure.add_scatter(
            x=[one.sure for one in full], y=[one.right for one in full], name=name,
            mode="lines+markers+text", text=[str(one.count) for one in full],
            textposition="middle right" if symbol == "circle" else "middle left",
            line={"color": color, "width": 2},
            marker={
                "symbol": symbol, "color": color,
                "size": [7 + 2.2 * math.sqrt(one.count) for one in full],
            },
            error_y={
                "type": "data", "symmetric": False, "thickness": 1, "width": 3,
                "array": [one.interval[1] - one.right for one in full],
                "arrayminus": [one.right - one.interval[0] for one in full],
            },
            customdata=[one.count for one in full],
            hovertemplate="%{customdata} answers: %{x:.0%} sure, %{y:.0%} right<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title="Is it right as often as it is sure?",
        x="how sure, mean of a bin (numbers: answers in it)", y="share right", height=400,
        legend=True,
    )  # fmt: skip
    legend_below(figure, 0.24)
    figure.update_xaxes(range=[0.28, 1.03], tickformat=".0%")
    figure.update_yaxes(range=[-0.03, 1.06], tickformat=".0%")
    return figure
