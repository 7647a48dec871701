"""Charts of the applications: ranks, maps of sentences, suspicious words, limits, few examples."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from ..figures.theme import CATEGORIES, IDEAS, OKABE_ITO, across, escape, styled
from . import search, sorting

if TYPE_CHECKING:
    from . import chunks, reranking
    from .answers import Score
    from .slips import Checked, Marks
    from .sorting import Learned
    from .summary import Judged, Summary

COLORS = {
    search.WORDS: IDEAS["baseline"],
    search.MEANING: IDEAS["token"],
    search.BOTH: OKABE_ITO["green"],
}
LONGEST_NAME = 34
LOST = "not found"
CROWDED = 14
WHISKER, PALE = "#6f7681", "#c3c7cd"  # one is seen on the other, on a light and on a dark page


def _short(text: str, most: int = LONGEST_NAME) -> str:
    return escape(text if len(text) <= most else text[: most - 1].rstrip() + "…")


def _wrapped(text: str, width: int = 48) -> str:
    """Text for a hover label, broken into lines."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return "<br>".join(escape(line) for line in lines)


def _legend_below(figure: go.Figure) -> go.Figure:
    """The legend at the bottom edge, clear of the axis on a phone as well."""
    return figure.update_layout(
        margin_b=104,
        legend={"yref": "container", "yanchor": "bottom", "y": 0, "xanchor": "left", "x": 0},
    )


# --- search -------------------------------------------------------------------------------------


def measure_bars(found: Mapping[str, Mapping[str, float]], name: str) -> go.Figure:
    """One measure by method, for each kind of question."""
    figure = go.Figure()
    kinds = list(search.KINDS)
    for method, values in found.items():
        figure.add_bar(
            x=list(range(len(kinds))),
            y=[values[kind] for kind in kinds],
            name=search.METHOD_TITLES[method],
            marker_color=COLORS[method],
            text=[f"{values[kind]:.2f}" for kind in kinds],
            hovertemplate="%{y:.2f}",
        )
    styled(figure, title="Which search finds it?", y=name.lower(), height=340, legend=True)
    figure.update_xaxes(
        tickvals=list(range(len(kinds))),
        ticktext=[title.replace("name or", "name<br>or") for title in search.KINDS.values()],
    )
    figure.update_yaxes(range=[0, 1.08], tickvals=[0, 0.25, 0.5, 0.75, 1])
    return _legend_below(figure)


def rank_dumbbells(questions: Sequence[search.Question], ranks: search.Ranks) -> go.Figure:
    """For each question, the rank of its answer by words and by meaning, joined by a line."""
    order = sorted(range(len(questions)), key=lambda i: (questions[i].kind == "exact", i))
    far = max((r or 0) for method in (search.WORDS, search.MEANING) for r in ranks[method])
    lost = 1.6 * far  # on a logarithmic axis: beyond the last rank
    places = list(range(len(order)))
    ends = {
        method: [ranks[method][i] or lost for i in order]
        for method in (search.WORDS, search.MEANING)
    }
    figure = go.Figure()
    for y in places:
        figure.add_scatter(
            x=[ends[search.WORDS][y], ends[search.MEANING][y]], y=[y, y], mode="lines",
            line={"color": IDEAS["baseline"], "width": 1.5}, opacity=0.5, hoverinfo="skip",
            showlegend=False,
        )  # fmt: skip
    for method, size, symbol in ((search.WORDS, 13, "circle-open"), (search.MEANING, 8, "circle")):
        figure.add_scatter(
            x=ends[method], y=places, mode="markers", name=search.METHOD_TITLES[method],
            marker={
                "color": COLORS[method], "size": size, "symbol": symbol,
                "line": {"width": 2.5, "color": COLORS[method]},
            },
            text=[f"rank {ranks[method][i]}" if ranks[method][i] else LOST for i in order],
            customdata=[_wrapped(questions[i].text) for i in order],
            hovertemplate="%{customdata}<br>%{text}<extra>"
            + search.METHOD_TITLES[method] + "</extra>",
        )  # fmt: skip
    styled(
        figure, title="Where does the answer stand?", x="rank",
        height=150 + 22 * len(order), legend=True,
    )  # fmt: skip
    ticks = [t for t in (1, 3, 10, 30, 100) if t <= far]
    figure.update_xaxes(
        type="log", tickvals=[*ticks, lost], ticktext=[*map(str, ticks), "none"], tickangle=0,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=places, ticktext=[_short(questions[i].text) for i in order],
        range=[len(order) - 0.4, -0.6], tickfont={"size": 11},
    )  # fmt: skip
    return _legend_below(figure)


