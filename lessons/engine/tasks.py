"""Our own labelled sets in ``assets/data/tasks``: read, checked, and split once and for all.

    sentiment.tsv   a sentence and one of three classes: as many of each, and the n-th sentences of
                    all classes speak of the same thing
    topics.tsv      a sentence and any number of six topics, also none
    names.txt       a sentence a line, names marked as ``[Marta Lindqvist](person)``
    questions.txt   a paragraph, then questions (``Q:``) with the words that answer them (``A:``)
    pairs.tsv       a premise with what follows from it, what may be, and what contradicts it
    partners.tsv    two sentences that say the same, or a question and its answer; few shared words

A learner's own table is read by the same rules. A wrong line raises `DataError`, which names the
file and the line.
"""

from __future__ import annotations

import csv
import io
import random
import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

DATA = Path(__file__).parents[2] / "assets" / "data" / "tasks"

SENTIMENTS = ("negative", "neutral", "positive")
TOPICS = ("food", "health", "money", "nature", "technology", "travel")
NAME_KINDS = ("person", "place", "organization")
RELATIONS = ("entailment", "neutral", "contradiction")

SPLIT_SEED = 7
DEV_SHARE = 0.2

WORDS = re.compile(r"\w+(?:['’.-]\w+)*|[^\w\s]")
MARK = re.compile(r"\[([^\[\]]+)\]\(([^()]*)\)")

LARGEST_FILE = 5_000_000  # bytes
MOST_ROWS = 2000
LONGEST_TEXT = 1000  # characters
FEWEST_ROWS = 20
MOST_CLASSES = 20


class DataError(ValueError):
    """A set has a mistake; the message names the file and the line."""

    def __init__(self, file: str, line: int, what: str) -> None:
        super().__init__(f"{file}, line {line}: {what}")


@dataclass(frozen=True)
class Labelled:
    """A text with its labels: one for single-label sets, any number for multi-label sets."""

    text: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Name:
    """A name in a text: characters ``start`` to ``end``, and what it names."""

    start: int
    end: int
    kind: str


@dataclass(frozen=True)
class Tagged:
    """A text with its names, in order."""

    text: str
    names: tuple[Name, ...]

    @property
    def words(self) -> tuple[tuple[int, int], ...]:
        """(start, end) of every word and punctuation mark."""
        return word_spans(self.text)

    @property
    def tags(self) -> tuple[str, ...]:
        """One BIO tag a word: B- begins a name, I- goes on with it, O is outside."""
        found = []
        for start, _ in self.words:
            name = next((n for n in self.names if n.start <= start < n.end), None)
            if name is None:
                found.append("O")
            else:
                found.append(f"{'B' if start == name.start else 'I'}-{name.kind}")
        return tuple(found)


@dataclass(frozen=True)
class Asked:
    """A question on a paragraph; the answer is the paragraph's characters start to end."""

    paragraph: str
    question: str
    answer: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.answer)


@dataclass(frozen=True)
class Related:
    """Two sentences and how the second stands to the first."""

    first: str
    second: str
    relation: str


@dataclass(frozen=True)
class Partners:
    """Two sentences that belong together: nothing else in the set goes with either."""

    first: str
    second: str


@dataclass(frozen=True)
class Split(Generic[T]):
    """What a model may learn from, and what it is measured on."""

    train: tuple[T, ...]
    dev: tuple[T, ...]


def bio_tags() -> tuple[str, ...]:
    """All tags of the names: O, then B- and I- of each kind."""
    return ("O", *(f"{side}-{kind}" for kind in NAME_KINDS for side in "BI"))


