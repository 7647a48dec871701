"""Sentences with one word marked: those of the course, and those that a learner brings.

In files and in what a learner types, square brackets mark the word: ``We sat on the [bank].``
Reading turns them into character offsets; the brackets never reach a model.
"""

from __future__ import annotations

import csv
import io
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).parents[2] / "assets" / "data" / "senses" / "words"

MOST_ROWS = 1000
LONGEST_SENTENCE = 1000  # characters
MOST_SENSES = 12
LARGEST_FILE = 5 * 1024 * 1024  # bytes
OWN_WORDS = "your words"
"""What a table without a word column is called."""

_MARK = re.compile(r"\[([^\[\]]+)\]")
_SPECIAL = {"MASK", "CLS", "SEP", "PAD", "UNK"}  # brackets that are tokens of the model's

Span = tuple[int, int]


@dataclass(frozen=True)
class Example:
    """A sentence in which the characters ``span`` are the word, used in the sense ``sense``."""

    text: str
    span: Span
    sense: str
    own: bool = False
    """Whether a learner brought it."""

    @property
    def word(self) -> str:
        """The word as it stands in the sentence, perhaps inflected."""
        return self.text[slice(*self.span)]

    @property
    def marked(self) -> str:
        """The sentence with brackets around the word."""
        start, end = self.span
        return f"{self.text[:start]}[{self.text[start:end]}]{self.text[end:]}"


@dataclass(frozen=True)
class SenseWord:
    """A word with its senses (name → what it means) and its sentences."""

    word: str
    senses: dict[str, str]
    examples: tuple[Example, ...]
    forms: tuple[str, ...] = ()
    """Inflected forms that the rules of `forms_of` do not give."""
    tries: tuple[str, ...] = ()
    """Sentences to try, which are not among the examples."""

    @property
    def labels(self) -> list[int]:
        """For each sentence the place of its sense among the senses."""
        names = list(self.senses)
        return [names.index(example.sense) for example in self.examples]

    def with_own(self, own: Iterable[Example]) -> SenseWord:
        """The same word with a learner's sentences added; senses that are new come last."""
        own = tuple(own)
        senses = self.senses | {x.sense: "" for x in own if x.sense not in self.senses}
        return replace(self, senses=senses, examples=self.examples + own)


class NotASentence(ValueError):  # noqa: N818
    """A sentence cannot be used; the message says why in one sentence."""


# --- the course's own sentences -----------------------------------------------------------------


@lru_cache(maxsize=1)
def sense_words(folder: Path = DATA) -> dict[str, SenseWord]:
    """The words of ``assets/data/senses/words``, one file each, by name.

    Raises NotASentence that names file and sentence where a sentence has not one marked word.
    """
    return {
        found.word: found for path in sorted(folder.glob("*.toml")) for found in [_read_word(path)]
    }


def _read_word(path: Path) -> SenseWord:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    senses, examples = {}, []
    for sense in table["senses"]:
        senses[sense["name"]] = sense["gloss"]
        for line in sense["sentences"].strip().splitlines():
            text, spans = unmark(line)
            if len(spans) != 1:
                raise NotASentence(f"{path.name}: one word must stand in brackets: {line!r}")
            examples.append(Example(text, spans[0], sense["name"]))
    return SenseWord(
        table["word"],
        senses,
        tuple(examples),
        tuple(table.get("forms", ())),
        tuple(table["tries"]),
    )


# --- finding the word ---------------------------------------------------------------------------


def unmark(line: str) -> tuple[str, list[Span]]:
    """A line without its brackets, and the spans that stood in them.

    ``[MASK]`` and the model's other tokens are no marks and stay.
    """
    text, spans, end = "", [], 0
    for mark in _MARK.finditer(line):
        if mark.group(1) in _SPECIAL or not mark.group(1).strip():
            continue
        text += line[end : mark.start()]
        spans.append((len(text), len(text) + len(mark.group(1))))
        text += mark.group(1)
        end = mark.end()
    return text + line[end:], spans


def forms_of(word: str) -> set[str]:
    """The word and its regular inflections with -s, -ed and -ing, in small letters.

    ``-er`` is left out: a batter is no form of bat. What is irregular must be named or marked.
    """
    word = word.casefold().strip()
    forms = {word, word + "s", word + "es", word + "ed", word + "ing"}
    if word.endswith("e"):
        forms |= {word + "d", word[:-1] + "ing"}
    if word.endswith("y"):
        forms |= {word[:-1] + "ies", word[:-1] + "ied"}
    if re.search(r"[^aeiou][aeiou][bdgklmnprt]$", word):
        forms |= {word + word[-1] + "ed", word + word[-1] + "ing"}
    return forms


def occurrences(text: str, word: str, forms: Sequence[str] = ()) -> list[Span]:
    """Where the word stands in a text, inflected or not, from left to right.

    Whole words only: no bank in bankrupt. In scripts without spaces any place counts.
    """
    if not word.strip():
        return []
    known = forms_of(word) | {form.casefold() for form in forms}
    longest_first = "|".join(re.escape(form) for form in sorted(known, key=len, reverse=True))
    pattern = re.compile(rf"(?<!\w)(?:{longest_first})(?!\w)", re.IGNORECASE)
    found = [match.span() for match in pattern.finditer(text)]
    if not found and not word.isascii():
        found = [match.span() for match in re.finditer(re.escape(word), text, re.IGNORECASE)]
    return found


