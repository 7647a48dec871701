"""The look of every figure: one color for each idea of the course, and one layout.

Categories are the Okabe–Ito colors, which people with any color vision can tell apart
(jfly.uni-koeln.de/color). Weights run from nothing to full in one hue; differences run through
nothing at 0. Low ends are transparent, so that a figure stands on a light or a dark page alike.
Text and grid colors are left open: the page supplies those of the theme in use.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

OKABE_ITO = {
    "blue": "#0072B2",
    "orange": "#E69F00",
    "green": "#009E73",
    "vermillion": "#D55E00",
    "sky": "#56B4E9",
    "purple": "#CC79A7",
    "yellow": "#F0E442",
    "gray": "#8A8F98",
}

# One idea, one color, in every lesson.
IDEAS = {
    "token": OKABE_ITO["blue"],
    "position": OKABE_ITO["orange"],
    "segment": OKABE_ITO["green"],
    "attention": OKABE_ITO["blue"],
    "mask": OKABE_ITO["vermillion"],
    "prediction": OKABE_ITO["vermillion"],
    "guess": OKABE_ITO["purple"],
    "special": OKABE_ITO["gray"],
    "baseline": OKABE_ITO["gray"],
    "unknown": OKABE_ITO["vermillion"],
}

# A curve of another run, beside the one that is spoken of.
GHOST = {"color": OKABE_ITO["sky"], "dash": "dash", "width": 2}

CATEGORIES = tuple(
    OKABE_ITO[name] for name in ("blue", "orange", "green", "vermillion", "purple", "sky", "gray")
)

SEQUENTIAL = [[0.0, "rgba(0,114,178,0)"], [0.5, "rgba(0,114,178,0.55)"], [1.0, "rgb(0,114,178)"]]
DIVERGING = [
    [0.0, "rgb(213,94,0)"],
    [0.5, "rgba(140,140,140,0.06)"],
    [1.0, "rgb(0,114,178)"],
]

# Plotly writes into cells in what stands out from them on white: see-through ones mislead it on a
# dark page. Maps with numbers in their cells take these.
SEQUENTIAL_OPAQUE = [[0.0, "#e3eff8"], [1.0, "#005a8d"]]
DIVERGING_OPAQUE = [[0.0, "#a84a00"], [0.5, "#eef0f2"], [1.0, "#005a8d"]]


def styled(
    figure: go.Figure,
    *,
    title: str,
    x: str = "",
    y: str = "",
    height: int = 360,
    legend: bool = False,
) -> go.Figure:
    """Give a figure the course's layout: a title that says what to see, axis names, margins.

    ``height`` is in pixels; the width follows the page. Returns the same figure.
    """
    layout = {
        "title": {"text": title, "x": 0, "xanchor": "left", "font": {"size": 16}},
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 48, "b": 8},
        "font": {"size": 13},
        "colorway": CATEGORIES,
        "showlegend": legend,
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.0, "xanchor": "right", "x": 1},
        "hoverlabel": {"font": {"size": 13}},
        "bargap": 0.25,
    }
    for name, text in (("xaxis", x), ("yaxis", y)):
        layout[name] = {
            **getattr(figure.layout, name).to_plotly_json(),
            "title": {"text": text},
            "automargin": True,
            "zeroline": False,
        }
    for name, value in layout.items():  # half the time of `update_layout`, which merges
        figure.layout[name] = value
    return figure


def legend_below(figure: go.Figure, gap: float = 0.32) -> go.Figure:
    """Put the legend ``gap`` plot heights under the plot: on a phone it would lie on the title."""
    figure.update_layout(
        legend={"x": 0, "xanchor": "left", "y": -gap, "yanchor": "top", "traceorder": "normal"}
    )
    return figure


def side_by_side(titles: Sequence[str], *, shared_y: bool = False) -> go.Figure:
    """An empty figure of plots side by side, each under its title.

    Traces name their plot: ``xaxis="x2", yaxis="y2"`` is the second. A tenth of the time of
    ``make_subplots``.
    """
    gap = 0.1
    width = (1 - gap * (len(titles) - 1)) / len(titles)
    layout: dict[str, Any] = {"annotations": []}
    for i, title in enumerate(titles):
        number, left = str(i + 1) if i else "", i * (width + gap)
        layout[f"xaxis{number}"] = {"anchor": f"y{number}", "domain": [left, left + width]}
        layout[f"yaxis{number}"] = {"anchor": f"x{number}"}
        if i and shared_y:
            layout[f"yaxis{number}"] |= {"matches": "y", "showticklabels": False}
        layout["annotations"].append(
            {
                "text": title, "x": left + width / 2, "y": 1, "xref": "paper", "yref": "paper",
                "xanchor": "center", "yanchor": "bottom", "showarrow": False, "font": {"size": 13},
            }
        )  # fmt: skip
    return go.Figure({"layout": layout})


def across(
    figure: go.Figure, *, x: float | None = None, y: float | None = None, line: Mapping[str, Any]
) -> None:
    """Draw a line across the whole plot at one value of ``x`` or of ``y``.

    A tenth of the time of ``add_vline`` and ``add_hline``.
    """
    if x is not None:
        figure.add_shape(type="line", x0=x, x1=x, xref="x", y0=0, y1=1, yref="y domain", line=line)
    if y is not None:
        figure.add_shape(type="line", x0=0, x1=1, xref="x domain", y0=y, y1=y, yref="y", line=line)


MOST_LABELS = 64


def token_axis(tokens: Sequence[str], *, angle: int = 0) -> dict[str, Any]:
    """Axis settings that put tokens at positions 0, 1, 2 …, since equal labels would merge.

    ``angle`` turns the labels, in degrees. Of more than `MOST_LABELS` tokens only every second, or
    third …, has its label with its position: else they would lie on top of each other.
    """
    step = -(-len(tokens) // MOST_LABELS)
    shown = range(0, len(tokens), max(1, step))
    return {
        "tickmode": "array",
        "tickvals": list(shown),
        "ticktext": [escape(f"{i} {tokens[i]}" if step > 1 else tokens[i]) for i in shown],
        "tickangle": angle,
    }


def escape(text: str) -> str:
    """Text of a learner as Plotly may show it: Plotly reads a few HTML tags in labels."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