def word_spans(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) of every word and punctuation mark of a text."""
    return tuple(match.span() for match in WORDS.finditer(text))


# --- our sets -----------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def sentiment() -> tuple[Labelled, ...]:
    """Sentences that praise, complain, or do neither (or both)."""
    return read_sentiment(DATA / "sentiment.tsv")


@lru_cache(maxsize=1)
def topics() -> tuple[Labelled, ...]:
    """Sentences with all topics that they touch."""
    return read_topics(DATA / "topics.tsv")


@lru_cache(maxsize=1)
def names() -> tuple[Tagged, ...]:
    """Sentences with the names of persons, places and organizations."""
    return read_names(DATA / "names.txt")


@lru_cache(maxsize=1)
def questions() -> tuple[Asked, ...]:
    """Questions that a span of a short paragraph answers."""
    return read_questions(DATA / "questions.txt")


@lru_cache(maxsize=1)
def pairs() -> tuple[Related, ...]:
    """Pairs of sentences: the second follows, may be, or cannot be."""
    return read_pairs(DATA / "pairs.tsv")


@lru_cache(maxsize=1)
def partners() -> tuple[Partners, ...]:
    """Pairs on everyday things that belong together."""
    return read_partners(DATA / "partners.tsv")


def split_labelled(rows: Sequence[Labelled], seed: int = SPLIT_SEED) -> Split[Labelled]:
    """Train and dev with the same share of every combination of labels."""
    return split(rows, [row.labels for row in rows], range(len(rows)), seed)


def split_sentiment(seed: int = SPLIT_SEED) -> Split[Labelled]:
    """Train and dev of the sentiments; the three sentences on one thing are on the same side.

    Else a dev sentence would share its rarest words with two training sentences of other labels,
    and whoever counts words would be led astray.
    """
    rows = sentiment()
    number: Counter[tuple[str, ...]] = Counter()
    groups = []
    for row in rows:
        groups.append(number[row.labels])
        number[row.labels] += 1
    return split(rows, [0] * len(rows), groups, seed)


def split_names(seed: int = SPLIT_SEED) -> Split[Tagged]:
    """Train and dev of the names, with the same share of sentences that hold none.

    Sentences that share a name are on the same side: a name on dev is one that no training
    sentence held.
    """
    rows = names()
    kinds = [tuple(sorted({name.kind for name in row.names})) for row in rows]
    group_of: dict[str, int] = {}
    groups: list[int] = []
    for i, row in enumerate(rows):
        held = {row.text[name.start : name.end].casefold() for name in row.names}
        joined = {group_of[name] for name in held if name in group_of}
        groups = [i if group in joined else group for group in groups] + [i]
        group_of = {name: i if group in joined else group for name, group in group_of.items()}
        group_of |= dict.fromkeys(held, i)
    return split(rows, kinds, groups, seed)


def split_questions(seed: int = SPLIT_SEED) -> Split[Asked]:
    """Train and dev of the questions; all questions on a paragraph are on the same side."""
    rows = questions()
    return split(rows, [0] * len(rows), [row.paragraph for row in rows], seed)


def split_pairs(seed: int = SPLIT_SEED) -> Split[Related]:
    """Train and dev of the pairs; all pairs of a premise are on the same side."""
    rows = pairs()
    return split(rows, [0] * len(rows), [row.first for row in rows], seed)


def split_partners(count: int = 100, seed: int = SPLIT_SEED) -> Split[Partners]:
    """Train, and ``count`` held-out pairs. Each is one of a kind: nothing has to stay together."""
    rows = partners()
    dev = set(random.Random(seed).sample(range(len(rows)), count))
    return Split(
        train=tuple(row for i, row in enumerate(rows) if i not in dev),
        dev=tuple(row for i, row in enumerate(rows) if i in dev),
    )


def split(
    rows: Sequence[T], strata: Sequence[Hashable], groups: Sequence[Hashable], seed: int
) -> Split[T]:
    """A share of `DEV_SHARE` of the groups of every stratum goes to dev, by a fixed seed.

    ``groups`` holds together what must not be torn apart; a group belongs to the stratum of its
    first row. Both sides keep the order of the rows.
    """
    stratum_of: dict[Hashable, Hashable] = {}
    for stratum, group in zip(strata, groups, strict=True):
        stratum_of.setdefault(group, stratum)
    members: dict[Hashable, list[Hashable]] = defaultdict(list)
    for group, stratum in stratum_of.items():
        members[stratum].append(group)
    generator = random.Random(seed)
    dev: set[Hashable] = set()
    owed = 0.0  # rare combinations share: together they give their part
    for among in members.values():
        owed += DEV_SHARE * len(among)
        count = min(len(among), int(owed + 1e-9))
        owed -= count
        dev.update(generator.sample(among, count))
    sides = [group in dev for group in groups]
    return Split(
        train=tuple(row for row, aside in zip(rows, sides, strict=True) if not aside),
        dev=tuple(row for row, aside in zip(rows, sides, strict=True) if aside),
    )


# --- readers ------------------------------------------------------------------------------------


def table(path: Path, header: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Lines of a tab-separated file after its header, with their numbers; no cell is empty."""
    lines = path.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].split("\t") != list(header):
        raise DataError(path.name, 1, f"the header must be {', '.join(header)}")
    found = []
    for number, line in enumerate(lines[1:], 2):
        cells = line.split("\t")
        if len(cells) != len(header):
            raise DataError(path.name, number, f"{len(cells)} cells, not {len(header)}")
        if any(cell != cell.strip() or not cell for cell in cells):
            raise DataError(path.name, number, "a cell is empty or has blanks around it")
        found.append((number, cells))
    return found


