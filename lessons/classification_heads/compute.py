"""What the heads reached and whether their spread allows a claim; softmax, sigmoid, thresholds."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..engine import tasks
from ..engine.intervals import drawn_means
from ..engine.trace import Floats
from .settings import HEADS, TASKS

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

HERE = Path(__file__).parent

TOPIC_SEED = 1
NO_WINNER = "No clear winner"

Facts = Mapping[str, Any]
Moment = Mapping[str, Any]
Numbers = NDArray[np.float64]
Bools = NDArray[np.bool_]


def percent(share: float) -> str:
    return f"{100 * share:.1f}%"


# --- the code that the page shows ---------------------------------------------------------------


@lru_cache(maxsize=16)
def code_of(module: str, name: str) -> str:
    """Source of one class or function of this lesson, with the imports that it needs to run.

    Raises KeyError when there is none of that name.
    """
    text = (HERE / f"{module}.py").read_text(encoding="utf-8")
    for node in ast.parse(text).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and node.name == name:
            source = ast.get_source_segment(text, node) or ""
            source = source.replace("  # type: ignore[no-untyped-call]", "")  # for the type checker
            return f"import torch\nfrom torch import Tensor, nn\n\n\n{source}\n"
    raise KeyError(name)


# --- the four heads -----------------------------------------------------------------------------


def correct(facts: Facts, moment: Moment, head: str) -> Bools:
    """Which answers of a head are right: (seeds, rows of dev)."""
    right = np.array([row["right"] for row in facts["dev"]])
    hits: Bools = np.array(moment["answers"][head]) == right
    return hits


@dataclass(frozen=True)
class Score:
    """A head's accuracy on dev: one number a seed."""

    head: str
    seeds: tuple[float, ...]

    @property
    def mean(self) -> float:
        return sum(self.seeds) / len(self.seeds)


def scores(facts: Facts, moment: Moment) -> list[Score]:
    """All heads, in the order of `HEADS`."""
    return [
        Score(head, tuple(correct(facts, moment, head).mean(axis=1).tolist())) for head in HEADS
    ]


@dataclass(frozen=True)
class Verdict:
    """The best head, the next, and by how much; ``low`` to ``high`` is where the gap may lie."""

    best: str
    second: str
    gap: float
    low: float
    high: float
    n_seeds: int

    @property
    def clear(self) -> bool:
        """Whether the gap is more than chance would give. One seed can't say what seeds do."""
        return self.low > 0 and self.n_seeds > 1

    @property
    def winner(self) -> str:
        """The head's title, or that there is none."""
        return HEADS[self.best] if self.clear else NO_WINNER


def verdict(facts: Facts, moment: Moment) -> Verdict:
    """Compare the two best heads, row by row and seed by seed.

    The gap's range holds 95% of the draws of `drawn_means`. Twins are drawn together.
    """
    ranked = sorted(scores(facts, moment), key=lambda score: -score.mean)
    best, second = ranked[0], ranked[1]
    gaps = correct(facts, moment, best.head).astype(np.float64)
    gaps -= correct(facts, moment, second.head)  # seeds, rows: 1, 0 or −1
    groups = np.array([row["group"] for row in facts["dev"]])
    low, high = np.quantile(drawn_means(gaps, groups), [0.025, 0.975])
    gap = best.mean - second.mean
    return Verdict(best.head, second.head, gap, float(low), float(high), len(gaps))


def describe_verdict(facts: Facts, moment: Moment) -> str:
    """Who won, by how much, and whether the spread allows to say so."""
    found = verdict(facts, moment)
    of = {score.head: score for score in scores(facts, moment)}
    best, second = of[found.best], of[found.second]
    seeds = len(best.seeds)
    said = (
        f"**{HEADS[best.head]}** is right on {percent(best.mean)} of the "
        f"{len(facts['dev'])} new sentences, **{HEADS[second.head]}** on {percent(second.mean)}"
        + (f" (mean of {seeds} seeds)" if seeds > 1 else " (one seed)")
    )
    if found.gap == 0:
        return f"{said}. A tie: **no head wins here**."
    low, high = 100 * found.low, 100 * found.high
    said += (
        f". The gap is {100 * found.gap:.1f} points. Draw sentences and seeds anew, and in 95 of "
        f"100 draws it lies between {low:+.1f} and {high:+.1f}".replace("-", "−")
    )
    if found.clear:
        said += f": **the spread allows the claim that {HEADS[best.head]} wins**"
    elif found.low > 0:
        said += ". But another seed may turn it around, and there was one: **no clear winner** yet"
    else:
        said += ". Zero is among them: **no clear winner**"
    return f"{said}."


