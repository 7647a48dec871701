"""The seven steps as the page draws them: letters and pieces with their place in the typed text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .bert_tokenizer import Change, Piece, Step, Tokenization
from .compute import describe_step

MOST_LETTERS = 300
MOST_PIECES = 120
MOST_CHANGES = 40

Drawn = list[Any]  # text, start, end, sequence, special, why it changed


def steps_data(result: Tokenization) -> list[dict[str, Any]]:
    """The typed text and each of the seven steps, as lists that go to the browser.

    Long texts are drawn up to a limit; what is left out is counted in ``more``.
    """
    first = result.steps[0]
    typed = _letters(first.before, ())
    rows = [
        _row("typed", "As you typed it", "Point at anything to see where it comes from.", typed)
    ]
    for step in result.steps:
        if step.slug == "normalize":
            drawn = _letters(step.after, step.changes)
        else:
            drawn = [[p.text, p.start, p.end, p.sequence, p.special, ""] for p in step.after]
        rows.append(_row(step.slug, step.title, describe_step(step), drawn, step))
    return rows


def _row(
    slug: str, title: str, words: str, drawn: Sequence[Drawn], step: Step | None = None
) -> dict[str, Any]:
    letters = slug in ("typed", "normalize")
    most = MOST_LETTERS if letters else MOST_PIECES
    changes = () if step is None else step.changes
    return {
        "slug": slug,
        "title": title,
        "words": words,
        "letters": letters,
        "pieces": list(drawn[:most]),
        "more": max(0, len(drawn) - most),
        "numbers": list(step.numbers[:most]) if step is not None and step.numbers else None,
        "changes": [[c.before, c.after, c.why] for c in changes[:MOST_CHANGES]],
        "changes_more": max(0, len(changes) - MOST_CHANGES),
    }


def _letters(pieces: Sequence[Piece], changes: Sequence[Change]) -> list[Drawn]:
    """Each letter with its place, and why it changed (empty where it did not)."""
    why: dict[tuple[int, int], str] = {}
    for change in changes:
        said = f"{change.before or '∅'} → {change.after or '∅'}: {change.why}"
        for at in range(change.start, change.end):
            why[change.sequence, at] = said
    return [
        [char, at, at + 1, piece.sequence, piece.special, why.get((piece.sequence, at), "")]
        for piece in pieces
        for char, at in zip(piece.text, _origins(piece), strict=True)
    ]


def _origins(piece: Piece) -> Sequence[int]:
    """Where each letter of a piece was typed; a special token typed by hand keeps its letters."""
    return piece.origins or range(piece.start, piece.start + len(piece.text))