def read_sentiment(path: Path) -> tuple[Labelled, ...]:
    """Read and check a table of label and text."""
    rows = table(path, ("label", "text"))
    unlike(path, [(number, text) for number, (_, text) in rows])
    for number, (label, _) in rows:
        known(path, number, label, SENTIMENTS)
    return tuple(Labelled(text, (label,)) for _, (label, text) in rows)


def read_topics(path: Path) -> tuple[Labelled, ...]:
    """Read and check a table of labels, separated by commas or ``none``, and text."""
    rows = table(path, ("labels", "text"))
    unlike(path, [(number, text) for number, (_, text) in rows])
    found = []
    for number, (cell, text) in rows:
        labels = () if cell == "none" else tuple(cell.split(","))
        for label in labels:
            known(path, number, label, TOPICS)
        if list(labels) != sorted(set(labels)):
            raise DataError(path.name, number, "labels must be sorted, each once")
        found.append(Labelled(text, labels))
    return tuple(found)


def read_names(path: Path) -> tuple[Tagged, ...]:
    """Read and check sentences with marked names."""
    lines = list(enumerate(path.read_text(encoding="utf-8").splitlines(), 1))
    found = [tagged(path, number, line) for number, line in lines]
    unlike(path, [(number, row.text) for (number, _), row in zip(lines, found, strict=True)])
    return tuple(found)


def tagged(path: Path, number: int, line: str) -> Tagged:
    """One marked sentence. Raises DataError when a mark is broken or cuts a word."""
    text, at, marks = "", 0, []
    for match in MARK.finditer(line):
        text += line[at : match.start()]
        known(path, number, match[2], NAME_KINDS)
        marks.append(Name(len(text), len(text) + len(match[1]), match[2]))
        text += match[1]
        at = match.end()
    text += line[at:]
    if not text.strip() or text != text.strip():
        raise DataError(path.name, number, "the sentence is empty or has blanks around it")
    if set(text) & set("[]()"):
        raise DataError(path.name, number, "a mark is broken: write [name](kind)")
    starts, ends = zip(*word_spans(text), strict=True)
    for name in marks:
        if name.start not in starts or name.end not in ends:
            raise DataError(path.name, number, f"{text[name.start : name.end]!r} cuts a word")
    return Tagged(text, tuple(marks))


def read_questions(path: Path) -> tuple[Asked, ...]:
    """Read and check paragraphs, set apart by empty lines, with questions and answers."""
    found: list[Asked] = []
    paragraph = question = ""
    asked: list[tuple[int, str]] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("A: ") and question:
            answer = line[3:]
            if paragraph.count(answer) != 1:
                where = "is not" if answer not in paragraph else "stands more than once"
                raise DataError(path.name, number, f"{answer!r} {where} in the paragraph")
            found.append(Asked(paragraph, question, answer, paragraph.index(answer)))
            question = ""
        elif question:
            raise DataError(path.name, number, "an answer (A:) must follow a question (Q:)")
        elif line.startswith("Q: ") and paragraph:
            question = line[3:]
            asked.append((number, f"{question} {paragraph}"))
        elif not line.strip():
            paragraph = ""
        elif not paragraph and not line.startswith(("Q:", "A:")):
            paragraph = line
        else:
            raise DataError(path.name, number, "expected a question (Q:) or an empty line")
    if question:
        raise DataError(path.name, number, "the last question has no answer")
    unlike(path, asked)
    return tuple(found)


def read_pairs(path: Path) -> tuple[Related, ...]:
    """Read and check premises with one sentence for each relation."""
    rows = table(path, ("premise", *RELATIONS))
    unlike(path, [(number, " ".join(cells)) for number, cells in rows])
    found = []
    for number, (premise, *others) in rows:
        if len({premise, *others}) != 1 + len(RELATIONS):
            raise DataError(path.name, number, "the same sentence stands there twice")
        found += [Related(premise, other, of) for other, of in zip(others, RELATIONS, strict=True)]
    return tuple(found)


def read_partners(path: Path) -> tuple[Partners, ...]:
    """Read and check pairs; no sentence stands in two of them."""
    rows = table(path, ("first", "second"))
    unlike(path, [(number, text) for number, cells in rows for text in cells])
    return tuple(Partners(*cells) for _, cells in rows)


