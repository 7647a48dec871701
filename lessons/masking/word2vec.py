"""word2vec, written out: CBOW and skip-gram (Mikolov et al. 2013, arxiv.org/abs/1301.3781).

Both learn one vector for each word of a vocabulary by a guessing game in a window around it. CBOW
guesses the middle word from the words on both sides; skip-gram guesses each of those from the
middle one. There is no hidden layer in between, so both are log-linear.

Two simplifications for a small text, neither of which changes the idea. The softmax runs over the
whole vocabulary; the authors approximated it, since theirs was large. The window is always full
width; they drew a smaller one at random now and then.
"""

from __future__ import annotations

import math
import random
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)

from ..engine.settings import chosen
from ..engine.trace import Floats

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


STEPS = 1500
SIZE = 32  # of a vector
WIDTHS = tuple(range(1, 9))
SEEDS = range(10_000)
VECTORS = "vectors.npy"


@dataclass(frozen=True)
class Settings:
    """One run. `checked` builds it from what a page, or anybody, sent.

    ``source`` is one of `TEXTS`, ``text`` the learner's own for the last of them; ``width`` is how
    many words a window holds on each side.
    """

    kind: Kind = "skip-gram"
    source: str = TEXTS[0]
    text: str = ""
    width: int = 3
    seed: int = 0
    steps: int = STEPS

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self)


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping; what is left out has its default.

    Raises ValueError that names what is wrong.
    """
    choices = {"kind": KINDS, "source": TEXTS, "width": WIDTHS, "seed": SEEDS}
    settings = chosen(Settings(), values, choices)
    if not 1 <= settings.steps <= 100_000 or not isinstance(settings.text, str):
        raise ValueError("A run takes 1 to 100,000 steps, and reads a text.")
    return settings if settings.source == TEXTS[-1] else replace(settings, text="")


@dataclass(frozen=True)
class Trained:
    """The vectors that came out, (V, D), one for each word of ``vocabulary``; counts in the text.

    ``stopped`` says that the run ended before its last step.
    """

    kind: Kind
    vocabulary: tuple[str, ...]
    counts: tuple[int, ...]
    vectors: Floats
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


class Training:
    """A run: build it, call `step` until `finished`. A task for `lessons.engine.training_process`.

    Raises ValueError, in words for the learner, for a text that can't be trained on.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        sentences = text_of(settings.source, settings.text)
        self.counts = Counter(word for sentence in sentences for word in sentence).most_common(
            LARGEST_VOCABULARY
        )
        if len(self.counts) < 2:
            raise ValueError("Paste a text with some sentences first.")
        number = {word: i for i, (word, _) in enumerate(self.counts, 1)}
        ids = [[number[w] for w in s if w in number] for s in sentences]
        inputs, answers = questions(settings.kind, *windows(ids, settings.width))
        if not len(answers):
            raise ValueError("A text needs sentences of two words and more.")
        self.model = build(settings.kind, len(number) + 1, SIZE, settings.seed)
        self.losses = learn(self.model, inputs, answers, settings.steps, settings.seed)
        self.steps_done = 0

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.steps_done >= self.settings.steps

    @property
    def facts(self) -> dict[str, Any]:
        """What a page shows of a run and does not change in it."""
        return {
            "steps": self.settings.steps,
            "vocabulary": [word for word, _ in self.counts],
            "counts": [count for _, count in self.counts],
        }

    def step(self) -> list[float | None]:
        """One batch: (step, loss in nats)."""
        loss = next(self.losses)
        self.steps_done += 1
        return [self.steps_done, float(f"{loss:.5g}") if math.isfinite(loss) else None]

    def moment(self) -> dict[str, Any]:
        """Nothing that the curve does not say."""
        return {"step": self.steps_done}

    def moment_due(self) -> bool:
        """Never before the end."""
        return False

    def save(self, folder: Path) -> None:
        """Write the vectors, for `read_trained`."""
        folder.mkdir(parents=True, exist_ok=True)
        np.save(folder / VECTORS, self.model.words.weight.detach()[1:].numpy())


def read_trained(
    settings: Mapping[str, Any], facts: Mapping[str, Any], folder: Path, *, stopped: bool
) -> Trained:
    """What a run left. Raises OSError when nothing was saved there."""
    vectors = np.load(folder / VECTORS, allow_pickle=False)
    words, counts = tuple(facts["vocabulary"]), tuple(facts["counts"])
    return Trained(settings["kind"], words, counts, vectors, stopped)


def learn(
    model: Word2Vec, inputs: Tensor, answers: Tensor, steps: int, seed: int
) -> Iterator[float]:
    """Train on shuffled batches of questions; yields the loss of each.

    Plain gradient descent with a rate that falls in a straight line to 0, as the authors have it.
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


# --- in words -------------------------------------------------------------------------------------


def describe_trained(trained: Trained) -> str:
    """How much was read, and a caution that fits its size."""
    words = sum(trained.counts)
    said = f"{trained.kind} read {words:,} words, {len(trained.vocabulary):,} different ones"
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
