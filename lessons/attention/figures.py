"""Charts of the attention lesson."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ..figures.theme import (
    DIVERGING,
    DIVERGING_OPAQUE,
    IDEAS,
    OKABE_ITO,
    SEQUENTIAL,
    SEQUENTIAL_OPAQUE,
    legend_below,
    styled,
    token_axis,
)
from .detective import (
    BROAD,
    CLARK,
    MIXED,
    RELATIONS,
    Label,
    Rivals,
    Roles,
    Score,
    Specialists,
)
from .importance import METHODS, Importance

ROLE_COLORS = {
    "previous": OKABE_ITO["blue"],
    "next": OKABE_ITO["orange"],
    "itself": OKABE_ITO["green"],
    "same word": OKABE_ITO["vermillion"],
    "[CLS]": OKABE_ITO["purple"],
    "[SEP]": OKABE_ITO["sky"],
    "punctuation": OKABE_ITO["yellow"],
    BROAD: OKABE_ITO["gray"],
    MIXED: "transparent",
}
"""One color for each role of a head."""

SHORT = {relation: text.split(" (")[0] for relation, text in RELATIONS.items()}


def head_labels(roles: Roles) -> list[list[Mapping[str, str]]]:
    """Labels of all heads for the explorer: name, color, and a sentence."""

    def one(label: Label) -> Mapping[str, str]:
        return {"name": label.role, "color": ROLE_COLORS[label.role], "words": label.words}

    return [[one(label) for label in row] for row in roles.labels]


def relation_grid(score: Score) -> go.Figure:
    """Every head's accuracy on one relation; a ring around the best."""
    layers, heads = score.accuracy.shape
    figure = go.Figure(
        go.Heatmap(
            z=score.accuracy,
            colorscale=SEQUENTIAL,
            zmin=0,
            zmax=1,
            colorbar={"tickformat": ".0%", "thickness": 12},
            hovertemplate="layer %{y}, head %{x}: %{z:.0%}<extra></extra>",
            x=list(range(1, heads + 1)),
            y=list(range(1, layers + 1)),
            xgap=2,
            ygap=2,
        )
    )
    layer, head = score.best
    figure.add_scatter(
        x=[head + 1],
        y=[layer + 1],
        mode="markers",
        marker={
            "symbol": "circle-open",
            "size": 26,
            "color": IDEAS["prediction"],
            "line": {"width": 3},
        },
        hoverinfo="skip",
    )
    figure.update_yaxes(autorange="reversed", dtick=1, showgrid=False)
    figure.update_xaxes(dtick=1, showgrid=False)
    return styled(
        figure,
        title=f"Which head finds: {SHORT[score.relation]}?",
        x="head",
        y="layer",
        height=90 + 44 * layers,
    )


def specialist_grid(found: Specialists) -> go.Figure:
    """Every head named after the relation on which it beats counting most; the lead
    is that of sentences which did not choose the relation."""
    layers, heads = found.margins.shape
    figure = go.Figure(
        go.Heatmap(
            z=found.margins.clip(0),
            x=list(range(1, heads + 1)),
            y=list(range(1, layers + 1)),
            text=[[name or "" for name in row] for row in found.names],
            texttemplate="%{text}",
            textfont={"size": 11},
            colorscale=SEQUENTIAL_OPAQUE,
            zmin=0,
            zmax=1,
            colorbar={"tickformat": ".0%", "thickness": 12},
            hovertemplate="layer %{y}, head %{x}: %{text}, +%{z:.0%}<extra></extra>",
            xgap=2,
            ygap=2,
        )
    )
    figure.update_yaxes(autorange="reversed", dtick=1, showgrid=False)
    figure.update_xaxes(dtick=1, showgrid=False)
    return styled(
        figure,
        title="What each head finds beyond counting",
        x="head",
        y="layer",
        height=90 + 44 * layers,
    )


def relation_bars(scores: Sequence[Score]) -> go.Figure:
    """Best head of each relation beside its two rivals, and what BERT-base reached."""
    order = sorted(scores, key=lambda score: score.fair - score.baseline)
    names = [SHORT[score.relation] for score in order]
    figure = _both_rivals(order)
    figure.add_bar(
        y=names, x=[score.fair for score in order], orientation="h",
        error_x={
            "type": "data",
            "array": [score.interval[1] - score.fair for score in order],
            "arrayminus": [score.fair - score.interval[0] for score in order],
        },
        name="best head, tested on unseen sentences", marker_color=IDEAS["attention"],
        hovertemplate="%{y}<br>best head %{x:.0%}<extra></extra>",
    )  # fmt: skip
    _what_clark_found(figure, order)
    styled(
        figure,
        title="Grammar, or counting words?",
        x="share found",
        height=160 + 54 * len(names),
        legend=True,
    )
    legend_below(figure, 0.16)
    return figure


