"""One run: four heads, several seeds each, over the same frozen vectors and in lockstep.

Every head gets the same sentences in the same order, the same learning rate, and the same number
of batches; heads of one seed differ in nothing but what they are. `FourHeads` is a task for
`lessons.engine.training_process`.
"""

from __future__ import annotations

import json
import math
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from ..engine import load_model
from ..engine.fine_tuned import encoder_of
from ..engine.model import LoadedModel
from ..engine.tokenizer import batches, encode
from ..engine.trace import Floats
from . import sets
from .heads import ClsHead, CnnHead, LstmHead, MeanHead
from .settings import BASE, HEADS, checked

CLASSES: dict[str, type[nn.Module]] = {
    "cls": ClsHead, "mean": MeanHead, "lstm": LstmHead, "cnn": CnnHead,
}  # fmt: skip
BATCH_SIZE = 16
WEIGHT_DECAY = 0.01
WARM_UP = 0.1  # share of all steps
MOMENTS = 10  # closer looks in a run, besides the one before it
LONGEST = 64  # tokens; what is longer is cut, since the vectors of all rows stay in memory
WEIGHTS, ABOUT = "heads.npz", "heads.json"


@dataclass
class Learner:
    """One head of one seed, on its way."""

    kind: str
    seed: int
    net: nn.Module
    optimizer: torch.optim.Optimizer
    seconds: float = 0.0


def read(model: LoadedModel, texts: Sequence[str]) -> list[Tensor]:
    """Last hidden states of every text, each (T, D): computed once, for all heads and seeds."""
    encodings = [encode(model.tokenizer, text, None, LONGEST) for text in texts]
    found = [torch.empty(0)] * len(encodings)
    for places in batches([len(encoding) for encoding in encodings], 32):
        group = model.hidden_states([encodings[i] for i in places])
        for i, states in zip(places, group, strict=True):
            found[i] = torch.from_numpy(states[-1].copy())
    return found


