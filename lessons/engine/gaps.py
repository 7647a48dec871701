"""The gaps that masks leave in a text, and how little a model expected each of its words.

A *gap* is a run of masked tokens that stand for one word: "unhappiness" is four pieces, so it
leaves four masks. A mask token that somebody typed by hand is a gap as well.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from .tokenizer import spells_a_word
from .trace import Floats

if TYPE_CHECKING:
    from .model import LoadedModel
    from .tokenizer import Encoding

Word = tuple[str, float]
Masks = Sequence[int]

LONGEST_SURPRISE = 64
"""Tokens whose surprise is measured: each costs a pass over all of them."""

MOST_TRIED = 6
"""Words that are tried out as questions: each costs a pass over the sentence."""
LARGE = 4
"""Letters of a word that is worth asking for."""


@dataclass(frozen=True)
class Gap:
    """One hidden word: the positions of its masks, and where it stands in the text."""

    positions: tuple[int, ...]
    original: str | None
    """The word as it was typed; None where the learner typed the mask itself."""
    span: tuple[int, int]
    """Characters (start, end) in sentence ``sentence``: 0 the first, 1 the second."""
    sentence: int

    @property
    def title(self) -> str:
        """What a page calls the gap."""
        return "[MASK]" if self.original is None else self.original


def longest_word(encoding: Encoding, within: int | None = None) -> int | None:
    """A token worth hiding: the longest word that is one piece of letters; None without one.

    ``within`` looks among the first tokens alone.
    """
    words = list(encoding.word_ids)
    whole = [
        i
        for i, token in enumerate(encoding.tokens[:within])
        if words[i] is not None and words.count(words[i]) == 1 and spells_a_word(token)
    ]
    return max(whole, key=lambda i: len(encoding.tokens[i]), default=None)


def good_questions(
    model: LoadedModel, encoding: Encoding, within: int = LONGEST_SURPRISE
) -> tuple[tuple[int, ...], ...]:
    """The words worth hiding, each as the positions of its pieces, the best question first.

    The longest words are hidden one at a time, all in one batch. The best question is the word
    whose probability lies nearest to one half: neither certain nor hopeless. (Of several pieces, a
    word has the geometric mean of theirs.) ``within`` looks among the first tokens alone. Empty
    for a text without a word.
    """
    short = readable(model, encoding)
    typed = set(masked_positions(model, short, ()))
    own = [i for i, offsets in enumerate(short.offsets[:within]) if offsets is not None]
    found = [
        gap
        for gap in gaps(model, short, own)
        if not typed & set(gap.positions)
        and spells_a_word(short.tokens[gap.positions[0]])
        # A first sentence that was cut has other places behind it.
        and (gap.sentence == 0 or len(short) == len(encoding))
        and not any(int(short.input_ids[p]) in model.special_ids for p in gap.positions)
    ]
    # Small words (the, of, my) make dull questions; they are tried where there are no others.
    large = [gap for gap in found if gap.span[1] - gap.span[0] >= LARGE]
    words = sorted(large or found, key=lambda gap: gap.span[0] - gap.span[1])[:MOST_TRIED]
    if not words:
        return ()
    rows = model.token_probabilities(
        [model.masked(short, word.positions) for word in words],
        [list(word.positions) for word in words],
        batch_size=MOST_TRIED,
    )
    row, tension = iter(rows), {}
    for word in words:
        logs = [math.log(max(float(next(row)[short.input_ids[p]]), 1e-30)) for p in word.positions]
        p = math.exp(sum(logs) / len(logs))
        tension[word.positions] = abs(p - 0.5)
    return tuple(sorted(tension, key=tension.__getitem__))


def masked_positions(model: LoadedModel, encoding: Encoding, masks: Masks) -> list[int]:
    """Positions that hold a mask: those chosen, and those typed by hand."""
    typed = np.flatnonzero(encoding.input_ids == model.mask_token_id).tolist()
    return sorted({*masks, *typed})


def gaps(model: LoadedModel, encoding: Encoding, masks: Masks) -> tuple[Gap, ...]:
    """The hidden words, in order. Neighboring masks of one word are one gap."""
    runs: list[list[int]] = []
    for position in masked_positions(model, encoding, masks):
        same_word = runs and (
            runs[-1][-1] == position - 1
            and encoding.word_ids[position] is not None
            and encoding.word_ids[position] == encoding.word_ids[position - 1]
        )
        if same_word:
            runs[-1].append(position)
        else:
            runs.append([position])
    found = []
    for run in runs:
        sentence = encoding.sentence_ids[run[0]]
        first, last = encoding.offsets[run[0]], encoding.offsets[run[-1]]
        if sentence is None or first is None or last is None:
            continue  # [CLS] or [SEP]: a link may name it, but there is no word to guess
        span = (first[0], last[1])
        typed = encoding.input_ids[run[0]] == model.mask_token_id
        source = (encoding.text, encoding.pair or "")[sentence]
        found.append(Gap(tuple(run), None if typed else source[span[0] : span[1]], span, sentence))
    return tuple(found)


def top_words(model: LoadedModel, probabilities: Floats, top_k: int) -> tuple[Word, ...]:
    """The likeliest tokens of one distribution (V), best first."""
    k = min(top_k, len(probabilities))
    best = np.argpartition(-probabilities, k - 1)[:k]  # a full sort of 30,000 is slow
    best = best[np.argsort(-probabilities[best], kind="stable")]
    return tuple((model.tokenizer.id_to_token(int(i)) or "", float(probabilities[i])) for i in best)


@dataclass(frozen=True)
class Surprise:
    """How little the model expected one word of the sentence, and what it expected instead.

    ``bits`` = −log2 of its probability: each bit halves it. 1 bit is a coin toss, 10 bits are
    about one in a thousand.
    """

    gap: Gap
    bits: float
    suggestions: tuple[Word, ...]

    @property
    def probability(self) -> float:
        return float(2**-self.bits)


def readable(model: LoadedModel, encoding: Encoding) -> Encoding:
    """The part of a text whose surprise is measured: its first `LONGEST_SURPRISE` tokens."""
    if len(encoding) <= LONGEST_SURPRISE:
        return encoding
    text, pair = encoding.text, encoding.pair
    room = LONGEST_SURPRISE - (2 if pair is None else 3)
    own = [i for i in range(len(encoding)) if encoding.offsets[i] is not None][:room]
    ends = {0: 0, 1: 0}
    for i in own:
        offsets, sentence = encoding.offsets[i], encoding.sentence_ids[i]
        if offsets is not None and sentence is not None:
            ends[sentence] = offsets[1]
    return model.encode(text[: ends[0]], None if pair is None else pair[: ends[1]] or None)


def surprise(model: LoadedModel, encoding: Encoding, top_k: int = 5) -> tuple[Surprise, ...]:
    """Hide each word in turn and ask for it: its surprise in bits and better words.

    The sum over the sentence is its pseudo-log-likelihood (Salazar et al. 2020), here in bits.
    In a word of several pieces the later pieces stay hidden while an earlier one is asked for,
    since ##iness would give un away. All copies of the sentence go through the model as one batch.
    Masks typed by hand stay and are not scored, nor is [UNK], which is no word.
    """
    typed = set(masked_positions(model, encoding, ()))
    own = [i for i, offsets in enumerate(encoding.offsets) if offsets is not None]
    # One call finds all words: neighbors of different words never share a gap.
    words = [
        gap
        for gap in gaps(model, encoding, own)
        if not typed & set(gap.positions)
        and not any(int(encoding.input_ids[p]) in model.special_ids for p in gap.positions)
    ]
    inputs: list[Encoding] = []
    asked: list[list[int]] = []
    for gap in words:
        for i, position in enumerate(gap.positions):
            inputs.append(model.masked(encoding, gap.positions[i:]))
            asked.append([position])
    long = [gap for gap in words if len(gap.positions) > 1]
    for gap in long:  # a long word's rivals are asked for with a single mask in its place
        inputs.append(_one_mask(model, encoding, gap))
        asked.append([gap.positions[0]])
    if not inputs:
        return ()
    rows = model.token_probabilities(inputs, asked, batch_size=64)
    pieces = sum(len(gap.positions) for gap in words)
    rivals = dict(zip(long, rows[pieces:], strict=True))
    found, row = [], 0
    for gap in words:
        bits = 0.0
        for i, position in enumerate(gap.positions):
            bits -= math.log2(max(float(rows[row + i][encoding.input_ids[position]]), 1e-30))
        expected = rivals.get(gap, rows[row])
        found.append(Surprise(gap, bits, top_words(model, expected, top_k)))
        row += len(gap.positions)
    return tuple(found)


def _one_mask(model: LoadedModel, encoding: Encoding, gap: Gap) -> Encoding:
    """The sentence with a single mask where a word of several pieces stood."""
    texts = [encoding.text, encoding.pair or ""]
    start, end = gap.span
    before, after = texts[gap.sentence][:start], texts[gap.sentence][end:]
    texts[gap.sentence] = f"{before}{model.mask_token}{after}"
    return model.encode(texts[0], texts[1] or None)
