"""A smaller student learns what its teacher would say (Sanh et al. 2019, arxiv.org/abs/1910.01108).

The student is the bundled model with every second layer left out. `loss` is the heart: three
terms, each of which can be left away. `Distillation` is a task for
`lessons.engine.training_process`.
"""

from __future__ import annotations

import copy
import random
import statistics
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)

from ..engine import load_model
from ..engine.bert import BertForPreTraining
from ..engine.checkpoint import save_checkpoint
from ..engine.model import LoadedModel
from ..engine.tokenizer import Encoding
from .sentences import sentences

TEACHER = "minilm-mlm"
IGNORED = -100
CLIP = 1.0
WARM_UP = 0.1  # share of all steps
MOMENTS = 10  # closer looks in a run, besides the one before it
MEASURE_SEED = 5
TIMED_TOKENS, TIMED_RUNS = 32, 9

TERMS = ("soft", "masked", "cosine")
STUDENTS = {"half": "every second layer", "shared": "one layer, three times"}
TEMPERATURES = (1.0, 2.0, 4.0, 8.0)
STEPS = (0, 2, 20, 40, 80, 160)
LEARNING_RATES = (1e-4, 3e-4, 5e-4, 1e-3)


@dataclass(frozen=True)
class Settings:
    """One run; `checked` builds it from what a page, or anybody, sent.

    ``soft``, ``masked`` and ``cosine`` switch the three terms of the loss on.
    """

    student: str = "half"
    soft: bool = True
    masked: bool = True
    cosine: bool = True
    temperature: float = 2.0
    learning_rate: float = 5e-4
    steps: int = 80
    batch_size: int = 16
    seed: int = 1

    def to_dict(self) -> dict[str, Any]:
        """As JSON carries it."""
        return asdict(self)


def checked(values: Mapping[str, Any]) -> Settings:
    """Settings from a mapping; what is left out has its default.

    Raises ValueError that names what is wrong.
    """
    known = {field.name for field in fields(Settings)}
    if unknown := sorted(set(values) - known):
        raise ValueError(f"There is no setting called {unknown[0]!r}.")
    settings = replace(Settings(), **values)
    choices = {
        "student": STUDENTS,
        "temperature": TEMPERATURES,
        "learning_rate": LEARNING_RATES,
        "steps": STEPS,
        "batch_size": (4, 8, 16, 32),
        "seed": range(100),
        **dict.fromkeys(("soft", "masked", "cosine"), (True, False)),
    }
    for name, allowed in choices.items():
        if getattr(settings, name) not in allowed:
            raise ValueError(f"The setting {name} can't be {getattr(settings, name)!r}.")
    if not (settings.soft or settings.masked or settings.cosine):
        raise ValueError("Without any of the three terms there is nothing to learn: switch one on.")
    return settings


# --- the student and its loss -------------------------------------------------------------------


def student_of(teacher: BertForPreTraining, kind: str) -> BertForPreTraining:
    """Half as deep as the teacher, with the teacher's weights to begin with.

    "half" keeps layers 1, 3, 5 …; "shared" uses a copy of layer 1 again and again, as ALBERT does.
    The word table is the teacher's own and stays as it is: of 22 million weights it is half.
    """
    student = copy.deepcopy(teacher)
    kept = [student.bert.encoder.layer[i] for i in range(0, len(student.bert.encoder.layer), 2)]
    if kind == "shared":
        kept = [kept[0]] * len(kept)
    student.bert.encoder.layer = nn.ModuleList(kept)
    student.config = student.bert.config = replace(
        teacher.config, num_hidden_layers=len(kept), hidden_dropout_prob=0.0
    )
    student.bert.embeddings.word_embeddings = teacher.bert.embeddings.word_embeddings
    student.requires_grad_(False)
    for part in (student.bert.encoder, student.cls.predictions):
        part.requires_grad_(True)
    return student


def loss(
    student_logits: Tensor,
    teacher_logits: Tensor,
    right: Tensor,
    student_hidden: Tensor,
    teacher_hidden: Tensor,
    settings: Settings,
) -> dict[str, Tensor]:
    """The terms that are switched on, by name; what is trained on is their sum.

    ``student_logits`` and ``teacher_logits`` (N, V) at N masked tokens whose words were ``right``
    (N); hidden states (M, D) at all M tokens.
    """
    terms: dict[str, Tensor] = {}
    if settings.soft:
        # Divided by a temperature, the teacher's second and third choices weigh more. T² makes up
        # for the gradient, which the division makes smaller (Hinton et al. 2015, §2).
        t = settings.temperature
        soft_targets = (teacher_logits / t).softmax(dim=-1)  # N V
        log_student = (student_logits / t).log_softmax(dim=-1)  # N V
        terms["soft"] = F.kl_div(log_student, soft_targets, reduction="batchmean") * t**2
    if settings.masked:
        terms["masked"] = F.cross_entropy(student_logits, right)
    if settings.cosine:
        terms["cosine"] = 1 - F.cosine_similarity(student_hidden, teacher_hidden, dim=-1).mean()
    return terms