def padded(rows: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Vectors of unequal length as one batch (B, T, D), with its mask (B, T)."""
    hidden = pad_sequence(list(rows), batch_first=True)
    mask = torch.zeros(hidden.shape[:2])
    for i, row in enumerate(rows):
        mask[i, : len(row)] = 1
    return hidden, mask


def built(kind: str, seed: int, n_labels: int, model: LoadedModel) -> nn.Module:
    """A head with fresh weights; the one of [CLS] takes the pooler that pre-training left."""
    torch.manual_seed(seed)
    net = CLASSES[kind](model.spec.hidden, n_labels)
    if isinstance(net, ClsHead):
        net.pooler.load_state_dict(encoder_of(model).pooler.dense.state_dict())
    return net


class FourHeads:
    """A run: build it, call `step` until `finished`, ask `moment` for what is shown.

    Raises ValueError, in words for the learner, for settings that can't be trained on.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        self.given = sets.material(settings)
        self.baselines = sets.baselines(self.given)
        model = load_model(BASE)
        self.train_rows = read(model, [row.text for row in self.given.train])
        self.dev_rows = read(model, [row.text for row in self.given.dev])
        labels = self.given.labels
        self.train_labels = torch.tensor([labels.index(row.label) for row in self.given.train])
        self.dev_labels = torch.tensor([labels.index(row.label) for row in self.given.dev])
        self.seeds = [settings.seed + i for i in range(settings.seeds)]
        self.learners = [self._learner(kind, seed, model) for kind in HEADS for seed in self.seeds]
        self.orders = {seed: random.Random(seed) for seed in self.seeds}
        self.queues: dict[int, list[list[int]]] = {seed: [] for seed in self.seeds}
        self.steps_done = 0
        self.due = {round(i * settings.steps / MOMENTS) for i in range(1, MOMENTS + 1)}

    def _learner(self, kind: str, seed: int, model: LoadedModel) -> Learner:
        net = built(kind, seed, len(self.given.labels), model)
        optimizer = torch.optim.AdamW(
            net.parameters(), lr=self.settings.learning_rate, weight_decay=WEIGHT_DECAY
        )
        return Learner(kind, seed, net, optimizer)

    @property
    def finished(self) -> bool:
        """Whether all batches are read."""
        return self.steps_done >= self.settings.steps

    @property
    def facts(self) -> dict[str, Any]:
        """What a page shows of a run and does not change in it."""
        labels = self.given.labels
        counts = {
            learner.kind: sum(weight.numel() for weight in learner.net.parameters())
            for learner in self.learners
        }
        return {
            "labels": list(labels),
            "dev": [
                {"text": row.text, "right": labels.index(row.label), "group": row.group}
                for row in self.given.dev
            ],
            "n_train": len(self.given.train),
            "seeds": self.seeds,
            "steps": self.settings.steps,
            "epochs": self.settings.steps * BATCH_SIZE / len(self.given.train),
            "baselines": self.baselines,
            "weights": counts,
        }

    def learning_rate(self) -> float:
        """Of the next step: up during the warm-up, then down to 0 in a straight line."""
        steps, done = self.settings.steps, self.steps_done
        warm_up = max(1, round(WARM_UP * steps))
        return self.settings.learning_rate * min(
            1.0, (done + 1) / warm_up, (steps - done) / max(1, steps - warm_up)
        )

    def step(self) -> list[float | None]:
        """One batch for every head and seed.

        Returns (step, then for each head the mean loss over its seeds, in nats).
        """
        rate = self.learning_rate()
        inputs = {seed: self._batch(seed) for seed in self.seeds}
        losses: dict[str, list[float]] = {kind: [] for kind in HEADS}
        for learner in self.learners:
            hidden, mask, targets = inputs[learner.seed]
            begun = time.perf_counter()
            # Dropout depends on seed and step alone, not on which other heads run beside.
            torch.manual_seed(1_000_003 * learner.seed + self.steps_done)
            for group in learner.optimizer.param_groups:
                group["lr"] = rate
            learner.net.train()
            loss = nn.functional.cross_entropy(learner.net(hidden, mask), targets)
            learner.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            learner.optimizer.step()
            learner.seconds += time.perf_counter() - begun
            losses[learner.kind].append(float(loss.detach()))
        self.steps_done += 1
        means = [sum(values) / len(values) for values in losses.values()]
        return [self.steps_done, *(value if math.isfinite(value) else None for value in means)]

    def _batch(self, seed: int) -> tuple[Tensor, Tensor, Tensor]:
        if not self.queues[seed]:
            places = list(range(len(self.train_rows)))
            self.orders[seed].shuffle(places)
            self.queues[seed] = [
                places[i : i + BATCH_SIZE] for i in range(0, len(places), BATCH_SIZE)
            ]
        places = self.queues[seed].pop(0)
        hidden, mask = padded([self.train_rows[i] for i in places])
        return hidden, mask, self.train_labels[places]

    def moment_due(self) -> bool:
        """Whether this step is one to look at closely."""
        return self.steps_done in self.due

    @torch.no_grad()
    def moment(self) -> dict[str, Any]:
        """Every head of every seed on dev.

        ``answers[head][seed][row]`` is the number of the label that it gives, ``seconds`` how long
        one seed of a head has trained so far, on average.
        """
        answers: dict[str, list[list[int]]] = {kind: [] for kind in HEADS}
        seconds = dict.fromkeys(HEADS, 0.0)
        for learner in self.learners:
            learner.net.eval()
            said = [0] * len(self.dev_rows)
            for places in batches([len(row) for row in self.dev_rows], 64):
                logits = learner.net(*padded([self.dev_rows[i] for i in places]))
                for i, label in zip(places, logits.argmax(dim=-1).tolist(), strict=True):
                    said[i] = label
            answers[learner.kind].append(said)
            seconds[learner.kind] += learner.seconds / len(self.seeds)
        return {"step": self.steps_done, "answers": answers, "seconds": seconds}

    def save(self, folder: Path, seeds: int | None = None) -> None:
        """Write the heads of all seeds, or of the first ``seeds``, in half precision."""
        folder.mkdir(parents=True, exist_ok=True)
        arrays = {
            f"{learner.kind}.{i % len(self.seeds)}.{name}": weight.half().numpy()
            for i, learner in enumerate(self.learners)
            if seeds is None or i % len(self.seeds) < seeds
            for name, weight in learner.net.state_dict().items()
        }
        np.savez(folder / WEIGHTS, **arrays)
        about = {"labels": self.given.labels, "seeds": seeds or len(self.seeds)}
        (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")


Heads = dict[str, list[nn.Module]]


def load_heads(folder: Path, d: int) -> tuple[Heads, list[str]]:
    """The heads of a run, a list of seeds for each kind, and the labels that they give.

    Raises OSError when nothing was saved there.
    """
    about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
    found: Heads = {kind: [] for kind in HEADS}
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        for kind in HEADS:
            for i in range(about["seeds"]):
                net = CLASSES[kind](d, len(about["labels"]))
                start = f"{kind}.{i}."
                weights = {
                    name.removeprefix(start): torch.from_numpy(arrays[name]).float()
                    for name in arrays.files
                    if name.startswith(start)
                }
                net.load_state_dict(weights)
                found[kind].append(net.eval().requires_grad_(False))
    return found, about["labels"]


@torch.inference_mode()
def ask(model: LoadedModel, heads: Heads, text: str) -> dict[str, Floats]:
    """Probabilities of one text by every head: for each kind (seeds, K)."""
    hidden, mask = padded(read(model, [text]))
    return {
        kind: torch.cat([net(hidden, mask) for net in nets]).softmax(dim=-1).numpy()
        for kind, nets in heads.items()
    }
