"""Charts of the encoder-layer lesson."""

from __future__ import annotations

import plotly.graph_objects as go

from ..figures.theme import (
    CATEGORIES,
    DIVERGING,
    IDEAS,
    OKABE_ITO,
    SEQUENTIAL_OPAQUE,
    escape,
    legend_below,
    styled,
    token_axis,
)
from .compute import EarlyLook, Stream, Units, Without
from .outliers import Loudness, Silenced


def stream_lengths(stream: Stream, token: int) -> go.Figure:
    """Lengths of the stream and of what is added to it, layer by layer, for one token."""
    layers = list(range(1, len(stream.attention) + 1))
    figure = go.Figure()
    figure.add_bar(
        x=layers, y=stream.attention[:, token], name="attention adds",
        marker_color=IDEAS["attention"],
        hovertemplate="layer %{x}<br>attention adds %{y:.1f}<extra></extra>",
    )  # fmt: skip
    figure.add_bar(
        x=layers, y=stream.feed_forward[:, token], name="feed-forward adds",
        marker_color=OKABE_ITO["orange"],
        hovertemplate="layer %{x}<br>feed-forward adds %{y:.1f}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=[0, *layers], y=stream.lengths[:, token], name="the stream itself, after LayerNorm",
        mode="lines+markers", line={"color": OKABE_ITO["green"], "width": 3},
        hovertemplate="after layer %{x}<br>length %{y:.1f}<extra></extra>",
    )  # fmt: skip
    figure.update_xaxes(dtick=1)
    styled(
        figure,
        title=f"How much is added to “{escape(stream.tokens[token])}”?",
        x="layer (0 is the input)",
        y="length of the vector",
        height=400,
        legend=True,
    )
    legend_below(figure, 0.25)
    return figure


def layers_alike(stream: Stream) -> go.Figure:
    """Mean cosine of the same token in any two layers."""
    count = len(stream.alike)
    names = ["input", *(str(layer) for layer in range(1, count))]
    figure = go.Figure(
        go.Heatmap(
            z=stream.alike, x=list(range(count)), y=list(range(count)), zmin=0, zmax=1,
            colorscale=SEQUENTIAL_OPAQUE, colorbar={"thickness": 12}, xgap=2, ygap=2,
            text=[[f"{value:.2f}" for value in row] for row in stream.alike],
            texttemplate="%{text}" if count <= 13 else None,
            hovertemplate="layers %{y} and %{x}: %{z:.2f}<extra></extra>",
        )
    )  # fmt: skip
    axis = {"tickvals": list(range(count)), "ticktext": names, "showgrid": False}
    figure.update_xaxes(**axis)
    figure.update_yaxes(autorange="reversed", **axis)
    return styled(
        figure, title="The same token, two layers: how alike?", x="layer", y="layer", height=400
    )


def lengths_without(found: Without) -> go.Figure:
    """Mean length of the vectors, whole and with parts taken out."""
    layers = list(range(found.lengths.shape[1]))
    figure = go.Figure()
    for row, name, color, dash in (
        (found.lengths[0], "as it is", IDEAS["baseline"], "solid"),
        (found.lengths[1], "without", IDEAS["prediction"], "dash"),
    ):
        figure.add_scatter(
            x=layers, y=row, name=name, mode="lines+markers",
            line={"color": color, "width": 3, "dash": dash},
            hovertemplate="after layer %{x}: %{y:.2f}<extra>" + name + "</extra>",
        )  # fmt: skip
    # Without LayerNorm lengths may grow a hundredfold; then a log axis keeps both lines in sight.
    if found.lengths.max() > 5 * found.lengths[0].max():
        figure.update_yaxes(type="log")
    figure.update_xaxes(dtick=1)
    return styled(
        figure,
        title="Do the vectors keep their length?",
        x="after layer",
        y="mean length",
        height=340,
        legend=True,
    )


