"""Pairs of sentences, how they are made, and what the next-sentence head says of them."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from ..engine import HeadMissing
from ..engine.intervals import wilson
from ..engine.trace import Floats

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

DOCUMENTS = Path(__file__).parents[2] / "assets" / "data" / "next_sentence" / "documents.toml"

Kind = Literal["continuation", "swapped", "same text", "another text"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MOST_SENTENCES = 60
"""Sentences of a pasted text that are made into pairs."""
BATCH = 24


@dataclass(frozen=True)
class Document:
    """A short text in its natural order."""

    about: str
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two sentences and where the second came from."""

    first: str
    second: str
    kind: Kind


@lru_cache(maxsize=1)
def documents() -> tuple[Document, ...]:
    """Our own texts; neighbors in them make 108 pairs."""
    table = tomllib.loads(DOCUMENTS.read_text(encoding="utf-8"))
    return tuple(Document(d["about"], tuple(d["sentences"])) for d in table["document"])


# --- what the model says --------------------------------------------------------------------------


def probabilities(model: LoadedModel, pairs: Sequence[tuple[str, str]]) -> Floats:
    """Probability that the second sentence follows the first, for each pair: (N).

    Raises HeadMissing for a model without a next-sentence head.
    """
    from ..engine.bert import BertForPreTraining

    if not model.has_nsp:
        raise HeadMissing(
            f"{model.spec.title} has no next-sentence head to judge pairs by: choose another model "
            "above."
        )
    if not isinstance(model.module, BertForPreTraining):  # another library's model: one by one
        return np.array([model.next_sentence(*pair) for pair in pairs], dtype=np.float32)
    import torch

    encodings = [model.encode(first, second) for first, second in pairs]
    first_tokens = torch.from_numpy(model.embed(encodings, pooling="cls"))  # N D, each one's [CLS]
    with torch.inference_mode():
        logits = model.module.next_sentence_logits(first_tokens[:, None])  # N 1 D → N 2
    return logits.softmax(dim=-1)[:, 0].numpy()


def variants(first: str, second: str, seed: int = 0) -> list[tuple[str, str, str]]:
    """A pair and its rivals: (what it is, first, second).

    In its order, swapped, the first sentence twice, and followed by a sentence of ours that has
    nothing to do with it.
    """
    drawn = random.Random(seed)
    strangers = [s for d in documents() for s in d.sentences if s not in (first, second)]
    return [
        ("A, then B", first, second),
        ("B, then A", second, first),
        ("A, then A again", first, first),
        ("A, then something else", first, drawn.choice(strangers)),
    ]


def preset_pairs(document: Document, place: int, seed: int = 0) -> list[tuple[str, str, str]]:
    """Four pairs around sentence ``place`` of a text: (kind, first, second)."""
    return [(pair.kind, pair.first, pair.second) for pair in _around(document, place, seed)]


def _around(document: Document, place: int, seed: int) -> list[Pair]:
    """One pair of each kind that starts from, or ends with, sentence ``place`` of a text."""
    drawn = random.Random(f"{seed} {document.about} {place}")
    first, second = document.sentences[place : place + 2]
    rest = [s for i, s in enumerate(document.sentences) if i not in (place, place + 1)]
    others = [s for d in documents() if d is not document for s in d.sentences]
    return [
        Pair(first, second, "continuation"),
        Pair(second, first, "swapped"),
        Pair(first, drawn.choice(rest), "same text"),
        Pair(first, drawn.choice(others), "another text"),
    ]


def describe_variants(named: Sequence[str], found: Floats) -> str:
    """All pairs in one line, and whether order mattered."""
    listed = ", ".join(f"{name}: {p:.0%}" for name, p in zip(named, found, strict=True))
    change = abs(float(found[0] - found[1]))
    order = "hardly moves it" if change < 0.1 else f"moves it by {change * 100:.0f} points"
    return f"{listed}. Swapping the two sentences {order}."


# --- pairs from a document ------------------------------------------------------------------------


@dataclass(frozen=True)
class Made:
    """A training pair: two sentences and its label. ``from_library``: no second document was
    there to draw a stranger from, so it came from our own texts."""

    first: str
    second: str
    is_next: bool
    from_library: bool = False


