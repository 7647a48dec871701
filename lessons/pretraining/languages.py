"""Small languages with a known grammar, to train a small BERT on, and the learner's own text.

A grammar tells what no real corpus can: which word decides which other one (`Sentence.links`), and
which answers are right at a gap (`Probe.right`). So we can say of a trained model what it has
learned, and of an attention head whether it looks where the grammar says.

All sentences are drawn by a `random.Random`, so that a seed gives the same text again.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from random import Random

from .reader import Grammar

DATA = Path(__file__).resolve().parents[2] / "assets" / "data" / "pretraining"

MASK = "[MASK]"
HELD_OUT = 256  # sentences of a grammar that are kept for the test
SHORTEST_OWN_TEXT = 200  # characters
LONGEST_OWN_TEXT = 20_000  # characters; more would only make a learner wait
OWN = "own"
LONGEST_SENTENCE = 24  # words of a pasted text; attention grows with the square


@dataclass(frozen=True)
class Sentence:
    """Words, and which of them decide others.

    ``links`` are (asks, answers): the word at ``asks`` can be told from the word at ``answers``.
    """

    words: tuple[str, ...]
    links: tuple[tuple[int, int], ...] = ()

    def __str__(self) -> str:
        return " ".join(self.words)


@dataclass(frozen=True)
class Probe:
    """A sentence with one gap, and the words that the grammar allows there.

    ``pair`` is a second sentence, for a model that is trained on pairs.
    """

    text: str
    right: tuple[str, ...]
    about: str
    pair: str = ""


@dataclass(frozen=True)
class Language:
    """A grammar: how sentences are drawn, what follows them, and what to ask a trained model.

    ``classes`` sorts every word of the vocabulary; ``rule`` names what `Sentence.links` connects.
    ``follow`` draws a sentence that goes on from another one, for the next-sentence task.
    """

    slug: str
    title: str
    note: str
    rule: str
    classes: Mapping[str, tuple[str, ...]]
    draw: Callable[[Random], Sentence]
    follow: Callable[[Sentence, Random], Sentence]
    probes: tuple[Probe, ...]
    best_chances: Callable[[Sequence[str | None]], list[float]] | None = None
    """What a perfect reader reaches at each hidden word, where that can be computed."""

    @property
    def words(self) -> tuple[str, ...]:
        """Every word of the language once."""
        return tuple(dict.fromkeys(word for words in self.classes.values() for word in words))


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, list[list[str]]]]:
    return tomllib.loads((DATA / "languages.toml").read_text(encoding="utf-8"))


def _names(language: str, key: str) -> tuple[str, ...]:
    values: Sequence[object] = _tables()[language][key]
    return tuple(str(value) for value in values)


# --- agreement across a distance ----------------------------------------------------------------


def _agreement() -> Language:
    animals = [tuple(row) for row in _tables()["agreement"]["animals"]]
    prepositions = _names("agreement", "prepositions")
    adjectives = _names("agreement", "adjectives")
    adverbs = _names("agreement", "adverbs")
    verb_of = {row[many]: row[2 + many] for row in animals for many in (0, 1)}
    plural = {row[1] for row in animals}
    nouns = tuple(verb_of)
    grammar = Grammar(
        adverbs, adjectives, prepositions, verb_of, opens=0.3, between=(0, 1, 1, 2), adjective=0.5
    )

    def noun_phrase(rng: Random) -> list[str]:
        adjective = [rng.choice(adjectives)] if rng.random() < grammar.adjective else []
        return ["the", *adjective, rng.choice(nouns)]

    def draw(rng: Random) -> Sentence:
        # An adverb may open the sentence, so that no fixed place tells the subject.
        opener = [rng.choice(adverbs)] if rng.random() < grammar.opens else []
        words = [*opener, *noun_phrase(rng)]
        subject = len(words) - 1
        for _ in range(rng.choice(grammar.between)):  # other animals come between subject and verb
            words += [rng.choice(prepositions), *noun_phrase(rng)]
        words.append(verb_of[words[subject]])
        link = (len(words) - 1, subject)
        closer = [] if opener else [rng.choice(adverbs)]
        return Sentence((*words, *closer, "."), (link,))

    def follow(first: Sentence, rng: Random) -> Sentence:
        verb, subject = first.links[0]
        pronoun = "they" if first.words[subject] in plural else "it"
        return Sentence((pronoun, first.words[verb], rng.choice(adverbs), "."), ((1, 0),))

    return Language(
        slug="agreement",
        title="Agreement across a distance",
        note="Each animal has its own verb, and the verb agrees with its subject: *the dogs near "
        "the old cat bark today*. Other animals stand in between.",
        rule="verb → its subject",
        classes={
            "one animal": tuple(row[0] for row in animals),
            "many animals": tuple(row[1] for row in animals),
            "verb of one": tuple(row[2] for row in animals),
            "verb of many": tuple(row[3] for row in animals),
            "small words": ("the", "it", "they", ".", *prepositions, *adjectives, *adverbs),
        },
        draw=draw,
        follow=follow,
        probes=(
            Probe("the dogs [MASK] today .", ("bark",), "next to its subject"),
            Probe("the dogs near the cat [MASK] today .", ("bark",), "one of them, one between"),
            Probe("the cat near the dogs [MASK] today .", ("purrs",), "the same words, turned"),
            Probe("the bee behind the big whales [MASK] again .", ("buzzes",), "many in between"),
            Probe(
                "the frogs near the bird above the snake [MASK] often .",
                ("jump",),
                "two animals in between",
            ),
            Probe("the [MASK] near the cats gallops alone .", ("horse",), "the subject is hidden"),
        ),
        best_chances=grammar.best_chances,
    )


# --- brackets -----------------------------------------------------------------------------------


def _brackets() -> Language:
    pairs = [tuple(row) for row in _tables()["brackets"]["pairs"]]

    def nested(rng: Random, kinds: Sequence[tuple[str, ...]], depth: int) -> list[str]:
        """One bracket with what it holds."""
        opening, closing = rng.choice(kinds)
        inside: list[str] = []
        if depth > 1:
            for _ in range(rng.choice((0, 1, 1, 2))):
                inside += nested(rng, kinds, depth - 1)
        return [opening, *inside, closing]

    def draw_of(rng: Random, kinds: Sequence[tuple[str, ...]]) -> Sentence:
        words: list[str] = []
        while not 6 <= len(words) <= 12:
            words = [word for _ in range(rng.choice((1, 2))) for word in nested(rng, kinds, 4)]
        return Sentence(tuple(words), matching(words))

    def matching(words: Sequence[str]) -> tuple[tuple[int, int], ...]:
        openings = {opening for opening, _ in pairs}
        waiting, links = [], []
        for i, word in enumerate(words):
            if word in openings:
                waiting.append(i)
            else:
                links.append((i, waiting.pop()))
        return tuple(links)

    def kinds_of(rng: Random) -> list[tuple[str, ...]]:
        return rng.sample(pairs, 2)

    def draw(rng: Random) -> Sentence:
        return draw_of(rng, kinds_of(rng))

    def follow(first: Sentence, rng: Random) -> Sentence:
        return draw_of(rng, [pair for pair in pairs if pair[0] in first.words])

    return Language(
        slug="brackets",
        title="Brackets",
        note="Three kinds of brackets, closed in the right order: *( [ ] { } )*. To know what "
        "closes, find what was opened.",
        rule="closing bracket → its opening one",
        classes={
            "opening": tuple(opening for opening, _ in pairs),
            "closing": tuple(closing for _, closing in pairs),
        },
        draw=draw,
        follow=follow,
        probes=(
            Probe("( ( [MASK] ) ( )", (")",), "at once"),
            Probe("{ ( ) ( ) [MASK]", ("}",), "after two others"),
            Probe("( { { } } [MASK]", (")",), "around two others"),
            Probe("{ ( ( ) ) ( ) [MASK]", ("}",), "first and last"),
            Probe("[MASK] ( { } ) ]", ("[",), "the opening one is hidden"),
        ),
    )


# --- copy and reverse ---------------------------------------------------------------------------


def _mirror() -> Language:
    syllables = _names("mirror", "syllables")

    def halves(rng: Random) -> tuple[str, list[str], list[str]]:
        order = rng.choice(("same", "back"))
        first = [rng.choice(syllables) for _ in range(rng.choice((3, 4)))]
        return order, first, first if order == "same" else first[::-1]

    def draw(rng: Random) -> Sentence:
        order, first, second = halves(rng)
        words = (order, *first, ":", *second)
        n = len(first)
        return Sentence(words, tuple((n + 2 + i, partner(order, i, n)) for i in range(n)))

    def partner(order: str, i: int, n: int) -> int:
        return 1 + (i if order == "same" else n - 1 - i)

    def follow(first: Sentence, rng: Random) -> Sentence:
        """The second half alone, once more."""
        colon = first.words.index(":")
        return Sentence((":", *first.words[colon + 1 :]))

    return Language(
        slug="mirror",
        title="Copy and reverse",
        note="Three or four syllables, then the same ones again: *same ba ko de : ba ko de*, or "
        "turned around: *back ba ko de : de ko ba*. Only places tell them apart.",
        rule="syllable → the one it repeats",
        classes={"syllable": syllables, "order": ("same", "back", ":")},
        draw=draw,
        follow=follow,
        probes=(
            Probe("same ba ko de : [MASK] ko de", ("ba",), "copy, first"),
            Probe("same ba ko de : ba ko [MASK]", ("de",), "copy, last"),
            Probe("back ba ko de : [MASK] ko ba", ("de",), "reverse, first"),
            Probe("back ba ko de mo : mo de [MASK] ba", ("ko",), "reverse, longer"),
            Probe("[MASK] ba ko de : de ko ba", ("back",), "which order was it?"),
            Probe("same [MASK] ko de : ba ko de", ("ba",), "the original is hidden"),
        ),
    )


# --- a tiny English -----------------------------------------------------------------------------


def _facts() -> Language:
    things = [tuple(row) for row in _tables()["facts"]["things"]]
    fact_of = {row[0]: row[1:] for row in things}
    said = (  # for color, place, doing, food: as the end of a sentence about "the X"
        lambda fact: ("is", fact),
        lambda fact: ("lives", "in", "the", fact),
        lambda fact: ("can", fact),
        lambda fact: ("likes", fact),
    )

    def draw(rng: Random) -> Sentence:
        thing = rng.choice(tuple(fact_of))
        kinds = rng.sample(range(4), 2)
        adjective = rng.choice(((), (), ("old",), ("young",)))  # so that no place tells the animal
        words: tuple[str, ...] = (rng.choice(("the", "a", "this")), *adjective, thing)
        animal = len(words) - 1
        links = []
        for i, kind in enumerate(kinds):
            words += (("and",) if i else ()) + said[kind](fact_of[thing][kind])
            links.append((len(words) - 1, animal))
        return Sentence((*words, "."), tuple(links))

    def follow(first: Sentence, rng: Random) -> Sentence:
        kind = rng.randrange(4)
        fact = fact_of[first.words[first.links[0][1]]][kind]
        words = ("it", *said[kind](fact), ".")
        return Sentence(words)

    def column(i: int) -> tuple[str, ...]:
        return tuple(dict.fromkeys(row[i] for row in things))

    small = (
        "the",
        "a",
        "this",
        "old",
        "young",
        "it",
        "is",
        "lives",
        "in",
        "can",
        "likes",
        "and",
        ".",
    )
    return Language(
        slug="facts",
        title="A tiny English",
        note="Sixteen animals, each with its color, place, doing and food: *the fox is red and "
        "lives in the forest*.",
        rule="fact → its animal",
        classes={
            "animal": column(0),
            "color": column(1),
            "place": column(2),
            "doing": column(3),
            "food": column(4),
            "small words": tuple(small),
        },
        draw=draw,
        follow=follow,
        probes=(
            Probe("the fox is [MASK] and can run .", ("red",), "a color"),
            Probe("the bee lives in the [MASK] and can fly .", ("garden",), "a place"),
            Probe("the parrot is green and can [MASK] .", ("talk",), "a doing"),
            Probe("the bear is brown and likes [MASK] .", ("honey",), "a food"),
            Probe("the [MASK] is white and lives in the lake .", ("swan",), "which animal?"),
            Probe("the mouse lives in the house [MASK] is gray .", ("and",), "a small word"),
        ),
    )


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """The built-in languages by slug, the default first."""
    return {x.slug: x for x in (_agreement(), _facts(), _brackets(), _mirror())}


# --- what a run is trained on -------------------------------------------------------------------

Pair = tuple[Sentence, Sentence | None, bool]
"""A sentence, perhaps a second one, and whether that one follows the first."""


@dataclass(frozen=True)
class Corpus:
    """Text for one run, split so that no sentence of ``held_out`` is in ``train``.

    In a real text there is no grammar to ask: its sentences have no links and no probes but gaps
    in held-out sentences, with the word that stood there.
    """

    train: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    probes: tuple[Probe, ...]


def grammar_corpus(language: Language, seed: int, *, pairs: bool, size: int = 4000) -> Corpus:
    """Sentences of a language, or pairs of which half follow each other.

    Sentences of the probes are kept out of the training text too: a model that answers them has
    not met them.
    """
    rng = Random(seed)
    unseen: dict[str, Sentence] = {}
    while len(unseen) < HELD_OUT:
        sentence = language.draw(rng)
        unseen[str(sentence)] = sentence
    asked = {probe.text.replace(MASK, word) for probe in language.probes for word in probe.right}
    hidden = asked | set(unseen)
    seen: list[Sentence] = []
    while len(seen) < size:
        sentence = language.draw(rng)
        if str(sentence) not in hidden:
            seen.append(sentence)

    def paired(sentences: Sequence[Sentence]) -> tuple[Pair, ...]:
        if not pairs:
            return tuple((sentence, None, True) for sentence in sentences)
        found: list[Pair] = []
        for sentence in sentences:
            follows = rng.random() < 0.5
            first = sentence if follows else rng.choice(sentences)
            found.append((sentence, language.follow(first, rng), follows))
        return tuple(found)

    probes = language.probes
    if pairs:  # a sentence that does not follow: it must not give the word away
        probes = tuple(
            replace(probe, pair=str(language.follow(stranger(probe, seen, rng), rng)))
            for probe in probes
        )
    return Corpus(paired(seen), paired(tuple(unseen.values())), probes)


def stranger(probe: Probe, sentences: Sequence[Sentence], rng: Random) -> Sentence:
    """A sentence that has no word of the probe's answer."""
    others = [sentence for sentence in sentences if not set(sentence.words) & set(probe.right)]
    return rng.choice(others or sentences)


