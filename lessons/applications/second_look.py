"""A second look at what a search found: question and passage read together, or apart.

Together, as sentence A and B, with a score from [CLS]: a cross-encoder (Nogueira and Cho 2019,
arxiv.org/abs/1901.04085). Apart, with the cosine of their mean-pooled vectors: a bi-encoder. Both
start from the same model, and learn from the same questions and the same wrong passages by the same
loss. `SecondLook` is a task for `lessons.engine.training_process`.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)

from ..engine import load_model
from ..engine.fine_tuned import FineTuned, encoder_of, load_fine_tuned, padded
from ..engine.spans import read_text
from ..engine.tokenizer import Encoding, batches
from ..engine.upper_layers import AT_ONCE, States, UpperLayers, mean_pooled
from . import reranking, search
from .compute import vectors
from .reranking import APART, BASE, COMPARES, TOGETHER, Lesson, checked

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

TRAINED_LAYERS = 3
BATCH = 8  # questions
TEMPERATURE = 0.05  # of cosines, which lie too close together for a softmax


def choice_loss(scores: Tensor) -> Tensor:
    """Mean surprise, in nats, at the right passage of each question.

    ``scores`` (B, 1 + N) of one right passage, which stands first, and N wrong ones.
    """
    return F.cross_entropy(scores, torch.zeros(len(scores), dtype=torch.long))


class SecondLook:
    """A run: build it, call `step` until `finished`, ask `moment` for what is shown.

    Raises ValueError that names the setting for settings that can't be trained on.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        torch.manual_seed(settings.seed)  # the new head's weights, and dropout
        self.order = random.Random(settings.seed)
        self.model = load_model(BASE)
        self.lessons, self.found = prepared()
        per_epoch = -(-len(self.lessons) // BATCH)
        self.tuned = head_over(self.model, settings.reads)
        self.upper = UpperLayers(
            self.model, self.tuned, settings.learning_rate, per_epoch * settings.epochs
        )
        self.queue: list[Lesson] = []
        self.kept: dict[str, Tensor] = {}
        passages = search.library().passages
        self.asked = [
            (question.text, passages[place])
            for question, found in zip(reranking.test_questions(), self.found, strict=True)
            for place in found.candidates
        ]

    # --- the step -------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.upper.steps_done >= self.upper.steps

    def step(self) -> list[float | None]:
        """One batch of questions: (step, loss in nats, share whose right passage comes first)."""
        if not self.queue:
            self.queue = list(self.lessons)
            self.order.shuffle(self.queue)
        batch, self.queue = self.queue[:BATCH], self.queue[BATCH:]
        count = self.settings.negatives
        pairs = [
            (lesson.question, passage)
            for lesson in batch
            for passage in reranking.drawn(lesson, count, self.order)
        ]
        states = self._read(pairs)
        self.tuned.train()
        scores = self._scores(states, range(len(pairs))).view(len(batch), 1 + count)
        loss = choice_loss(scores)
        self.upper.update(loss)
        right = float((scores.detach().argmax(dim=-1) == 0).double().mean())
        return [self.upper.steps_done, float(loss.detach()), right]

    def _read(self, pairs: Sequence[tuple[str, str]]) -> States | tuple[States, States]:
        """States below the layers that learn: of each pair, or of both of its sides."""
        if self.settings.reads == TOGETHER:
            return self.upper.read([read_text(self.model, *pair) for pair in pairs])
        first, second = zip(*pairs, strict=True)
        return self._read_once(first), self._read_once(second)

    def _read_once(self, texts: Sequence[str]) -> States:
        """States of texts, each of which is read once in a run."""
        new = [text for text in dict.fromkeys(texts) if text not in self.kept]
        states = self.upper.read([read_text(self.model, text) for text in new])
        self.kept.update(zip(new, states.rows, strict=True))
        return States([self.kept[text] for text in texts])

    def _scores(self, states: States | tuple[States, States], places: Sequence[int]) -> Tensor:
        """A score for each of some pairs (B)."""
        if isinstance(states, States):
            hidden, _ = self.upper.hidden(states, places)
            return self.tuned.read(hidden)[:, 0]
        sides = [mean_pooled(*self.upper.hidden(side, places)) for side in states]
        return (sides[0] * sides[1]).sum(dim=-1) / TEMPERATURE

    # --- a closer look --------------------------------------------------------------------------

    @property
    def facts(self) -> dict[str, Any]:
        """What a page shows of a run and does not change in it: the test questions."""
        return {
            "steps": self.upper.steps,
            "n_train": len(self.lessons),
            "learning": sum(weight.numel() for weight in self.tuned.learning().values()),
            "questions": [
                {"text": q.text, "kind": q.kind, "answers": list(q.answers), **asdict(found)}
                for q, found in zip(reranking.test_questions(), self.found, strict=True)
            ],
        }

    def moment_due(self) -> bool:
        """Never between: see `moment`."""
        return False

    @torch.no_grad()
    def moment(self) -> dict[str, Any]:
        """After the last step a score for each candidate of each test question; before it none.

        There are a thousand pairs to read, and a head that has learned nothing has nothing to say.
        """
        if not self.finished:
            return {"step": self.upper.steps_done, "scores": []}
        states = self._read(self.asked)
        self.tuned.eval()
        said = [0.0] * len(self.asked)
        lengths = [len(question) + len(passage) for question, passage in self.asked]
        for places in batches(lengths, AT_ONCE):
            for i, score in zip(places, self._scores(states, places).tolist(), strict=True):
                said[i] = round(score, 3)
        rows, at = [], 0
        for found in self.found:
            rows.append(said[at : at + len(found.candidates)])
            at += len(found.candidates)
        return {"step": self.upper.steps_done, "scores": rows}

    def save(self, folder: Path) -> None:
        """Write what was learned, for `read_together`."""
        self.tuned.save(folder, {"reads": self.settings.reads})


def head_over(model: LoadedModel, reads: str) -> FineTuned:
    """A copy of the encoder; a score from [CLS] where a pair is read together.

    Apart, the head over each token is never asked: what learns there are the layers.
    """
    kind = "class" if reads == TOGETHER else "tokens"
    return FineTuned(copy.deepcopy(encoder_of(model)), kind, 1, TRAINED_LAYERS)  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def prepared() -> tuple[list[Lesson], list[reranking.Found]]:
    """Questions to learn from with wrong passages beside them; and what the searches find."""
    compares = load_model(COMPARES)
    pairs = reranking.training_pairs()
    texts = list(dict.fromkeys(passage for _, passage in pairs))
    lessons = reranking.mined(
        pairs, vectors(compares, [question for question, _ in pairs]),
        vectors(compares, texts), texts,
    )  # fmt: skip
    passages = search.library().passages
    bm25, meanings = search.BM25(passages), vectors(compares, passages)
    questions = reranking.test_questions()
    asked = vectors(compares, [question.text for question in questions])
    return lessons, [
        reranking.found_for(bm25, meanings, question.text, vector)
        for question, vector in zip(questions, asked, strict=True)
    ]


@lru_cache(maxsize=4)
def trained(folder: Path) -> tuple[FineTuned, dict[str, Any]]:
    """What a run left, and how it reads. Raises OSError when nothing was saved there."""
    return load_fine_tuned(load_model(BASE), folder)


@torch.inference_mode()
def second_scores(
    model: LoadedModel, tuned: FineTuned, reads: str, question: str, passages: Sequence[str]
) -> list[float]:
    """What a trained model says of each passage, for a question of the learner's own."""

    def hidden(encodings: Sequence[Encoding]) -> tuple[Tensor, Tensor]:
        batch = padded(model, encodings)
        below = tuned.below(batch.input_ids, batch.token_type_ids, batch.mask)
        return tuned.above(below, batch.mask), batch.mask

    if reads == APART:
        texts = [read_text(model, text) for text in (question, *passages)]
        rows = mean_pooled(*hidden(texts))
        return (rows[1:] @ rows[0] / TEMPERATURE).tolist()
    together = [read_text(model, question, passage) for passage in passages]
    return tuned.read(hidden(together)[0])[:, 0].tolist()
