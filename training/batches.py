"""From prepared text to masked batches (Devlin et al. 2019, §3.1 and appendix A.1).

Half the examples are one span of text, half are sentence pairs whose second part follows the first
or comes from another document. Most are short and stay inside a paragraph, since the paragraphs of
some documents (lists of sentences) have nothing to do with each other. A share of them is long and
runs over as many paragraphs of its document as it needs: what a model never read in training, such
as a token at position 300, it does not understand later.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

PAD, CLS, SEP, MASK = 0, 101, 102, 103  # bert-base-uncased
FIRST_WORD, VOCABULARY = 999, 30522  # ids below FIRST_WORD are special or unused
FOLLOWS, RANDOM, NO_PAIR = 0, 1, -100  # next-sentence labels
IGNORE = -100  # masked-word label of a token that is not to be predicted
MAX_TOKENS = 128  # of a short example
LONG = (130, 510)  # tokens of a long example: from, to
SHORTEST = 5  # word pieces
SHORTEST_PART = 20  # word pieces: neither part of a long pair has fewer (two fit into any)
ROUND_TO = 8  # lengths are padded to a multiple of this: few shapes, little waste


@dataclass(frozen=True)
class Example:
    """Word pieces of a span (``second`` is None) or of a pair, and the next-sentence label."""

    first: np.ndarray
    second: np.ndarray | None
    label: int

    def __len__(self) -> int:
        return len(self.first) + 2 + (0 if self.second is None else len(self.second) + 1)


@dataclass(frozen=True)
class Batch:
    """What one forward pass needs, each (B, T), except ``next_labels`` (B,)."""

    input_ids: Tensor
    token_type_ids: Tensor
    attention_mask: Tensor
    labels: Tensor
    next_labels: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(*(tensor.to(device) for tensor in vars(self).values()))

    def unmasked(self) -> Batch:
        """The same text with every chosen token back in its place and nothing to predict."""
        ids = torch.where(self.labels == IGNORE, self.input_ids, self.labels)
        nothing = torch.full_like(self.labels, IGNORE)
        return Batch(ids, self.token_type_ids, self.attention_mask, nothing, self.next_labels)

    @property
    def tokens(self) -> int:
        """Tokens without the padding."""
        return int(self.attention_mask.sum())


class Corpus:
    """The arrays of `prepare.py`, and which sentences examples may begin with.

    ``heldout`` picks the documents that training never sees. A short example begins in an everyday
    document ``everyday`` times as often as in another. ``groups`` says the same for each of the
    texts that `prepare.py` was given (long examples too, but those never more often than once);
    empty: all alike. ``long`` gives the bounds of long examples, in tokens with the special ones;
    None leaves them out, as for a text without long documents.

    Raises ValueError where the text has nothing to draw one of the kinds from.
    """

    def __init__(
        self,
        folder: Path,
        heldout: bool = False,
        everyday: float = 1.0,
        long: tuple[int, int] | None = None,
        groups: Sequence[float] = (),
    ) -> None:
        self.tokens = np.load(folder / "tokens.npy", mmap_mode="r")
        self.sentences = np.load(folder / "sentences.npy")
        paragraphs = np.load(folder / "paragraphs.npy")
        documents = np.load(folder / "documents.npy")
        self.meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))

        count = len(self.sentences) - 1
        paragraph = np.repeat(np.arange(len(paragraphs) - 1), np.diff(paragraphs))
        self.end = paragraphs[1:][paragraph]  # per sentence: where its paragraph ends
        self.start = paragraphs[:-1][paragraph]
        self.document = np.repeat(np.arange(len(documents) - 1), np.diff(paragraphs[documents]))
        usable = np.load(folder / "heldout.npy")[self.document] == heldout
        factor = np.ones(len(usable))
        if groups:
            factor = np.asarray(groups, dtype=float)[np.load(folder / "group.npy")[self.document]]
        weight = factor * np.where(np.load(folder / "everyday.npy")[self.document], everyday, 1.0)

        at = np.arange(count)
        room = self.sentences[self.end] - self.sentences[:-1]  # to the end of the paragraph
        self.spans = Lot(at, weight * (usable & (room >= SHORTEST)))
        long_enough = np.diff(self.sentences) >= SHORTEST
        follows = np.append(long_enough[1:], False)
        meets = usable & long_enough & follows & (at + 1 < self.end)
        self.pairs = Lot(at, weight * meets)

        self.long = long
        if long is not None:
            bounds = self.sentences[paragraphs[documents]]  # in tokens
            self.document_start = bounds[:-1][self.document]
            self.document_end = bounds[1:][self.document]
            after = self.document_end - self.sentences[:-1]  # pieces from this sentence on …
            self.long_spans = Lot(at, np.minimum(factor, 1) * (usable & (after >= long[0] - 2)))
            before = self.sentences[1:] - self.document_start  # … and up to its end
            after = self.document_end - self.sentences[1:]
            whole = before + after >= long[0] - 3
            parts = (before >= SHORTEST_PART) & (after >= SHORTEST_PART)
            self.long_pairs = Lot(at, np.minimum(factor, 1) * (meets & whole & parts))

    def pieces(self, start: int, end: int) -> np.ndarray:
        """Word pieces of sentences start … end − 1."""
        return np.asarray(self.tokens[self.sentences[start] : self.sentences[end]])

    def span(self, rng: np.random.Generator) -> Example:
        """One to six sentences of a paragraph."""
        start = self.spans.draw(rng)
        end = min(start + int(rng.integers(1, 7)), int(self.end[start]))
        while self.sentences[end] - self.sentences[start] < SHORTEST:
            end += 1
        return Example(self.pieces(start, end)[: MAX_TOKENS - 2], None, NO_PAIR)

    def pair(self, rng: np.random.Generator) -> Example:
        """One or two sentences, and the next one or two, or as many of another document."""
        last = self.pairs.draw(rng)
        start = max(last + 1 - int(rng.integers(1, 3)), int(self.start[last]))
        begin, label = last + 1, FOLLOWS
        if rng.random() < 0.5:
            label = RANDOM
            # Drawn like a true second part, so that the part alone does not give the answer away.
            while self.document[begin] == self.document[last]:
                begin = self.pairs.draw(rng) + 1
        end = min(begin + int(rng.integers(1, 3)), int(self.end[begin]))
        return Example(*shorten(self.pieces(start, last + 1), self.pieces(begin, end)), label)

    def long_span(self, rng: np.random.Generator) -> Example:
        """From the start of a sentence as far as the drawn length or the document goes."""
        assert self.long is not None
        start = self.long_spans.draw(rng)
        begin = int(self.sentences[start])
        end = begin + int(rng.integers(self.long[0], self.long[1] + 1)) - 2
        end = min(end, int(self.document_end[start]))
        return Example(np.asarray(self.tokens[begin:end]), None, NO_PAIR)

    def long_pair(self, rng: np.random.Generator) -> Example:
        """Text before the end of a sentence, and what follows it or such a place elsewhere.

        They meet inside a paragraph, as short pairs do. Whatever the label, neither part is shorter
        than `SHORTEST_PART` and both together fill the shortest long example, so that a pair's
        length says nothing about its label.
        """
        assert self.long is not None
        least = self.long[0] - 3  # pieces, without [CLS] and two [SEP]
        last = self.long_pairs.draw(rng)
        cut = int(self.sentences[last + 1])
        before = cut - int(self.document_start[last])
        other, label = last, FOLLOWS
        if rng.random() < 0.5:
            label = RANDOM
            while self.document[other] == self.document[last] or before + self.left(other) < least:
                other = self.long_pairs.draw(rng)
        begin, after = int(self.sentences[other + 1]), self.left(other)
        room = min(int(rng.integers(least, self.long[1] - 2)), before + after)
        shortest = max(SHORTEST_PART, room - after)
        longest = min(before, room - SHORTEST_PART)
        first = int(rng.integers(shortest, longest + 1))
        return Example(
            np.asarray(self.tokens[cut - first : cut]),
            np.asarray(self.tokens[begin : begin + room - first]),
            label,
        )

    def left(self, sentence: int) -> int:
        """Word pieces from the end of a sentence to the end of its document."""
        return int(self.document_end[sentence] - self.sentences[sentence + 1])

    def draw(self, number: int, rng: np.random.Generator, long_share: float) -> Example:
        """Example number ``number``: spans and pairs in turn, a share of them long."""
        # Nothing is drawn where there is nothing to decide: without long examples a training
        # gives the same weights as before there were any.
        if long_share and rng.random() < long_share:
            return (self.long_span if number % 2 else self.long_pair)(rng)
        return (self.span if number % 2 else self.pair)(rng)


class Lot:
    """Draws an item in proportion to its weight."""

    def __init__(self, items: np.ndarray, weights: np.ndarray) -> None:
        self.items = items[weights > 0]
        self.totals = np.cumsum(weights[weights > 0])
        if not len(self.items):
            raise ValueError("the prepared text has nothing to draw this kind of example from")

    def draw(self, rng: np.random.Generator) -> int:
        at = np.searchsorted(self.totals, rng.random() * self.totals[-1], side="right")
        return int(self.items[min(at, len(self.items) - 1)])


def shorten(
    first: np.ndarray, second: np.ndarray, tokens: int = MAX_TOKENS
) -> tuple[np.ndarray, np.ndarray]:
    """Cut both so that [CLS] first [SEP] second [SEP] fits; where they meet stays whole."""
    room = tokens - 3
    if len(first) + len(second) > room:
        keep = max(room // 2, room - len(second))
        first = first[-keep:]
        second = second[: room - len(first)]
    return first, second


def collate(
    examples: list[Example],
    rng: np.random.Generator,
    mask_rate: float,
    always_mask: bool = False,
) -> Batch:
    """Lay examples out in rows, choose tokens and mask them.

    The chosen count is exact over the batch. Of the chosen, 80% become [MASK], 10% a random word
    piece, 10% stay; ``always_mask`` makes all of them [MASK] (to measure with).
    """
    width = -(-max(len(e) for e in examples) // ROUND_TO) * ROUND_TO
    ids = np.full((len(examples), width), PAD, dtype=np.int64)
    types = np.zeros_like(ids)
    seen = np.zeros_like(ids)
    for row, example in enumerate(examples):
        parts = [np.array([CLS]), example.first, np.array([SEP])]
        if example.second is not None:
            parts += [example.second, np.array([SEP])]
            types[row, len(example.first) + 2 : len(example)] = 1
        ids[row, : len(example)] = np.concatenate(parts)
        seen[row, : len(example)] = 1

    candidates = np.flatnonzero((seen == 1) & (ids != CLS) & (ids != SEP))
    count = max(1, round(mask_rate * len(candidates)))
    chosen = rng.permutation(candidates)[:count]
    labels = np.full(ids.size, IGNORE, dtype=np.int64)
    labels[chosen] = ids.ravel()[chosen]
    masked = chosen if always_mask else chosen[: round(0.8 * count)]
    swapped = chosen[len(masked) : len(masked) + round(0.1 * count)]
    ids.ravel()[masked] = MASK
    if not always_mask:
        ids.ravel()[swapped] = rng.integers(FIRST_WORD, VOCABULARY, len(swapped))
    return Batch(
        torch.from_numpy(ids),
        torch.from_numpy(types),
        torch.from_numpy(seen),
        torch.from_numpy(labels.reshape(ids.shape)),
        torch.tensor([e.label for e in examples]),
    )


def pool(
    corpus: Corpus,
    seed: int,
    index: int,
    size: int,
    tokens: int,
    mask_rate: float,
    long_share: float = 0.0,
) -> list[Batch]:
    """Pool number ``index``: ``size`` examples sorted by length and cut into small batches.

    Each batch holds about ``tokens`` tokens of nearly equal length, in random order. The same
    numbers give the same batches: that is what makes an interrupted training continue exactly.
    """
    rng = np.random.default_rng([seed, index])
    examples = [corpus.draw(i, rng, long_share) for i in range(size)]
    examples.sort(key=len)
    batches: list[list[Example]] = [[]]
    for example in examples:
        width = -(-len(example) // ROUND_TO) * ROUND_TO
        if batches[-1] and (len(batches[-1]) + 1) * width > tokens:
            batches.append([])
        batches[-1].append(example)
    order = rng.permutation(len(batches))
    return [collate(batches[i], rng, mask_rate) for i in order]


class Pools(Dataset[list[Batch]]):
    """Pools by number, as `DataLoader` asks for them: the arguments are those of `pool`."""

    def __init__(
        self,
        corpus: Corpus,
        seed: int,
        size: int,
        tokens: int,
        mask_rate: float,
        long_share: float = 0.0,
    ) -> None:
        self.corpus, self.seed = corpus, seed
        self.rest = (size, tokens, mask_rate, long_share)

    def __getitem__(self, index: int) -> list[Batch]:
        return pool(self.corpus, self.seed, index, *self.rest)


def endless(
    pools: Pools, at: tuple[int, int], loaders: int = 0
) -> Iterator[tuple[Batch, tuple[int, int]]]:
    """Batches from position ``at`` = (pool, batch in pool) on, each with the position after it.

    ``loaders`` processes prepare pools ahead of time; the batches and their order stay the same.
    """
    index, skip = at
    ahead = DataLoader(pools, batch_size=None, sampler=itertools.count(index), num_workers=loaders)
    for number, batches in enumerate(ahead, start=index):
        for i in range(skip, len(batches)):
            yield batches[i], (number, i + 1)
        skip = 0