def text_corpus(text: str, seed: int, *, pairs: bool) -> Corpus:
    """A text cut into sentences; one in eight, if it stands there only once, is held out.

    Raises ValueError, in words for the learner, for a text that is too short.
    """
    text = text[:LONGEST_OWN_TEXT]
    if len(text.strip()) < SHORTEST_OWN_TEXT:
        raise ValueError(
            f"Paste a text of at least {SHORTEST_OWN_TEXT} characters: a shorter one has nothing "
            "to learn from."
        )
    sentences = [Sentence(tuple(part.split())) for part in sentences_of(text)]
    if len(sentences) < 8:
        raise ValueError(
            "Paste a text of at least eight sentences, or eight lines, so that some can be held "
            "out to test the model."
        )
    rng = Random(seed)
    spelled = [str(sentence) for sentence in sentences]
    once = [i for i, text in enumerate(spelled) if spelled.count(text) == 1]
    held = set(rng.sample(once, min(len(once), max(1, len(sentences) // 8))))
    if not held:
        raise ValueError("Every sentence stands there twice: paste a text with more variety.")

    def paired(i: int) -> Pair:
        if not pairs:
            return sentences[i], None, True
        if rng.random() < 0.5 and i + 1 < len(sentences):
            return sentences[i], sentences[i + 1], True
        others = [j for j in range(len(sentences)) if j not in (i, i + 1)]
        return sentences[i], sentences[rng.choice(others)], False

    train = tuple(paired(i) for i in range(len(sentences)) if i not in held)
    probes = []
    for i in sorted(held)[:6]:
        words = list(sentences[i].words)
        gap = rng.randrange(len(words))
        right, words[gap] = words[gap], MASK
        probes.append(Probe(" ".join(words), (right.lower(),), "held out"))
    return Corpus(train, tuple(paired(i) for i in sorted(held)), tuple(probes))


def sentences_of(text: str) -> list[str]:
    """A text at its sentence ends and line breaks; a part of more than 24 words is cut there."""
    parts = (part.split() for part in re.split(r"(?<=[.!?…。])\s+|\n+", text))
    return [
        " ".join(words[start : start + LONGEST_SENTENCE])
        for words in parts
        for start in range(0, len(words), LONGEST_SENTENCE)
    ]


@lru_cache(maxsize=1)
def own_text() -> str:
    """A short story to start from, where a learner has no text at hand."""
    return (DATA / "own_text.txt").read_text(encoding="utf-8").strip()
