"""The charts of the word-pieces page: plain builders from computed values to Plotly figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from ..figures.theme import IDEAS, OKABE_ITO, across, escape, styled

if TYPE_CHECKING:
    from .bert_tokenizer import LongestMatch
    from .compute import Coverage, Race
    from .trainers import Merge, Round

ALGORITHMS = {
    "WordPiece": OKABE_ITO["blue"],
    "BPE": OKABE_ITO["orange"],
    "Unigram": OKABE_ITO["green"],
}
ON = {"WordPiece": "white", "BPE": "black", "Unigram": "black"}  # readable on those colors
DASHES = {"WordPiece": "solid", "BPE": "dash", "Unigram": "dot"}
SYMBOLS = {"WordPiece": "circle", "BPE": "square", "Unigram": "diamond"}
QUIET = "rgba(138,143,152,0.30)"  # what was tried or also ran: there, but not the point

ROW = 21  # pixels for a row with text in it
MOST_ROWS = 60  # of one grid; a word of 100 letters can have 5,000 looks


def rows_axis(labels: Sequence[str]) -> dict[str, Any]:
    """A vertical axis that puts labels at 0, 1, 2 … from the top, since equal ones would merge."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(labels))),
        "ticktext": [escape(label) for label in labels],
        "range": [len(labels) - 0.5, -0.5],
        "showgrid": False,
    }


def candidates_grid(trace: LongestMatch) -> go.Figure:
    """Every candidate of longest-match-first in its place under the letters, in order of trial."""
    candidates = list(trace.candidates)
    shown = candidates[:MOST_ROWS]
    figure = go.Figure()
    for found, color, name in (
        (False, QUIET, "not in the vocabulary"),
        (True, IDEAS["token"], "found"),
    ):
        rows = [i for i, candidate in enumerate(shown) if candidate.found == found]
        figure.add_bar(
            orientation="h",
            name=name,
            y=rows,
            base=[shown[i].start - 0.5 for i in rows],
            x=[shown[i].end - shown[i].start for i in rows],
            text=[("✓ " if found else "") + escape(shown[i].text) for i in rows],
            textposition="inside",
            insidetextanchor="start",
            marker={"color": color},
            hovertemplate="%{text}: " + name + "<extra></extra>",
        )
    left_out = len(candidates) - len(shown)
    title = "First match kept: read down to ✓, then go on behind"
    if left_out:
        title += f" (first {len(shown)} of {len(candidates):,} looks)"
    styled(
        figure,
        title=title,
        x="letters of the word",
        y="look into the vocabulary",
        height=130 + ROW * max(1, len(shown)),
    )
    letters = trace.word[: max((candidate.end for candidate in shown), default=1)]
    figure.update_layout(
        barmode="overlay", bargap=0.12, margin={"t": 90}, title={"y": 0.99, "yanchor": "top"}
    )
    figure.update_xaxes(
        tickmode="array",
        tickvals=list(range(len(letters))),
        ticktext=[escape(c) for c in letters],
        range=[-0.6, len(letters) - 0.4],
        side="top",
        showgrid=False,
    )
    figure.update_yaxes(**rows_axis([str(i + 1) for i in range(len(shown))]))
    return figure


def merge_scores(merge: Merge, algorithm: str) -> go.Figure:
    """The best pairs of one training step by score, the one that was joined in full color."""
    ranking = merge.ranking
    by_count = algorithm == "BPE"
    sums = [
        f"{pair.together:,}"
        if by_count
        else f"{pair.together:,} / ({pair.left_count:,} × {pair.right_count:,}) = {pair.score:.2g}"
        for pair in ranking
    ]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            x=[pair.score for pair in ranking],
            y=list(range(len(ranking))),
            text=sums,
            textposition="auto",
            cliponaxis=False,
            marker={"color": [ALGORITHMS[algorithm], *[QUIET] * (len(ranking) - 1)]},
            hovertemplate="%{text}<extra></extra>",
        )
    )
    what = "times seen together" if by_count else "times together / (times left × times right)"
    styled(
        figure,
        title=f"Step {merge.number:,}: {algorithm} joins the top pair to {escape(merge.piece)}",
        x=what,
        y="pair",
        height=110 + 32 * len(ranking),
    )
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(**rows_axis([f"{pair.left} + {pair.right}" for pair in ranking]))
    return figure


def dropping_costs(round_: Round, each: int = 6) -> go.Figure:
    """One round of Unigram at its border: the last pieces to go, and the first to be spared."""
    gone, spared = round_.dropped[-each:], round_.spared[:each]
    figure = go.Figure()
    for name, pieces, first, color, pattern in (
        ("dropped", gone, 0, QUIET, "/"),
        ("kept", spared, len(gone), ALGORITHMS["Unigram"], ""),
    ):
        figure.add_bar(
            orientation="h",
            name=name,
            x=[piece.cost for piece in pieces],
            y=list(range(first, first + len(pieces))),
            text=[
                f"{piece.cost:.1f} ({piece.uses:,} × {escape(' + '.join(piece.instead))})"
                for piece in pieces
            ],
            textposition="outside",
            cliponaxis=False,
            marker={"color": color, "pattern": {"shape": pattern}},
            hovertemplate="%{text}<extra></extra>",
        )
    shown = (*gone, *spared)
    if gone:
        title = f"Round {round_.number}: {len(round_.dropped):,} pieces go, those missed least"
    else:
        title = f"Round {round_.number}: enough have gone, these would have been next"
    styled(
        figure,
        title=title,
        x="what the text would lose in log-likelihood (nats)",
        y="piece",
        height=120 + 28 * max(1, len(shown)),
        legend=True,
    )
    figure.update_xaxes(rangemode="tozero")
    figure.update_yaxes(**rows_axis([piece.piece for piece in shown]))
    return figure