def describe_tuning(tried: Mapping[float, Mapping[str, float]]) -> str:
    """Each head at the best of the learning rates that were tried: rate → head → accuracy."""
    best = {head: max(tried, key=lambda rate: tried[rate][head]) for head in HEADS}
    parts = [f"{HEADS[h]} {percent(tried[rate][h])} at {rate:g}" for h, rate in best.items()]
    rates = ", ".join(f"{rate:g}" for rate in sorted(tried))
    if len(tried) == 1:
        return (
            f"Tried so far: the learning rate {rates}. It may suit one head and not another: train "
            "with other rates, and each head is shown at its best."
        )
    return f"Each head at its best of the learning rates {rates}: {', '.join(parts)}."


def describe_baselines(facts: Facts, moment: Moment) -> str:
    """The best head beside what the task gives without BERT."""
    best = max(scores(facts, moment), key=lambda score: score.mean)
    beside = ", ".join(f"{name} {percent(value)}" for name, value in facts["baselines"].items())
    gap = 100 * (best.mean - max(facts["baselines"].values()))
    more = f"{gap:.1f} points more" if gap > 0 else f"**{-gap:.1f} points less**"
    return f"Without BERT: {beside}. The best head has {more} than the best of these."


def describe_guess(guess: str | None, facts: Facts, moment: Moment) -> str:
    """The learner's guess beside what came out; empty without a guess."""
    if not guess:
        return ""
    truth = verdict(facts, moment).winner
    if truth == guess:
        return f"You guessed **{guess}**, and so it is."
    return f"You guessed **{guess}**; these numbers say: **{truth}**."


def describe_curves(facts: Facts, moments: Sequence[Moment]) -> str:
    """Where every head stands now, and how far the seeds of each lie apart."""
    parts = [
        f"{HEADS[score.head]} {percent(score.mean)} "
        f"({percent(min(score.seeds))} to {percent(max(score.seeds))})"
        for score in scores(facts, moments[-1])
    ]
    return (
        f"After batch {moments[-1]['step']} of {facts['steps']}, right on dev: {', '.join(parts)}."
    )


def describe_losses(points: Sequence[Sequence[float | None]]) -> str:
    """The head that fits its training sentences best now."""
    last = {head: value for head, value in zip(HEADS, points[-1][1:], strict=True) if value}
    if not last:
        return "The loss is not a number any more."
    least = min(last, key=last.__getitem__)
    return f"Mean of all seeds. Lowest after batch {points[-1][0]:.0f}: {HEADS[least]}."


def describe_spread(facts: Facts, moment: Moment) -> str:
    """The head whose seeds lie farthest apart."""
    found = scores(facts, moment)
    if len(found[0].seeds) == 1:
        return "One seed shows no spread: train with three or five before you believe a gap."
    widths = {score.head: max(score.seeds) - min(score.seeds) for score in found}
    widest = max(widths, key=widths.__getitem__)
    return (
        f"Each dot is one seed. {HEADS[widest]} depends on its seed the most: "
        f"{100 * widths[widest]:.1f} points between its best and its worst."
    )


def head_rows(facts: Facts, moment: Moment) -> list[dict[str, str]]:
    """A table of the heads: size, time of one seed, accuracy with its spread."""
    return [
        {
            "Head": HEADS[score.head],
            "Weights": f"{facts['weights'][score.head]:,}",
            "Seconds": f"{moment['seconds'][score.head]:.1f}",
            "Right": percent(score.mean),
            "Seeds": f"{percent(min(score.seeds))} to {percent(max(score.seeds))}",
        }
        for score in scores(facts, moment)
    ]


def voted(facts: Facts, moment: Moment, head: str) -> list[int]:
    """The label that most seeds of a head give to each row of dev; the lower one of equals."""
    size = len(facts["labels"])
    answers = np.array(moment["answers"][head])  # seeds, rows
    return [int(np.bincount(column, minlength=size).argmax()) for column in answers.T]


def disagreements(facts: Facts, moment: Moment) -> list[dict[str, str]]:
    """Rows of dev on which the heads differ: the text, what is right, what each head says."""
    labels = facts["labels"]
    said = {head: voted(facts, moment, head) for head in HEADS}
    return [
        {"sentence": row["text"], "right": labels[row["right"]]}
        | {HEADS[head]: labels[answers[i]] for head, answers in said.items()}
        for i, row in enumerate(facts["dev"])
        if len({answers[i] for answers in said.values()}) > 1
    ]


