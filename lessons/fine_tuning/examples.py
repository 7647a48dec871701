"""From labelled rows to what the heads are trained on, and from logits back to answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from ..engine.spans import best_span as best_span
from ..engine.spans import read_text as read_text
from ..engine.tasks import Asked, Labelled, Related, Tagged, bio_tags, word_spans
from ..engine.tokenizer import Encoding, pieces_of

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

IGNORED = -100  # a target that the loss leaves out


@dataclass(frozen=True)
class Example:
    """One input and what the head should say.

    ``target`` is a class (), one class a token (T) with `IGNORED` where nothing is asked, or the
    two places of a span (2).
    """

    encoding: Encoding
    target: Tensor


def class_examples(
    model: LoadedModel, rows: Sequence[Labelled], labels: Sequence[str]
) -> list[Example]:
    """Texts with the number of their label."""
    return [
        Example(read_text(model, row.text), torch.tensor(labels.index(row.labels[0])))
        for row in rows
    ]


def pair_examples(
    model: LoadedModel, rows: Sequence[Related], labels: Sequence[str]
) -> list[Example]:
    """Pairs, read together, with the number of their relation."""
    return [
        Example(read_text(model, row.first, row.second), torch.tensor(labels.index(row.relation)))
        for row in rows
    ]


def first_pieces(encoding: Encoding, words: Sequence[tuple[int, int]]) -> list[int | None]:
    """Position of the first piece of each word, at (start, end); None where it was cut off.

    The tag of a word is asked of its first piece alone (Devlin et al. 2019, §5.3).
    """
    found: list[int | None] = []
    for word in words:
        try:
            found.append(pieces_of(encoding, word)[0])
        except ValueError:
            found.append(None)
    return found


def token_examples(model: LoadedModel, rows: Sequence[Tagged]) -> list[Example]:
    """Sentences with the tag of each word at its first piece."""
    tags = bio_tags()
    found = []
    for row in rows:
        encoding = read_text(model, row.text)
        target = torch.full((len(encoding),), IGNORED)
        for position, tag in zip(first_pieces(encoding, row.words), row.tags, strict=True):
            if position is not None:
                target[position] = tags.index(tag)
        found.append(Example(encoding, target))
    return found


def span_examples(model: LoadedModel, rows: Sequence[Asked]) -> list[Example]:
    """Question and paragraph as a pair, with the first and the last piece of the answer."""
    found = []
    for row in rows:
        encoding = read_text(model, row.question, row.paragraph)
        pieces = pieces_of(encoding, (row.start, row.end), sentence=1)
        found.append(Example(encoding, torch.tensor([pieces[0], pieces[-1]])))
    return found


def loss_of(kind: str, logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy in nats.

    ``logits`` (B, K) with targets (B); (B, T, K) with (B, T); or for spans (B, T, 2) with (B, 2),
    where start and end are each a choice among all tokens, and count half.
    """
    cross_entropy = torch.nn.functional.cross_entropy
    if kind == "tokens":
        return cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=IGNORED)
    if kind == "span":
        return (
            cross_entropy(logits[..., 0], targets[:, 0])
            + cross_entropy(logits[..., 1], targets[:, 1])
        ) / 2
    return cross_entropy(logits, targets)


# --- from logits to answers ---------------------------------------------------------------------


def best_tags(encoding: Encoding, logits: Tensor, text: str) -> list[str]:
    """A tag for each word of the text, from token logits (T, K); O where the text was cut."""
    names, tags = bio_tags(), logits.argmax(dim=-1).tolist()
    return [
        "O" if position is None else names[tags[position]]
        for position in first_pieces(encoding, word_spans(text))
    ]