def locate(line: str, word: str = "", forms: Sequence[str] = ()) -> tuple[str, Span]:
    """The one word that a line means: the one in brackets, else the only form of ``word``.

    Returns the line without brackets, and the span. Raises NotASentence when it is not clear.
    """
    text, spans = unmark(line.strip())
    if len(text) > LONGEST_SENTENCE:
        raise NotASentence(f"the sentence is longer than {LONGEST_SENTENCE:,} characters")
    if not text.strip():
        raise NotASentence("the sentence is empty")
    if len(spans) > 1:
        raise NotASentence("more than one word stands in brackets")
    if spans:
        return text, spans[0]
    if not word:
        raise NotASentence("no word stands in [brackets], and there is no column “word”")
    found = occurrences(text, word, forms)
    if not found:
        raise NotASentence(
            f"“{word}” is not in “{short(text)}”: put the form that you mean in [brackets]"
        )
    if len(found) > 1:
        raise NotASentence(
            f"“{word}” is there {len(found)} times: put the one that you mean in [brackets]"
        )
    return text, found[0]


def short(text: str, most: int = 60) -> str:
    """The beginning of a text, for a message."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


# --- a learner's table --------------------------------------------------------------------------

_COLUMNS = {
    "sentence": ("sentence", "text"),
    "sense": ("sense", "meaning", "label"),
    "word": ("word", "target"),
}


@dataclass(frozen=True)
class Table:
    """What a file gave: words with their sentences, and what is wrong, by line."""

    words: dict[str, SenseWord] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    n_rows: int = 0
    n_used: int = 0


def read_table(content: bytes) -> Table:
    """Read a CSV of own sentences: columns ``sentence``, ``sense`` and perhaps ``word``.

    Separated by comma, semicolon or tab. Never raises: what cannot be used is said in
    ``problems``, each with its line, and the rest is used. A word needs two senses of which each
    has two sentences, or there is nothing to compare.
    """
    if len(content) > LARGEST_FILE:
        return Table(problems=("The file is larger than 5 MB.",))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return Table(problems=(f"Line {line} is not UTF-8 text: save the table as CSV in UTF-8.",))
    if "\0" in text:
        return Table(problems=("This is not a text file: save the table as CSV in UTF-8.",))
    if not text.strip():
        return Table(problems=("The file is empty.",))

    header, _, _ = text.lstrip("\r\n").partition("\n")
    delimiter = max(",;\t", key=header.count)
    rows = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    problems: list[str] = []
    found: dict[str, list[Example]] = {}
    columns: dict[str, int] = {}
    n_rows = n_cut = 0
    try:
        for row in rows:
            if not any(cell.strip() for cell in row):
                continue
            if not columns:
                columns = _columns(row)
                if not {"sentence", "sense"} <= set(columns):
                    return Table(problems=(_wrong_header(row, rows.line_num),))
                continue
            if n_rows == MOST_ROWS:
                n_cut += 1
                continue
            n_rows += 1
            try:
                word, example = _row(row, columns)
            except NotASentence as reason:
                problems.append(f"Line {rows.line_num}: {reason}.")
            else:
                found.setdefault(word, []).append(example)
    except csv.Error as error:
        problems.append(f"Line {rows.line_num}: the table breaks off here ({error}).")
    if n_cut:
        problems.append(f"Only the first {MOST_ROWS:,} rows are used; {n_cut:,} were left out.")
    if not n_rows and not problems:
        problems.append("There are column names, but no rows below them.")
    words = {}
    for word, examples in found.items():
        if why := _too_little(word, examples):
            problems.append(why)
        else:
            names = dict.fromkeys(example.sense for example in examples)
            words[word] = SenseWord(word, dict.fromkeys(names, ""), tuple(examples))
    used = sum(len(found.examples) for found in words.values())
    return Table(words, tuple(problems), n_rows, used)


def _columns(header: Sequence[str]) -> dict[str, int]:
    names = [cell.strip().casefold() for cell in header]
    return {
        column: names.index(name)
        for column, known in _COLUMNS.items()
        for name in known
        if name in names
    }


def _wrong_header(row: Sequence[str], line: int) -> str:
    said = short(", ".join(cell.strip() for cell in row))
    return (
        f"Line {line} must name the columns: sentence, sense and, where no word stands in "
        f"[brackets], word. It says: {said}"
    )


def _row(row: Sequence[str], columns: dict[str, int]) -> tuple[str, Example]:
    if len(row) <= max(columns.values()):
        raise NotASentence(
            f"it has {len(row)} of {max(columns.values()) + 1} columns; a sentence with commas "
            "must stand in quotes"
        )
    cells = {column: row[place].strip() for column, place in columns.items()}
    if not cells["sense"]:
        raise NotASentence("the sense is empty")
    if len(cells["sense"]) > 60:
        raise NotASentence("the name of the sense is longer than 60 characters")
    word = cells.get("word", "").casefold()
    text, span = locate(cells["sentence"], word)
    return word or OWN_WORDS, Example(text, span, cells["sense"], own=True)


def _too_little(word: str, examples: Sequence[Example]) -> str | None:
    senses = [example.sense for example in examples]
    counts = {sense: senses.count(sense) for sense in dict.fromkeys(senses)}
    if len(counts) == 1:
        return f"“{word}” has one sense only, “{senses[0]}”: two are needed to compare."
    if len(counts) > MOST_SENSES:
        return f"“{word}” has {len(counts)} senses: at most {MOST_SENSES} can be told apart here."
    if alone := [sense for sense, count in counts.items() if count < 2]:
        names = ", ".join(f"“{sense}”" for sense in alone)
        return f"“{word}” has a single sentence for {names}: each sense needs two or more."
    return None
