"""Charts of the lesson on what goes in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from ..figures.theme import IDEAS, across, escape, styled, token_axis
from ..figures.token_bars import CROWDED, token_bars

COLORS = (IDEAS["token"], IDEAS["position"], IDEAS["segment"])
# Not see-through: Plotly chooses the color of the words in them as if they stood on white.
NOTHING = "#eceef0"
SOFT = {"A": "#b3d5e8", "B": "#a8dccb", "special": "#d0d2d6"}


def part_lengths(
    tokens: Sequence[str], lengths: NDArray[np.float32], selected: int | None
) -> go.Figure:
    """How long the three parts of every token's input are: (3, T)."""
    return token_bars(
        tokens,
        dict(zip(("word", "position", "segment"), lengths, strict=True)),
        title="How long is each part?",
        y="length (norm)",
        colors=COLORS,
        marked=selected,
    )


def kept_vectors(
    tokens: Sequence[str], cosines: NDArray[np.float32], gap: int | None, title: str
) -> go.Figure:
    """Cosine of each token's last vector with the one from the unchanged input."""
    return token_bars(
        tokens,
        {"cosine": cosines},
        title=title,
        y="cosine with before",
        colors=(IDEAS["token"],),
        top=1.02,
        marked=gap,
    )


def two_masks(
    tokens: Sequence[str], right: NDArray[np.float32], wrong: NDArray[np.float32]
) -> go.Figure:
    """Each token's vector against the input without padding, under both masks."""
    return token_bars(
        tokens,
        {"padding hidden": right, "padding looked at": wrong},
        title="Looking at padding moves vectors",
        y="cosine with no padding",
        colors=(IDEAS["baseline"], IDEAS["mask"]),
        top=1.02,
    )


def cells(
    words: Sequence[Sequence[str]],
    kinds: Sequence[Sequence[str]],
    rows: Sequence[str],
    columns: dict[str, object],
    *,
    title: str,
    x: str,
) -> go.Figure:
    """A grid of words on colored cells; ``kinds`` are keys of `SOFT`, or "" for an empty cell."""
    order = ["", *SOFT]
    values = [[order.index(kind) for kind in row] for row in kinds]
    steps = [NOTHING, *SOFT.values()]
    scale = [[(i + j) / len(steps), color] for i, color in enumerate(steps) for j in (0, 1)]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            text=[[escape(word) for word in row] for row in words],
            texttemplate="%{text}",
            zmin=-0.5,
            zmax=len(steps) - 0.5,
            colorscale=scale,
            showscale=False,
            xgap=2,
            ygap=3,
            hovertemplate="place %{x} · %{y}<br>%{text}<extra></extra>",
        )
    )
    styled(figure, title=title, x=x, height=110 + 38 * len(rows))
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(rows))), ticktext=[escape(row) for row in rows],
        autorange="reversed", showgrid=False,
    )  # fmt: skip
    figure.update_xaxes(showgrid=False, **columns)
    return figure


def input_rows(
    tokens: Sequence[str],
    special: Sequence[bool],
    input_ids: Sequence[int],
    token_type_ids: Sequence[int],
) -> go.Figure:
    """The rows that BERT is handed: ids, segments, places, over the tokens."""
    kinds = ["special" if s else "AB"[t] for s, t in zip(special, token_type_ids, strict=True)]
    angle = -60 if len(tokens) > CROWDED else 0
    segments = ["AB"[t] for t in token_type_ids]
    crowded = len(tokens) > 2 * CROWDED
    return cells(
        [
            [""] * len(tokens) if crowded else [str(i) for i in input_ids],
            [
                f"{t}" if crowded else f"{t} ({s})"
                for t, s in zip(token_type_ids, segments, strict=True)
            ],
            [str(i) for i in range(len(tokens))],
        ],
        [kinds, segments, [""] * len(tokens)],
        ["input_ids", "token_type_ids", "position_ids"],
        token_axis(tokens, angle=angle),
        title="What BERT is handed: three rows of numbers",
        x="token",
    )


def batch_grid(
    rows: Sequence[Sequence[str]],
    padding: NDArray[np.bool_],
    token_type_ids: NDArray[np.int64],
    field: str,
) -> go.Figure:
    """One field of a batch as a rectangle: (B, T) words or numbers; padding stays pale."""
    kinds = [
        ["" if pad else "AB"[t] for pad, t in zip(*row, strict=True)]
        for row in zip(padding, token_type_ids, strict=True)
    ]
    return cells(
        rows,
        kinds,
        [f"input {i}" for i in range(len(rows))],
        {"dtick": 1 if len(rows[0]) <= 2 * CROWDED else 5},
        title=f"The batch as a rectangle: {field}",
        x="place",
    )


def kept_tokens(
    tokens: Sequence[str],
    special: Sequence[bool],
    cuts: Sequence[tuple[str, Sequence[int]]],
    meaning: NDArray[np.float32],
) -> go.Figure:
    """Which tokens each strategy keeps, and how near its mean vector stays to the whole one's."""
    kinds = []
    for _, kept in cuts:
        stays = set(kept)
        kinds.append(
            [("special" if special[i] else "A") if i in stays else "" for i in range(len(tokens))]
        )
    return cells(
        [[""] * len(tokens) for _ in cuts],
        kinds,
        [f"{name} · {cosine:.3f}" for (name, _), cosine in zip(cuts, meaning, strict=True)],
        token_axis(tokens, angle=-60 if len(tokens) > CROWDED // 2 else 0),
        title="What each keeps, and its cosine with the whole",
        x="token",
    )


def neighbor_bars(token: str, found: Sequence[tuple[str, float]], typical: float) -> go.Figure:
    """The nearest word vectors of the vocabulary, beside what is usual."""
    names = [escape(name) for name, _ in found]
    figure = go.Figure(
        go.Bar(
            x=[score for _, score in found],
            y=list(range(len(found))),
            orientation="h",
            marker_color=IDEAS["token"],
            customdata=names,
            hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        )
    )
    styled(
        figure,
        title=f"Nearest to “{escape(token)}”, with no sentence around it",
        x="cosine",
        height=110 + 26 * max(len(found), 1),
    )
    figure.update_yaxes(
        tickmode="array", tickvals=list(range(len(found))), ticktext=names, autorange="reversed"
    )
    across(figure, x=typical, line={"color": IDEAS["baseline"], "dash": "dot"})
    figure.add_annotation(
        x=typical, y=1, yref="paper", xanchor="left", yanchor="bottom", showarrow=False,
        text="whole vocabulary", font={"size": 11},
    )  # fmt: skip
    return figure
