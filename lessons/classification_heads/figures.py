"""Charts of the four heads, and of thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from ..figures.theme import (
    IDEAS,
    OKABE_ITO,
    SEQUENTIAL_OPAQUE,
    across,
    escape,
    side_by_side,
    styled,
)
from .compute import Curve, Measured, Numbers, Reply, Result, Score
from .settings import HEADS, TASKS

COLORS = {"cls": "blue", "mean": "orange", "lstm": "green", "cnn": "vermillion"}
SYMBOLS = {"cls": "circle", "mean": "square", "lstm": "diamond", "cnn": "triangle-up"}
DASHES = ("dot", "dash", "dashdot")
WHISKER = IDEAS["baseline"]  # seen on a light and on a dark page
CURVE, POINT, FORCED = OKABE_ITO["blue"], OKABE_ITO["vermillion"], OKABE_ITO["green"]


def color_of(head: str, strength: float = 1.0) -> str:
    """The color of a head, as Plotly takes it."""
    code = OKABE_ITO[COLORS[head]].lstrip("#")
    red, green, blue = (int(code[i : i + 2], 16) for i in (0, 2, 4))
    return f"rgba({red},{green},{blue},{strength})"


def loss_curves(points: Sequence[Sequence[float | None]], steps: int) -> go.Figure:
    """Training loss of each head. ``points`` are (step, loss of each head), of ``steps`` in all."""
    figure = go.Figure()
    for i, (head, name) in enumerate(HEADS.items(), 1):
        figure.add_scatter(
            x=[p[0] for p in points], y=[p[i] for p in points], mode="lines", name=name,
            line={"color": color_of(head), "width": 1.5}, hovertemplate="batch %{x}: %{y:.2f}",
        )  # fmt: skip
    styled(figure, title="Loss in training", x="batch", y="nats", height=380, legend=True)
    below(figure)
    figure.update_xaxes(range=[0, steps])
    figure.update_yaxes(rangemode="tozero")
    return figure


def accuracy_curves(
    steps: Sequence[int],
    found: Sequence[Sequence[Score]],
    facts: Mapping[str, Any],
    raced: Sequence[tuple[int, Sequence[Score]]] = (),
) -> go.Figure:
    """Accuracy on dev: a line for each head, a band over its seeds, gray lines for baselines.

    ``found`` are the scores of all heads at each of ``steps``; ``raced`` are steps and scores of
    the recorded run that this one is racing.
    """
    figure = go.Figure()
    for i, (head, name) in enumerate(HEADS.items()):
        scores = [moment[i] for moment in found]
        figure.add_scatter(
            x=[*steps, *reversed(steps)],
            y=[*(max(s.seeds) for s in scores), *(min(s.seeds) for s in reversed(scores))],
            fill="toself", fillcolor=color_of(head, 0.16), line={"width": 0}, mode="lines",
            showlegend=False, hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=list(steps), y=[s.mean for s in scores], mode="lines+markers", name=name,
            line={"color": color_of(head), "width": 2.5},
            marker={"symbol": SYMBOLS[head], "size": 8}, hovertemplate="batch %{x}: %{y:.1%}",
        )  # fmt: skip
    for i, head in enumerate(HEADS if raced else ()):
        figure.add_scatter(
            x=[step for step, _ in raced], y=[scores[i].mean for _, scores in raced],
            mode="lines", name="recorded run", legendgroup="recorded", showlegend=i == 0,
            line={"color": color_of(head, 0.55), "dash": "dash", "width": 1.5},
            hovertemplate=f"recorded run, {HEADS[head]}, batch %{{x}}: %{{y:.1%}}<extra></extra>",
        )  # fmt: skip
    names: dict[float, list[str]] = {}
    for name, value in facts["baselines"].items():
        names.setdefault(round(value, 4), []).append(name)
    for i, (value, same) in enumerate(names.items()):  # equal ones are one line
        figure.add_scatter(
            x=[0, facts["steps"]], y=[value, value], mode="lines", name=", ".join(same),
            line={"color": IDEAS["baseline"], "dash": DASHES[i % 3], "width": 2},
            hovertemplate=f"{', '.join(same)}: %{{y:.1%}}<extra></extra>",
        )  # fmt: skip
    styled(figure, title="Right on new sentences", x="batch", y="right", height=380, legend=True)
    below(figure)
    figure.update_xaxes(range=[0, facts["steps"]])
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return figure


def below(figure: go.Figure) -> None:
    """Put the legend under the figure, where it has room on a phone too."""
    figure.update_layout(
        legend={"yanchor": "top", "y": -0.2, "xanchor": "left", "x": 0, "traceorder": "normal"}
    )


def score_dots(scores: Sequence[Score], baseline: float, guess: str | None) -> go.Figure:
    """A line for each head: a dot for each seed, a bar at the mean, gray for the baseline."""
    figure = go.Figure()
    names = []
    for place, score in enumerate(scores):
        title = HEADS[score.head]
        names.append(f"{title} ◂ your guess" if title == guess else title)
        figure.add_scatter(
            x=[min(score.seeds), max(score.seeds)], y=[place, place], mode="lines",
            line={"color": color_of(score.head, 0.35), "width": 12}, hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=list(score.seeds), y=[place] * len(score.seeds), mode="markers",
            marker={"color": color_of(score.head), "size": 10, "symbol": SYMBOLS[score.head]},
            hovertemplate="one seed: %{x:.1%}<extra></extra>",
        )  # fmt: skip
        figure.add_scatter(
            x=[score.mean], y=[place], mode="markers+text", text=[f"{score.mean:.1%}"],
            textposition="top center" if score.mean < 0.9 else "top left", cliponaxis=False,
            marker={
                "color": color_of(score.head), "size": 22, "symbol": "line-ns-open",
                "line": {"width": 2.5},
            },
            hovertemplate="mean: %{x:.1%}<extra></extra>",
        )  # fmt: skip
    figure.add_vline(
        x=baseline, line={"color": IDEAS["baseline"], "dash": "dash"},
        annotation={"text": "best without BERT", "yanchor": "bottom", "y": 1.0},
    )  # fmt: skip
    styled(figure, title="How sure is the order?", x="right on dev", height=330)
    figure.update_layout(margin={"t": 70})
    lowest = min(baseline, *(min(score.seeds) for score in scores))
    figure.update_xaxes(range=[max(0.0, lowest - 0.08), 1.03], tickformat=".0%")
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.4, -0.7]
    )
    return figure


def reply_bars(replies: Sequence[Reply], labels: Sequence[str]) -> go.Figure:
    """For each label a bar of every head: mean probability, whiskers over the seeds."""
    figure = go.Figure()
    places = list(range(len(labels)))
    for reply in replies:
        figure.add_bar(
            y=places, x=list(reply.mean), orientation="h", name=HEADS[reply.head],
            marker_color=color_of(reply.head), hovertemplate="%{x:.1%}",
            error_x={
                "type": "data", "symmetric": False, "thickness": 2, "width": 4, "color": WHISKER,
                "array": [h - m for h, m in zip(reply.high, reply.mean, strict=True)],
                "arrayminus": [m - x for m, x in zip(reply.mean, reply.low, strict=True)],
            },
        )  # fmt: skip
    styled(
        figure, title="What the four heads say", x="probability (whiskers: from seed to seed)",
        height=170 + 84 * len(labels), legend=True,
    )  # fmt: skip
    below(figure)
    figure.update_layout(barmode="group", legend_y=-0.3)
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(
        tickvals=places, ticktext=[escape(label) for label in labels], autorange="reversed"
    )
    return figure


def task_heatmap(results: Sequence[Result]) -> go.Figure:
    """Accuracy of each head on each task that was trained, beside the best without BERT."""
    columns = ["no BERT", *HEADS.values()]
    values = [[r.baseline, *(r.means[head] for head in HEADS)] for r in results]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            text=[
                [
                    f"<b>{value:.0%}</b>" if name == r.winner else f"{value:.0%}"
                    for name, value in zip(columns, row, strict=True)
                ]
                for r, row in zip(results, values, strict=True)
            ],
            texttemplate="%{text}",
            colorscale=SEQUENTIAL_OPAQUE,
            zmin=0.4,
            zmax=1,
            showscale=False,
            xgap=3,
            ygap=3,
            hovertemplate="%{z:.1%}<extra></extra>",
        )
    )
    styled(
        figure, title="Which head for which task? (bold: a clear winner)",
        height=130 + 52 * len(results),
    )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(range(len(columns))), ticktext=columns, side="top", showgrid=False
    )
    figure.update_layout(margin={"t": 84})
    figure.update_yaxes(
        tickvals=list(range(len(results))),
        ticktext=[TASKS[r.task] for r in results],
        autorange="reversed",
        showgrid=False,
    )
    return figure


def precision_recall(
    found: Curve, now: tuple[float, float], one: tuple[float, float], about: str
) -> go.Figure:
    """The curve, the point of the threshold on it, and the point of one forced label.

    ``now`` and ``one`` are (recall, precision).
    """
    figure = go.Figure()
    figure.add_scatter(
        x=found.recall, y=found.precision, mode="lines", name="all thresholds",
        line={"color": CURVE, "width": 2.5, "shape": "hv"}, customdata=found.thresholds,
        hovertemplate="threshold %{customdata:.2f}: recall %{x:.0%}, precision %{y:.0%}"
        "<extra></extra>",
    )  # fmt: skip
    for name, (recall, precision), symbol, color in (
        ("your threshold", now, "circle", POINT),
        ("one label by softmax", one, "x", FORCED),
    ):
        figure.add_scatter(
            x=[recall], y=[precision], mode="markers", name=name, cliponaxis=False,
            marker={"size": 15, "symbol": symbol, "color": color},
            hovertemplate=f"{name}: recall %{{x:.0%}}, precision %{{y:.0%}}<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title=f"Give more and be wrong more: {about}", x="recall: how much is found",
        y="precision: how much is true", height=390, legend=True,
    )  # fmt: skip
    below(figure)
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%")
    return figure


def label_scores(found: Measured, labels: Sequence[str]) -> go.Figure:
    """Precision, recall and F1 of each label as dots on a line."""
    figure = go.Figure()
    places = list(range(len(labels)))
    for place, counts in zip(places, found.labels, strict=True):
        figure.add_scatter(
            x=[counts.precision, counts.recall], y=[place, place], mode="lines",
            line={"color": IDEAS["baseline"], "width": 2}, showlegend=False, hoverinfo="skip",
        )  # fmt: skip
    for name, title, symbol, color in (
        ("precision", "precision", "triangle-left", OKABE_ITO["blue"]),
        ("recall", "recall", "triangle-right", OKABE_ITO["orange"]),
        ("f1", "F1", "diamond", OKABE_ITO["gray"]),
    ):
        figure.add_scatter(
            x=[getattr(counts, name) for counts in found.labels], y=places, mode="markers",
            name=title, marker={"symbol": symbol, "size": 12, "color": color}, cliponaxis=False,
            hovertemplate=f"{title} %{{x:.0%}}<extra></extra>",
        )  # fmt: skip
    styled(figure, title="Label by label", x="share", height=390, legend=True)
    below(figure)
    figure.update_xaxes(range=[0, 1.02], tickformat=".0%")
    figure.update_yaxes(tickvals=places, ticktext=list(labels), autorange="reversed")
    return figure


def own_topics(yes: Numbers, shares: Numbers, threshold: float, labels: Sequence[str]) -> go.Figure:
    """One sentence: a sigmoid for each label with the threshold, and the softmax that shares 1."""
    figure = side_by_side(("Sigmoid", "Softmax"), shared_y=True)
    places = list(range(len(labels)))
    top = int(shares.argmax())
    for number, values, chosen, color in (
        ("", yes, yes >= threshold, POINT),
        ("2", shares, [i == top for i in places], FORCED),
    ):
        figure.add_bar(
            y=places, x=values, orientation="h",
            marker={"color": [color if on else IDEAS["baseline"] for on in chosen]},
            text=[f"{value:.0%}" for value in values], textposition="outside", cliponaxis=False,
            hovertemplate="%{x:.1%}<extra></extra>", xaxis=f"x{number}", yaxis=f"y{number}",
        )  # fmt: skip
    styled(figure, title="Your sentence, by both heads", height=340)
    across(figure, x=threshold, line={"color": POINT, "dash": "dash"})
    figure.layout.margin.t = 76
    figure.update_xaxes(range=[0, 1.12], tickformat=".0%", tickvals=[0, 0.5, 1])
    figure.update_yaxes(tickvals=places, ticktext=list(labels), autorange="reversed")
    return figure
