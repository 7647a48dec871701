"""What the word-pieces page computes: the seven steps, the race, unknowns in many scripts.

The algorithms stand in `bert_tokenizer` and `trainers`; here they meet the texts of the page.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from .bert_tokenizer import (
    LONGEST_WORD,
    UNK,
    Change,
    LongestMatch,
    Piece,
    Step,
    Tokenization,
    Vocabulary,
    bert_vocabulary,
    longest_match,
    tokenize,
)
from .trainers import (
    BPE,
    Cancelled,
    Merge,
    PairScore,
    Progress,
    Round,
    Segment,
    Stop,
    Tokenizer,
    Unigram,
    WordPiece,
    count_words,
    train_bpe,
    train_unigram,
    train_wordpiece,
    unigram_rounds,
    words_of,
)

__all__ = [
    "BPE",
    "UNK",
    "Cancelled",
    "Change",
    "LongestMatch",
    "Merge",
    "PairScore",
    "Piece",
    "Round",
    "Segment",
    "Step",
    "Tokenization",
    "Unigram",
    "WordPiece",
    "bert_vocabulary",
    "count_words",
    "longest_match",
    "tokenize",
    "words_of",
]

DATA = Path(__file__).parents[2] / "assets" / "data" / "tokenization"
MAX_TRAINING_CHARACTERS = 20_000  # three trainings on this much take about three seconds


# ------------------------------------------------------------------------- the page's own texts


@dataclass(frozen=True)
class TrainingText:
    """A text of ours to train on, with a line on what is special about it."""

    slug: str
    title: str
    note: str
    text: str


@dataclass(frozen=True)
class Example:
    """A sentence, a pair or a word to try, with a line on what to look at."""

    text: str
    note: str
    pair: str | None = None


@dataclass(frozen=True)
class Language:
    """One sentence in one language. `spaces`: the script puts spaces between words."""

    language: str
    script: str
    text: str
    spaces: bool


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def training_texts() -> tuple[TrainingText, ...]:
    """The texts to train a vocabulary on."""
    return tuple(
        TrainingText(
            **entry, text=(DATA / "texts" / f"{entry['slug']}.txt").read_text(encoding="utf-8")
        )
        for entry in _toml("texts.toml")["texts"]
    )


@cache
def examples() -> tuple[Example, ...]:
    """Sentences and pairs for the seven steps."""
    table = _toml("sentences.toml")
    single = [Example(entry["text"], entry["try"]) for entry in table["sentences"]]
    pairs = [Example(entry["first"], entry["try"], entry["second"]) for entry in table["pairs"]]
    return (*single, *pairs)


@cache
def words_to_guess() -> tuple[Example, ...]:
    """Words for "how many pieces will it be?"."""
    return tuple(Example(entry["word"], entry["try"]) for entry in _toml("sentences.toml")["words"])


@cache
def languages() -> tuple[Language, ...]:
    """The same sentence in many languages and scripts."""
    return tuple(Language(**entry) for entry in _toml("languages.toml")["languages"])


# ------------------------------------------------------------------------- the race


@dataclass(frozen=True)
class Trained:
    """WordPiece, BPE and Unigram, trained on the same words to the same size."""

    counts: dict[str, int]
    size: int
    cased: bool
    wordpiece: WordPiece
    bpe: BPE
    unigram: Unigram
    n_cut: int  # characters of the text that were over MAX_TRAINING_CHARACTERS

    @property
    def tokenizers(self) -> tuple[Tokenizer, ...]:
        """The three, in the order of the charts."""
        return (self.wordpiece, self.bpe, self.unigram)

    @cached_property
    def text_pieces(self) -> dict[str, int]:
        """How many pieces of each tokenizer the training text takes."""
        return {
            tokenizer.name: sum(
                len(tokenizer.encode(w)) * times for w, times in self.counts.items()
            )
            for tokenizer in self.tokenizers
        }


def train(
    text: str,
    size: int,
    cased: bool = False,
    progress: Progress | None = None,
    cancelled: Stop | None = None,
) -> Trained:
    """Train the three on one text, up to `size` pieces each.

    progress is told the share of the work that is done, from 0 to 1. Raises ValueError when the
    text has no word, and Cancelled as soon as `cancelled` says so.
    """
    counts = count_words(text[:MAX_TRAINING_CHARACTERS], cased)
    if not counts:
        raise ValueError("There is no word to learn from in this text.")

    def third(number: int) -> Progress | None:
        return None if progress is None else lambda done: progress((number + done) / 3)

    return Trained(
        counts=counts,
        size=size,
        cased=cased,
        wordpiece=train_wordpiece(counts, size, third(0), cancelled),
        bpe=train_bpe(counts, size, third(1), cancelled),
        unigram=train_unigram(counts, size, third(2), cancelled),
        n_cut=max(0, len(text) - MAX_TRAINING_CHARACTERS),
    )


@dataclass(frozen=True)
class CutWord:
    """One word of a sentence, cut by several tokenizers.

    Positions count characters of the sentence as typed, so that the cuts can be laid over one
    another. `disputed` are the positions inside the word where some cut and others do not.
    """

    text: str
    start: int
    end: int
    cuts: dict[str, tuple[Segment, ...]]
    disputed: tuple[int, ...]

    @property
    def agreed(self) -> bool:
        """All cut alike, and know the same parts."""
        return (
            len({tuple((s.start, s.end, s.known) for s in cut) for cut in self.cuts.values()}) == 1
        )


@dataclass(frozen=True)
class Standing:
    """How one tokenizer did. `vocabulary_size` is what was reached, not what was asked for."""

    name: str
    vocabulary_size: int
    pieces: int
    unknown: int  # pieces of the sentence that it had to give up on
    pieces_per_word: float  # in the sentence
    text_pieces_per_word: float  # in the text that it learned from


@dataclass(frozen=True)
class Race:
    """One sentence, cut by all three."""

    sentence: str
    words: tuple[CutWord, ...]
    standings: tuple[Standing, ...]

    @property
    def disagreements(self) -> tuple[CutWord, ...]:
        """The words that are not cut alike."""
        return tuple(word for word in self.words if not word.agreed)


def cut_sentence(
    sentence: str, tokenizers: Sequence[Tokenizer], cased: bool = False
) -> tuple[CutWord, ...]:
    """Every word of the sentence as each tokenizer cuts it."""
    words: list[CutWord] = []
    for word in words_of(sentence, cased):
        cuts: dict[str, tuple[Segment, ...]] = {}
        places: Counter[int] = Counter()
        for tokenizer in tokenizers:
            cut = tuple(
                Segment(s.text, word.origins[s.start], word.origins[s.end - 1] + 1, s.known)
                for s in tokenizer.encode(word.text)
            )
            cuts[tokenizer.name] = cut
            places.update({segment.start for segment in cut[1:]})
        disputed = sorted(at for at, votes in places.items() if votes < len(tokenizers))
        words.append(CutWord(word.text, word.start, word.end, cuts, tuple(disputed)))
    return tuple(words)


def race(trained: Trained, sentence: str) -> Race:
    """Cut one sentence by all three, and say how each did."""
    words = cut_sentence(sentence, trained.tokenizers, trained.cased)
    standings: list[Standing] = []
    for tokenizer in trained.tokenizers:
        cut = [segment for word in words for segment in word.cuts[tokenizer.name]]
        in_text = trained.text_pieces[tokenizer.name]
        standings.append(
            Standing(
                name=tokenizer.name,
                vocabulary_size=len(tokenizer.vocabulary),
                pieces=len(cut),
                unknown=sum(not segment.known for segment in cut),
                pieces_per_word=len(cut) / max(1, len(words)),
                text_pieces_per_word=in_text / sum(trained.counts.values()),
            )
        )
    return Race(sentence, words, tuple(standings))


def growth(trained: Trained) -> dict[str, list[tuple[int, int]]]:
    """For each algorithm: (pieces in the vocabulary, pieces that the training text then takes).

    For the two that merge, these are the steps of their training. Unigram comes from the other
    side, from many pieces to few; it is led on to single letters here, to give a whole curve.
    """
    in_letters = sum(len(word) * times for word, times in trained.counts.items())
    curves: dict[str, list[tuple[int, int]]] = {}
    for model in (trained.wordpiece, trained.bpe):
        merged = [(merge.vocabulary_size, merge.text_pieces) for merge in model.history]
        curves[model.name] = [(len(model.letters), in_letters), *merged]
    rounds = [*unigram_rounds(trained.counts, 1), trained.unigram.history[-1]]
    curves[trained.unigram.name] = sorted((round_.size, round_.text_pieces) for round_ in rounds)
    return curves


# ------------------------------------------------------------------------- cased and uncased


@dataclass(frozen=True)
class CaseView:
    """A vocabulary learned with or without capitals and accents, and a sentence cut by it."""

    cased: bool
    vocabulary_size: int
    different_words: int  # in the training text
    words: tuple[CutWord, ...]

    @property
    def pieces(self) -> int:
        """Pieces of the whole sentence."""
        return sum(len(cut) for word in self.words for cut in word.cuts.values())


def case_contrast(
    text: str, sentence: str, size: int, trainer: str = "BPE"
) -> tuple[CaseView, CaseView]:
    """The same text learned uncased and cased, by one trainer; and one sentence cut by both.

    bert-base-cased has a vocabulary of its own, which is not part of this course's downloads: this
    shows the effect on vocabularies that are made here. Raises ValueError for a text without words.
    """
    views: list[CaseView] = []
    for cased in (False, True):
        counts, tokenizer = _learned(text, size, trainer, cased)
        words = cut_sentence(sentence, [tokenizer], cased)
        views.append(CaseView(cased, len(tokenizer.vocabulary), len(counts), words))
    return views[0], views[1]


@lru_cache(maxsize=16)
def _learned(text: str, size: int, trainer: str, cased: bool) -> tuple[dict[str, int], Tokenizer]:
    trainers: dict[str, Callable[[Mapping[str, int], int], Tokenizer]] = {
        "WordPiece": train_wordpiece,
        "BPE": train_bpe,
        "Unigram": train_unigram,
    }
    counts = count_words(text[:MAX_TRAINING_CHARACTERS], cased)
    if not counts:
        raise ValueError("There is no word to learn from in this text.")
    return counts, trainers[trainer](counts, size)


def merged_spellings(text: str) -> dict[str, tuple[str, ...]]:
    """Words that lower-casing and accent stripping make equal: {"us": ("US", "us")}."""
    spellings: dict[str, dict[str, None]] = {}
    for word in words_of(text, cased=True):
        for plain in count_words(word.text):
            spellings.setdefault(plain, {})[word.text] = None
    return {plain: tuple(many) for plain, many in spellings.items() if len(many) > 1}


# ------------------------------------------------------------------------- other scripts


@dataclass(frozen=True)
class Coverage:
    """How a text fares under a vocabulary. Words here are stretches between spaces.

    A word counts as unknown when at least one [UNK] lies in it. `pieces_per_word` is None where
    the script does not put spaces between words.
    """

    label: str
    text: str
    tokens: tuple[str, ...]
    words: int
    unknown_words: int
    pieces: int
    unknown: int
    pieces_per_word: float | None

    @property
    def unknown_rate(self) -> float:
        """[UNK]s among the pieces, 0 to 1."""
        return self.unknown / self.pieces if self.pieces else 0.0


def coverage(
    text: str, label: str = "", spaces: bool = True, vocab: Vocabulary | None = None
) -> Coverage:
    """Pieces per word and unknowns of a text, by BERT's vocabulary or another."""
    chunks = text.split()
    result = tokenize(text, vocab=vocab)
    tokens = result.tokens[1:-1]
    offsets = result.offsets[1:-1]
    unknown_words: set[int] = set()
    bounds = _chunk_numbers(text)
    for token, (start, _) in zip(tokens, offsets, strict=True):
        if token == UNK:
            unknown_words.add(bounds[start])
    return Coverage(
        label=label,
        text=text,
        tokens=tuple(tokens),
        words=len(chunks),
        unknown_words=len(unknown_words),
        pieces=len(tokens),
        unknown=tokens.count(UNK),
        pieces_per_word=len(tokens) / len(chunks) if spaces and chunks else None,
    )