# --- sentences as batches -----------------------------------------------------------------------


@dataclass(frozen=True)
class Masked:
    """Masked sentences: ids and attention mask (B, T), labels (B, T) with −100 where nothing is
    asked."""

    input_ids: Tensor
    attention_mask: Tensor
    labels: Tensor


def mask_sentences(
    model: LoadedModel, texts: Sequence[str], generator: random.Random, rate: float = 0.15
) -> Masked:
    """Each sentence with ``rate`` of its tokens, at least one, behind [MASK].

    Only [MASK], without the random and the unchanged words of BERT's recipe: here it is asked what
    the teacher says at a gap.
    """
    encodings = [model.encode(text) for text in texts]
    longest = max(len(encoding) for encoding in encodings)
    rows = []
    for encoding in encodings:
        own = [i for i, offsets in enumerate(encoding.offsets) if offsets is not None]
        chosen = generator.sample(own, max(1, round(rate * len(own))))
        labels = [IGNORED] * longest
        for position in chosen:
            labels[position] = int(encoding.input_ids[position])
        hidden = model.padded(model.masked(encoding, chosen), longest)
        rows.append((hidden.input_ids.tolist(), hidden.attention_mask.tolist(), labels))
    ids, mask, labels_ = (torch.tensor(column) for column in zip(*rows, strict=True))
    return Masked(ids, mask, labels_)


def median_milliseconds(models: Sequence[BertForPreTraining]) -> list[float]:
    """Milliseconds of one pass over `TIMED_TOKENS` tokens for each model, measured in turns.

    In turns, so that whatever else the machine does slows all of them alike.
    """
    ids = torch.full((1, TIMED_TOKENS), 2000)
    times: list[list[float]] = [[] for _ in models]
    with torch.inference_mode():
        for _ in range(TIMED_RUNS):
            for i, model in enumerate(models):
                start = time.perf_counter()
                model.bert(ids)
                times[i].append(1000 * (time.perf_counter() - start))
    return [round(statistics.median(row), 2) for row in times]


def weights(module: nn.Module) -> int:
    """Weights of a model, shared ones once."""
    return sum(weight.numel() for weight in module.parameters())


