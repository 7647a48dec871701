"""What the lesson says about runs: their verdict, their difference, and BERT's own budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from .settings import RULES, Settings

Moment = Mapping[str, Any]
Facts = Mapping[str, Any]

SETTING_NAMES = {
    "language": "language",
    "layers": "layers",
    "heads": "heads in a layer",
    "hidden_size": "hidden size",
    "learning_rate": "learning rate",
    "masking_rate": "masking rate",
    "rule": "chosen tokens",
    "batch_size": "batch",
    "steps": "steps",
    "seed": "seed",
    "positions": "positions",
    "next_sentence": "next-sentence task",
    "text": "text",
}
"""The options of the lesson's question, and the accuracies that each stands for."""


def written(name: str, value: Any) -> str:
    """A setting's value as a person writes it."""
    if name == "rule":
        return RULES[value].title
    if name == "masking_rate":
        return f"{value:.0%}"
    if isinstance(value, bool):
        return "on" if value else "off"
    if name == "text":
        return f"{len(value):,} characters" if value else "–"
    return f"{value:g}" if isinstance(value, float) else str(value)


def title_of(settings: Settings, standard: Settings) -> str:
    """A short name for a run: its language, and what differs from the standard run."""
    names = [f.name for f in fields(Settings) if f.name not in ("language", "text")]
    changed = [
        f"{SETTING_NAMES[name]} {written(name, getattr(settings, name))}"
        for name in names
        if getattr(settings, name) != getattr(standard, name)
    ]
    language = "own text" if settings.language == "own" else settings.language
    return ", ".join([language, *changed])


@dataclass(frozen=True)
class Difference:
    """One row of a comparison of two runs."""

    name: str
    first: str
    second: str


def differences(first: Settings, second: Settings) -> list[Difference]:
    """The settings in which two runs differ."""
    return [
        Difference(SETTING_NAMES[field.name], *(written(field.name, value) for value in both))
        for field in fields(Settings)
        if len(set(both := (getattr(first, field.name), getattr(second, field.name)))) > 1
    ]


def best_head(moment: Moment) -> tuple[int, int, float] | None:
    """(layer, head, score), counted from 0, of the head that looks where the grammar says most
    often; None where there is no grammar."""
    scores = moment["heads"]
    if scores is None:
        return None
    found = [
        (score, layer, head) for layer, row in enumerate(scores) for head, score in enumerate(row)
    ]
    score, layer, head = max(found)
    return layer, head, score


def describe_run(facts: Facts, moments: Sequence[Moment]) -> str:
    """What a run has reached, beside the two ways of knowing less and the untrained model."""
    first, last = moments[0], moments[-1]
    accuracy = last["held_out"][1] or 0.0
    baseline = facts["baseline"]
    text = (
        f"At step {last['step']:,} the model finds {accuracy:.0%} of the words hidden in held-out "
        f"sentences. Untrained it found {first['held_out'][1] or 0:.0%}; always saying "
        f"“{baseline['word']}” finds {baseline['accuracy']:.0%}, chance {baseline['chance']:.1%}."
    )
    if facts.get("ceiling") is not None:
        text += (
            f" A perfect reader of this grammar would find {facts['ceiling']:.0%}, since many gaps "
            f"can be filled in several ways. Of those where the word is certain "
            f"({facts['decided']:.0%} of all) the model finds {last['decided'] or 0:.0%}."
        )
    head = best_head(last)
    if head is not None:
        layer, number, score = head
        beats = "more than" if score > facts["head_baseline"] else "no more than"
        text += (
            f" Head {number + 1} of layer {layer + 1} looks most from a hidden word to the one "
            f"that decides it in {score:.0%} of sentences, {beats} the "
            f"{facts['head_baseline']:.0%} of always looking at the same place."
        )
    if last["pairs"] is not None:
        text += f" It judges {last['pairs']:.0%} of held-out pairs right; chance is 50%."
    return text


def describe_two(names: Sequence[str], moments: Sequence[Sequence[Moment]]) -> str:
    """Both runs' last held-out accuracy, in one sentence."""
    ends = [run[-1]["held_out"][1] or 0.0 for run in moments]
    better = 0 if ends[0] >= ends[1] else 1
    gap = 100 * abs(ends[0] - ends[1])
    if gap < 1:
        return f"Both runs end within one point of each other, at {ends[0]:.0%}."
    return (
        f"“{names[better]}” ends at {ends[better]:.0%} of held-out gaps, “{names[1 - better]}” at "
        f"{ends[1 - better]:.0%}: {gap:.0f} points apart."
    )


# --- the real thing -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Budget:
    """One measure of a pre-training, here and in the paper."""

    name: str
    toy: float
    bert: float

    @property
    def times(self) -> float:
        """How many of ours make one of theirs."""
        return self.bert / self.toy


# Devlin et al. 2019, appendix A.2: BERT-base, 1,000,000 steps of 256 sequences, of 128 tokens for
# 90% of the steps and of 512 for the rest. Parameters with both pre-training heads: our encoder,
# built with the paper's numbers, has 110.1 million.
BERT_STEPS, BERT_BATCH, BERT_PARAMETERS = 1_000_000, 256, 110.1e6
BERT_TOKENS = BERT_STEPS * BERT_BATCH * (0.9 * 128 + 0.1 * 512)


def budgets(settings: Settings, facts: Facts) -> list[Budget]:
    """A run beside BERT-base: steps, sequences in a step, tokens passed, parameters.

    ``facts`` are those of the run; its tokens are the mean length of its sentences, times the
    sentences it passes.
    """
    length = facts["tokens"] / facts["train"]
    return [
        Budget("steps", settings.steps, BERT_STEPS),
        Budget("sequences in a step", settings.batch_size, BERT_BATCH),
        Budget("tokens passed", settings.steps * settings.batch_size * length, BERT_TOKENS),
        Budget("parameters", facts["parameters"], BERT_PARAMETERS),
    ]


def describe_budgets(rows: Sequence[Budget], run: str = "this run") -> str:
    """The comparison in words."""
    told = ", ".join(f"{row.times:,.0f} times as many {row.name}" for row in rows)
    return f"BERT-base against {run}: {told}."
