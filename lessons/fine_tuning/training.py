"""One fine-tuning run: a copy of the bundled model, a new head, a few hundred labelled rows.

Devlin et al. 2019, §3.2 and A.3 (arxiv.org/abs/1810.04805): AdamW, a short warm-up, then down in a
straight line, dropout 0.1. `FineTuning` is a task for `lessons.engine.training_process`.
"""

from __future__ import annotations

import copy
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from ..engine import load_model, tasks
from ..engine.bert import BertForPreTraining
from ..engine.fine_tuned import FineTuned, HeadKind, padded
from ..engine.model import LoadedModel
from ..engine.tokenizer import batches
from . import baselines, examples
from .examples import IGNORED, Example
from .settings import ADAPTED, ALL, BASE, Settings, checked

WARM_UP = 0.1  # share of all steps
WEIGHT_DECAY = 0.01
CLIP = 1.0
MOMENTS = 10  # closer looks in a run, besides the one before it
MASKED_WORDS = 80
MASK_SEED = 3


@dataclass(frozen=True)
class Material:
    """A task made ready: its head, its examples, and what the page shows of dev."""

    kind: HeadKind
    labels: tuple[str, ...]
    train: list[Example]
    dev: list[Example]
    shown: list[dict[str, Any]]  # of each dev row: its text and the right answer
    baselines: dict[str, float]
    tagged: tuple[tasks.Tagged, ...] = ()
    asked: tuple[tasks.Asked, ...] = ()


def material(model: LoadedModel, settings: Settings) -> Material:
    """Read, split and encode what the settings name."""
    if settings.task == "names":
        return names_material(model, settings)
    if settings.task == "questions":
        return questions_material(model)
    shortcut: dict[str, float] = {}  # a way to be right without doing the task
    if settings.task == "pairs":
        pairs = tasks.split_pairs()
        labels: tuple[str, ...] = tasks.RELATIONS
        train = examples.pair_examples(model, pairs.train, labels)
        dev = examples.pair_examples(model, pairs.dev, labels)
        joined, seconds = (
            tasks.Split(*(
                tuple(tasks.Labelled(text(row), (row.relation,)) for row in side)
                for side in (pairs.train, pairs.dev)
            ))
            for text in (lambda row: f"{row.first} / {row.second}", lambda row: row.second)
        )  # fmt: skip
        shortcut = {"second sentence alone": baselines.bag_of_words(seconds, settings.seed)}
    else:
        own = tuple(tasks.Labelled(text, (label,)) for text, label in settings.rows)
        joined = tasks.split_labelled(own) if own else tasks.split_sentiment()
        found = sorted({row.labels[0] for row in own})
        labels = tuple(found) if own else tasks.SENTIMENTS
        train = examples.class_examples(model, joined.train, labels)
        dev = examples.class_examples(model, joined.dev, labels)
    return Material(
        "class", labels, train, dev,
        shown=[{"text": row.text, "right": labels.index(row.labels[0])} for row in joined.dev],
        baselines={
            "most frequent label": baselines.majority(joined),
            "bag of words": baselines.bag_of_words(joined, settings.seed),
            **shortcut,
        },
    )  # fmt: skip


def names_material(model: LoadedModel, settings: Settings) -> Material:
    """Sentences with names. The baseline remembers each word's tag."""
    split = tasks.split_names()
    remembered = baselines.remembered_tags(split)
    return Material(
        "tokens", tasks.bio_tags(),
        train=examples.token_examples(model, split.train),
        dev=examples.token_examples(model, split.dev),
        shown=[{"text": row.text, "right": list(row.tags)} for row in split.dev],
        baselines={
            "tags remembered": baselines.name_f1(remembered, [row.tags for row in split.dev])
        },
        tagged=split.dev,
    )  # fmt: skip


