"""Things often said about contextual vectors, measured: two colds, coreference, roles."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.trace import Floats
from .compute import percent, unit
from .examples import DATA, NotASentence, Span, unmark

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

MOST_WORDS = 12
ROLES = ("does_early", "does_late", "suffers_early", "suffers_late")


@lru_cache(maxsize=1)
def claims() -> dict[str, Any]:
    """The sentences of ``assets/data/senses/claims.toml``."""
    return tomllib.loads((DATA.parent / "claims.toml").read_text(encoding="utf-8"))


def words_in(text: str) -> list[str]:
    """Words separated by commas or spaces, each once, at most `MOST_WORDS`."""
    return list(dict.fromkeys(re.split(r"[,;\s]+", text.strip(" ,;"))))[:MOST_WORDS]


# --- one word in two sentences, beside other words ----------------------------------------------


@dataclass(frozen=True)
class Contrast:
    """Cosines of a word in two sentences to other words, in each layer."""

    words: list[str]
    first: Floats
    """(L+1, W): the word of the first sentence against each of W words."""
    second: Floats
    """(L+1, W): the word of the second."""
    checks: int
    """How many of the words, the last ones, have nothing to do with either sentence."""
    each_other: list[float]
    """(L+1): the two against each other."""

    def leaning(self, layer: int) -> tuple[list[str], list[str], list[str]]:
        """Words that lean to the first, to the second, and no more to either than a check word."""
        lean = self.first[layer] - self.second[layer]
        count = len(self.words) - self.checks
        low, high = lean[count:].min(), lean[count:].max()
        first: list[str] = []
        second: list[str] = []
        neither: list[str] = []
        for word, by in zip(self.words[:count], lean[:count], strict=True):
            (first if by > high else second if by < low else neither).append(word)
        return first, second, neither


def contrast(
    model: LoadedModel, first: tuple[str, Span], second: tuple[str, Span], words: Sequence[str]
) -> Contrast:
    """Compare one word in two sentences with ``words``, each of which is read alone.

    The check words of ``claims.toml`` follow, since one of two vectors may be nearer to everything.
    Words that the model cannot see (nothing but control characters) are left out. Raises
    ValueError where no token lies in one of the spans.
    """
    checks: list[str] = claims()["cold"]["checks"]
    words = [word for word in words if word not in checks]
    pair = unit(model.word_vectors([first, second]))
    seen = [word for word in words if any(s is not None for s in model.encode(word).offsets)]
    seen += checks
    others = unit(model.word_vectors([(word, (0, len(word))) for word in seen]))
    cosines = np.einsum("lsd,lwd->slw", pair, others)
    each_other = [float(a @ b) for a, b in pair]
    return Contrast(seen, cosines[0], cosines[1], len(checks), each_other)


def describe_contrast(found: Contrast, layer: int) -> str:
    """Which words lean to each of the two by more than the check words do."""
    text = f"At layer {layer} the two have a cosine of {found.each_other[layer]:.2f}."
    first, second, neither = found.leaning(layer)
    if first:
        text += f" Nearer to the first: {', '.join(first)}."
    if second:
        text += f" Nearer to the second: {', '.join(second)}."
    if neither:
        text += f" No nearer to either than a check word: {', '.join(neither)}."
    return text


# --- coreference --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mentions:
    """A sentence with a pronoun, the name it means, and the other name."""

    text: str
    pronoun: Span
    meant: Span
    other: Span


@lru_cache(maxsize=1)
def coreference_items() -> tuple[Mentions, ...]:
    """Every sentence with both pronouns: each name is the meant one once.

    Raises NotASentence for a sentence without two names and one pronoun.
    """
    items = []
    for entry in claims()["coreference"]:
        forms = re.search(r"\{(\w+)/(\w+)\}", entry["text"])
        if forms is None:
            raise NotASentence(f"no pronoun in braces: {entry['text']!r}")
        for i in (0, 1):
            line = entry["text"].replace(forms.group(), f"[{forms.group(i + 1)}]")
            text, spans = unmark(line)
            if len(spans) != 3:
                raise NotASentence(f"two names must stand in brackets: {entry['text']!r}")
            # In reading order: both names stand before the pronoun in all of our sentences.
            names, pronoun = spans[:2], spans[2]
            items.append(Mentions(text, pronoun, names[i], names[1 - i]))
    return tuple(items)


@dataclass(frozen=True)
class Coreference:
    """How often a pronoun is nearer to the name it means, in each layer; chance is one half."""

    nearer: list[float]
    meant: list[float]
    """Mean cosine of the pronoun to the name that it means …"""
    other: list[float]
    """… and to the other name of the same sentence."""


def coreference(model: LoadedModel) -> Coreference:
    """Measure all `coreference_items`."""
    items = coreference_items()
    spans = [(x.text, span) for x in items for span in (x.pronoun, x.meant, x.other)]
    vectors = unit(model.word_vectors(spans))
    pronoun, meant, other = vectors[:, 0::3], vectors[:, 1::3], vectors[:, 2::3]
    to_meant = (pronoun * meant).sum(axis=-1)  # L+1 N
    to_other = (pronoun * other).sum(axis=-1)
    return Coreference(
        (to_meant > to_other).mean(axis=1).tolist(),
        to_meant.mean(axis=1).tolist(),
        to_other.mean(axis=1).tolist(),
    )


def describe_coreference(found: Coreference) -> str:
    last = len(found.nearer) - 1
    best = int(np.argmax(found.nearer))
    return (
        f"In {len(coreference_items())} sentences with two names, the pronoun is nearer to the "
        f"name that it means in {percent(found.nearer[0])} at layer 0, where the words alone "
        f"speak, and in {percent(found.nearer[last])} at layer {last}; most often at layer {best}, "
        f"{percent(found.nearer[best])}. Guessing gives 50%. At layer {last} the "
        f"mean cosine is {found.meant[last]:.2f} to the name meant, {found.other[last]:.2f} to "
        "the other."
    )


# --- roles --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Roles:
    """Mean cosines between two uses of one noun, in each layer."""

    same_role: list[float]
    """It does the same, at another place of the sentence."""
    same_place: list[float]
    """It stands at the same place, in the other role."""
    neither: list[float]


def roles(model: LoadedModel) -> Roles:
    """Measure the four sentences of every entry: role and place each changed alone, then both.

    Half of the entries change the role by the passive, where the grammatical subject stays the
    same; half by a cleft, where who does it is the subject.
    """
    marked = []
    for entry in claims()["roles"]:
        for name in ROLES:
            text, spans = unmark(entry[name])
            if len(spans) != 1:
                raise NotASentence(f"one word must stand in brackets: {entry[name]!r}")
            marked.append((text, spans[0]))
    vectors = unit(model.word_vectors(marked))
    four = vectors.reshape(len(vectors), -1, 4, vectors.shape[-1])  # L+1 E 4 D
    cosines = np.einsum("leid,lejd->leij", four, four).mean(axis=1)  # L+1 4 4
    pairs = {
        "same_role": ((0, 1), (2, 3)),
        "same_place": ((0, 2), (1, 3)),
        "neither": ((0, 3), (1, 2)),
    }
    return Roles(
        **{
            name: np.mean([cosines[:, i, j] for i, j in both], axis=0).tolist()
            for name, both in pairs.items()
        }
    )


def describe_roles(found: Roles) -> str:
    last = len(found.same_role) - 1
    same_role, same_place, neither = found.same_role, found.same_place, found.neither
    return (
        f"Over {len(claims()['roles'])} sets of sentences, at layer {last}: same role at another "
        f"place {same_role[last]:.2f}, same place in another role {same_place[last]:.2f}, both "
        f"changed {neither[last]:.2f}. At layer 0 it was {same_role[0]:.2f}, {same_place[0]:.2f} "
        f"and {neither[0]:.2f}."
    )