class Distillation:
    """A run: build it, call `step` until `finished`, ask `moment` for what is shown."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        torch.manual_seed(settings.seed)
        self.order = random.Random(settings.seed)
        self.model = load_model(TEACHER)
        assert isinstance(self.model.module, BertForPreTraining)
        self.teacher = self.model.module
        self.student = student_of(self.teacher, settings.student)
        learning = [weight for weight in self.student.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(learning, lr=settings.learning_rate, fused=True)
        self.steps_done = 0
        self.queue: list[str] = []
        self.due = {round(i * settings.steps / MOMENTS) for i in range(1, MOMENTS + 1)}

        held_out = sentences().held_out
        self.asked = mask_sentences(self.model, held_out, random.Random(MEASURE_SEED))
        self.said = self._best(self.teacher)
        self.right = self.asked.labels[self.asked.labels != IGNORED]
        self.times = median_milliseconds([self.teacher, self.student.eval()])

    # --- the step -------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether all steps are done."""
        return self.steps_done >= self.settings.steps

    def learning_rate(self) -> float:
        """Of the next step: up during the warm-up, then down to 0 in a straight line."""
        steps = self.settings.steps
        warm_up = max(1, round(WARM_UP * steps))
        up = (self.steps_done + 1) / warm_up
        down = (steps - self.steps_done) / max(1, steps - warm_up)
        return self.settings.learning_rate * min(up, down, 1.0)

    def batch(self) -> Masked:
        """The next sentences, masked anew each time they come."""
        if len(self.queue) < self.settings.batch_size:
            fresh = list(sentences().train)
            self.order.shuffle(fresh)
            self.queue += fresh
        texts = self.queue[: self.settings.batch_size]
        del self.queue[: self.settings.batch_size]
        return mask_sentences(self.model, texts, self.order)

    def step(self) -> list[float | None]:
        """One batch through teacher and student: (step, sum, soft, masked, cosine).

        A term that is switched off is None.
        """
        batch, settings = self.batch(), self.settings
        asked, seen = batch.labels != IGNORED, batch.attention_mask == 1  # B T
        with torch.no_grad():
            teacher_hidden = self.teacher.bert(batch.input_ids, None, batch.attention_mask)
            teacher_logits = self.teacher.token_logits(teacher_hidden[asked])  # N V
        student_hidden = self.student.bert(batch.input_ids, None, batch.attention_mask)  # B T D
        student_logits = self.student.token_logits(student_hidden[asked])  # N V
        terms = loss(
            student_logits, teacher_logits, batch.labels[asked],
            student_hidden[seen], teacher_hidden[seen], settings,
        )  # fmt: skip
        total = torch.stack(list(terms.values())).sum()
        for group in self.optimizer.param_groups:
            group["lr"] = self.learning_rate()
        self.optimizer.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.optimizer.param_groups[0]["params"], CLIP)
        self.optimizer.step()
        self.steps_done += 1
        parts = [float(terms[n].detach()) if n in terms else None for n in TERMS]
        return [self.steps_done, float(total.detach()), *parts]

    # --- a closer look --------------------------------------------------------------------------

    @torch.no_grad()
    def _best(self, model: BertForPreTraining) -> Tensor:
        """The word that a model puts first at each held-out gap."""
        hidden = model.bert(self.asked.input_ids, None, self.asked.attention_mask)
        return model.token_logits(hidden[self.asked.labels != IGNORED]).argmax(dim=-1)  # N

    @property
    def facts(self) -> dict[str, Any]:
        """What does not change in the run.

        ``chance`` is how often one and the same word, the teacher's favorite, would agree.
        """
        _, often = Counter(self.said.tolist()).most_common(1)[0]
        return {
            "steps": self.settings.steps,
            "gaps": len(self.said),
            "sentences": len(sentences().train),
            "chance": often / len(self.said),
            "teacher_right": float((self.said == self.right).double().mean()),
            "weights": [weights(self.teacher.bert), weights(self.student.bert)],
            "layer_weights": [
                weights(self.teacher.bert.encoder), weights(self.student.bert.encoder),
            ],
            "milliseconds": self.times,
        }  # fmt: skip

    def moment_due(self) -> bool:
        """Whether this step is one to look at closely."""
        return self.steps_done in self.due

    def moment(self) -> dict[str, Any]:
        """On held-out gaps: how often the student says what the teacher says, and what is right."""
        said = self._best(self.student)
        return {
            "step": self.steps_done,
            "agreement": round(float((said == self.said).double().mean()), 4),
            "right": round(float((said == self.right).double().mean()), 4),
        }

    def save(self, folder: Path) -> None:
        """Write the student as a checkpoint: any lesson, and any library, can open it.

        A shared layer is written as often as it is used: a BERT checkpoint knows no sharing.
        """
        student = copy.deepcopy(self.student)
        layers = [copy.deepcopy(layer) for layer in student.bert.encoder.layer]
        student.bert.encoder.layer = nn.ModuleList(layers)
        save_checkpoint(student, self.model.tokenizer, folder)


def softened(
    model: LoadedModel, encoding: Encoding, gap: int, temperature: float, top: int = 5
) -> list[tuple[str, float]]:
    """The likeliest words at a gap, by the model's probabilities flattened by a temperature."""
    from ..engine.gaps import top_words

    state = model.hidden_states([encoding])[0][-1][gap]
    logits = torch.from_numpy(model.token_logits(state[None])[0])
    return list(top_words(model, F.softmax(logits / temperature, dim=-1).numpy(), top))


def describe_distillation(facts: Mapping[str, Any], moments: Sequence[Mapping[str, Any]]) -> str:
    """How far the student came, beside where it began and what chance gives."""
    first, last = moments[0], moments[-1]
    share = last["right"]
    luck = 196 * (2 * share * (1 - share) / facts["gaps"]) ** 0.5  # points, of two such shares
    return (
        f"At {facts['gaps']} held-out gaps the student says what the teacher says "
        f"{last['agreement']:.0%} of the time after {last['step']} steps, {first['agreement']:.0%} "
        f"before training; always saying the teacher's favorite word would give "
        f"{facts['chance']:.0%}. It finds the hidden word in {last['right']:.0%}, the teacher in "
        f"{facts['teacher_right']:.0%}. Between two students, fewer than {luck:.0f} points may be "
        "luck."
    )