def vocabulary_growth(
    curves: Mapping[str, Sequence[tuple[int, int]]], step: int | None = None
) -> go.Figure:
    """How many pieces the training text takes as each vocabulary grows.

    `step`: a vocabulary size to mark, such as the one that a slider points at.
    """
    figure = go.Figure()
    for name, points in curves.items():
        few = len(points) < 40  # Unigram has a handful of rounds: show each
        figure.add_scatter(
            x=[size for size, _ in points],
            y=[pieces for _, pieces in points],
            name=name,
            mode="lines+markers" if few else "lines",
            line={"color": ALGORITHMS[name], "dash": DASHES[name], "width": 2.5},
            marker={"symbol": SYMBOLS[name], "size": 8},
            hovertemplate=f"{name}: %{{y:,}} pieces with %{{x:,}} in the vocabulary<extra></extra>",
        )
    if step is not None:
        across(figure, x=step, line={"color": OKABE_ITO["gray"], "dash": "dot", "width": 1})
    styled(
        figure,
        title="Larger vocabulary, fewer pieces: lower saves more",
        x="pieces in the vocabulary",
        y="pieces in the training text",
        legend=True,
    )
    figure.update_yaxes(rangemode="tozero")
    return figure


def race_cuts(result: Race, first: int = 0, last: int | None = None) -> go.Figure:
    """Words `first` to `last` of a sentence, cut three ways over the same letters.

    A ring goes round each word that is not cut alike. Pieces that an algorithm has to give up on
    are outlined and not filled.
    """
    words = result.words[first:last]
    names = [standing.name for standing in result.standings]
    figure = go.Figure()
    for row, name in enumerate(names):
        segments = [segment for word in words for segment in word.cuts[name]]
        figure.add_bar(
            orientation="h",
            name=name,
            y=[row] * len(segments),
            base=[segment.start for segment in segments],
            x=[max(segment.end - segment.start, 0.5) for segment in segments],
            text=[escape(segment.text.removeprefix("##")) for segment in segments],  # little room
            customdata=[escape(segment.text) for segment in segments],
            textposition="inside",
            insidetextanchor="middle",
            insidetextfont={
                "color": [ON[name] if segment.known else IDEAS["unknown"] for segment in segments]
            },
            textangle=0,
            width=0.6,
            marker={
                "color": [
                    ALGORITHMS[name] if segment.known else "rgba(0,0,0,0)" for segment in segments
                ],
                "line": {
                    "color": [
                        "white" if segment.known else IDEAS["unknown"] for segment in segments
                    ],
                    "width": 2,
                },
            },
            hovertemplate=f"{name}: %{{customdata}}<extra></extra>",
        )
    rings = [
        {
            "type": "rect",
            "x0": word.start - 0.25,
            "x1": word.end + 0.25,
            "y0": -0.44,
            "y1": len(names) - 0.56,
            "line": {"color": IDEAS["prediction"], "width": 2},
        }
        for word in words
        if not word.agreed
    ]
    figure.update_layout(shapes=rings)  # at once: one by one each takes a millisecond or more
    styled(
        figure,
        title="Three ways to cut it: ringed where they differ",
        x="characters of the sentence",
        y="algorithm",
        height=280,
    )
    if words:
        start, end = words[0].start, words[-1].end
        figure.update_xaxes(
            tickmode="array",
            tickvals=[at + 0.5 for at in range(start, end)],
            ticktext=[escape(c) for c in result.sentence[start:end]],
            range=[start - 0.5, end + 0.5],
            tickangle=0,
            showgrid=False,
        )
    figure.update_layout(barmode="overlay")
    figure.update_yaxes(**rows_axis(names))
    return figure


def script_bars(rows: Sequence[Coverage], measure: str = "pieces") -> go.Figure:
    """The same sentence in many languages.

    measure "pieces": its pieces, with [UNK] as a part of its own. "pieces_per_word": pieces for
    each word, with languages that write no spaces left out.
    """
    if measure == "pieces":
        shown = list(rows)
        figure = go.Figure()
        for name, values, color, pattern in (
            ("pieces", [row.pieces - row.unknown for row in shown], IDEAS["token"], ""),
            ("[UNK]", [row.unknown for row in shown], IDEAS["unknown"], "/"),
        ):
            figure.add_bar(
                orientation="h",
                name=name,
                x=values,
                y=list(range(len(shown))),
                marker={"color": color, "pattern": {"shape": pattern}},
                customdata=[escape(" ".join(row.tokens)) for row in shown],
                hovertemplate="%{x} " + name + "<br>%{customdata}<extra></extra>",
            )
        figure.update_layout(barmode="stack")
        title, x = "The same sentence costs other languages more, or is lost", "pieces"
    else:
        shown = [row for row in rows if row.pieces_per_word is not None]
        figure = go.Figure(
            go.Bar(
                orientation="h",
                x=[row.pieces_per_word for row in shown],
                y=list(range(len(shown))),
                marker={"color": IDEAS["token"]},
                text=[f"{row.pieces_per_word:.1f}" for row in shown],
                textposition="auto",
                customdata=[escape(" ".join(row.tokens)) for row in shown],
                hovertemplate="%{x:.2f} pieces a word<br>%{customdata}<extra></extra>",
            )
        )
        title, x = "Pieces to a word: 1 is a whole word, more is broken up", "pieces for each word"
    styled(
        figure,
        title=title,
        x=x,
        y="language",
        height=120 + 21 * max(1, len(shown)),
        legend=measure == "pieces",
    )
    figure.update_yaxes(**rows_axis([row.label for row in shown]))
    return figure
