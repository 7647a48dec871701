"""Replaced-token detection (Clark et al. 2020, *ELECTRA*, arxiv.org/abs/2003.10555).

The bundled model is the generator: some tokens are masked and it draws a word for each from its
own probabilities. A detector reads the result and says of every token whether it was put there.

The detector here is the bundled encoder, left as it is, with one logistic layer over the vectors
that its layers give a token. ELECTRA trains a whole encoder of its own; the task and the signal
are the same. `Detection` is a task for `lessons.engine.training_process`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)

from ..engine import Encoding, load_model
from ..engine.model import LoadedModel
from .sentences import sentences

GENERATOR = "minilm-mlm"
MOMENTS = 12
MEASURE_SEED = 5
DRAWS = 3  # words are put into each held-out sentence so many times, to measure more finely
STEPS = (20, 40, 80, 160)
BATCH_SIZE = 16
HEADS = ("every token", "masked 15%")
LEARNING_RATE = 3e-3


@dataclass(frozen=True)
class Settings:
    """One run: how many steps, what share of the tokens is masked, and the seed."""

    steps: int = 80
    rate: float = 0.15
    seed: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self)


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping. Raises ValueError that names what is wrong."""
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"There is no setting called {unknown[0]!r}.")
    settings = replace(Settings(), **values)
    if settings.steps not in (*STEPS, 2) or not 0 < settings.rate < 1:
        raise ValueError("Choose one of the offered numbers of steps, and a rate between 0 and 1.")
    return settings


# --- the generator ------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Replaced:
    """A sentence with some tokens drawn anew.

    ``masked`` are the positions that the generator filled, ``replaced`` those of them where it
    drew another token than the one that stood there: the right token by luck counts as original,
    as in ELECTRA.
    """

    original: Encoding
    shown: Encoding
    masked: tuple[int, ...]
    replaced: tuple[int, ...]

    @property
    def own(self) -> tuple[int, ...]:
        """Positions of the sentence's own tokens, without [CLS] and [SEP]."""
        return own_tokens(self.original)


def own_tokens(encoding: Encoding) -> tuple[int, ...]:
    """Positions that hold a token of the text, special tokens left out."""
    return tuple(i for i, offsets in enumerate(encoding.offsets) if offsets is not None)


def replace_tokens(
    model: LoadedModel,
    encodings: Sequence[Encoding],
    positions: Sequence[Sequence[int]],
    generator: torch.Generator,
    *,
    never_the_same: bool = False,
) -> list[Replaced]:
    """Mask these ``positions`` of each encoding and draw a token for each from the model.

    Special tokens are never drawn. ``never_the_same`` also leaves out the token that stood there.
    """
    masked = [model.masked(e, p) for e, p in zip(encodings, positions, strict=True)]
    logits = torch.from_numpy(model.mask_logits(masked, positions).copy())  # N V
    logits[:, sorted(model.special_ids)] = -torch.inf
    if never_the_same:
        pairs = zip(encodings, positions, strict=True)
        there = torch.tensor([int(e.input_ids[i]) for e, row in pairs for i in row])
        logits[torch.arange(len(there)), there] = -torch.inf
    drawn = torch.multinomial(logits.softmax(dim=-1), 1, generator=generator)[:, 0].tolist()
    found, at = [], 0
    for encoding, row in zip(encodings, positions, strict=True):
        new_ids = dict(zip(row, drawn[at : at + len(row)], strict=True))
        at += len(row)
        shown = encoding.replaced(
            {i: (model.tokenizer.id_to_token(new) or "", new) for i, new in new_ids.items()}
        )
        other = tuple(i for i, new in new_ids.items() if new != int(encoding.input_ids[i]))
        found.append(Replaced(encoding, shown, tuple(sorted(row)), tuple(sorted(other))))
    return found


def draw_positions(encoding: Encoding, rate: float, generator: random.Random) -> list[int]:
    """``rate`` of the sentence's own tokens, at least one."""
    own = own_tokens(encoding)
    return sorted(generator.sample(own, max(1, round(rate * len(own)))))


