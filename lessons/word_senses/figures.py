"""Charts of the senses of a word: maps, curves, matrices, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ..figures.colorbar import ROOM_BELOW, colorbar_below
from ..figures.theme import (
    CATEGORIES,
    IDEAS,
    OKABE_ITO,
    SEQUENTIAL,
    across,
    escape,
    legend_below,
    styled,
)
from .claims import Contrast, Coreference, Roles
from .compute import Alikeness, LayerCurve, Verdict
from .examples import Example, SenseWord
from .maps import Film, Map

SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "star-square")
SYMBOLS_3D = ("circle", "square", "diamond", "cross", "x", "circle-open", "square-open")
MOST_NAMED = 40
"""Sentences up to which a matrix names its rows."""


def sense_color(place: int) -> str:
    """The color of a sense; after the seventh they come again, with another symbol."""
    return CATEGORIES[place % len(CATEGORIES)]


def symbol_place(place: int) -> int:
    """Which symbol goes with a sense: every sense has a pair of color and symbol of its own."""
    return (place + place // len(CATEGORIES)) % len(SYMBOLS)


def hover_text(example: Example) -> str:
    """The sentence with its word in bold, in lines, as Plotly shows it."""
    start, end = example.span
    marked = f"{example.text[:start]}\u0001{example.text[start:end]}\u0002{example.text[end:]}"
    lines = "<br>".join(escape(line) for line in wrap(marked[:400], 48))
    return lines.replace("\u0001", "<b>").replace("\u0002", "</b>")


def axis_names(method: str) -> tuple[str, str]:
    if method == "PCA":
        return "first principal axis", "second principal axis"
    return f"{method} axis 1", f"{method} axis 2"


def sense_map(
    word: SenseWord,
    drawn: Map,
    *,
    method: str,
    layer: int,
    new: Example | None = None,
    title: str | None = None,
    height: int = 520,
) -> go.Figure:
    """Points (N, 2) or (N, 3), a color and a symbol for each sense.

    Sentences that a learner kept have a ring. Where there is a ``new`` sentence, its point is the
    last one of ``drawn`` and appears as a star.
    """
    points = drawn.points
    flat = points.shape[1] == 2
    labels = np.array(word.labels)
    own = np.array([example.own for example in word.examples])
    own &= not own.all()  # in a table of one's own nothing would stand out
    texts = [hover_text(example) for example in word.examples]
    figure = go.Figure()

    def add(
        where: NDArray[np.float32], name: str, hover: Sequence[str], marker: dict[str, object]
    ) -> None:
        axes = dict(zip("xyz", where.T.round(4), strict=False))
        scatter = go.Scatter if flat else go.Scatter3d
        figure.add_trace(
            scatter(
                **axes, mode="markers", name=escape(name), text=hover, marker=marker,
                hovertemplate="%{text}<extra>%{fullData.name}</extra>",
            )
        )  # fmt: skip

    for place, sense in enumerate(word.senses):
        chosen = np.flatnonzero(labels == place)
        rings = [2.5 if own[i] else 0.6 for i in chosen]
        symbols = SYMBOLS if flat else SYMBOLS_3D
        marker: dict[str, object] = {
            "color": sense_color(place),
            "symbol": symbols[symbol_place(place)],
            "size": 11 if flat else 6,
            "opacity": 0.9,
        }
        # In space a marker's outline has one width; there, own sentences are told by hover alone.
        if flat:
            marker["line"] = {"color": OKABE_ITO["gray"], "width": rings}
        add(points[chosen], sense, [texts[i] for i in chosen], marker)
    if new is not None:
        star: dict[str, object] = {
            "color": IDEAS["guess"],
            "symbol": "star" if flat else "diamond",
            "size": 20 if flat else 10,
            "line": {"color": "white", "width": 1.5},
        }
        add(points[-1:], "your sentence", [hover_text(new)], star)
    x, y = axis_names(method)
    title = title or f"Every point is “{escape(word.word)}” in one sentence · layer {layer}"
    styled(figure, title=title, x=x, y=y, height=height, legend=True)
    legend_below(figure, 0.16)
    if flat:
        figure.update_xaxes(showticklabels=False)
        figure.update_yaxes(showticklabels=False)
    else:
        bare = {"showticklabels": False, "backgroundcolor": "rgba(128,128,128,0.06)"}
        figure.update_layout(
            scene={"xaxis": bare | {"title": x}, "yaxis": bare | {"title": y},
                   "zaxis": bare | {"title": "third axis"}, "aspectmode": "cube"},
        )  # fmt: skip
    return figure


def film_data(
    word: SenseWord,
    film: Film,
    curve: LayerCurve,
    new: Example | None,
    guess: float | None = None,
) -> dict[str, object]:
    """What the film component draws: places in each layer, sentences, senses, the curve below.

    ``guess`` is the learner's, of the accuracy at layer 0.
    """
    examples = [*word.examples, *([new] if new else [])]
    reach = float(np.abs(film.points).max()) or 1.0
    return {
        "word": word.word,
        "senses": [
            {"name": name, "color": sense_color(i), "symbol": symbol_place(i)}
            for i, name in enumerate(word.senses)
        ],
        "star": IDEAS["guess"],
        "points": (film.points / reach).round(4).tolist(),
        "sentences": [
            {
                "text": example.text[:400],
                "start": example.span[0],
                "end": example.span[1],
                "own": example.own,
            }
            for example in examples
        ],
        "labels": [*word.labels, *([-1] if new else [])],
        "accuracy": [round(value, 4) for value in curve.accuracy],
        "chance": round(curve.chance, 4),
        "guess": guess,
    }


def layer_axis(figure: go.Figure, count: int) -> None:
    """Whole layers on the x axis, 0 to ``count − 1``."""
    figure.update_xaxes(tickmode="array", tickvals=list(range(count)))


def layer_curve(
    curve: LayerCurve, what: str, *, other: tuple[str, LayerCurve] | None = None
) -> go.Figure:
    """Leave-one-out accuracy by layer, with the topic, chance, shuffled labels and silhouette.

    ``other`` is the (name, curve) of a second model, whose accuracy is drawn beside.
    """
    figure = go.Figure()
    layers = list(range(len(curve.accuracy)))
    figure.add_scatter(
        x=layers, y=curve.accuracy, name="nearest center is right", mode="lines+markers",
        line={"color": IDEAS["token"], "width": 3}, marker={"size": 9},
        hovertemplate="layer %{x}: %{y:.0%}<extra></extra>",
    )  # fmt: skip
    if other:
        figure.add_scatter(
            x=list(range(len(other[1].accuracy))), y=other[1].accuracy, name=escape(other[0]),
            mode="lines+markers", line={"color": IDEAS["position"], "width": 3},
            marker={"symbol": "square", "size": 8},
            hovertemplate="layer %{x}: %{y:.0%}<extra></extra>",
        )  # fmt: skip
    else:
        figure.add_scatter(
            x=layers, y=curve.silhouette, name="silhouette", mode="lines+markers",
            line={"color": OKABE_ITO["green"], "dash": "dot"}, marker={"symbol": "diamond"},
            hovertemplate="layer %{x}: silhouette %{y:.2f}<extra></extra>",
        )  # fmt: skip
    figure.add_scatter(
        x=layers, y=[curve.topic] * len(layers), name="the other words alone", mode="lines",
        line={"color": OKABE_ITO["purple"], "dash": "dashdot", "width": 2},
        hovertemplate="%{y:.0%}<extra>the other words alone</extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=layers, y=curve.shuffled, name="labels shuffled", mode="lines+markers",
        line={"color": IDEAS["baseline"], "dash": "dash"}, marker={"symbol": "x", "size": 6},
        hovertemplate="layer %{x}: %{y:.0%} with shuffled labels<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=layers, y=[curve.chance] * len(layers), name="commonest sense", mode="lines",
        line={"color": IDEAS["baseline"]}, hovertemplate="%{y:.0%}<extra>commonest sense</extra>",
    )  # fmt: skip
    styled(
        figure,
        title=f"Senses, layer by layer · {escape(what)}",
        x="layer (0: before any attention)",
        y="share of sentences" if other else "share of sentences, or silhouette",
        height=400,
        legend=True,
    )
    low = min(0.0, *curve.silhouette) - 0.03 if not other else 0.0
    figure.update_yaxes(range=[low, 1.03], tickformat=".0%" if other else ".1f")
    legend_below(figure, 0.22)
    layer_axis(figure, max(len(layers), len(other[1].accuracy) if other else 0))
    return figure


def word_bars(
    words: Sequence[str], first: Sequence[float], best: Sequence[float], chance: Sequence[float]
) -> go.Figure:
    """For each word, accuracy at layer 0 and at the chosen layer, and the commonest sense."""
    order = np.argsort(best)
    names = [escape(words[i]) for i in order]
    rows = list(range(len(names)))
    figure = go.Figure()
    for i in rows:
        ends = [first[order[i]], best[order[i]]]
        figure.add_scatter(
            x=ends, y=[i, i], mode="lines", line={"color": IDEAS["baseline"], "width": 2},
            hoverinfo="skip", showlegend=False,
        )  # fmt: skip
    for values, name, color, symbol in (
        (chance, "commonest sense", IDEAS["baseline"], "line-ns-open"),
        (first, "layer 0", IDEAS["position"], "circle-open"),
        (best, "chosen layer", IDEAS["token"], "circle"),
    ):
        figure.add_scatter(
            x=[values[i] for i in order], y=rows, mode="markers", name=name, text=names,
            marker={"color": color, "symbol": symbol, "size": 11, "line": {"width": 2}},
            hovertemplate="%{text}: %{x:.0%}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    styled(
        figure, title="Some words are easy, some are not", x="nearest center is right", y="",
        height=90 + 24 * len(rows), legend=True,
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1.03], tickformat=".0%")
    figure.update_yaxes(
        tickmode="array", tickvals=rows, ticktext=names, range=[-0.7, len(rows) - 0.3]
    )
    legend_below(figure, 0.12)
    return figure


def verdict_bars(word: SenseWord, found: Verdict) -> go.Figure:
    """Cosine of the new sentence to the center of each sense."""
    names = [escape(name) for name in word.senses]
    rows = list(range(len(names)))
    figure = go.Figure(
        go.Bar(
            x=[round(value, 4) for value in found.cosines], y=rows, orientation="h",
            marker_color=[sense_color(i) for i in rows],
            marker_opacity=[1.0 if i == found.sense else 0.45 for i in rows],
            text=[f"{value:.2f}" for value in found.cosines],
            textposition="outside", cliponaxis=False,
            customdata=names, hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        )
    )  # fmt: skip
    styled(
        figure, title="How near is each sense?", x="cosine to the center of the sense", y="",
        height=110 + 44 * len(rows),
    )  # fmt: skip
    figure.update_yaxes(tickmode="array", tickvals=rows, ticktext=names, autorange="reversed")
    figure.update_xaxes(range=[min(0.0, *found.cosines), 1.12])
    return figure


def cosine_heatmap(word: SenseWord, cosines: NDArray[np.float32], layer: int) -> go.Figure:
    """Every sentence against every other, sorted by sense."""
    order = np.argsort(word.labels, kind="stable")
    labels = np.array(word.labels)[order]
    count = len(order)
    shown = cosines[np.ix_(order, order)].astype(np.float64).round(3)
    off = shown[~np.eye(count, dtype=bool)] if count > 1 else shown.ravel()
    # A hover text for each cell would be a million characters: each axis names its sentence.
    names = [f"{i + 1}. {escape(word.examples[k].text[:44])}" for i, k in enumerate(order.tolist())]
    figure = go.Figure(
        go.Heatmap(
            z=shown, x=names, y=names, colorscale=SEQUENTIAL, zmin=float(off.min()), zmax=1,
            colorbar=colorbar_below("cosine"),
            hovertemplate="%{y}<br>%{x}<br>cosine %{z:.2f}<extra></extra>",
        )
    )  # fmt: skip
    middles = [int(np.median(np.flatnonzero(labels == i))) for i in range(len(word.senses))]
    edges = [i - 0.5 for i in range(1, count) if labels[i] != labels[i - 1]]
    styled(
        figure, title=f"Blocks on the diagonal are senses · layer {layer}",
        x="sentence, sorted by sense", y="sentence", height=440,
    )  # fmt: skip
    ticks = {
        "tickmode": "array", "tickvals": middles,
        "ticktext": [escape(name) for name in word.senses], "tickangle": 0,
    }  # fmt: skip
    figure.update_xaxes(**ticks)
    figure.update_yaxes(**ticks, autorange="reversed")
    figure.update_layout(margin_b=ROOM_BELOW)
    for edge in edges:
        line = {"color": OKABE_ITO["vermillion"], "width": 1.5}
        across(figure, x=edge, line=line)
        across(figure, y=edge, line=line)
    return figure


def alikeness_curves(found: Alikeness, word: str) -> go.Figure:
    """Mean cosines by layer: same sense, other sense, random words."""
    figure = go.Figure()
    for values, name, color, dash, symbol in (
        (found.same_sense, "same sense", IDEAS["token"], "solid", "circle"),
        (found.other_sense, "different senses", IDEAS["position"], "solid", "square"),
        (found.random_words, "two random words", IDEAS["baseline"], "dash", "x"),
    ):
        figure.add_scatter(
            x=list(range(len(values))), y=values, name=name, mode="lines+markers",
            line={"color": color, "width": 3, "dash": dash}, marker={"symbol": symbol, "size": 8},
            hovertemplate="layer %{x}: %{y:.2f}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    styled(
        figure, title=f"How alike are two uses of “{escape(word)}”?", x="layer",
        y="mean cosine", height=380, legend=True,
    )  # fmt: skip
    layer_axis(figure, len(found.same_sense))
    legend_below(figure, 0.24)
    figure.update_yaxes(range=[min(0.0, *found.random_words), 1.03])
    return figure


def contrast_bars(found: Contrast, layer: int, names: tuple[str, str]) -> go.Figure:
    """Cosine of each of two uses to some other words."""
    figure = go.Figure()
    places = list(range(len(found.words)))
    for values, name, color in (
        (found.first[layer], names[0], IDEAS["token"]),
        (found.second[layer], names[1], IDEAS["position"]),
    ):
        figure.add_bar(
            x=places, y=values.astype(np.float64).round(4), name=escape(name), marker_color=color,
            customdata=[escape(word) for word in found.words],
            hovertemplate="%{customdata}: %{y:.2f}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    styled(
        figure, title=f"Which words does each of the two lean to? · layer {layer}",
        x="another word, read alone", y="cosine", height=380, legend=True,
    )  # fmt: skip
    figure.update_xaxes(tickmode="array", tickvals=places, ticktext=[*map(escape, found.words)])
    first = len(found.words) - found.checks - 0.5
    figure.add_vline(x=first, line={"color": IDEAS["baseline"], "dash": "dot", "width": 1})
    figure.add_annotation(
        x=first, y=1, yref="paper", text="check words", xanchor="left", yanchor="bottom",
        showarrow=False, font={"size": 12},
    )  # fmt: skip
    legend_below(figure, 0.28)
    return figure


def _curves(rows: Sequence[tuple[Sequence[float], str, str, str]], title: str, y: str) -> go.Figure:
    figure = go.Figure()
    for values, name, color, symbol in rows:
        figure.add_scatter(
            x=list(range(len(values))), y=values, name=name, mode="lines+markers",
            line={"color": color, "width": 3}, marker={"symbol": symbol, "size": 8},
            hovertemplate="layer %{x}: %{y:.2f}<extra>%{fullData.name}</extra>",
        )  # fmt: skip
    styled(figure, title=title, x="layer", y=y, height=360, legend=True)
    layer_axis(figure, len(rows[0][0]))
    legend_below(figure, 0.26)
    return figure


def coreference_curves(found: Coreference) -> go.Figure:
    """How often the pronoun is nearer to its name, by layer."""
    figure = _curves(
        [
            (found.nearer, "nearer to the name it means", IDEAS["token"], "circle"),
            ([0.5] * len(found.nearer), "guessing", IDEAS["baseline"], "line-ew"),
        ],
        "Is “she” near the woman it means?",
        "share of sentences",
    )
    return figure.update_yaxes(range=[0, 1.05], tickformat=".0%")


def role_curves(found: Roles) -> go.Figure:
    """Mean cosine when role, place, or both change, by layer."""
    return _curves(
        [
            (found.same_place, "same place, other role", IDEAS["position"], "square"),
            (found.same_role, "same role, other place", IDEAS["token"], "circle"),
            (found.neither, "both changed", IDEAS["baseline"], "x"),
        ],
        "Does the doer look different from the one it is done to?",
        "mean cosine",
    )
