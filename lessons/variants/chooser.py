"""Which model for which job: a few questions, rules with points, and an answer with its reasons.

`RULES` is the whole of it. An answer to a question gives points to models, takes them, or rules
them out. The reasons of the winner are the rules that spoke for it; what would change the answer
is found by answering each question otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .family import family

QUESTIONS: dict[str, dict[str, str]] = {
    "task": {
        "classify": "sort texts",
        "words": "mark words",
        "search": "search",
        "write": "write",
    },
    "data": {"none": "no labels", "hundreds": "hundreds", "many": "thousands"},
    "machine": {"phone": "a phone", "cpu": "a laptop, CPU", "gpu": "a GPU"},
    "latency": {"tight": "at once", "relaxed": "can wait"},
    "language": {"english": "English", "many": "other or many"},
    "length": {"short": "up to 512 tokens", "long": "longer"},
}
LABELS = {
    "task": "What should it do?",
    "data": "Labeled examples",
    "machine": "It runs on",
    "latency": "Answers",
    "language": "Language",
    "length": "Texts",
}
DEFAULTS = {
    "task": "classify", "data": "hundreds", "machine": "cpu", "latency": "relaxed",
    "language": "english", "length": "short",
}  # fmt: skip

MODELS = (
    "all-MiniLM-L6-v2", "DistilBERT", "ELECTRA-small", "BERT-base uncased", "DeBERTa-v3-base",
    "ModernBERT-base", "mBERT cased", "XLM-R base", "paraphrase-multilingual-MiniLM-L12-v2",
    "BGE-M3",
)  # fmt: skip
ENGLISH = MODELS[:6]
COMPARE = (MODELS[0], *MODELS[8:])
"""Trained so that texts close in meaning get vectors that lie close."""
ONLY_PRETRAINED = MODELS[1:8]
LONG = ("ModernBERT-base", "BGE-M3")
OUT = -1000

SIZES = {member.name: member.parameters for member in family() if member.name in MODELS}
TOO_LARGE_FOR_A_PHONE = 150_000_000  # parameters; 600 MB as they are published
LARGE_FOR_A_PHONE = 100_000_000


def larger(than: int, up_to: float = float("inf")) -> tuple[str, ...]:
    """Models with more parameters than this, and no more than that."""
    return tuple(model for model in MODELS if than < SIZES[model] <= up_to)


@dataclass(frozen=True)
class Rule:
    """If ``question`` is answered by ``answer``, ``models`` get ``points``, for this ``reason``.

    ``also`` is a second question with the answer that it must have, too.
    """

    question: str
    answer: str
    models: tuple[str, ...]
    points: int
    reason: str
    also: tuple[str, str] | None = None

    def speaks(self, answers: Mapping[str, str]) -> bool:
        """Whether the rule has something to say about these answers."""
        asked = [(self.question, self.answer), *([self.also] if self.also else [])]
        return all(answers[question] == answer for question, answer in asked)


RULES = (
    Rule("task", "write", MODELS, OUT,
         "an encoder has no left-to-right decoder: for writing, take a decoder model"),
    Rule("task", "search", ONLY_PRETRAINED, OUT,
         "pre-training alone does not place texts of one meaning close together: it cannot search"),
    Rule("task", "search", COMPARE, 8,
         "it was trained so that texts close in meaning lie close; plain BERT was not"),
    Rule("task", "classify", COMPARE, -3,
         "it was trained to compare sentences, not to be the start of a classifier"),
    Rule("task", "words", COMPARE, -6,
         "its training made one vector for a text, not one for each word"),
    Rule("task", "words", ("DeBERTa-v3-base",), 1,
         "its scores know how far apart two words stand"),
    Rule("data", "none", ONLY_PRETRAINED, OUT,
         "without labels its head cannot be trained, and without a head it gives no answer"),
    Rule("data", "none", COMPARE, 5,
         "it is of use without any training: compare a text with examples or names of classes"),
    Rule("data", "none", COMPARE, OUT,
         "no vector of a whole text marks words: label some sentences first", ("task", "words")),
    Rule("data", "hundreds", ("DeBERTa-v3-base", "ModernBERT-base"), 2,
         "few labels, so pre-training matters most: in BERT's paper the larger model won even on "
         "the smallest set, and these two lead on GLUE"),
    Rule("data", "many", ("DeBERTa-v3-base", "ModernBERT-base"), 1,
         "they lead the table on GLUE"),
    Rule("machine", "phone", ("ELECTRA-small",), 6,
         "13.5 million parameters: it fits where others do not"),
    Rule("machine", "phone", ("DistilBERT",), 3, "half of BERT-base's layers"),
    Rule("machine", "phone", ("all-MiniLM-L6-v2",), 4, "22.7 million parameters"),
    Rule("machine", "phone", larger(TOO_LARGE_FOR_A_PHONE), OUT,
         "more than 150 million parameters are too much for a phone"),
    Rule("machine", "phone", larger(LARGE_FOR_A_PHONE, TOO_LARGE_FOR_A_PHONE), -6,
         "more than 100 million parameters weigh heavily on a phone"),
    Rule("machine", "cpu", ("DistilBERT",), 1, "half of BERT-base's layers, so half the work"),
    Rule("machine", "gpu", ("DeBERTa-v3-base", "ModernBERT-base", "XLM-R base", "BGE-M3"), 2,
         "a GPU has room and speed for a larger model"),
    Rule("latency", "tight", ("DistilBERT",), 3,
         "1.63 times BERT-base's throughput, as its authors measured"),
    Rule("latency", "tight", ("ELECTRA-small",), 2, "its layers are a third as wide"),
    Rule("latency", "tight", ("all-MiniLM-L6-v2",), 3, "six narrow layers"),
    Rule("latency", "tight", ("paraphrase-multilingual-MiniLM-L12-v2",), 2, "twelve narrow layers"),
    Rule("latency", "tight", ("DeBERTa-v3-base",), -3,
         "each of its scores takes three products in place of one"),
    Rule("latency", "tight", ("BGE-M3",), -3, "24 wide layers"),
    Rule("latency", "relaxed", ("DeBERTa-v3-base", "ModernBERT-base"), 2,
         "with time to spare, take the more accurate model"),
    Rule("language", "many", ENGLISH, OUT, "its vocabulary and its training text are English"),
    Rule("language", "many", ("XLM-R base",), 2,
         "100 languages; in its large size 14.6 points over mBERT on average on XNLI"),
    Rule("language", "english", MODELS[6:], -4,
         "much of its weights is the table of words for all languages"),
    Rule("length", "long", LONG, 8, "it reads 8,192 tokens, the others 512"),
    Rule("length", "long", tuple(m for m in MODELS if m not in LONG), -4,
         "it reads 512 tokens at most: a longer text has to be cut into pieces"),
)  # fmt: skip
"""Every rule. The points are the judgment of the course's authors; the reasons are facts."""


