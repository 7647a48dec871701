"""Zero-shot transfer between two small languages: pre-train on both, learn a task in one, ask in
the other.

The second language is the first with every word spelled backwards, so that it has the same grammar
and another vocabulary; K et al. 2020 (arxiv.org/abs/1912.07840) and Dufter and Schütze 2020
(arxiv.org/abs/2005.00396) made theirs in much the same way. Some words may be the same in both, as
*pizza* and *piano* are in many languages. No sentence for measuring holds one of these: whatever is
right there has come through the encoder.

`Transfer` is a task for `lessons.engine.training_process`.
"""

from __future__ import annotations

import copy
import random
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)

from ..engine.bert import Bert, BertConfig, BertForPreTraining, pre_training_loss
from .settings import READS, checked

DATA = Path(__file__).resolve().parents[2] / "assets/data/multilingual/two_languages.toml"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
CLS, SEP, MASK = 2, 3, 4
IGNORED = -100

STEPS, BATCH_SIZE, LEARNING_RATE = 600, 64, 3e-3
SENTENCES = 2000  # of each language, to read
MASKING_RATE = 0.3
MOMENTS = 6
LABELLED, TESTED = 200, 150  # sentences with a topic to learn from; to measure on, each language
TUNING_STEPS, TUNING_BATCH, TUNING_RATE = 40, 32, 3e-4
SHOWN = 5  # test sentences that the page shows


@lru_cache(maxsize=1)
def topics() -> dict[str, dict[str, list[str]]]:
    """Words of each topic: nouns, verbs, adjectives, and those that may be shared."""
    return tomllib.loads(DATA.read_text(encoding="utf-8"))


def sentence(rng: random.Random, topic: str, shared: int) -> list[str]:
    """A sentence of the first language: *the ADJECTIVE NOUN VERB the ADJECTIVE NOUN*."""
    words = topics()[topic]
    nouns = [*words["nouns"], *words["shared"][:shared]]
    return [
        "the", rng.choice(words["adjectives"]), rng.choice(nouns), rng.choice(words["verbs"]),
        "the", rng.choice(words["adjectives"]), rng.choice(nouns),
    ]  # fmt: skip


def translated(words: list[str]) -> list[str]:
    """The sentence in the second language."""
    both = {word for topic in topics().values() for word in topic["shared"]}
    return [word if word in both else word[::-1] for word in words]


def vocabulary(shared: int) -> tuple[str, ...]:
    """All words of both languages; what they share stands there once."""
    own = ["the"]
    for words in topics().values():
        own += [*words["nouns"], *words["verbs"], *words["adjectives"], *words["shared"][:shared]]
    return tuple(dict.fromkeys([*SPECIAL, *own, *translated(own)]))


@dataclass(frozen=True, eq=False)
class Text:
    """Sentences as ids (N, T) with their topics (N), and as words."""

    input_ids: Tensor
    labels: Tensor
    words: tuple[tuple[str, ...], ...]