# --- a second look ------------------------------------------------------------------------------


def second_look_bars(found: Sequence[reranking.Score], by_rank: bool) -> go.Figure:
    """Each way to search with its interval, and the passes that a question costs.

    ``by_rank`` draws the mean reciprocal rank, otherwise the share found first.
    """
    values = [s.mrr if by_rank else s.first for s in found]
    lows = [s.mrr_low if by_rank else s.low for s in found]
    highs = [s.mrr_high if by_rank else s.high for s in found]
    alone = set(search.METHOD_TITLES.values())
    places = list(range(len(found)))
    figure = go.Figure(
        go.Bar(
            x=values, y=places, orientation="h",
            marker_color=[
                PALE if s.title in alone else IDEAS["prediction"] for s in found
            ],
            text=[f"{value:.2f}" for value in values], textposition="inside",
            insidetextanchor="start",
            error_x={
                "type": "data", "symmetric": False, "thickness": 2, "color": WHISKER,
                "array": [high - value for high, value in zip(highs, values, strict=True)],
                "arrayminus": [value - low for low, value in zip(lows, values, strict=True)],
            },
            customdata=list(zip(lows, highs, strict=True)),
            hovertemplate="%{x:.2f} (%{customdata[0]:.2f} to %{customdata[1]:.2f})<extra></extra>",
        )
    )  # fmt: skip
    styled(
        figure, title="What is a second look worth?",
        x="mean reciprocal rank" if by_rank else "share of questions found first",
        height=100 + 42 * len(found),
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=places, autorange="reversed",
        ticktext=[f"{s.title}<br>{_passes(s.passes)}" for s in found],
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1])
    return figure


def _passes(count: int) -> str:
    return f"{count} {'pass' if count == 1 else 'passes'}"


# --- chunks -------------------------------------------------------------------------------------


def chunk_map(found: Sequence[chunks.Chunk], scores: Sequence[float]) -> go.Figure:
    """Each piece as a stretch of the text, as high as its cosine with the question."""
    best = max(range(len(found)), key=scores.__getitem__)
    figure = go.Figure()
    for name, chosen, color, width in (
        ("pieces", [i for i in range(len(found)) if i != best], IDEAS["token"], 3),
        ("the best", [best], IDEAS["prediction"], 7),
    ):
        x: list[float | None] = []
        y: list[float | None] = []
        for i in chosen:
            x += [found[i].first_word + 1, found[i].first_word + found[i].words, None]
            y += [scores[i], scores[i], None]
        figure.add_scatter(
            x=x, y=y, mode="lines", name=name, line={"color": color, "width": width},
            hovertemplate="word %{x}: cosine %{y:.2f}<extra></extra>",
        )  # fmt: skip
    styled(
        figure, title="Which piece answers?", x="words of the text", y="cosine with the question",
        height=260, legend=True,
    )  # fmt: skip
    return figure


def chunk_curve(rows: Sequence[chunks.Measured], size: int) -> go.Figure:
    """For each size, the share of answers that the best piece holds, and of those that are cut."""
    places = list(range(len(rows)))
    figure = go.Figure()
    figure.add_scatter(
        x=places, y=[row.found for row in rows], mode="lines+markers",
        name="the best piece holds the answer",
        line={"color": IDEAS["prediction"], "width": 2.5},
        marker={"size": [13 if row.size == size else 8 for row in rows]},
        error_y={
            "type": "data", "symmetric": False, "thickness": 1.5,
            "array": [row.high - row.found for row in rows],
            "arrayminus": [row.found - row.low for row in rows],
        },
        customdata=[[row.count, row.words] for row in rows],
        hovertemplate="%{y:.0%}, %{customdata[0]} pieces<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=places, y=[row.cut for row in rows], mode="lines+markers",
        name="no piece holds it whole", line={"color": IDEAS["baseline"], "dash": "dot"},
        hovertemplate="%{y:.0%}<extra></extra>",
    )  # fmt: skip
    styled(
        figure, title="How large should a piece be?", x="words of a piece",
        y="share of questions", height=380, legend=True,
    )  # fmt: skip
    figure.update_xaxes(tickvals=places, ticktext=[str(row.size) for row in rows])
    figure.update_yaxes(range=[0, 1], tickformat=".0%")
    return _legend_below(figure)


# --- summary ------------------------------------------------------------------------------------