def rival_bars(rivals: Sequence[Rivals]) -> go.Figure:
    """What counting and simple rules find with no model at all, and what BERT-base reached."""
    order = sorted(rivals, key=lambda found: -found.baseline)
    figure = _both_rivals(order)
    _what_clark_found(figure, order)
    styled(
        figure,
        title="What a head has to beat",
        x="share found",
        height=170 + 32 * len(order),
        legend=True,
    )
    legend_below(figure, 0.2)
    return figure


def _both_rivals(order: Sequence[Score | Rivals]) -> go.Figure:
    figure = go.Figure()
    for title, color, shares in (
        ("counting: best offset, or first subject", IDEAS["baseline"],
         [(found.baseline, found.baseline_name) for found in order]),
        ("best simple rule", OKABE_ITO["sky"], [(found.rule, found.rule_name) for found in order]),
    ):  # fmt: skip
        figure.add_bar(
            y=[SHORT[found.relation] for found in order], x=[share for share, _ in shares],
            orientation="h", name=title,
            marker_color=color, customdata=[name for _, name in shares],
            hovertemplate="%{y}<br>%{customdata} %{x:.0%}<extra></extra>",
        )  # fmt: skip
    return figure


def _what_clark_found(figure: go.Figure, order: Sequence[Score | Rivals]) -> None:
    known = [found.relation for found in order if found.relation in CLARK]
    figure.add_scatter(
        y=[SHORT[relation] for relation in known],
        x=[CLARK[relation][0] / 100 for relation in known], mode="markers",
        name="BERT-base (Clark et al. 2019)",
        marker={"symbol": "diamond", "size": 11, "color": IDEAS["segment"]},
        hovertemplate="%{y}<br>BERT-base %{x:.1%}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1.03], tickformat=".0%")


def head_effects(change: NDArray[np.float32], word: str) -> go.Figure:
    """What silencing each head alone does to the probability of the predicted word."""
    layers, heads = change.shape
    reach = max(0.1, float(np.abs(change).max()))
    figure = go.Figure(
        go.Heatmap(
            z=change,
            x=list(range(1, heads + 1)),
            y=list(range(1, layers + 1)),
            customdata=np.exp(change),
            colorscale=DIVERGING,
            zmid=0,
            zmin=-reach,
            zmax=reach,
            colorbar={"thickness": 12, "title": {"text": "Δ log p", "font": {"size": 12}}},
            hovertemplate=(
                "layer %{y}, head %{x} silent:<br>probability × %{customdata:.2f}<extra></extra>"
            ),
            xgap=2,
            ygap=2,
        )
    )
    figure.update_yaxes(autorange="reversed", dtick=1, showgrid=False)
    figure.update_xaxes(dtick=1, showgrid=False)
    return styled(
        figure,
        title=f"One head silent: what “{word}” loses",
        x="head",
        y="layer",
        height=90 + 44 * layers,
    )


LOOKS = {"gap": "the gap", "text": "the first token", "token": "the token"}


def importance_strips(found: Importance) -> go.Figure:
    """One strip for each method: which tokens count. Each strip has its own scale."""
    shown = list(found.compared)
    values = np.stack([scores[shown] for scores in found.scores.values()])  # M N
    scale = np.maximum(np.abs(values).max(axis=1, keepdims=True), 1e-9)
    names = [METHODS[method].split(":")[0].split(",")[0] for method in found.scores]
    figure = go.Figure(
        go.Heatmap(
            z=values / scale,
            x=list(range(len(shown))),
            y=names,
            customdata=values,
            colorscale=DIVERGING,
            zmid=0,
            zmin=-1,
            zmax=1,
            showscale=len(names) > 2,  # for two the bar of colors has no room
            colorbar={
                "thickness": 12,
                "title": {"text": "share of<br>the largest", "font": {"size": 12}},
            },
            hovertemplate="%{y}<br>%{customdata:.3f}<extra></extra>",
            xgap=2,
            ygap=4,
        )
    )
    figure.update_xaxes(**token_axis([found.tokens[i] for i in shown], angle=-45), showgrid=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    asked = "removal" in found.scores
    return styled(
        figure,
        title=f"Which words made “{found.word}”?"
        if asked
        else f"Where does {LOOKS[found.asks]} look?",
        x="",
        y="",
        height=150 + 36 * len(names),
    )


def agreement_grid(found: Importance) -> go.Figure:
    """Rank correlation of the methods with each other."""
    names = [METHODS[method].split(":")[0].split(",")[0] for method in found.scores]
    matrix = found.agreement()
    figure = go.Figure(
        go.Heatmap(
            z=matrix,
            x=names,
            y=names,
            text=[[f"{value:.2f}" for value in row] for row in matrix],
            texttemplate="%{text}",
            colorscale=DIVERGING_OPAQUE,
            zmid=0,
            zmin=-1,
            zmax=1,
            showscale=False,
            hovertemplate="%{y} and %{x}: %{z:.2f}<extra></extra>",
            xgap=2,
            ygap=2,
        )
    )
    figure.update_yaxes(autorange="reversed", showgrid=False)
    figure.update_xaxes(tickangle=-35, showgrid=False)
    return styled(figure, title="Do the methods agree? Rank correlation", height=380)
