"""The same sentence through two models: pieces, words at the gap, time, size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..engine.gaps import top_words
from ..engine.timing import pass_times

if TYPE_CHECKING:
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding

Word = tuple[str, float]
Place = tuple[int, int, int]
"""A hidden word: the sentence it stands in (0 or 1), and its characters (start, end)."""


@dataclass(frozen=True)
class Answer:
    """What one model makes of the sentence. ``words`` is None where it cannot predict any."""

    title: str
    tokens: tuple[str, ...]
    unknown: int
    words: list[list[Word]] | None
    milliseconds: float
    parameters: int
    layers: int
    hidden: int


def hidden_words(encoding: Encoding, masks: tuple[int, ...]) -> tuple[Place, ...]:
    """Where the masked tokens stand in the text: the same for a model that cuts it otherwise.

    Neighboring masks that touch, as pieces of one word do, are one place.
    """
    found: list[Place] = []
    for position in sorted(masks):
        offsets, sentence = encoding.offsets[position], encoding.sentence_ids[position]
        if offsets is None or sentence is None:
            continue
        if found and found[-1][0] == sentence and found[-1][2] == offsets[0]:
            found[-1] = (sentence, found[-1][1], offsets[1])
        else:
            found.append((sentence, *offsets))
    return tuple(found)


def with_masks(text: str, pair: str | None, places: tuple[Place, ...], mask: str) -> list[str]:
    """Text and pair with the model's own mask in place of each hidden word."""
    texts = [text, pair or ""]
    for sentence, start, end in sorted(places, reverse=True):
        texts[sentence] = f"{texts[sentence][:start]}{mask}{texts[sentence][end:]}"
    return texts


def answers(
    models: Sequence[LoadedModel],
    text: str,
    pair: str | None,
    places: tuple[Place, ...],
    *,
    top: int = 5,
) -> list[Answer]:
    """Run the sentence through some models; each hidden word is one mask, whatever its pieces.

    ``[MASK]`` typed by hand stands for each model's own mask token. Time is that of
    `pass_times`.
    """
    encodings = [masked(model, text, pair, places) for model in models]
    return [
        Answer(
            model.spec.title,
            tuple(model.readable(token) for token in encoding.tokens),
            encoding.tokens.count("[UNK]"),
            predicted(model, encoding, top),
            1000 * seconds,
            model.spec.parameters or 0,
            model.spec.layers,
            model.spec.hidden,
        )
        for model, encoding, seconds in zip(
            models, encodings, pass_times(models, encodings), strict=True
        )
    ]


def masked(model: LoadedModel, text: str, pair: str | None, places: tuple[Place, ...]) -> Encoding:
    """The sentence as one model cuts it, with its own mask in place of each hidden word."""
    mask = model.mask_token
    if mask is None:
        return model.encode(text, pair or None)
    first, second = with_masks(text, pair, places, mask)
    return model.encode(first.replace("[MASK]", mask), second.replace("[MASK]", mask) or None)


def predicted(model: LoadedModel, encoding: Encoding, top: int) -> list[list[Word]] | None:
    """The likeliest words at each mask; None for a model that predicts none."""
    if not model.has_mlm:
        return None
    rows = model.token_probabilities(encoding)
    return [[(model.readable(word), p) for word, p in top_words(model, row, top)] for row in rows]


def describe_two(first: Answer, second: Answer) -> str:
    """Who is faster and smaller, in one sentence."""
    quick, slow = sorted((first, second), key=lambda a: a.milliseconds)
    small, large = sorted((first, second), key=lambda a: a.parameters)
    size = (
        "Both have the same number of parameters"
        if small.parameters == large.parameters
        else f"{large.title} has {large.parameters / small.parameters:.1f} times the parameters"
    )
    return (
        f"{len(first.tokens)} and {len(second.tokens)} tokens. {quick.title} took "
        f"{quick.milliseconds:.0f} ms, {slow.title} {slow.milliseconds:.0f} ms. {size}."
    )
