"""Answers in a paragraph: how a question is read with it, the best span, and how it is scored."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from .tokenizer import Encoding, encode

if TYPE_CHECKING:
    from torch import Tensor

    from .fine_tuned import FineTuned
    from .model import LoadedModel

LONGEST = 128  # tokens of an input; what is longer is cut
LONGEST_ANSWER = 12  # tokens


def read_text(model: LoadedModel, text: str, pair: str | None = None) -> Encoding:
    """A text or a pair as the training here reads it."""
    return encode(model.tokenizer, text, pair, min(LONGEST, model.max_tokens))


def best_span(encoding: Encoding, logits: Tensor) -> tuple[int, int, float]:
    """(start, end, probability) of the likeliest answer, in characters of the second text.

    A span begins and ends in the second text, ends where or after it begins, and has at most
    `LONGEST_ANSWER` tokens; its score is the sum of both logits (T, 2). The probability is among
    all such spans. Raises ValueError when the second text has no token.
    """
    import torch

    places = [i for i, sentence in enumerate(encoding.sentence_ids) if sentence == 1]
    if not places:
        raise ValueError("There is no paragraph to find an answer in.")
    inside = logits[places[0] : places[-1] + 1]  # P 2
    scores = inside[:, None, 0] + inside[None, :, 1]  # P P: row begins, column ends
    allowed = torch.ones_like(scores).triu().tril(LONGEST_ANSWER - 1).bool()
    probabilities = scores.masked_fill(~allowed, -torch.inf).flatten().softmax(dim=0)
    best = int(probabilities.argmax())
    first, last = divmod(best, len(places))
    begin, end = encoding.offsets[places[first]], encoding.offsets[places[last]]
    assert begin is not None
    assert end is not None
    return begin[0], end[1], float(probabilities[best])


def answer_question(
    model: LoadedModel, tuned: FineTuned, question: str, paragraph: str
) -> tuple[int, int, float]:
    """(start, end, probability) of the answer in the paragraph. ValueError if it has no word."""
    import torch

    from .fine_tuned import padded

    encoding = read_text(model, question, paragraph)
    batch = padded(model, [encoding])
    with torch.inference_mode():
        logits = tuned(batch.input_ids, batch.token_type_ids, batch.mask)[0]
    return best_span(encoding, logits)


def words_of(text: str) -> list[str]:
    """Words in small letters, articles left out, as question answering is usually scored."""
    return [w for w in re.findall(r"\w+", text.casefold()) if w not in ("a", "an", "the")]


def overlap(answer: str, truth: str) -> float:
    """F1 of the words that two answers share (Rajpurkar et al. 2016)."""
    given, right = words_of(answer), words_of(truth)
    shared = sum((Counter(given) & Counter(right)).values())
    return 2 * shared / (len(given) + len(right)) if shared else 0.0