def sentence_map(
    sentences: Sequence[str], summary: Summary, kept: frozenset[int] | None
) -> go.Figure:
    """Every sentence on the plane, its group by color; those of the summary are large."""
    figure = go.Figure()
    plane = summary.plane
    for group in sorted(set(summary.labels)):
        own = [i for i, label in enumerate(summary.labels) if label == group]
        picked = [i for i in own if i in summary.chosen]
        color = CATEGORIES[group % len(CATEGORIES)]
        for rows, size, symbol in (
            ([i for i in own if i not in picked], 9, "circle"), (picked, 22, "star"),
        ):  # fmt: skip
            figure.add_scatter(
                x=plane[rows, 0].round(4).tolist(), y=plane[rows, 1].round(4).tolist(),
                mode="markers+text", text=[str(i + 1) for i in rows],
                textposition="middle right" if symbol == "circle" else "top center",
                textfont={"size": 11 if symbol == "circle" else 14},
                marker={"color": color, "size": size, "symbol": symbol},
                customdata=[_wrapped(sentences[i]) for i in rows],
                hovertemplate="%{customdata}<extra></extra>", showlegend=False, cliponaxis=False,
            )  # fmt: skip
    if kept:
        rows = sorted(kept)
        figure.add_scatter(
            x=plane[rows, 0].round(4).tolist(), y=plane[rows, 1].round(4).tolist(), mode="markers",
            marker={
                "size": 26, "symbol": "circle-open", "color": IDEAS["baseline"],
                "line": {"width": 1.5},
            },
            hoverinfo="skip", name="a ring: we would keep it",
        )  # fmt: skip
    styled(
        figure, title="A star stands in the summary",
        x="first direction of spread", y="second", height=420, legend=bool(kept),
    )  # fmt: skip
    figure.update_xaxes(showticklabels=False, showgrid=False)
    figure.update_yaxes(showticklabels=False, showgrid=False)
    return _legend_below(figure)


def judged_bars(found: Sequence[Judged]) -> go.Figure:
    """Coverage, and the share that we would have kept, for each way to choose."""
    figure = go.Figure()
    places = list(range(len(found)))
    rows = [("covers the others (mean cosine)", [j.coverage for j in found], OKABE_ITO["blue"])]
    if found[0].kept is not None:
        kept = [j.kept or 0.0 for j in found]
        rows.append(("we would keep it, too (share)", kept, OKABE_ITO["green"]))
    for name, values, color in rows:
        figure.add_bar(
            y=places, x=values, orientation="h", name=name, marker_color=color,
            text=[f"{value:.2f}" for value in values], hovertemplate="%{x:.2f}",
        )  # fmt: skip
    styled(
        figure, title="Is it better than the beginning?", x="cosine, share", height=300, legend=True
    )
    figure.update_xaxes(range=[0, 1])
    figure.update_yaxes(tickvals=places, ticktext=[j.title for j in found], autorange="reversed")
    return _legend_below(figure)


# --- slips --------------------------------------------------------------------------------------


def word_bars(found: Sequence[Checked], by: str, threshold: float) -> go.Figure:
    """How suspicious each word is, in the order of the text, and the limit."""
    scores = [round(word.score(by), 2) for word in found]
    marked = [score >= threshold for score in scores]
    figure = go.Figure(
        go.Bar(
            x=list(range(len(found))), y=scores,
            marker_color=[IDEAS["mask"] if m else IDEAS["baseline"] for m in marked],
            customdata=[
                f"{escape(w.word)}<br>expected: {escape(w.suggestion(by) or 'nothing like it')}"
                for w in found
            ],
            hovertemplate="%{customdata}<br>%{y:.1f} bits<extra></extra>",
        )
    )  # fmt: skip
    across(figure, y=threshold, line={"color": IDEAS["guess"], "dash": "dash", "width": 2})
    crowded = len(found) > CROWDED  # then only what comes near the limit has a name
    named = [
        _short(word.word, 14) if not crowded or score >= threshold / 2 else ""
        for word, score in zip(found, scores, strict=True)
    ]
    styled(figure, title="How suspicious is each word?", y="bits", height=320)
    figure.update_xaxes(
        tickvals=list(range(len(found))), ticktext=named, tickangle=-60,
    )  # fmt: skip
    figure.update_yaxes(rangemode="tozero")
    return figure