def known(path: Path, number: int, label: str, labels: Sequence[str]) -> None:
    """Raise DataError for a label that the set does not have."""
    if label not in labels:
        raise DataError(path.name, number, f"{label!r} is not one of {', '.join(labels)}")


def unlike(path: Path, texts: Sequence[tuple[int, str]]) -> None:
    """Raise DataError where two texts have the same words."""
    seen: dict[str, int] = {}
    for number, text in texts:
        words = " ".join(re.findall(r"\w+", text.casefold()))
        if words in seen:
            raise DataError(path.name, number, f"the same text as in line {seen[words]}")
        seen[words] = number


# --- a learner's own table ----------------------------------------------------------------------


@dataclass(frozen=True)
class OwnTable:
    """A learner's texts with one label each, and what was left out of them."""

    rows: tuple[Labelled, ...]
    labels: tuple[str, ...]
    n_empty: int  # rows without text or label
    n_repeated: int  # texts that had stood there before
    n_over: int  # rows beyond MOST_ROWS
    n_shortened: int  # texts cut to LONGEST_TEXT characters


def read_own(data: bytes, name: str = "your file") -> OwnTable:
    """Read a CSV with the columns ``text`` and ``label``, separated by comma, semicolon or tab.

    Raises DataError with the line for a file that is too large, is not text, lacks a column, or
    has too few rows, one class, or classes that are too many or too rare to split.
    """
    if len(data) > LARGEST_FILE:
        raise DataError(name, 1, "the file is larger than 5 MB: keep a part of it")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise DataError(name, line, "this is not UTF-8 text: save it as CSV UTF-8") from None
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = [cell.strip().casefold() for cell in next(reader, [])]
        for column in ("text", "label"):
            if header.count(column) != 1:
                raise DataError(name, 1, f"the first line must have one column called {column}")
        at_text, at_label = header.index("text"), header.index("label")
        rows: dict[str, tuple[str, int]] = {}
        counts = dict.fromkeys(("empty", "repeated", "over", "shortened"), 0)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(header):
                raise DataError(
                    name, reader.line_num, f"{len(cells)} cells, but the header has {len(header)}"
                )
            words, label = " ".join(cells[at_text].split()), " ".join(cells[at_label].split())
            if not words or not label:
                counts["empty"] += 1
                continue
            if len(rows) == MOST_ROWS:
                counts["over"] += 1
                continue
            counts["shortened"] += len(words) > LONGEST_TEXT
            words = words[:LONGEST_TEXT]
            if words in rows and rows[words][0] != label:
                raise DataError(
                    name, reader.line_num,
                    f"the text of line {rows[words][1]} again, with another label",
                )  # fmt: skip
            counts["repeated"] += words in rows
            rows.setdefault(words, (label[:60], reader.line_num))
    except csv.Error as error:
        raise DataError(name, reader.line_num, f"this line can't be read ({error})") from None
    last = max(1, reader.line_num)
    sizes = Counter(label for label, _ in rows.values())
    if len(rows) < FEWEST_ROWS:
        raise DataError(name, last, f"{len(rows)} rows of text are too few: {FEWEST_ROWS} or more")
    if not 2 <= len(sizes) <= MOST_CLASSES:
        raise DataError(name, last, f"{len(sizes)} labels: there must be 2 to {MOST_CLASSES}")
    rarest, count = min(sizes.items(), key=lambda item: item[1])
    if count < 5:
        line = next(line for label, line in rows.values() if label == rarest)
        raise DataError(name, line, f"the label {rarest!r} has {count} rows: 5 are the least")
    return OwnTable(
        rows=tuple(Labelled(words, (label,)) for words, (label, _) in rows.items()),
        labels=tuple(sorted(sizes)),
        n_empty=counts["empty"],
        n_repeated=counts["repeated"],
        n_over=counts["over"],
        n_shortened=counts["shortened"],
    )


def checked_rows(rows: Iterable[Sequence[str]]) -> tuple[tuple[str, str], ...]:
    """A learner's (text, label) rows for a training run. Raises ValueError that says what is wrong
    with them."""
    pairs = tuple((text, label) for text, label in rows)
    if not all(isinstance(cell, str) and cell for pair in pairs for cell in pair):
        raise ValueError("Every row must be a text and its label.")
    if len(pairs) > MOST_ROWS or any(len(text) > LONGEST_TEXT for text, _ in pairs):
        raise ValueError("The table is larger than a run may read.")
    if not 2 <= len({label for _, label in pairs}) <= MOST_CLASSES:
        raise ValueError(f"There must be 2 to {MOST_CLASSES} different labels.")
    return pairs