def sentences_of(text: str) -> list[list[str]]:
    """A pasted text as documents (parted by blank lines) of sentences."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        plain = " ".join(block.split())
        sentences = [s for s in re.split(r"(?<=[.!?…])[\"'”’)]*\s+", plain) if s]
        if sentences:
            found.append(sentences)
    return found


def make_pairs(text: str, seed: int) -> list[Made]:
    """Pairs as pre-training makes them: each sentence that has a next one begins a pair.

    By the toss of a coin the second sentence is the real next one, or one drawn from a *different*
    document, as in the authors' script. With a single document strangers come from our own texts.
    At most `MOST_SENTENCES` sentences are used. Raises ValueError when no sentence has a next one.
    """
    drawn = random.Random(seed)
    found, used = sentences_of(text), 0
    library = [list(document.sentences) for document in documents()]
    pairs = []
    for number, document in enumerate(found):
        others = [d for i, d in enumerate(found) if i != number]
        for first, second in pairwise(document):
            if used >= MOST_SENTENCES:
                break
            used += 1
            if drawn.random() < 0.5:
                pairs.append(Made(first, second, True))
            else:
                stranger = drawn.choice(drawn.choice(others or library))
                pairs.append(Made(first, stranger, False, not others))
    if not pairs:
        raise ValueError("no sentence has a next one")
    return pairs


def describe_made(pairs: Sequence[Made], found: Floats) -> str:
    """How many pairs of each kind there are, and how often the model is right."""
    following = sum(pair.is_next for pair in pairs)
    right = sum((p > 0.5) == pair.is_next for pair, p in zip(pairs, found, strict=True))
    said = (
        f"{len(pairs)} pairs: {following} follow in the text, {len(pairs) - following} were drawn "
        f"at random. The model is right about {right} of {len(pairs)}."
    )
    if any(pair.from_library for pair in pairs):
        said += (
            " Your text is a single document, so its strangers come from our own texts; "
            "a blank line begins a new document."
        )
    return said


# --- order against topic --------------------------------------------------------------------------


@dataclass(frozen=True)
class Score:
    """How often the model preferred the right pair, of ``count``; ``low`` and ``high`` are the 95%
    interval (Wilson)."""

    wins: int
    count: int

    @property
    def share(self) -> float:
        return self.wins / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval, which stays within 0 and 1."""
        return wilson(self.share, self.count)


@dataclass(frozen=True)
class Measured:
    """Probabilities for N places in our texts, a row for each of `KINDS`: (4, N)."""

    pairs: tuple[tuple[Pair, ...], ...]
    probabilities: Floats

    def score(self, against: Kind) -> Score:
        """How often the real continuation got more than its rival."""
        rival = self.probabilities[KINDS.index(against)]
        return Score(int((self.probabilities[0] > rival).sum()), len(rival))

    def alone(self, against: Kind) -> Score:
        """How often a single pair was judged rightly, real continuations and rivals together: above
        one half it is taken to follow. So ALBERT's authors count, and chance is one half again."""
        real, rival = self.probabilities[0], self.probabilities[KINDS.index(against)]
        return Score(int((real > 0.5).sum() + (rival <= 0.5).sum()), 2 * len(rival))

    def accepted(self, kind: Kind) -> float:
        """Share of the pairs of a kind that are taken to follow."""
        return float((self.probabilities[KINDS.index(kind)] > 0.5).mean())


def all_pairs(seed: int) -> tuple[tuple[Pair, ...], ...]:
    """Every neighboring pair of our texts with its three rivals: N rows of four pairs."""
    return tuple(
        tuple(_around(document, place, seed))
        for document in documents()
        for place in range(len(document.sentences) - 1)
    )


def measure(
    model: LoadedModel, seed: int, progress: Callable[[float], object] | None = None
) -> Measured:
    """Judge all pairs in small batches. ``progress`` is told the share that is done."""
    rows = all_pairs(seed)
    flat = [(pair.first, pair.second) for row in rows for pair in row]
    parts = []
    for start in range(0, len(flat), BATCH):
        parts.append(probabilities(model, flat[start : start + BATCH]))
        if progress:
            progress(min(1.0, (start + BATCH) / len(flat)))
    return Measured(rows, np.concatenate(parts).reshape(len(rows), len(KINDS)).T)


def few(seed: int) -> tuple[tuple[Pair, ...], ...]:
    """Some rows of `all_pairs` from all over our texts, soon judged."""
    return all_pairs(seed)[::18]


def gathered(rows: tuple[tuple[Pair, ...], ...], found: Sequence[float]) -> Measured:
    """Rows with their probabilities, given row by row."""
    table = np.array(found, dtype=np.float32).reshape(len(rows), len(KINDS))
    return Measured(rows, table.T)


def describe_kinds(measured: Measured) -> str:
    """Mean probability of every kind of pair."""
    means = measured.probabilities.mean(axis=1)
    listed = ", ".join(f"{kind} {mean:.0%}" for kind, mean in zip(KINDS, means, strict=True))
    return (
        f"Mean probability over {measured.probabilities.shape[1]} pairs of each kind: {listed}. "
        f"Of the strangers from another text {measured.accepted('another text'):.0%} get more than "
        "one half: they are taken for the next sentence."
    )


def describe_scores(measured: Measured) -> str:
    """Topic and order, each as a share of right choices with its interval."""
    topic, order = measured.score("another text"), measured.score("swapped")
    alone = measured.alone("swapped")
    low, high = order.interval
    if high < 0.5 or low > 0.5:
        verdict = "which is not mere chance" if low > 0.5 else "which is worse than chance"
    else:
        verdict = "which chance alone could give"
    return (
        f"It prefers the real next sentence to one of another text in {topic.share:.0%} of the "
        f"cases, and the right order to the swapped one in {order.share:.0%} "
        f"({low:.0%} to {high:.0%}), {verdict}. Chance is 50%. "
        f"That is a choice between two. Asked about one pair at a time, it is right about the "
        f"order in {alone.share:.0%} ({alone.interval[0]:.0%} to {alone.interval[1]:.0%}), since "
        f"it accepts {measured.accepted('swapped'):.0%} of the swapped pairs; this is the number "
        "to hold beside ALBERT's."
    )