def questions_material(model: LoadedModel) -> Material:
    """Questions with paragraphs. The baseline answers with the sentence most like the question."""
    split = tasks.split_questions()
    spans = [baselines.likeliest_sentence(row) for row in split.dev]
    scores = [
        baselines.overlap(row.paragraph[start:end], row.answer)
        for row, (start, end) in zip(split.dev, spans, strict=True)
    ]
    return Material(
        "span", ("start", "end"),
        train=examples.span_examples(model, split.train),
        dev=examples.span_examples(model, split.dev),
        shown=[
            {"text": row.paragraph, "question": row.question, "right": row.answer}
            for row in split.dev
        ],
        baselines={"most similar sentence": sum(scores) / len(scores)},
        asked=split.dev,
    )  # fmt: skip


class FineTuning:
    """A run: build it, call `step` until `finished`, ask `moment` for what is shown.

    Raises ValueError, in words for the learner, for settings that can't be trained on.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        self.base = base = load_model(BASE)
        self.data = material(base, settings)
        torch.manual_seed(settings.seed)  # the new head's weights, and dropout
        self.order = random.Random(settings.seed)

        self.copied = copy.deepcopy(base.module)
        encoder = self.copied.bert if isinstance(self.copied, BertForPreTraining) else None
        assert encoder is not None, f"{BASE} has the heads of pre-training"
        self.tuned = FineTuned(
            encoder, self.data.kind, len(self.data.labels), settings.trained_layers,
            settings.rank, ADAPTED[settings.adapted],
        )  # fmt: skip
        self.optimizer = torch.optim.AdamW(self._groups(), lr=settings.learning_rate, fused=True)

        # What lies below the first layer that learns is the same in every epoch: read once.
        self.below = settings.trained_layers != ALL  # with LoRA: the embeddings
        self.train_states = self._read(self.data.train) if self.below else []
        self.dev_states = self._read(self.data.dev) if self.below else []
        self.gaps = masked_words(base)
        self.gap_states = self._read(self.gaps) if self.below else []

        per_epoch = -(-len(self.data.train) // settings.batch_size)
        self.steps = per_epoch * settings.epochs
        self.steps_done = 0
        self.diverged = False
        self.queue: list[list[int]] = []
        self.due = {round(i * self.steps / MOMENTS) for i in range(1, MOMENTS + 1)}

    def _groups(self) -> list[dict[str, Any]]:
        """Weights with decay, and biases and LayerNorms without, as in BERT's own optimizer."""
        plain: list[Tensor] = []
        decayed: list[Tensor] = []
        for name, weight in self.tuned.learning().items():
            spared = name.endswith("bias") or "LayerNorm" in name
            (plain if spared else decayed).append(weight)
        return [
            {"params": decayed, "weight_decay": WEIGHT_DECAY},
            {"params": plain, "weight_decay": 0.0},
        ]

    # --- the step -------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether all steps are done, or none of those left could help."""
        return self.diverged or self.steps_done >= self.steps

    def learning_rate(self) -> float:
        """Of the next step: up during the warm-up, then down to 0 in a straight line."""
        warm_up = max(1, round(WARM_UP * self.steps))
        up = (self.steps_done + 1) / warm_up
        down = (self.steps - self.steps_done) / max(1, self.steps - warm_up)
        return self.settings.learning_rate * min(up, down, 1.0)

    def step(self) -> list[float | None]:
        """One batch: read it, compare with the labels, move the weights that learn.

        Returns (step, loss in nats, learning rate, share right in this batch); None for what is
        not a number any more.
        """
        if not self.queue:
            places = list(range(len(self.data.train)))
            self.order.shuffle(places)
            size = self.settings.batch_size
            self.queue = [places[i : i + size] for i in range(0, len(places), size)]
        places = self.queue.pop(0)
        rate = self.learning_rate()
        for group in self.optimizer.param_groups:
            group["lr"] = rate

        self.tuned.train()
        logits, _ = self._logits(self.data.train, self.train_states, places)
        targets = gather([self.data.train[i].target for i in places])
        loss = examples.loss_of(self.data.kind, logits, targets)
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.tuned.learning().values(), CLIP)
        if torch.isfinite(norm):  # one step on a broken gradient would break every weight
            self.optimizer.step()
        self.steps_done += 1
        value = float(loss.detach())
        self.diverged = not math.isfinite(value)
        right = share_right(self.data.kind, logits.detach(), targets)
        return [self.steps_done, finite(value), rate, finite(right)]

    @torch.no_grad()
    def _read(self, rows: Sequence[Example]) -> list[Tensor]:
        """States below the layers that learn, each (T, D), without dropout."""
        self.tuned.eval()
        found = [torch.empty(0)] * len(rows)
        for places in batches([len(row.encoding) for row in rows], 32):
            batch = padded(self.base, [rows[i].encoding for i in places])
            states = self.tuned.below(batch.input_ids, batch.token_type_ids, batch.mask)
            for j, i in enumerate(places):
                found[i] = states[j, : len(rows[i].encoding)].clone()
        return found

    def _hidden(
        self, rows: Sequence[Example], states: Sequence[Tensor], places: Sequence[int]
    ) -> Tensor:
        """Last hidden states (B, T, D) of some rows, from their stored states where there are."""
        batch = padded(self.base, [rows[i].encoding for i in places])
        if self.below:
            below = pad_sequence([states[i] for i in places], batch_first=True)  # B T D
        else:
            below = self.tuned.below(batch.input_ids, batch.token_type_ids, batch.mask)
        return self.tuned.above(below, batch.mask)

    def _logits(
        self, rows: Sequence[Example], states: Sequence[Tensor], places: Sequence[int]
    ) -> tuple[Tensor, Tensor]:
        """(logits, last hidden states) of some rows. A span never lies in the padding."""
        hidden = self._hidden(rows, states, places)
        logits = self.tuned.read(hidden)
        if self.data.kind == "span":
            lengths = torch.tensor([len(rows[i].encoding) for i in places])
            padding = torch.arange(hidden.shape[1])[None] >= lengths[:, None]  # B T
            logits = logits.masked_fill(padding[..., None], torch.finfo(logits.dtype).min)
        return logits, hidden

    # --- a closer look --------------------------------------------------------------------------

    @property
    def facts(self) -> dict[str, Any]:
        """What a page shows of a run and does not change in it."""
        return {
            "kind": self.data.kind,
            "labels": list(self.data.labels),
            "dev": self.data.shown,
            "baselines": self.data.baselines,
            "n_train": len(self.data.train),
            "n_dev": len(self.data.dev),
            "n_gaps": len(self.gaps),
            "steps": self.steps,
            "learning": sum(weight.numel() for weight in self.tuned.learning().values()),
            "weights": sum(weight.numel() for weight in self.tuned.parameters()),
        }

    def moment_due(self) -> bool:
        """Whether this step is one to look at closely."""
        return self.steps_done in self.due

    @torch.no_grad()
    def moment(self) -> dict[str, Any]:
        """Measure on dev: loss, score, every answer, a map of [CLS]; and words still known."""
        self.tuned.eval()
        rows = self.data.dev
        answers: list[Any] = [None] * len(rows)
        vectors: list[Tensor] = [torch.empty(0)] * len(rows)
        loss = 0.0
        for places in batches([len(row.encoding) for row in rows], 32):
            logits, hidden = self._logits(rows, self.dev_states, places)
            targets = gather([rows[i].target for i in places])
            loss += float(examples.loss_of(self.data.kind, logits, targets)) * len(places)
            heads = self.tuned.encoder.pooler(hidden) if self.data.kind == "class" else hidden[:, 0]
            for j, i in enumerate(places):
                answers[i] = self._answer(i, logits[j])
                vectors[i] = heads[j]
        score, second = self._scores(answers)
        return {
            "step": self.steps_done,
            "loss": finite(loss / len(rows)),
            "score": score,
            "second": second,
            "masked": self._still_known(),
            "answers": answers,
            "map": plane(torch.stack(vectors)),
        }

    def _answer(self, row: int, logits: Tensor) -> Any:
        """The model's answer to a dev row, as JSON carries it: probabilities, tags, or a span."""
        encoding = self.data.dev[row].encoding
        if self.data.kind == "class":
            return [round(finite(p) or 0.0, 4) for p in logits.softmax(dim=-1).tolist()]
        if self.data.kind == "tokens":
            return examples.best_tags(encoding, logits, encoding.text)
        start, end, probability = examples.best_span(encoding, logits)
        return [start, end, round(finite(probability) or 0.0, 4)]

    def _scores(self, answers: Sequence[Any]) -> tuple[float, float | None]:
        """The score of the task, and a second one: see the names in `compute.SCORES`."""
        if self.data.kind == "class":
            right = [row["right"] for row in self.data.shown]
            hits = [a.index(max(a)) == r for a, r in zip(answers, right, strict=True)]
            return sum(hits) / len(hits), None
        if self.data.kind == "tokens":
            tags = [list(row.tags) for row in self.data.tagged]
            same = [
                a == b
                for x, y in zip(answers, tags, strict=True)
                for a, b in zip(x, y, strict=True)
            ]
            return baselines.name_f1(answers, tags), sum(same) / len(same)
        said = [
            (row.paragraph[start:end], row.answer)
            for row, (start, end, _) in zip(self.data.asked, answers, strict=True)
        ]
        overlaps = [baselines.overlap(*pair) for pair in said]
        exact = [baselines.words_of(a) == baselines.words_of(b) for a, b in said]
        return sum(overlaps) / len(overlaps), sum(exact) / len(exact)

    def _still_known(self) -> float:
        """Share of hidden words that the encoder still finds with its head of pre-training."""
        assert isinstance(self.copied, BertForPreTraining)
        hits = 0
        for places in batches([len(row.encoding) for row in self.gaps], 32):
            hidden = self._hidden(self.gaps, self.gap_states, places)
            targets = gather([self.gaps[i].target for i in places])
            asked = targets != IGNORED
            guesses = self.copied.token_logits(hidden[asked]).argmax(dim=-1)
            hits += int((guesses == targets[asked]).sum())
        return hits / len(self.gaps)

    def save(self, folder: Path) -> None:
        """Write what was learned, for `load_fine_tuned`."""
        self.tuned.save(folder, {"labels": list(self.data.labels)})


