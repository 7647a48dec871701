"""What the tasks give without any BERT: what every fine-tuned model has to beat."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence

from ..engine.spans import overlap as overlap
from ..engine.spans import words_of as words_of
from ..engine.tasks import Asked, Labelled, Split, Tagged


def majority(split: Split[Labelled]) -> float:
    """Accuracy on dev of always giving the most frequent label of train."""
    label, _ = Counter(row.labels for row in split.train).most_common(1)[0]
    return sum(row.labels == label for row in split.dev) / len(split.dev)


def bag_of_words(split: Split[Labelled], seed: int) -> float:
    """Accuracy on dev of logistic regression over TF-IDF of words and word pairs.

    Words are weighted by how rare they are; their order counts only within pairs.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\w+"),
        LogisticRegression(C=10.0, max_iter=1000, random_state=seed),
    )
    model.fit([row.text for row in split.train], [row.labels[0] for row in split.train])
    return float(model.score([row.text for row in split.dev], [row.labels[0] for row in split.dev]))


def remembered_tags(split: Split[Tagged]) -> list[list[str]]:
    """Tags of dev by memory: each word gets the tag it had most often in train, a new one O."""
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for row in split.train:
        for (start, end), tag in zip(row.words, row.tags, strict=True):
            seen[row.text[start:end].casefold()][tag] += 1
    return [
        [
            seen[word].most_common(1)[0][0] if word in seen else "O"
            for word in (row.text[start:end].casefold() for start, end in row.words)
        ]
        for row in split.dev
    ]


def likeliest_sentence(row: Asked) -> tuple[int, int]:
    """Characters of the paragraph's sentence that shares most words with the question."""
    asked = set(words_of(row.question))
    spans = [m.span() for m in re.finditer(r"\S.*?[.!?](?=\s|$)", row.paragraph)]
    return max(spans, key=lambda s: len(asked & set(words_of(row.paragraph[s[0] : s[1]]))))


# --- how answers are scored ---------------------------------------------------------------------


def names_in(tags: Sequence[str]) -> set[tuple[int, int, str]]:
    """(first word, word after the last, kind) of each name in BIO tags.

    An I- that goes on with nothing of its kind begins a name.
    """
    found, start = set(), 0
    for i, tag in enumerate([*tags, "O"]):
        before = tags[i - 1] if i else "O"
        goes_on = tag.startswith("I-") and before[2:] == tag[2:]
        if before != "O" and not goes_on:
            found.add((start, i, before[2:]))
        if tag != "O" and not goes_on:
            start = i
    return found


def name_f1(given: Sequence[Sequence[str]], right: Sequence[Sequence[str]]) -> float:
    """F1 over whole names: a name counts if its words and its kind are right."""
    pairs = [(names_in(a), names_in(b)) for a, b in zip(given, right, strict=True)]
    both = sum(len(a & b) for a, b in pairs)
    total = sum(len(a) + len(b) for a, b in pairs)
    return 2 * both / total if total else 0.0
