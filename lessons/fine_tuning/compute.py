"""What a fine-tuning run came to: scores beside baselines, confusions, mistakes, forgetting."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.intervals import wilson
from ..engine.spans import answer_question as answer_question
from ..engine.tasks import word_spans
from .baselines import names_in
from .settings import ADAPTED, FEED_FORWARD, HIDDEN, LAYERS, TASKS, TRAINED, Settings

if TYPE_CHECKING:
    from ..engine.fine_tuned import FineTuned
    from ..engine.model import LoadedModel

LORA = Path(__file__).parents[1] / "engine" / "lora.py"
CODE = Path(__file__).parents[2] / "assets" / "data" / "fine_tuning"

# The score of each head, and a second one that is shown beside it.
SCORES: Mapping[str, tuple[str, str]] = {
    "class": ("accuracy", ""),
    "tokens": ("F1 of whole names", "tags right"),
    "span": ("F1 of the answers' words", "answers exactly right"),
}

Facts = Mapping[str, Any]
Moment = Mapping[str, Any]


def rate_text(rate: float) -> str:
    """A learning rate as people write it: 2e-4."""
    return f"{rate:.0e}".replace("e-0", "e-")


def settings_title(settings: Settings) -> str:
    """What learns, how fast and how long: what several seeds have in common."""
    learns = TRAINED[settings.trained_layers]
    if settings.rank:
        learns = f"LoRA rank {settings.rank} beside {settings.adapted}"
    return f"{learns}, {rate_text(settings.learning_rate)} × {settings.epochs}"


def title_of(settings: Settings) -> str:
    """A run in a few words: what learns, how fast, how long."""
    return f"{TASKS[settings.task]}, {settings_title(settings)}, seed {settings.seed}"


# --- how much learns ----------------------------------------------------------------------------


def lora_code() -> str:
    """Source of the adapted layer, as it runs, with the imports that it needs."""
    text = LORA.read_text(encoding="utf-8")
    (found,) = [
        node
        for node in ast.parse(text).body
        if isinstance(node, ast.ClassDef) and node.name == "Adapted"
    ]
    source = ast.get_source_segment(text, found) or ""
    source = source.replace("  # type: ignore[no-any-return]", "").replace("ALPHA", "16.0")
    return f"import math\n\nimport torch\nfrom torch import Tensor, nn\n\n\n{source}\n"


def lora_numbers(rank: int, adapted: str) -> tuple[int, int]:
    """How many numbers A and B have in all layers, and how many the matrices beside them."""
    sizes = {
        "intermediate.dense": (HIDDEN, FEED_FORWARD), "output.dense": (FEED_FORWARD, HIDDEN),
    }  # fmt: skip
    thin = full = 0
    for name in ADAPTED[adapted]:
        size_in, size_out = sizes.get(name, (HIDDEN, HIDDEN))
        thin += rank * (size_in + size_out)
        full += size_in * size_out
    return LAYERS * thin, LAYERS * full


def describe_lora(rank: int, adapted: str, pooler_and_head: int) -> str:
    """How many numbers LoRA trains, beside those of the matrices that stay."""
    thin, full = lora_numbers(rank, adapted)
    return (
        f"Rank {rank} beside {adapted} of {LAYERS} layers: A and B have {thin:,} numbers, "
        f"{thin / full:.1%} of the {full:,} in the matrices that stay. Pooler and head, which "
        f"learn in each way, have {pooler_and_head:,} more."
    )


def describe_ways(ways: Mapping[str, Sequence[Sequence[Moment]]]) -> str:
    """What each way reached and what it kept at the end, mean of its seeds; by its title."""
    reached, kept = [], []
    for title, seeds in ways.items():
        scores = [moments[-1]["score"] for moments in seeds]
        known = [moments[-1]["masked"] for moments in seeds]
        reached.append(
            f"{title} {percent(sum(scores) / len(scores))} ({percent(min(scores))} to "
            f"{percent(max(scores))})"
        )
        kept.append(f"{title} {percent(sum(known) / len(known))}")
    before = next(iter(ways.values()))[0][0]["masked"]
    return (
        f"Right at the end, mean of the seeds: {', '.join(reached)}. Thin lines are single seeds. "
        f"Hidden words still found, of {percent(before)} before training: {', '.join(kept)}."
    )


def snippet(name: str) -> str:
    """The code that a page shows for a step."""
    return (CODE / f"{name}.py").read_text(encoding="utf-8")


def percent(share: float) -> str:
    return f"{100 * share:.0f}%"


def describe_run(facts: Facts, moments: Sequence[Moment]) -> str:
    """What the run reached on dev, beside every baseline."""
    last, name = moments[-1], SCORES[facts["kind"]][0]
    said = f"{name[0].upper()}{name[1:]} on the {facts['n_dev']} rows it did not learn from: "
    said += f"**{percent(last['score'])}**"
    best = max(facts["baselines"].values())
    beside = ", ".join(f"{title} {percent(v)}" for title, v in facts["baselines"].items())
    gap = 100 * (last["score"] - best)
    said += f"; without BERT: {beside}. "
    if facts["kind"] != "class":
        more = f"That is {gap:.0f} points more." if gap > 0 else f"**That is {-gap:.0f} less**."
        return said + more
    low, high = wilson(last["score"], facts["n_dev"])
    if gap <= 0:
        said += f"**That is {-gap:.0f} points less**: no gain here."
    elif best > low:
        said += f"That is {gap:.0f} points more, too little to tell on {facts['n_dev']} rows."
    else:
        said += f"That is {gap:.0f} points more."
    return f"{said} On other rows it could as well be from {percent(low)} to {percent(high)}."


def describe_forgetting(facts: Facts, moments: Sequence[Moment]) -> str:
    """How many hidden words the encoder finds before and after."""
    before, after = moments[0]["masked"], moments[-1]["masked"]
    said = (
        f"Of {facts['n_gaps']} hidden words in sentences about other things, the encoder found "
        f"{percent(before)} before training and finds {percent(after)} now"
    )
    if after < before / 2:
        return f"{said}: **it has forgotten much of its pre-training**."
    if after < before - 0.02:
        return f"{said}: it has forgotten a little."
    return f"{said}: nothing to speak of was forgotten."


def describe_curves(facts: Facts, moments: Sequence[Moment]) -> str:
    """First, best and last score on dev."""
    scores = [moment["score"] for moment in moments]
    best = max(range(len(scores)), key=scores.__getitem__)
    return (
        f"The score on dev begins at {percent(scores[0])}, is best after step "
        f"{moments[best]['step']} with {percent(scores[best])}, and stands at "
        f"{percent(scores[-1])} after step {moments[-1]['step']} of {facts['steps']}."
    ) + describe_loss(moments)


def describe_loss(moments: Sequence[Moment]) -> str:
    """Whether the loss on dev has turned, which is how learning by heart shows."""
    losses = [m["loss"] for m in moments if m["loss"] is not None]
    if len(losses) < 2:
        return ""
    lowest = min(losses)
    if losses[-1] > 1.1 * lowest:
        return (
            f" The loss on dev was {lowest:.2f} at its lowest and is {losses[-1]:.2f} now: what is "
            "learned since then is learned by heart."
        )
    return f" The loss on dev is {losses[-1]:.2f}, and has not turned upward yet."


def answer_of(answer: Sequence[float]) -> int:
    """The class with the highest probability."""
    return max(range(len(answer)), key=answer.__getitem__)


def confusion(facts: Facts, moment: Moment) -> list[list[int]]:
    """Counts of dev rows: row i is the right label, column j what the model said. K × K."""
    size = len(facts["labels"])
    counts = [[0] * size for _ in range(size)]
    for row, answer in zip(facts["dev"], moment["answers"], strict=True):
        counts[row["right"]][answer_of(answer)] += 1
    return counts


def describe_confusion(facts: Facts, counts: Sequence[Sequence[int]]) -> str:
    """The most frequent confusion."""
    labels = facts["labels"]
    wrong = [(n, i, j) for i, row in enumerate(counts) for j, n in enumerate(row) if i != j]
    n, i, j = max(wrong)
    if n == 0:
        return "No row of dev is confused with another label."
    return f"Most frequent confusion: {labels[i]} taken for {labels[j]}, {n} times."


@dataclass(frozen=True)
class Mistake:
    """A dev row that the model got wrong, and how sure it was."""

    text: str
    right: str
    said: str
    probability: float


def mistakes(facts: Facts, moment: Moment) -> list[Mistake]:
    """Wrong rows of dev, the surest first."""
    labels, found = facts["labels"], []
    for row, answer in zip(facts["dev"], moment["answers"], strict=True):
        said = answer_of(answer)
        if said != row["right"]:
            found.append(Mistake(row["text"], labels[row["right"]], labels[said], answer[said]))
    return sorted(found, key=lambda mistake: -mistake.probability)


def separation(facts: Facts, moment: Moment) -> float:
    """Share of dev points on the map whose nearest neighbor has the same label."""
    points, right = moment["map"], [row["right"] for row in facts["dev"]]
    hits = 0
    for i, (x, y) in enumerate(points):
        others = (j for j in range(len(points)) if j != i)
        near = min(others, key=lambda j: (points[j][0] - x) ** 2 + (points[j][1] - y) ** 2)
        hits += right[near] == right[i]
    return hits / len(points)


def describe_map(facts: Facts, before: Moment, after: Moment) -> str:
    """How often neighbors on the map share a label, before and after."""
    return (
        f"On the map, the nearest neighbor has the same label for "
        f"{percent(separation(facts, before))} of the sentences before training and for "
        f"{percent(separation(facts, after))} after."
    )


# --- a trained model on the learner's own text --------------------------------------------------


def classify(
    model: LoadedModel, tuned: FineTuned, labels: Sequence[str], text: str, pair: str | None = None
) -> list[tuple[str, float]]:
    """(label, probability) for each label, the likeliest first."""
    import torch

    from ..engine.fine_tuned import padded
    from .examples import read_text

    batch = padded(model, [read_text(model, text, pair)])
    with torch.inference_mode():
        logits = tuned(batch.input_ids, batch.token_type_ids, batch.mask)[0]
    found = zip(labels, logits.softmax(dim=-1).tolist(), strict=True)
    return sorted(found, key=lambda item: -item[1])


@dataclass(frozen=True)
class Part:
    """A stretch of a text: a name of some kind, or what stands between names (kind "")."""

    text: str
    kind: str


def tag_names(model: LoadedModel, tuned: FineTuned, text: str) -> list[Part]:
    """The text in parts, with every name that the model finds."""
    import torch

    from ..engine.fine_tuned import padded
    from .examples import best_tags, read_text

    encoding = read_text(model, text)
    batch = padded(model, [encoding])
    with torch.inference_mode():
        logits = tuned(batch.input_ids, batch.token_type_ids, batch.mask)[0]
    return parts_of(text, best_tags(encoding, logits, text))


def parts_of(text: str, tags: Sequence[str]) -> list[Part]:
    """Cut a text at its names; joined again, the parts are the text."""
    words, parts, at = word_spans(text), [], 0
    for first, after, kind in sorted(names_in(tags)):
        start, end = words[first][0], words[after - 1][1]
        parts += [Part(text[at:start], ""), Part(text[start:end], kind)]
        at = end
    return [part for part in (*parts, Part(text[at:], "")) if part.text]
