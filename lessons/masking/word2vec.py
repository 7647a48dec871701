"""word2vec, written out: CBOW and skip-gram (Mikolov et al. 2013, arxiv.org/abs/1301.3781).

Both learn one vector for each word of a vocabulary by a guessing game in a window around it. CBOW
guesses the middle word from the words on both sides; skip-gram guesses each of those from the
middle one. There is no hidden layer in between, so both are log-linear.

Two simplifications for a small text, neither of which changes the idea. The softmax runs over the
whole vocabulary; the authors approximated it, since theirs was large. The window is always full
width; they drew a smaller one at random now and then.
"""

from __future__ import annotations

import random
import re
import threading
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)

from lessons.engine.trace import Floats

ASSETS = Path(__file__).parents[2] / "assets" / "data"
DATA = ASSETS / "masking" / "small_world.toml"
SHORT_TEXTS = ASSETS / "next_sentence" / "documents.toml"
Kind = Literal["CBOW", "skip-gram"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MOST_WORDS = 40_000
"""Words of a text that are read: enough for a lesson, and trained in seconds."""
LARGEST_VOCABULARY = 2_000
BATCH = 256
RATE = 6.0  # large, since the loss is a mean over a batch and most of its gradients are near 0
NO_WORD = 0  # fills windows at the ends of sentences; its vector stays 0 and is never guessed


# --- the two models -------------------------------------------------------------------------------


class Word2Vec(nn.Module):
    """Two tables: a vector for each word as it is read, and one for each word as it is guessed."""

    def __init__(self, vocabulary: int, size: int, generator: torch.Generator) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, size, padding_idx=NO_WORD)  # V D, those that we keep
        self.guesses = nn.Linear(size, vocabulary, bias=False)  # V D
        with torch.no_grad():
            self.words.weight.uniform_(-0.5, 0.5, generator=generator).div_(size)
            self.words.weight[NO_WORD].zero_()
            self.guesses.weight.zero_()  # as the authors' program starts


class CBOW(Word2Vec):
    """Continuous bag of words: the mean of the words around says which one is in the middle."""

    def forward(self, context: Tensor) -> Tensor:
        """(B, W) ids around each word → (B, V) scores for the word in the middle."""
        count = (context != NO_WORD).sum(dim=1, keepdim=True).clamp(min=1)  # B 1
        mean = self.words(context).sum(dim=1) / count  # B W D → B D: a sum knows no order
        return self.guesses(mean)  # type: ignore[no-any-return]  # B V


class SkipGram(Word2Vec):
    """The word in the middle says which words are around it, each on its own."""

    def forward(self, center: Tensor) -> Tensor:
        """(B,) ids → (B, V) scores for any one word around."""
        return self.guesses(self.words(center))  # type: ignore[no-any-return]  # B D → B V


def build(kind: Kind, vocabulary: int, size: int, seed: int) -> Word2Vec:
    """A fresh model of either kind."""
    generator = torch.Generator().manual_seed(seed)
    return (CBOW if kind == "CBOW" else SkipGram)(vocabulary, size, generator)


# --- what they see --------------------------------------------------------------------------------


def windows(sentences: Sequence[Sequence[int]], width: int) -> tuple[Tensor, Tensor]:
    """Every word with ``width`` words on both sides: contexts (N, 2·width), centers (N).

    A window never leaves its sentence; places beyond hold `NO_WORD`. Words without any neighbor
    are left out.
    """
    contexts, centers = [], []
    for sentence in sentences:
        if len(sentence) < 2:
            continue
        padded = [NO_WORD] * width + list(sentence) + [NO_WORD] * width
        for i, center in enumerate(sentence):
            contexts.append(padded[i : i + width] + padded[i + width + 1 : i + 2 * width + 1])
            centers.append(center)
    shape = (len(centers), 2 * width)
    return torch.tensor(contexts, dtype=torch.long).view(shape), torch.tensor(centers)


def questions(kind: Kind, contexts: Tensor, centers: Tensor) -> tuple[Tensor, Tensor]:
    """What is put in and what must come out: CBOW (N, W) → (N), skip-gram (M) → (M)."""
    if kind == "CBOW":
        return contexts, centers
    real = contexts != NO_WORD  # N W
    return centers[:, None].expand_as(contexts)[real], contexts[real]


def words_seen(words: Sequence[str], center: int, width: int) -> tuple[list[str], list[str]]:
    """Words before and after ``center`` that lie in the window."""
    return (
        list(words[max(0, center - width) : center]),
        list(words[center + 1 : center + 1 + width]),
    )