# --- the detector -------------------------------------------------------------------------------


def features(model: LoadedModel, rows: Sequence[Encoding]) -> list[Tensor]:
    """What the detector reads of each token: its vectors from all layers, (T, (L + 1) · D)."""
    return [
        F.layer_norm(torch.from_numpy(states).permute(1, 0, 2), states.shape[2:]).flatten(1)
        for states in model.hidden_states(rows)
    ]


def suspicion(vectors: Tensor, head: Mapping[str, Any]) -> list[float]:
    """Probability that a token was replaced, for each row of ``vectors``, by a trained head."""
    weight = torch.tensor(head["weight"])
    return (vectors @ weight + head["bias"]).sigmoid().tolist()  # type: ignore[no-any-return]


def found_among_top(scores: Sequence[float], own: Sequence[int], replaced: Sequence[int]) -> int:
    """How many replaced tokens are among the k most suspicious, k the number of replaced ones."""
    ranked = sorted(own, key=lambda i: -scores[i])
    return len(set(ranked[: len(replaced)]) & set(replaced))


class Detection:
    """A run: two heads learn from the same sentences, one from every token, one from the masked.

    Both see the same batches and take the same number of steps; only the tokens that their loss
    counts differ. That is the comparison of ELECTRA with "ELECTRA 15%" (table 5 of the paper).
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        torch.manual_seed(settings.seed)
        self.order = random.Random(settings.seed)
        self.dice = torch.Generator().manual_seed(settings.seed)
        self.model = load_model(GENERATOR)
        size = (self.model.spec.layers + 1) * self.model.spec.hidden
        self.heads = [nn.Linear(size, 1) for _ in HEADS]
        for head in self.heads:
            nn.init.zeros_(head.weight)
            nn.init.zeros_(head.bias)
        self.optimizer = torch.optim.AdamW(
            [weight for head in self.heads for weight in head.parameters()],
            lr=LEARNING_RATE,
            weight_decay=0.01,
        )
        self.steps_done = 0
        self.queue: list[str] = []
        self.counted = [0, 0]
        self.due = {round(i * settings.steps / MOMENTS) for i in range(1, MOMENTS + 1)}

        held_out = [self.model.encode(text) for text in sentences().held_out] * DRAWS
        drawn = random.Random(MEASURE_SEED)
        self.dev = replace_tokens(
            self.model, held_out,
            [draw_positions(encoding, settings.rate, drawn) for encoding in held_out],
            torch.Generator().manual_seed(MEASURE_SEED),
        )  # fmt: skip
        self.dev_vectors = features(self.model, [row.shown for row in self.dev])

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.steps_done >= self.settings.steps

    def batch(self) -> list[Replaced]:
        """The next sentences, with tokens drawn anew."""
        if len(self.queue) < BATCH_SIZE:
            fresh = list(sentences().train)
            self.order.shuffle(fresh)
            self.queue += fresh
        texts, self.queue = self.queue[:BATCH_SIZE], self.queue[BATCH_SIZE:]
        encodings = [self.model.encode(text) for text in texts]
        positions = [draw_positions(e, self.settings.rate, self.order) for e in encodings]
        return replace_tokens(self.model, encodings, positions, self.dice)

    def step(self) -> list[float | None]:
        """Generator, detector, two losses: (step, loss by every token, loss by the masked)."""
        rows = self.batch()
        vectors, labels, masked = [], [], []
        for row, states in zip(rows, features(self.model, [r.shown for r in rows]), strict=True):
            own = list(row.own)
            vectors.append(states[own])
            labels += [float(i in row.replaced) for i in own]
            masked += [i in row.masked for i in own]
        inputs, target = torch.cat(vectors), torch.tensor(labels)  # N (L+1)·D, N
        counts = [torch.ones(len(target), dtype=torch.bool), torch.tensor(masked)]
        losses = [
            F.binary_cross_entropy_with_logits(head(inputs[count])[:, 0], target[count])
            for head, count in zip(self.heads, counts, strict=True)
        ]
        for group in self.optimizer.param_groups:  # down to 0, so that the last steps settle
            group["lr"] = LEARNING_RATE * (1 - self.steps_done / self.settings.steps)
        self.optimizer.zero_grad()
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        self.steps_done += 1
        self.counted = [a + int(c.sum()) for a, c in zip(self.counted, counts, strict=True)]
        return [self.steps_done, *(float(value.detach()) for value in losses)]

    @property
    def facts(self) -> dict[str, Any]:
        """What does not change: the held-out sentences, and what picking at random would find."""
        replaced = sum(len(row.replaced) for row in self.dev)
        by_luck = sum(len(row.replaced) ** 2 / len(row.own) for row in self.dev)
        return {
            "steps": self.settings.steps,
            "sentences": len(self.dev) // DRAWS,
            "tokens": sum(len(row.own) for row in self.dev),
            "masked": sum(len(row.masked) for row in self.dev),
            "replaced": replaced,
            "chance": by_luck / replaced,
        }

    def moment_due(self) -> bool:
        """Whether this step is one to look at closely."""
        return self.steps_done in self.due

    @torch.no_grad()
    def moment(self) -> dict[str, Any]:
        """On held-out sentences, for each head: share of the replaced tokens that it picks.

        ``margin`` says how far their difference could lie from this with other sentences, 19 times
        in 20. Also how many tokens each has learned from, and the first head's weights, to play
        with.
        """
        hits = np.zeros((len(HEADS), len(self.dev)))
        for i, head in enumerate(self.heads):
            for j, (row, vectors) in enumerate(zip(self.dev, self.dev_vectors, strict=True)):
                hits[i, j] = found_among_top(head(vectors)[:, 0].tolist(), row.own, row.replaced)
        replaced = sum(len(row.replaced) for row in self.dev)
        # Draws of one sentence are not independent: the sentence is the unit.
        gaps = (hits[0] - hits[1]).reshape(DRAWS, -1).sum(axis=0)
        return {
            "step": self.steps_done,
            "found": (hits.sum(axis=1) / replaced).round(4).tolist(),
            "margin": round(1.96 * float(gaps.std() * np.sqrt(len(gaps))) / replaced, 4),
            "counted": list(self.counted),
            "head": self._head() if self.steps_done else None,
        }

    def _head(self) -> dict[str, Any]:
        head = self.heads[0]
        weight = np.asarray(head.weight.detach()[0]).round(5)
        return {"weight": weight.tolist(), "bias": round(float(head.bias.detach()), 5)}

    def save(self, folder: Path) -> None:
        """Write the head that learned from every token."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "detector.json").write_text(json.dumps(self._head()), encoding="utf-8")