def limit_curves(thresholds: Sequence[float], curve: Sequence[Marks], at: float) -> go.Figure:
    """Mistakes found, marks that are right, and sentences disturbed, over all limits."""
    figure = go.Figure()
    lines: list[tuple[str, list[float | None], str, str]] = [
        ("mistakes found", [m.recall for m in curve], OKABE_ITO["blue"], "solid"),
        ("marks that are right", [m.precision for m in curve], OKABE_ITO["green"], "solid"),
        (
            "right sentences disturbed", [m.disturbed / max(1, m.clean) for m in curve],
            OKABE_ITO["vermillion"], "dot",
        ),
        ("marks right by chance", [m.chance for m in curve], IDEAS["baseline"], "dash"),
    ]  # fmt: skip
    for name, values, color, dash in lines:
        figure.add_scatter(
            x=list(thresholds), y=values, mode="lines", name=name,
            line={"color": color, "dash": dash, "width": 2.5}, hovertemplate="%{y:.0%}",
        )  # fmt: skip
    across(figure, x=at, line={"color": IDEAS["guess"], "dash": "dash", "width": 2})
    styled(figure, title="What the limit costs", x="limit in bits", height=400, legend=True)
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%")
    return _legend_below(figure)


# --- answers ------------------------------------------------------------------------------------


def answer_bars(found: Sequence[Score]) -> go.Figure:
    """F1 of each way to answer; gray needs no reader."""
    places = list(range(len(found)))
    figure = go.Figure(
        go.Bar(
            y=places, x=[s.f1 for s in found], orientation="h",
            marker_color=[IDEAS["token"] if s.trained else IDEAS["baseline"] for s in found],
            text=[f"{s.f1:.0%}" for s in found],
            customdata=[f"{s.exact:.0%} just right" for s in found],
            hovertemplate="%{x:.0%}, %{customdata}<extra></extra>",
        )
    )  # fmt: skip
    styled(
        figure, title="How good are the answers?", x="F1 of the answers' words",
        height=130 + 45 * len(found),
    )  # fmt: skip
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    figure.update_yaxes(
        tickvals=places, autorange="reversed",
        ticktext=[re.sub(r" (with most|of the) ", r"<br>\1 ", s.title) for s in found],
    )  # fmt: skip
    return figure


def refusal_curves(
    thresholds: Sequence[float], shares: Sequence[Mapping[str, float]], at: float
) -> go.Figure:
    """Share of questions that get an answer, over all limits, by kind of question."""
    figure = go.Figure()
    looks = ((OKABE_ITO["green"], "solid"), (OKABE_ITO["vermillion"], "solid"),
             (OKABE_ITO["vermillion"], "dot"))  # fmt: skip
    for name, (color, dash) in zip(shares[0], looks, strict=True):
        figure.add_scatter(
            x=list(thresholds), y=[share[name] for share in shares], mode="lines", name=name,
            line={"color": color, "dash": dash, "width": 2.5}, hovertemplate="%{y:.0%}",
        )  # fmt: skip
    across(figure, x=at, line={"color": IDEAS["guess"], "dash": "dash", "width": 2})
    styled(
        figure, title="Which questions get an answer?", x="limit (cosine)",
        height=400, legend=True,
    )  # fmt: skip
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%")
    return _legend_below(figure)


# --- sorting ------------------------------------------------------------------------------------


def few_shot_curves(
    found: Mapping[str, Sequence[Learned]], described: float, chance: float
) -> go.Figure:
    """Accuracy against the number of examples, with the spread over draws; dotted: chance."""
    colors = {
        sorting.CENTROID: OKABE_ITO["blue"], sorting.REGRESSION: OKABE_ITO["green"],
        sorting.BAG: IDEAS["baseline"],
    }  # fmt: skip
    figure = go.Figure()
    for method, rows in found.items():
        figure.add_scatter(
            x=[r.count for r in rows], y=[r.mean for r in rows], mode="lines+markers", name=method,
            line={"color": colors[method], "width": 2.5},
            error_y={
                "array": [r.high - r.mean for r in rows],
                "arrayminus": [r.mean - r.low for r in rows], "width": 4, "thickness": 1.2,
            },
            hovertemplate="%{x} a topic: %{y:.0%}",
        )  # fmt: skip
    counts = [r.count for r in found[sorting.CENTROID]]
    figure.add_scatter(
        x=[counts[0], counts[-1]], y=[described, described], mode="lines",
        name=sorting.DESCRIBED, line={"color": OKABE_ITO["orange"], "dash": "dash", "width": 2.5},
        hovertemplate="%{y:.0%}",
    )  # fmt: skip
    across(figure, y=chance, line={"color": IDEAS["baseline"], "dash": "dot", "width": 1})
    styled(
        figure, title="How many examples does it take?", x="examples for each topic",
        y="sorted right", height=380, legend=True,
    )  # fmt: skip
    figure.update_xaxes(type="log", tickvals=counts, ticktext=[str(c) for c in counts])
    figure.update_yaxes(range=[0, 1.03], tickformat=".0%")
    return _legend_below(figure)