# --- texts ----------------------------------------------------------------------------------------


def sentences_of(text: str) -> list[list[str]]:
    """Lower-case words of a text, sentence by sentence; at most `MOST_WORDS` of them."""
    found: list[list[str]] = []
    left = MOST_WORDS
    for part in re.split(r"[.!?…;:\n]+", text.lower()):
        words = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?", part)[:left]
        left -= len(words)
        if words:
            found.append(words)
        if left <= 0:
            break
    return found


@lru_cache(maxsize=4)
def small_world(count: int = 4000, seed: int = 0) -> tuple[tuple[str, ...], ...]:
    """Sentences drawn from our own patterns: a world small enough to be learned in seconds."""
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))
    drawn = random.Random(seed)

    def sentence() -> tuple[str, ...]:
        rows: dict[str, list[str]] = {}
        words = []
        for word in drawn.choice(table["templates"]).split():
            slot = re.fullmatch(r"\{(\w+)(?:\.(\d))?\}", word)
            if slot and slot[2]:
                row = rows.setdefault(slot[1], drawn.choice(table[slot[1]]))
                word = row[int(slot[2])]
            elif slot:
                word = drawn.choice(table[slot[1]])
            words.append(word)
        return tuple(words)

    return tuple(sentence() for _ in range(count))


TEXTS = ("our small world", "36 short texts", "a text of yours")


def text_of(source: str, own: str = "") -> Sequence[Sequence[str]]:
    """The sentences of one of `TEXTS`."""
    if source == TEXTS[0]:
        return small_world()
    if source == TEXTS[1]:
        table = tomllib.loads(SHORT_TEXTS.read_text(encoding="utf-8"))
        return sentences_of("\n".join("\n".join(d["sentences"]) for d in table["document"]))
    return sentences_of(own)


def analogies() -> list[tuple[str, str, str]]:
    """Questions for the small world: a is to b as c is to …"""
    table = tomllib.loads(DATA.read_text(encoding="utf-8"))
    return [(a, b, c) for a, b, c in table["analogies"]]


# --- training -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Trained:
    """The vectors that came out, (V, D), one for each word of ``vocabulary``; counts in the text.

    ``losses`` are means over some hundred batches each, in nats. ``stopped`` says that the time
    was up, or that somebody pressed stop.
    """

    kind: Kind
    vocabulary: tuple[str, ...]
    counts: tuple[int, ...]
    vectors: Floats
    losses: tuple[float, ...]
    seconds: float
    stopped: bool

    def vector(self, word: str) -> Floats:
        """The vector of a word; KeyError for one that the text does not have."""
        try:
            return self.vectors[self.vocabulary.index(word)]  # type: ignore[no-any-return]
        except ValueError:
            raise KeyError(word) from None

    def nearest(
        self, vector: Floats, count: int, leave_out: Sequence[str] = ()
    ) -> list[tuple[str, float]]:
        """Words whose vectors point most nearly the same way: (word, cosine), best first."""
        lengths = np.linalg.norm(self.vectors, axis=1) * np.linalg.norm(vector)
        cosines = self.vectors @ vector / np.maximum(lengths, 1e-12)
        best = np.argsort(-cosines)
        found = [(self.vocabulary[i], float(cosines[i])) for i in best]
        return [entry for entry in found if entry[0] not in leave_out][:count]

    def neighbors(self, word: str, count: int = 8) -> list[tuple[str, float]]:
        """The nearest other words."""
        return self.nearest(self.vector(word), count, [word])

    def analogy(self, a: str, b: str, c: str, count: int = 5) -> list[tuple[str, float]]:
        """a is to b as c is to …: the words nearest to b − a + c, the three left out."""

        def unit(word: str) -> Floats:
            vector = self.vector(word)
            return vector / max(float(np.linalg.norm(vector)), 1e-12)

        return self.nearest(unit(b) - unit(a) + unit(c), count, [a, b, c])