class Transfer:
    """A run: masked words in both languages; at each moment a topic is learned in the first."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        self.rng = random.Random(settings.seed)
        self.dice = torch.Generator().manual_seed(settings.seed)
        self.words = vocabulary(settings.shared)
        self.ids = {word: i for i, word in enumerate(self.words)}
        read = [self.text(SENTENCES, 0), self.text(SENTENCES, 1)]
        self.train = torch.cat([one.input_ids for one in read[: 2 - READS.index(settings.reads)]])
        self.labelled = self.text(LABELLED, 0)
        self.tests = [self.text(TESTED, language, test=True) for language in (0, 1)]
        config = BertConfig(
            vocab_size=len(self.words), hidden_size=64, num_hidden_layers=2, num_attention_heads=2,
            intermediate_size=256, max_position_embeddings=16, hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0, initializer_range=0.05,
        )  # fmt: skip
        self.model = BertForPreTraining(config).initialise(self.dice)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=LEARNING_RATE, weight_decay=0.01, fused=True
        )
        self.steps_done = 0
        self.due = {round(i * STEPS / MOMENTS) for i in range(1, MOMENTS + 1)}

    def text(self, count: int, language: int, *, test: bool = False) -> Text:
        """Sentences of the first (0) or the second (1) language; a test holds no shared word."""
        names, rows, labels = list(topics()), [], []
        for i in range(count):
            words = sentence(self.rng, names[i % len(names)], 0 if test else self.settings.shared)
            rows.append(tuple(translated(words) if language else words))
            labels.append(i % len(names))
        ids = [[CLS, *(self.ids[word] for word in row), SEP] for row in rows]
        return Text(torch.tensor(ids), torch.tensor(labels), tuple(rows))

    # --- pre-training

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.steps_done >= STEPS

    def step(self) -> list[float | None]:
        """One batch of masked words: (step, loss in nats)."""
        rows = torch.randint(len(self.train), (BATCH_SIZE,), generator=self.dice)
        input_ids, labels = self.masked(self.train[rows])
        loss, _ = pre_training_loss(self.model, self.model.bert(input_ids), labels)
        rate = min(1.0, (self.steps_done + 1) / 50, 1.05 * (1 - self.steps_done / STEPS))
        for group in self.optimizer.param_groups:
            group["lr"] = LEARNING_RATE * rate
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.steps_done += 1
        return [self.steps_done, float(loss.detach())]

    def masked(self, input_ids: Tensor) -> tuple[Tensor, Tensor]:
        """Hide some words of (B, T) as BERT does, 80/10/10: (input_ids, labels)."""
        word = input_ids >= len(SPECIAL)
        asked = (torch.rand(input_ids.shape, generator=self.dice) < MASKING_RATE) & word
        fate = torch.rand(input_ids.shape, generator=self.dice)
        other = torch.randint(len(SPECIAL), len(self.words), input_ids.shape, generator=self.dice)
        hidden = input_ids.masked_fill(asked & (fate < 0.8), MASK)
        hidden = torch.where(asked & (fate >= 0.9), other, hidden)
        return hidden, input_ids.masked_fill(~asked, IGNORED)

    # --- a closer look

    @property
    def facts(self) -> dict[str, Any]:
        """What does not change in a run."""
        return {
            "steps": STEPS,
            "topics": list(topics()),
            "labelled": LABELLED,
            "tested": TESTED,
            "shared": [w for t in topics().values() for w in t["shared"][: self.settings.shared]],
            "shown": [
                {"text": " ".join(self.tests[1].words[i]), "right": int(self.tests[1].labels[i])}
                for i in range(SHOWN)
            ],
        }

    def moment_due(self) -> bool:
        """Whether this step is one to look at closely."""
        return self.steps_done in self.due

    def moment(self) -> dict[str, Any]:
        """Fine-tune a copy on labelled sentences of the first language; measure on both."""
        encoder, head = self.tuned()
        with torch.no_grad():
            said = [head(vectors(encoder, test.input_ids)).argmax(dim=-1) for test in self.tests]
        right = [
            float((answers == test.labels).double().mean())
            for answers, test in zip(said, self.tests, strict=True)
        ]
        return {
            "step": self.steps_done,
            "right": [round(share, 4) for share in right],
            "answers": said[1][:SHOWN].tolist(),
        }

    def tuned(self) -> tuple[Bert, nn.Linear]:
        """A copy of the encoder and a head, both fine-tuned in the first language.

        The word vectors stay: else those of the first language alone would move.
        """
        torch.manual_seed(self.settings.seed)
        encoder = copy.deepcopy(self.model.bert)
        encoder.embeddings.requires_grad_(False)
        head = nn.Linear(encoder.config.hidden_size, len(topics()))
        learning = [p for p in (*encoder.parameters(), *head.parameters()) if p.requires_grad]
        optimizer = torch.optim.AdamW(learning, lr=TUNING_RATE)
        for _ in range(TUNING_STEPS):
            rows = torch.randint(LABELLED, (TUNING_BATCH,))
            logits = head(vectors(encoder, self.labelled.input_ids[rows]))
            loss = F.cross_entropy(logits, self.labelled.labels[rows])
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
        return encoder, head

    def save(self, folder: Path) -> None:
        """Nothing: the page needs no more than the moments."""


def vectors(encoder: Bert, input_ids: Tensor) -> Tensor:
    """Mean of the words' last hidden states: (B, T) → (B, D)."""
    hidden: Tensor = encoder(input_ids)
    return hidden[:, 1:-1].mean(dim=1)