def twins(facts: Facts) -> list[str]:
    """Two sentences of dev to try: twins where the set has them, else two with other labels."""
    first, *others = facts["dev"]
    other = next((row for row in others if row["right"] != first["right"]), first)
    return [first["text"], other["text"]]


@dataclass(frozen=True)
class Reply:
    """What a head makes of one text: the mean probability of each label, and its seeds' range."""

    head: str
    mean: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def replies(found: Mapping[str, Floats]) -> list[Reply]:
    """From the probabilities (seeds, K) of every head."""
    return [
        Reply(
            head,
            *(
                tuple(getattr(found[head], name)(axis=0).tolist())
                for name in ("mean", "min", "max")
            ),
        )
        for head in HEADS
    ]


def describe_replies(given: Sequence[Reply], labels: Sequence[str]) -> str:
    """What each head says of the text."""
    parts = []
    for reply in given:
        label = int(np.argmax(reply.mean))
        parts.append(f"{HEADS[reply.head]} {labels[label]} ({percent(reply.mean[label])})")
    return f"The heads say: {', '.join(parts)}."


@dataclass(frozen=True)
class Result:
    """What a finished run came to, kept to be set beside others."""

    task: str
    steps: int
    means: Mapping[str, float]
    baseline: float
    winner: str


def result(task: str, facts: Facts, moment: Moment) -> Result:
    """The outcome of a run."""
    return Result(
        task,
        int(moment["step"]),
        {score.head: score.mean for score in scores(facts, moment)},
        max(facts["baselines"].values()),
        verdict(facts, moment).winner,
    )


def describe_results(results: Sequence[Result]) -> str:
    """Which head won which task."""
    return " ".join(f"“{TASKS[r.task]}”: {r.winner}." for r in results)


# --- softmax and sigmoid ------------------------------------------------------------------------


def softmax(logits: Floats | Numbers, temperature: float = 1.0) -> Numbers:
    """exp(z/t) over its sum, along the last axis: probabilities that add up to 1."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    grown = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares: Numbers = grown / grown.sum(axis=-1, keepdims=True)
    return shares


def sigmoid(logits: Floats | Numbers, temperature: float = 1.0) -> Numbers:
    """1 / (1 + exp(−z/t)) of every number for itself."""
    scaled = np.asarray(logits, dtype=np.float64) / temperature
    halves: Numbers = 0.5 * (1.0 + np.tanh(scaled / 2.0))  # the same, and never overflows
    return halves


def describe_start(scores: Sequence[float]) -> str:
    """What both make of the scores that the sliders start from, in the order of the topics."""
    shares, yes = softmax(np.array(scores)), sigmoid(np.array(scores))
    top = int(shares.argmax())
    return (
        f"At the start, softmax puts {percent(shares[top])} on {tasks.TOPICS[top]}. Sigmoids of "
        f"at least 50%: {int((yes >= 0.5).sum())} of {len(yes)}; they add up to {yes.sum():.2f}."
    )


# --- several topics for a sentence --------------------------------------------------------------


@dataclass(frozen=True)
class TopicHeads:
    """Both heads over one encoder, as plain arrays, and the dev rows that measure them.

    ``sigmoid`` and ``softmax`` are (weights (K, D), bias (K)); ``vectors`` (N, D) and ``truth``
    (N, K) belong to dev.
    """

    sigmoid: tuple[Floats, Floats]
    softmax: tuple[Floats, Floats]
    vectors: Floats
    truth: Bools
    n_train: int


def train_topics(model: LoadedModel, seed: int = TOPIC_SEED) -> TopicHeads:
    """Mean vectors of all rows, then both heads on those of train. About two seconds."""
    import torch

    from .topics import train_sigmoid, train_softmax

    split = tasks.split_labelled(tasks.topics())
    vectors = torch.from_numpy(model.embed([row.text for row in split.train]))
    labels = torch.from_numpy(truth_of(split.train).astype(np.float32))
    found = []
    for train in (train_sigmoid, train_softmax):
        torch.manual_seed(seed)
        head = train(vectors, labels)
        found.append((head.weight.detach().numpy(), head.bias.detach().numpy()))
    dev = model.embed([row.text for row in split.dev])
    return TopicHeads(found[0], found[1], dev, truth_of(split.dev), len(split.train))


def truth_of(rows: Sequence[tasks.Labelled]) -> Bools:
    """Which topics each row has: (N, K), in the order of `tasks.TOPICS`."""
    return np.array([[topic in row.labels for topic in tasks.TOPICS] for row in rows])


def logits(head: tuple[Floats, Floats], vectors: Floats) -> Floats:
    """(…, D) → (…, K)."""
    weights, bias = head
    scores: Floats = vectors @ weights.T + bias
    return scores


@dataclass(frozen=True)
class Counts:
    """What was said against what is true."""

    said: int
    true: int
    both: int

    @property
    def precision(self) -> float:
        """Share of what was said that is true; 0 when nothing was said."""
        return self.both / self.said if self.said else 0.0

    @property
    def recall(self) -> float:
        """Share of what is true that was said; 0 when nothing is."""
        return self.both / self.true if self.true else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall, 2·both / (said + true)."""
        total = self.said + self.true
        return 2 * self.both / total if total else 0.0


