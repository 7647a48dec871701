"""Figures of the lesson "What BERT is made of"."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from ..figures.theme import IDEAS, OKABE_ITO, across, styled
from .compute import PARTS, Cost, Level, Stage, Timing

COLORS = {
    "word embeddings": IDEAS["token"],
    "other embeddings": IDEAS["position"],
    "attention": OKABE_ITO["sky"],
    "feed-forward": OKABE_ITO["green"],
    "LayerNorm": OKABE_ITO["gray"],
    "pooler": OKABE_ITO["purple"],
}
ROW = 21  # pixels of one level
# Not see-through: Plotly chooses the color of the words in them as if they stood on white.
SOFT = {"attention": "#b3d5e8", "feed-forward": "#a8dccb", "": "#d0d2d6"}


def stack(levels: Sequence[Level]) -> go.Figure:
    """The stack from the embeddings (below) to the pooler, each level as long as it is large."""
    names = [level.name for level in levels]
    figure = go.Figure()
    for part in PARTS:
        counts = [level.parts.get(part, 0) for level in levels]
        figure.add_bar(
            orientation="h", y=names, x=counts, name=part, marker_color=COLORS[part],
            hovertemplate=f"%{{y}}, {part}: %{{x:,}}<extra></extra>",
        )  # fmt: skip
    styled(
        figure,
        title="The stack: the input enters below",
        x="parameters",
        height=200 + ROW * len(levels),
        legend=True,
    )
    # The legend at the bottom edge, clear of title and axis on a phone as well.
    figure.update_layout(
        barmode="stack",
        margin={"b": 120},
        legend={"yref": "container", "yanchor": "bottom", "y": 0, "x": 0, "xanchor": "left"},
    )
    figure.update_yaxes(categoryorder="array", categoryarray=names)
    return figure


def block_drawing(found: Sequence[Stage], layers: int) -> go.Figure:
    """The way from ids to heads through one block, bottom to top: a box a stage, with its shape."""
    figure = go.Figure()
    places = list(range(len(found)))
    figure.add_bar(
        orientation="h", y=places, x=[1] * len(found), width=0.72,
        marker_color=[SOFT[stage.half] for stage in found],
        text=[stage.name for stage in found], textposition="inside",
        insidetextanchor="middle", textfont={"size": 13}, showlegend=False,
        customdata=[[stage.letters, stage.numbers] for stage in found],
        hovertemplate="%{text}<br>%{customdata[0]}: %{customdata[1]}<extra></extra>",
    )  # fmt: skip
    inside = [place for place in places if found[place].half]
    figure.add_shape(
        type="rect", x0=-0.02, x1=1.02, y0=inside[0] - 0.47, y1=inside[-1] + 0.47,
        line={"color": OKABE_ITO["gray"], "dash": "dot"},
    )  # fmt: skip
    figure.add_annotation(
        x=1.03, y=(inside[0] + inside[-1]) / 2, xanchor="left", showarrow=False, textangle=-90,
        text=f"one block, × {layers}", font={"size": 13},
    )  # fmt: skip
    styled(figure, title="One block, and every shape on the way", height=120 + 40 * len(found))
    figure.update_xaxes(visible=False, range=[-0.04, 1.08])
    figure.update_yaxes(
        tickvals=places, ticktext=[f"{s.letters}<br>{s.numbers}" for s in found], showgrid=False,
        range=[-0.6, len(found) - 0.4],
    )  # fmt: skip
    return figure


def treemap(levels: Sequence[Level]) -> go.Figure:
    """Every part of every level as an area of its size."""
    ids, labels, parents, values, colors = ["BERT"], ["BERT"], [""], [0], ["rgba(0,0,0,0)"]
    for level in levels:
        ids.append(level.name)
        labels.append(level.name)
        parents.append("BERT")
        values.append(level.parameters)
        colors.append("rgba(138,143,152,0.25)")
        for part, count in level.parts.items():
            ids.append(f"{level.name}/{part}")
            labels.append(part)
            parents.append(level.name)
            values.append(count)
            colors.append(COLORS[part])
    values[0] = sum(level.parameters for level in levels)
    figure = go.Figure(
        go.Treemap(
            ids=ids, labels=labels, parents=parents, values=values, branchvalues="total",
            marker={"colors": colors, "line": {"width": 1}}, tiling={"pad": 2},
            texttemplate="%{label}<br>%{percentRoot:.1%}",
            hovertemplate="%{id}: %{value:,} parameters, %{percentRoot:.2%}<extra></extra>",
        )
    )  # fmt: skip
    styled(figure, title="Where the parameters are: area is number", height=440)
    return figure


def cost_curve(costs: Sequence[Cost], chosen: int) -> go.Figure:
    """Operations of a sentence against its length, the quadratic part on top of the linear one."""
    lengths = [cost.tokens for cost in costs]
    figure = go.Figure()
    for name, values, color in (
        (
            "each token by itself (grows with length)",
            [c.projections for c in costs],
            OKABE_ITO["green"],
        ),
        (
            "token against token (grows with its square)",
            [c.mixing for c in costs],
            OKABE_ITO["sky"],
        ),
    ):
        figure.add_scatter(
            x=lengths, y=[value / 1e9 for value in values], name=name, mode="lines",
            stackgroup="cost", line={"color": color},
            hovertemplate="%{x} tokens: %{y:,.2f} billion<extra></extra>",
        )  # fmt: skip
    across(figure, x=chosen, line={"dash": "dot", "color": OKABE_ITO["gray"]})
    styled(
        figure,
        title="What length costs: one part grows with its square",
        x="tokens in the sentence",
        y="billion operations",
        height=380,
        legend=True,
    )
    figure.update_layout(margin={"t": 96}, legend={"x": 0, "xanchor": "left", "y": 1.02})
    return figure


def timing_curve(timings: Sequence[Timing], expected: Sequence[Cost]) -> go.Figure:
    """Milliseconds measured here, beside what the operations alone would predict.

    The prediction is scaled to meet the longest measurement: it shows the shape, not the speed.
    """
    lengths = [timing.tokens for timing in timings]
    scale = timings[-1].milliseconds / expected[-1].total
    figure = go.Figure()
    figure.add_scatter(
        x=lengths, y=[cost.total * scale for cost in expected], name="by the operations",
        mode="lines", line={"dash": "dash", "color": IDEAS["baseline"]},
        hovertemplate="%{x} tokens: %{y:.1f} ms expected<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=lengths, y=[timing.milliseconds for timing in timings], name="measured",
        mode="lines+markers", line={"color": IDEAS["token"], "width": 3}, marker={"size": 9},
        hovertemplate="%{x} tokens: %{y:.1f} ms<extra></extra>",
    )  # fmt: skip
    styled(
        figure, title="Measured on this machine, beside the count of operations",
        x="tokens in the sentence", y="milliseconds", height=340, legend=True,
    )  # fmt: skip
    figure.update_layout(margin={"t": 76})
    return figure
