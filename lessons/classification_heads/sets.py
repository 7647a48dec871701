"""The sets that the heads are compared on: four put together from our own words, and two of people.

A made set asks for one thing alone, and its sentences for measuring use words that no sentence for
learning has. Where it matters, each sentence has a twin with the same words in another order and
the other label, so that counting words is right exactly half of the time.
"""

from __future__ import annotations

import random
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from ..engine import tasks
from .settings import Settings

DATA = Path(__file__).parents[2] / "assets" / "data" / "classification_heads"

SEED = 7
TRAIN_ROWS, DEV_ROWS = 400, 120
PERSON, ANIMAL = "person", "animal"
PRAISE, COMPLAINT = "praise", "complaint"

Words = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """A text and its label. Rows of one ``group`` are twins: they count as one observation."""

    text: str
    label: str
    group: int


@dataclass(frozen=True)
class Material:
    """A task made ready: what the heads learn from, and what they are measured on."""

    labels: tuple[str, ...]
    train: tuple[Row, ...]
    dev: tuple[Row, ...]


def material(settings: Settings) -> Material:
    """The set that the settings name. Raises ValueError for own rows that can't be split."""
    if settings.task in MAKERS:
        return made(settings.task)
    if settings.task == "own":
        rows = tuple(tasks.Labelled(text, (label,)) for text, label in settings.rows)
        labels: tuple[str, ...] = tuple(sorted({label for _, label in settings.rows}))
    else:
        rows, labels = (), tasks.SENTIMENTS
    split = tasks.split_labelled(rows) if rows else tasks.split_sentiment()
    # Of sentiments each side holds as many of every label, in the order of what they speak of: the
    # n-th of each are about the same thing, and count as one observation.
    groups = [len(side) if rows else len(side) // len(labels) for side in (split.train, split.dev)]
    if not split.train or not split.dev:
        raise ValueError("There are too few rows to learn from some and measure on others.")
    train, dev = (
        tuple(Row(row.text, row.labels[0], i % count) for i, row in enumerate(side))
        for side, count in zip((split.train, split.dev), groups, strict=True)
    )
    return Material(labels, train, dev)


@lru_cache(maxsize=8)
def made(task: str) -> Material:
    """A set put together from the word lists, always the same."""
    labels, file, maker = MAKERS[task]
    words = tomllib.loads((DATA / file).read_text(encoding="utf-8"))
    generator = random.Random(SEED)
    train, dev = (
        tuple(take(maker(words, words[side], generator), count))
        for side, count in (("train", TRAIN_ROWS), ("dev", DEV_ROWS))
    )
    return Material(labels, train, dev)


def take(sentences: Iterator[Sequence[tuple[str, str]]], count: int) -> list[Row]:
    """``count`` different rows from an endless line of twins."""
    rows: list[Row] = []
    seen: set[str] = set()
    for group, twins in enumerate(sentences):
        if len(rows) >= count:
            break
        texts = {text for text, _ in twins}
        if not texts & seen:
            rows += [Row(text, label, group) for text, label in twins]
            seen |= texts
    return rows


def written(*parts: str) -> str:
    """Parts as a sentence: a capital, blanks between, a full stop."""
    text = " ".join(part for part in parts if part)
    return f"{text[0].upper()}{text[1:]}."


def who_did_it(
    words: Words, side: Words, generator: random.Random
) -> Iterator[Sequence[tuple[str, str]]]:
    """“The dog bit the man” and its twin, in the active or the passive voice."""
    while True:
        person, animal, verb = (generator.choice(side[x]) for x in ("people", "animals", "verbs"))
        opening, ending = (generator.choice(words[x]) for x in ("openings", "endings"))
        opening += "," if opening else ""
        past, _, participle = verb.partition("/")
        passive = generator.random() < 0.5
        twins = []
        for doer, other, label in ((person, animal, PERSON), (animal, person, ANIMAL)):
            if passive:
                core = f"the {other} was {participle or past} by the {doer}"
            else:
                core = f"the {doer} {past} the {other}"
            twins.append((written(opening, core, ending), label))
        yield twins


def who_is_first(
    words: Words, side: Words, generator: random.Random
) -> Iterator[Sequence[tuple[str, str]]]:
    """A person and an animal, far apart in a sentence, in either order."""
    while True:
        person, animal = (generator.choice(side[x]) for x in ("people", "animals"))
        one, two = generator.sample(words["doings"], 2)
        link, opening = generator.choice(words["links"]), generator.choice(words["openings"])
        opening += "," if opening else ""
        yield [
            (written(opening, f"a {first} {one},", link, f"a {second} {two}"), label)
            for first, second, label in ((person, animal, PERSON), (animal, person, ANIMAL))
        ]


def little_not(
    words: Words, side: Words, generator: random.Random
) -> Iterator[Sequence[tuple[str, str]]]:
    """Something good and something bad, one of them denied, in the middle of much else."""
    while True:
        one, two = generator.sample(side["things"], 2)
        good, bad = (generator.choice(side[x]) for x in ("good", "bad"))
        opening, ending = (generator.choice(words[x]) for x in ("openings", "endings"))
        turned = generator.random() < 0.5
        twins = []
        for label in (PRAISE, COMPLAINT):
            parts = [
                f"{one} was {'not ' if label == COMPLAINT else ''}{good}",
                f"{two} was {'not ' if label == PRAISE else ''}{bad}",
            ]
            core = " and ".join(reversed(parts) if turned else parts)
            twins.append((written(opening, f"{core},", ending), label))
        yield twins


def mostly_praise(
    words: Words, side: Words, generator: random.Random
) -> Iterator[Sequence[tuple[str, str]]]:
    """Five things; four of them are praised, or four of them are not."""
    while True:
        things = generator.sample(side["things"], 5)
        twins = []
        for label, n_good in ((PRAISE, 4), (COMPLAINT, 1)):
            said = generator.sample(side["good"], n_good)
            said += generator.sample(side["bad"], 5 - n_good)
            generator.shuffle(said)
            first, *others = [f"{thing} {word}" for thing, word in zip(things, said, strict=True)]
            first = first.replace(things[0], f"{things[0]} was", 1)
            core = f"{', '.join([first, *others[:-1]])} and {others[-1]}"
            twins.append((written(core), label))
        yield twins


Maker = Callable[[Words, Words, random.Random], Iterator[Sequence[tuple[str, str]]]]

# Task: labels, word list, maker.
MAKERS: dict[str, tuple[tuple[str, str], str, Maker]] = {
    "order": ((PERSON, ANIMAL), "order.toml", who_did_it),
    "first": ((PERSON, ANIMAL), "order.toml", who_is_first),
    "phrases": ((PRAISE, COMPLAINT), "phrases.toml", little_not),
    "balance": ((PRAISE, COMPLAINT), "phrases.toml", mostly_praise),
}


# --- what the tasks give without BERT -----------------------------------------------------------


def baselines(given: Material) -> dict[str, float]:
    """Accuracy on dev of the most frequent label, of counted words, and of words with pairs.

    The last two are logistic regressions over TF-IDF (Salton and Buckley 1988).
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    texts, dev_texts = ([row.text for row in side] for side in (given.train, given.dev))
    right, dev_right = ([row.label for row in side] for side in (given.train, given.dev))
    most = Counter(right).most_common(1)[0][0]
    found = {"most frequent label": dev_right.count(most) / len(dev_right)}
    for name, longest in (("bag of words", 1), ("words and pairs", 2)):
        model = make_pipeline(
            TfidfVectorizer(ngram_range=(1, longest), token_pattern=r"\w+|[^\w\s]"),
            LogisticRegression(C=10.0, max_iter=1000, random_state=0),
        )
        model.fit(texts, right)
        found[name] = float(model.score(dev_texts, dev_right))
    return found