# --- in words -----------------------------------------------------------------------------------


def describe_detection(facts: Mapping[str, Any], moments: Sequence[Mapping[str, Any]]) -> str:
    """What both heads find now, from how many tokens, beside luck."""
    last = moments[-1]
    gap = last["found"][0] - last["found"][1]
    return (
        f"After {last['step']} steps on the same sentences: learning from {last['counted'][0]:,} "
        f"tokens finds {last['found'][0]:.0%} of {facts['replaced']} replaced words, learning from "
        f"the {last['counted'][1]:,} masked ones {last['found'][1]:.0%}, picking at random "
        f"{facts['chance']:.0%}. The gap is {100 * gap:.0f} points, give or take "
        f"{100 * last['margin']:.0f}."
    )


def describe_round(row: Replaced, picks: Sequence[int], scores: Sequence[float] | None) -> str:
    """What was replaced, who found it."""
    changes = ", ".join(
        f"“{row.shown.tokens[i]}” stood for “{row.original.tokens[i]}”" for i in row.replaced
    )
    said = f"{changes}. You found {len(set(picks) & set(row.replaced))} of {len(row.replaced)}"
    if scores is None:
        return f"{said}."
    found = found_among_top(scores, row.own, row.replaced)
    return f"{said}, the detector {found}."