@dataclass(frozen=True)
class Choice:
    """The answer: a model, or None where none fits, with reasons for and against it.

    ``changes`` says which other answer to one question would lead to which model.
    """

    model: str | None
    points: dict[str, int]
    reasons: tuple[str, ...]
    against: tuple[str, ...]
    changes: tuple[tuple[str, str, str | None], ...]


def points_of(answers: Mapping[str, str]) -> dict[str, int]:
    """Points of every model. Raises KeyError for a question or an answer that does not exist."""
    for question, options in QUESTIONS.items():
        options[answers[question]]
    points = dict.fromkeys(MODELS, 0)
    for rule in RULES:
        if rule.speaks(answers):
            for model in rule.models:
                points[model] += rule.points
    return points


def winner(answers: Mapping[str, str]) -> str | None:
    """The model with most points (the first listed of equals); None if all are ruled out."""
    points = points_of(answers)
    best = max(MODELS, key=points.__getitem__)
    return best if points[best] > OUT // 2 else None


def choose(answers: Mapping[str, str]) -> Choice:
    """Answer with reasons, and with what would change it."""
    model = winner(answers)
    spoke = [rule for rule in RULES if rule.speaks(answers)]
    if model is None:
        reasons = tuple(dict.fromkeys(rule.reason for rule in spoke if rule.points == OUT))
        against: tuple[str, ...] = ()
    else:
        mine = [rule for rule in spoke if model in rule.models]
        mine.sort(key=lambda rule: -abs(rule.points))
        reasons = tuple(rule.reason for rule in mine if rule.points > 0)
        against = tuple(rule.reason for rule in mine if rule.points < 0)
    changes = []
    for question, options in QUESTIONS.items():
        for other in options:
            then = winner({**answers, question: other})
            if other != answers[question] and then != model:
                changes.append((question, other, then))
    return Choice(model, points_of(answers), reasons, against, tuple(changes))


def describe_choice(found: Choice) -> str:
    """First and second by points."""
    ranked = sorted(found.points.items(), key=lambda item: -item[1])
    (first, most), (second, less) = ranked[0], ranked[1]
    if less <= OUT // 2:
        return f"{first} has {most} points; every other model is ruled out."
    if most == less:
        return f"{first} and {second} share the first place with {most} points: either will do."
    return f"{first} has {most} points, {second} {less}."