def early_curves(look: EarlyLook) -> go.Figure:
    """Probability of each followed word after every layer."""
    layers = list(range(look.probabilities.shape[1]))
    figure = go.Figure()
    for i, (word, row) in enumerate(zip(look.words, look.probabilities, strict=True)):
        hidden = word == look.hidden
        figure.add_scatter(
            x=layers, y=row, name=escape(word) + (" (hidden)" if hidden else ""),
            mode="lines+markers",
            line={
                "color": CATEGORIES[i % len(CATEGORIES)],
                "width": 4 if hidden else 2,
                "dash": "solid" if hidden else "dot",
            },
            customdata=look.ranks[i],
            hovertemplate=(
                f"{escape(word)} after layer %{{x}}<br>%{{y:.2%}}, place %{{customdata:,}}"
                "<extra></extra>"
            ),
        )  # fmt: skip
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(
        tickmode="array", tickvals=layers,
        ticktext=[f"{i or 'input'}<br>{escape(word)}" for i, (word, _) in enumerate(look.first)],
    )  # fmt: skip
    styled(
        figure,
        title="When does the prediction form?",
        x="after layer, and the word in front there",
        y="probability",
        height=420,
        legend=True,
    )
    legend_below(figure, 0.3)
    return figure


def unit_grid(units: Units) -> go.Figure:
    """The strongest units of a token, and how the whole sentence fires them."""
    reach = float(abs(units.everywhere).max()) or 1.0
    figure = go.Figure(
        go.Heatmap(
            z=units.everywhere, x=list(range(len(units.tokens))),
            y=list(range(len(units.best))), zmin=-reach, zmax=reach, colorscale=DIVERGING,
            colorbar={"thickness": 12}, xgap=1, ygap=2,
            customdata=[[unit] * len(units.tokens) for unit in units.best],
            hovertemplate="unit %{customdata}: %{z:.2f}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(**token_axis(units.tokens, angle=-45), showgrid=False)
    figure.update_yaxes(
        autorange="reversed", showgrid=False, tickvals=list(range(len(units.best))),
        ticktext=[f"unit {unit}" for unit in units.best],
    )  # fmt: skip
    return styled(
        figure,
        title=f"Units that “{escape(units.tokens[units.token])}” fires",
        height=120 + 26 * len(units.best),
    )


def loudness_skyline(loud: Loudness, count: int) -> go.Figure:
    """Every dimension as a bar, in order; the loudest stand out, and have their number."""
    dimensions = list(range(len(loud.overall)))
    chosen = set(loud.order[:count])
    figure = go.Figure(
        go.Bar(
            x=dimensions, y=loud.overall, width=1,
            marker_color=[
                IDEAS["prediction"] if i in chosen else OKABE_ITO["gray"] for i in dimensions
            ],
            marker_line_width=0,
            hovertemplate="dimension %{x}: %{y:.2f}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_scatter(
        x=sorted(chosen), y=[loud.overall[i] for i in sorted(chosen)], mode="text",
        text=[str(i) for i in sorted(chosen)], textposition="top center", hoverinfo="skip",
    )  # fmt: skip
    figure.update_yaxes(range=[0, 1.18 * float(loud.overall.max())])
    return styled(
        figure,
        title="A few dimensions are always loud",
        x="dimension of the vector",
        y="mean size, all tokens and layers",
        height=300,
    )


def silenced_bars(found: Silenced) -> go.Figure:
    """The first word's probability whole, without the loudest dimensions, and without others."""
    names = ["as it is", f"without the {found.count} loudest", f"without {found.count} others"]
    values = [found.whole, found.without, float(found.others.mean())]
    figure = go.Figure(
        go.Bar(
            y=[0, 1, 2], x=values, orientation="h", text=[f"{value:.0%}" for value in values],
            marker_color=[OKABE_ITO["blue"], IDEAS["prediction"], OKABE_ITO["gray"]],
            insidetextanchor="start", textposition="inside",
            hovertemplate="%{x:.1%}<extra></extra>",
        )
    )  # fmt: skip
    figure.add_scatter(
        x=found.others, y=[2.0] * len(found.others), mode="markers", hovertemplate="%{x:.1%}",
        marker={"symbol": "line-ns-open", "size": 14, "color": OKABE_ITO["orange"]},
        name="one draw",
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1.1 * max(values[0], float(found.others.max()))])
    figure.update_xaxes(tickformat=".0%")
    figure.update_yaxes(tickvals=[0, 1, 2], ticktext=names, autorange="reversed")
    return styled(
        figure, title=f"How likely is “{escape(found.word)}”?", x="probability", height=300
    )
