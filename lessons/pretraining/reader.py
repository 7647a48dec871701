"""A perfect reader of the first language: how well can a gap be filled at all?

It knows the grammar and every probability in it, and reads no training text. What it finds is the
ceiling: no model can do better, but by luck. For a grammar drawn by chance it can be computed
exactly, by adding up all sentences that fit what is visible.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

ADVERB, ADJECTIVE, NOUN, SUBJECT, PREPOSITION, VERB = range(6)
Slot = str | int  # a word that must stand there, or a class to draw from


@dataclass(frozen=True)
class Grammar:
    """What `draw` of the language draws from, with its probabilities."""

    adverbs: Sequence[str]
    adjectives: Sequence[str]
    prepositions: Sequence[str]
    verb_of: Mapping[str, str]
    """Every noun with the verb that agrees with it."""
    opens: float
    """How often an adverb opens the sentence; else one closes it."""
    between: Sequence[int]
    """Equally likely numbers of further noun phrases between subject and verb."""
    adjective: float
    """How often a noun has an adjective."""

    def plans(self, length: int) -> Iterator[tuple[float, list[Slot]]]:
        """All plans of sentences of so many words, each with its probability."""
        for opener, (count, times) in product((True, False), Counter(self.between).items()):
            for adjectives in product((True, False), repeat=count + 1):
                slots: list[Slot] = [ADVERB] if opener else []
                for i, described in enumerate(adjectives):
                    slots += [*([PREPOSITION] if i else []), "the"]
                    slots += [ADJECTIVE] if described else []
                    slots += [NOUN if i else SUBJECT]
                slots += [VERB, *([] if opener else [ADVERB]), "."]
                if len(slots) != length:
                    continue
                chance = (self.opens if opener else 1 - self.opens) * times / len(self.between)
                for described in adjectives:
                    chance *= self.adjective if described else 1 - self.adjective
                yield chance, slots

    def _class(self, slot: Slot) -> Sequence[str]:
        if isinstance(slot, str):
            return (slot,)
        if slot == VERB:
            return tuple(self.verb_of.values())
        nouns = tuple(self.verb_of)
        return {
            ADVERB: self.adverbs, ADJECTIVE: self.adjectives, PREPOSITION: self.prepositions,
        }.get(slot, nouns)  # fmt: skip

    def best_chances(self, words: Sequence[str | None]) -> list[float]:
        """Of each hidden word (None), how likely the likeliest word is, given all visible ones.

        That is how often the best possible guess is right there; 1 where the word is certain.
        Raises ValueError for words that no sentence of the language fits.
        """
        gaps = [i for i, word in enumerate(words) if word is None]
        found: list[defaultdict[str, float]] = [defaultdict(float) for _ in gaps]
        total = 0.0
        for chance, slots in self.plans(len(words)):
            subject, verb = slots.index(SUBJECT), slots.index(VERB)
            weight = chance
            for i, (slot, word) in enumerate(zip(slots, words, strict=True)):
                choices = self._class(slot)
                if word is not None:
                    tied = i == verb and words[subject] is not None
                    if word not in choices or (tied and self.verb_of[words[subject]] != word):  # type: ignore[index]
                        weight = 0.0
                        break
                    weight /= 1 if tied else len(choices)
            if not weight:
                continue
            total += weight
            for i, weights in zip(gaps, found, strict=True):
                sure = self._told(words, i, subject, verb)
                choices = [sure] if sure is not None else self._class(slots[i])
                for word in choices:
                    weights[word] += weight / len(choices)
        if not total:
            raise ValueError(f"no sentence fits {words}")
        return [max(weights.values()) / total for weights in found]

    def _told(self, words: Sequence[str | None], i: int, subject: int, verb: int) -> str | None:
        """The verb where its subject is visible, or the subject where its verb is."""
        if i == verb and (noun := words[subject]) is not None:
            return self.verb_of[noun]
        if i == subject and (said := words[verb]) is not None:
            return next(noun for noun, own in self.verb_of.items() if own == said)
        return None