def masked_words(model: LoadedModel) -> list[Example]:
    """Sentences of no task here, one word of each hidden: what pre-training taught about them.

    A word is a single piece; which one is drawn by a fixed seed.
    """
    generator = random.Random(MASK_SEED)
    rows = list(tasks.topics())
    generator.shuffle(rows)
    found: list[Example] = []
    for row in rows:
        encoding = examples.read_text(model, row.text)
        pieces = encoding.word_ids
        fit = [
            i
            for i, token in enumerate(encoding.tokens)
            if token.isalpha() and pieces.count(pieces[i]) == 1
        ]
        if not fit:
            continue
        place = generator.choice(fit)
        target = torch.full((len(encoding),), IGNORED)
        target[place] = int(encoding.input_ids[place])
        found.append(Example(model.masked(encoding, [place]), target))
        if len(found) == MASKED_WORDS:
            break
    return found


def gather(targets: Sequence[Tensor]) -> Tensor:
    """Targets of a batch: (B), (B, 2), or (B, T) filled up with `IGNORED`."""
    if targets[0].dim() == 0:
        return torch.stack(list(targets))
    return pad_sequence(list(targets), batch_first=True, padding_value=IGNORED)


def share_right(kind: str, logits: Tensor, targets: Tensor) -> float:
    """Share of a batch that is right: classes, tokens that are asked, or both ends of a span."""
    guesses = logits.argmax(dim=1 if kind == "span" else -1)
    right = guesses == targets
    if kind == "span":
        return float(right.all(dim=-1).double().mean())
    return float(right[targets != IGNORED].double().mean())


def plane(vectors: Tensor) -> list[list[float]]:
    """Vectors (N, D) on the plane on which they spread most (PCA): N pairs of numbers."""
    centered = (vectors - vectors.mean(dim=0)).double()
    if not bool(torch.isfinite(centered).all()):
        return [[0.0, 0.0] for _ in vectors]
    left, sizes, _ = torch.linalg.svd(centered, full_matrices=False)
    points = left[:, :2] * sizes[:2]
    signs = torch.where(points.gather(0, points.abs().argmax(dim=0)[None]) < 0, -1.0, 1.0)
    return [[round(x, 4), round(y, 4)] for x, y in (points * signs).tolist()]


def finite(value: float) -> float | None:
    """The number, or None where it is not one any more: JSON has no word for infinity."""
    return value if math.isfinite(value) else None