@dataclass(frozen=True)
class Measured:
    """Counts of each label and of all together."""

    labels: tuple[Counts, ...]

    @property
    def micro(self) -> Counts:
        """All decisions in one pot: frequent labels weigh more."""
        return Counts(
            *(sum(getattr(c, name) for c in self.labels) for name in ("said", "true", "both"))
        )

    def macro(self, name: str) -> float:
        """Mean of a score over the labels: each weighs the same."""
        values: list[float] = [getattr(counts, name) for counts in self.labels]
        return sum(values) / len(values)


def measured(said: Bools, truth: Bools) -> Measured:
    """Count (N, K) decisions against (N, K) truths, label by label."""
    columns = zip(said.T, truth.T, strict=True)
    return Measured(
        tuple(Counts(int(s.sum()), int(t.sum()), int((s & t).sum())) for s, t in columns)
    )


def forced(scores: Floats) -> Bools:
    """One label for each row, the one with the highest score: (N, K)."""
    found: Bools = np.arange(scores.shape[1]) == scores.argmax(axis=1)[:, None]
    return found


@dataclass(frozen=True)
class Curve:
    """Precision and recall at every threshold that changes a decision, thresholds rising."""

    thresholds: Numbers
    precision: Numbers
    recall: Numbers


def curve(probabilities: Numbers, truth: Bools) -> Curve:
    """Of the decisions p ≥ threshold, whatever the shape of both arrays."""
    order = np.argsort(-probabilities, axis=None, kind="stable")
    falling, hits = probabilities.ravel()[order], truth.ravel()[order]
    last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)  # of equal probabilities
    both = np.cumsum(hits)[last]
    return Curve(
        falling[last][::-1],
        (both / (last + 1))[::-1],
        (both / max(1, int(hits.sum())))[::-1],
    )


def describe_threshold(now: Counts, one: Counts, threshold: float, about: str) -> str:
    """Scores at the threshold, and those of one label for everybody."""
    return (
        f"At {threshold:.2f}, for {about}: the sigmoid head says yes {now.said} times, and rightly "
        f"{now.both} times; {now.true} would be right. Precision {percent(now.precision)}, recall "
        f"{percent(now.recall)}, F1 {percent(now.f1)}. One label for every sentence, by softmax: "
        f"precision {percent(one.precision)}, recall {percent(one.recall)}, F1 {percent(one.f1)}."
    )


def topic_rows(found: Measured, one: Measured) -> list[dict[str, str]]:
    """Both ways of deciding as a table: precision, recall, and F1 counted in two ways."""
    return [
        {
            "Decision": title,
            "Precision (micro)": percent(m.micro.precision),
            "Recall (micro)": percent(m.micro.recall),
            "F1 (micro)": percent(m.micro.f1),
            "F1 (macro)": percent(m.macro("f1")),
        }
        for title, m in (("Sigmoid, your threshold", found), ("Softmax, one label", one))
    ]


def describe_labels(found: Measured) -> str:
    """Best and worst label by F1, and micro beside macro."""
    by_f1 = [counts.f1 for counts in found.labels]
    best, worst = int(np.argmax(by_f1)), int(np.argmin(by_f1))
    return (
        f"Easiest: {tasks.TOPICS[best]} with F1 {percent(by_f1[best])}; hardest: "
        f"{tasks.TOPICS[worst]} with {percent(by_f1[worst])}. Micro F1 {percent(found.micro.f1)}, "
        f"macro F1 {percent(found.macro('f1'))}."
    )


def describe_own(yes: Numbers, shares: Numbers, threshold: float) -> str:
    """The labels of one sentence under both."""
    given = [tasks.TOPICS[i] for i in np.flatnonzero(yes >= threshold)]
    top = int(shares.argmax())
    return (
        f"Sigmoids at {threshold:.2f}: {', '.join(given) or 'no topic'}; their sum is "
        f"{yes.sum():.2f}. Softmax must choose: {tasks.TOPICS[top]}, with {percent(shares[top])}."
    )