def _chunk_numbers(text: str) -> list[int]:
    """For every character the number of the stretch between spaces that it lies in."""
    numbers: list[int] = []
    number, inside = -1, False
    for c in text:
        if not c.isspace() and not inside:
            number += 1
        inside = not c.isspace()
        numbers.append(number)
    return numbers


@cache
def survey() -> tuple[Coverage, ...]:
    """The same sentence in all our languages through the English vocabulary."""
    return tuple(coverage(one.text, one.language, one.spaces) for one in languages())


def utf8(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """Each character with its bytes: what a byte-level tokenizer starts from, so that nothing at
    all is unknown to it. Half a surrogate pair has no bytes; U+FFFD stands in for it."""
    whole = ["\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text]
    return [(c, tuple(c.encode())) for c in whole]


# ------------------------------------------------------------------------- in words


def plural(number: int, noun: str, nouns: str = "") -> str:
    """1 piece, 2 pieces, 1,200 pieces."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def listed(names: Sequence[str]) -> str:
    """a, b and c."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


CHANGE_NAMES = {
    "special": ("special token recognized", "special tokens recognized"),
    "removed": ("invisible character removed", "invisible characters removed"),
    "space": ("odd space made plain", "odd spaces made plain"),
    "cjk": ("Chinese character spaced out", "Chinese characters spaced out"),
    "accent": ("character stripped of its accents", "characters stripped of their accents"),
    "lower": ("letter made lower case", "letters made lower case"),
    "gap": ("space dropped", "spaces dropped"),
    "punctuation": ("punctuation mark set apart", "punctuation marks set apart"),
    "pieces": ("word cut into pieces", "words cut into pieces"),
    "unknown": ("word given up as [UNK]", "words given up as [UNK]"),
    "added": ("token added", "tokens added"),
}


def describe_step(step: Step) -> str:
    """What one of the seven steps did, in a sentence."""
    if step.slug == "input-ids":
        return f"Each of the {plural(len(step.after), 'token')} is replaced by its number."
    if step.slug == "attention-mask":
        return (
            f"All {plural(len(step.after), 'token')} get a 1: all are real. A 0 would mark padding."
        )
    if step.slug == "token-type-ids":
        second = sum(step.numbers)
        first = len(step.numbers) - second
        if not second:
            return f"All {plural(first, 'token')} belong to the first text and get a 0."
        return f"{plural(first, 'token')} of the first text get a 0, {second:,} of the second a 1."
    kinds = Counter(change.kind for change in step.changes)
    done = [plural(kinds[kind], *names) for kind, names in CHANGE_NAMES.items() if kinds[kind]]
    said = listed(done) if done else "nothing to change here"
    return f"{said[0].upper()}{said[1:]}."


def describe_longest_match(trace: LongestMatch) -> str:
    """How longest-match-first went for a word, in a sentence."""
    if trace.too_long:
        return (
            f"The word has {len(trace.word):,} characters, more than {LONGEST_WORD}: it becomes "
            f"{UNK} without a single look into the vocabulary."
        )
    looks = plural(sum(map(len, trace.rounds)), "look")
    if not trace.rounds:
        return "There is no letter to look up."
    if trace.unknown:
        last = trace.rounds[-1][-1].text
        return (
            f"After {looks} into the vocabulary not even {last} was found, so the whole word "
            f"becomes {UNK}."
        )
    if len(trace.pieces) == 1:
        return f"{trace.word} is in the vocabulary as it is: one look, one piece."
    pieces = plural(len(trace.pieces), "piece")
    return f"{looks} into the vocabulary give {pieces}: {' '.join(trace.pieces)}."


def describe_merge(merge: Merge, name: str) -> str:
    """What was joined in one step and why, in a sentence."""
    best = merge.winner
    if name == "WordPiece":
        why = (
            f"they stand together {plural(best.together, 'time')}, and "
            f"{best.together:,} / ({best.left_count:,} × {best.right_count:,}) = "
            f"{best.score:.2g} is the highest score"
        )
    else:
        why = f"they stand together {plural(best.together, 'time')}, more often than any other pair"
        if len(merge.ranking) > 1 and merge.ranking[1].score == best.score:
            why = (
                f"they stand together {plural(best.together, 'time')}; of pairs with the same "
                "count the one with older pieces comes first"
            )
    return f"Step {merge.number:,} joins {best.left} and {best.right} to {merge.piece}: {why}."


def describe_round(round_: Round) -> str:
    """What one round of Unigram threw out, in a sentence."""
    if not round_.dropped:
        return (
            f"The last round drops nothing: {plural(round_.size, 'piece')} stay, and the text "
            f"takes {round_.text_pieces:,} of them."
        )
    free = sum(dropped.cost <= 0 for dropped in round_.dropped)
    dearest = round_.dropped[-1]
    return (
        f"Of {plural(round_.size, 'piece')}, {len(round_.dropped):,} are dropped, {free:,} of them "
        f"at no cost; the last to go is {dearest.piece}, from now on written "
        f"{' + '.join(dearest.instead)}."
    )


def describe_race(result: Race) -> str:
    """Who cut the sentence into how many pieces, in a sentence."""
    if not result.words:
        return "There is no word to cut yet."
    counts = [f"{s.name} {s.pieces:,}" for s in result.standings]
    differ = len(result.disagreements)
    end = "they agree on every word" if not differ else f"they differ on {plural(differ, 'word')}"
    return f"Pieces for {plural(len(result.words), 'word')}: {listed(counts)}; {end}."


def describe_growth(curves: Mapping[str, Sequence[tuple[int, int]]], size: int) -> str:
    """How far vocabularies of up to `size` pieces shorten the training text, in a sentence."""
    parts = []
    for name, points in curves.items():
        # A text with more letters than `size` has no smaller vocabulary than its letters.
        _, pieces = max((point for point in points if point[0] <= size), default=points[0])
        parts.append(f"{name} needs {pieces:,}")
    return f"With up to {size:,} pieces to write the training text, {listed(parts)}."


def describe_survey(rows: Sequence[Coverage]) -> str:
    """Which languages pay most, in a sentence."""
    if not rows:
        return "There is nothing to compare."
    first = rows[0]
    longest = max(rows, key=lambda row: row.pieces)
    lost = [row.label for row in rows if row.pieces and row.unknown == row.pieces]
    end = f" Of {listed(lost)} nothing but {UNK} is left." if lost else ""
    return (
        f"{first.label} says it in {plural(first.pieces, 'piece')}, {longest.label} needs "
        f"{longest.pieces:,}.{end}"
    )


def describe_coverage(row: Coverage) -> str:
    """How a text of the learner's fares, in a sentence."""
    if not row.pieces:
        return "There is no word to cut yet."
    rate = f", {row.pieces_per_word:.1f} for each word" if row.pieces_per_word else ""
    return (
        f"{plural(row.words, 'word')} become {plural(row.pieces, 'piece')}{rate}; "
        f"{plural(row.unknown, 'piece')} ({row.unknown_rate:.0%}) "
        f"{'is' if row.unknown == 1 else 'are'} {UNK}."
    )


def describe_case(uncased: CaseView, cased: CaseView) -> str:
    """What keeping capitals and accents costs and saves, in a sentence."""
    words = plural(cased.different_words, "different word")
    pieces = plural(cased.pieces, "piece")
    return (
        f"With capitals and accents the text has {words}, without them "
        f"{uncased.different_words:,}; the sentence takes {pieces} cased and "
        f"{uncased.pieces:,} uncased."
    )