@dataclass
class Training:
    """A training that runs in a thread of its own and can be watched and stopped.

    It ends early when `stop` is called, when ``seconds`` are over, or when nobody has called
    `watch` for some seconds: the learner has left. Two run at a time; others wait their turn.
    """

    sentences: Sequence[Sequence[str]]
    kind: Kind
    size: int = 32
    width: int = 3
    steps: int = 1500
    seed: int = 0
    seconds: float = 20.0
    rare: int = 1
    """Words that stand in the text fewer times are left out."""

    done: float = field(default=0.0, init=False)
    losses: list[float] = field(default_factory=list, init=False)
    result: Trained | None = field(default=None, init=False)
    waiting: bool = field(default=True, init=False)

    PATIENCE = 5.0  # seconds without a watcher

    def __post_init__(self) -> None:
        counts = Counter(word for sentence in self.sentences for word in sentence)
        kept = [(w, n) for w, n in counts.most_common(LARGEST_VOCABULARY) if n >= self.rare]
        if len(kept) < 2:
            raise ValueError("a text needs two different words at least")
        self._kept = kept
        self._stop = threading.Event()
        self._watched = time.monotonic()
        self._thread = threading.Thread(target=self._run, name="word2vec", daemon=True)

    def start(self) -> Training:
        """Begin; returns itself."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """End after the batch in hand; the result so far is kept."""
        self._stop.set()

    def watch(self) -> bool:
        """Say that somebody is looking; True while it runs."""
        self._watched = time.monotonic()
        return self._thread.is_alive()

    def join(self, timeout: float | None = None) -> None:
        """Wait for the end."""
        self._thread.join(timeout)

    def _run(self) -> None:
        while not _seats.acquire(timeout=0.2):
            if self._ended():
                return
        try:
            self.waiting = False
            self._train()
        finally:
            _seats.release()

    def _ended(self) -> bool:
        return self._stop.is_set() or time.monotonic() - self._watched > self.PATIENCE

    def _train(self) -> None:
        number = {word: i for i, (word, _) in enumerate(self._kept, 1)}
        ids = [[number[w] for w in s if w in number] for s in self.sentences]
        inputs, answers = questions(self.kind, *windows(ids, self.width))
        model = build(self.kind, len(number) + 1, self.size, self.seed)
        started, stopped = time.monotonic(), False
        for loss in learn(model, inputs, answers, self.steps, self.seed):
            self.done += 1 / self.steps
            self.losses.append(loss)
            stopped = self._ended() or time.monotonic() - started > self.seconds
            if stopped:
                break
            time.sleep(0.001)  # let the pages of other learners have the interpreter
        self.result = Trained(
            self.kind,
            tuple(word for word, _ in self._kept),
            tuple(count for _, count in self._kept),
            model.words.weight.detach()[1:].numpy(),
            tuple(_means(self.losses, 100)),
            time.monotonic() - started,
            stopped,
        )


_seats = threading.BoundedSemaphore(2)


def learn(
    model: Word2Vec, inputs: Tensor, answers: Tensor, steps: int, seed: int
) -> Iterator[float]:
    """Train on shuffled batches of questions; yields the loss of each.

    Plain gradient descent with a rate that falls in a straight line to 0, as the authors have it.
    (``torch.optim`` would do the same, but its first use imports PyTorch's compiler: seconds in
    which nobody else on this server gets an answer.)
    """
    generator = torch.Generator().manual_seed(seed)
    order = torch.empty(0, dtype=torch.long)
    for step in range(steps):
        if not len(order):
            order = torch.randperm(len(answers), generator=generator)
        batch, order = order[:BATCH], order[BATCH:]
        loss = F.cross_entropy(model(inputs[batch]), answers[batch])
        loss.backward()  # type: ignore[no-untyped-call]
        with torch.no_grad():
            for weight in model.parameters():
                assert weight.grad is not None
                weight.sub_(RATE * (1 - step / steps) * weight.grad)
                weight.grad = None
        yield loss.item()


def _means(losses: Sequence[float], points: int) -> list[float]:
    """A long list of losses as at most ``points`` means."""
    if not losses:
        return []
    parts = np.array_split(np.array(losses), min(points, len(losses)))
    return [float(part.mean()) for part in parts]


# --- in words -------------------------------------------------------------------------------------


def describe_trained(trained: Trained) -> str:
    """How much was read, and a caution that fits its size."""
    words = sum(trained.counts)
    said = (
        f"{trained.kind} read {words:,} words, {len(trained.vocabulary):,} different ones, in "
        f"{trained.seconds:.1f} s"
    )
    said += ", and was stopped early. " if trained.stopped else ". "
    often = sorted(trained.counts)[len(trained.counts) // 2]
    if often < 20:
        return said + (
            f"Half of its words stand in the text no more than {often}×: too few to learn much "
            "from. Expect chance neighbors."
        )
    return said + (
        "A tiny world, told in a few patterns: that is why so few words suffice. Real text needs "
        "far more."
    )


def describe_neighbors(word: str, found: Sequence[tuple[str, float]]) -> str:
    """The nearest words in a line."""
    return f"Nearest to “{word}”: " + ", ".join(f"{w} {c:.2f}" for w, c in found) + "."
