"""Text in, token ids out, and the way back to the characters.

The pieces come from the `tokenizers` library with the checkpoint's own vocabulary. What is added
here is what a lesson needs and a library does not promise: any string at all has an answer, every
piece knows its characters in the text *as it was typed*, and what had to be cut is counted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .trace import Ints, shortened

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LONE_SURROGATES = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, eq=False, repr=False)
class Encoding:
    """One input, ready for a model: T tokens and where each of them came from.

    ``offsets`` are (start, end) characters of ``text``, or of ``pair`` where ``sentence_ids`` is
    1, blanks around a piece left out; None for special tokens. ``word_ids`` count words through
    both sentences. ``n_cut`` says how many pieces did not fit.
    """

    text: str
    pair: str | None
    tokens: tuple[str, ...]
    input_ids: Ints  # T
    token_type_ids: Ints  # T
    attention_mask: Ints  # T
    offsets: tuple[tuple[int, int] | None, ...]
    sentence_ids: tuple[int | None, ...]
    word_ids: tuple[int | None, ...]
    n_cut: int

    def __len__(self) -> int:
        return len(self.tokens)

    def __repr__(self) -> str:
        return f"<Encoding of {len(self)} tokens: {shortened(' '.join(self.tokens))}>"

    def replaced(self, tokens: dict[int, tuple[str, int]]) -> Encoding:
        """A copy with other (token, id) at some positions; characters and words stay."""
        names, ids = list(self.tokens), self.input_ids.copy()
        for position, (name, token_id) in tokens.items():
            names[position], ids[position] = name, token_id
        return replace(self, tokens=tuple(names), input_ids=ids)

    def padded(self, length: int, pad_token: str, pad_token_id: int) -> Encoding:
        """A copy filled up with padding to ``length`` tokens, hidden by the attention mask."""
        extra = max(0, length - len(self))

        def fill(values: Ints, value: int) -> Ints:
            return np.concatenate([values, np.full(extra, value, dtype=np.int64)])

        nothing = (None,) * extra
        return replace(
            self,
            tokens=self.tokens + (pad_token,) * extra,
            input_ids=fill(self.input_ids, pad_token_id),
            token_type_ids=fill(self.token_type_ids, 0),
            attention_mask=fill(self.attention_mask, 0),
            offsets=self.offsets + nothing,
            sentence_ids=self.sentence_ids + nothing,
            word_ids=self.word_ids + nothing,
        )


def clean(text: str) -> str:
    """Half a surrogate pair is no character and stops any encoder: U+FFFD stands in for each.

    One character for one, so that offsets go on meaning the text as it was given.
    """
    return LONE_SURROGATES.sub("\ufffd", text)


def longest_first(first: int, second: int, room: int) -> tuple[int, int]:
    """How many pieces of each sentence stay when both share ``room``: the longer one gives way.

    The rule of the `tokenizers` library (``strategy="longest_first"``), so that what we cut is
    what `transformers` cuts.
    """
    if first + second <= room:
        return first, second
    short = min(first, second)
    long = max(short, room - short)
    if short + long > room:
        short, long = room // 2, room - room // 2
    return (short, long) if first <= second else (long, short)


def encode(tokenizer: Tokenizer, text: str, pair: str | None, max_tokens: int) -> Encoding:
    """Cut a text, or a pair of texts, into at most ``max_tokens`` pieces, specials included.

    An empty ``pair`` is no second sentence, as in `transformers`.
    """
    pair = pair or None
    first = tokenizer.encode(clean(text), add_special_tokens=False)
    second = None if pair is None else tokenizer.encode(clean(pair), add_special_tokens=False)
    room = max_tokens - tokenizer.num_special_tokens_to_add(is_pair=second is not None)

    before = len(first) + len(second or ())
    keep_first, keep_second = longest_first(len(first), len(second or ()), room)
    first.truncate(keep_first)
    if second is not None:
        second.truncate(keep_second)
    pieces = tokenizer.post_process(first, second, add_special_tokens=True)

    # Where pieces stand is read before special tokens come in: a post-processor that trims offsets
    # would trim those of the finished input a second time. A [MASK] typed by hand is a piece like
    # any other; only what the post-processor put in has no sentence.
    own = iter(np.flatnonzero(np.array(pieces.special_tokens_mask) == 0).tolist())
    sentence_ids: list[int | None] = [None] * len(pieces)
    offsets: list[tuple[int, int] | None] = [None] * len(pieces)
    word_ids: list[int | None] = [None] * len(pieces)
    words_before = 0
    for sentence, (part, source) in enumerate(((first, text), (second, pair))):
        if part is None or source is None:
            continue
        for span, word in zip(part.offsets, part.word_ids, strict=True):
            position = next(own)
            sentence_ids[position] = sentence
            offsets[position] = trimmed(span, source)
            word_ids[position] = None if word is None else words_before + word
        words_before = 1 + max((word for word in part.word_ids if word is not None), default=-1)

    return Encoding(
        text=text,
        pair=pair,
        tokens=tuple(pieces.tokens),
        input_ids=np.array(pieces.ids, dtype=np.int64),
        token_type_ids=np.array(pieces.type_ids, dtype=np.int64),
        attention_mask=np.array(pieces.attention_mask, dtype=np.int64),
        offsets=tuple(offsets),
        sentence_ids=tuple(sentence_ids),
        word_ids=tuple(word_ids),
        n_cut=before - keep_first - keep_second,
    )


def spells_a_word(piece: str) -> bool:
    """Whether a piece begins a word and is all letters: "bank", "Ġbank", "▁bank", not "##s"."""
    return piece.lstrip("Ġ▁").isalpha()


def trimmed(span: tuple[int, int], text: str) -> tuple[int, int]:
    """A span without the blanks at its ends: some vocabularies count the space to the word."""
    start, end = span
    piece = text[start:end]
    if not piece.strip():
        return span
    return start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())


def read_tokenizer(folder: Path) -> tuple[Tokenizer, Special]:
    """The tokenizer of a checkpoint: its ``tokenizer.json``, or one built on a BERT ``vocab.txt``.

    Raises FileNotFoundError when the folder has neither.
    """
    from tokenizers import Tokenizer

    if (folder / "tokenizer.json").is_file():
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    elif (folder / "vocab.txt").is_file():
        tokenizer = from_vocabulary(folder)
    else:
        raise FileNotFoundError(f"neither tokenizer.json nor vocab.txt in {folder.name}")
    # Checkpoints may ask for padding to 128 or cutting there: a lesson decides that itself.
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer, read_special(folder, tokenizer)


LIKE_BERT = ("bert", "distilbert", "electra")
"""Families whose ``vocab.txt`` is read as BERT's."""


def tells_all(folder: Path, family: str) -> bool:
    """Whether `read_tokenizer` reads a folder's tokenizer as its own class would.

    A class may add tokens, keep words whole or leave case as it is, by files of its own.
    """
    settings = read_json(folder / "tokenizer_config.json")
    added = {word: int(i) for word, i in read_json(folder / "added_tokens.json").items()}
    for i, token in (settings.get("added_tokens_decoder") or {}).items():
        added[token["content"] if isinstance(token, dict) else str(token)] = int(i)
    if (folder / "tokenizer.json").is_file():
        whole = read_json(folder / "tokenizer.json")
        inside = {token["content"]: token["id"] for token in whole.get("added_tokens") or ()}
        vocabulary = (whole.get("model") or {}).get("vocab")
        if isinstance(vocabulary, dict):
            inside = vocabulary | inside
        normalizer = whole.get("normalizer") or {}
        lowers = normalizer.get("lowercase") if isinstance(normalizer, dict) else None
        asked = settings.get("do_lower_case", lowers)
        return all(inside.get(word) == i for word, i in added.items()) and (
            lowers is None or bool(asked) == bool(lowers)
        )
    if not (folder / "vocab.txt").is_file() or family not in LIKE_BERT:
        return False
    plain = str(settings.get("tokenizer_class") or "BertTokenizer").removesuffix("Fast")
    usual = {f"{job}_token": f"[{job.upper()}]" for job in ("unk", "sep", "pad", "cls", "mask")}
    named = {job: settings.get(job) or token for job, token in usual.items()}
    named = {job: t.get("content") if isinstance(t, dict) else t for job, t in named.items()}
    return (
        plain in ("BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer")
        and named == usual
        and set(added) <= set(usual.values())
        and settings.get("do_basic_tokenize", True)
        and not settings.get("never_split")
    )


@dataclass(frozen=True)
class Special:
    """The pieces with a job of their own; None where a vocabulary has no such piece."""

    mask_token: str | None
    mask_token_id: int | None
    pad_token: str
    pad_token_id: int
    ids: frozenset[int]
    """All of them, [UNK] too."""


def read_special(folder: Path, tokenizer: Tokenizer) -> Special:
    """Which pieces are the mask and the padding, by the checkpoint's own settings."""
    names: dict[str, str] = {}
    for file in ("special_tokens_map.json", "tokenizer_config.json"):
        for job, token in read_json(folder / file).items():
            content = token.get("content") if isinstance(token, dict) else token
            if job.endswith("_token") and isinstance(content, str):
                names[job] = content
    for job, usual in (("mask_token", ("[MASK]", "<mask>")), ("pad_token", ("[PAD]", "<pad>"))):
        known = (token for token in usual if tokenizer.token_to_id(token) is not None)
        names.setdefault(job, next(known, ""))

    ids = {
        token_id
        for token_id, token in tokenizer.get_added_tokens_decoder().items()
        if token.special
    }
    ids |= {
        found for token in names.values() if (found := tokenizer.token_to_id(token)) is not None
    }
    mask_id = tokenizer.token_to_id(names["mask_token"])
    return Special(
        mask_token=None if mask_id is None else names["mask_token"],
        mask_token_id=mask_id,
        pad_token=names["pad_token"],
        pad_token_id=tokenizer.token_to_id(names["pad_token"]) or 0,
        ids=frozenset(ids),
    )


def from_vocabulary(folder: Path) -> Tokenizer:
    """BERT's tokenizer over a ``vocab.txt``, as older checkpoints have it."""
    from tokenizers import BertWordPieceTokenizer

    config = read_json(folder / "tokenizer_config.json")
    lowercase = bool(config.get("do_lower_case", True))
    built = BertWordPieceTokenizer(
        str(folder / "vocab.txt"),
        lowercase=lowercase,
        strip_accents=config.get("strip_accents"),
        handle_chinese_chars=bool(config.get("tokenize_chinese_chars", True)),
    )
    return built._tokenizer  # type: ignore[no-any-return]


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a file; empty where there is no such file."""
    if not path.is_file():
        return {}
    values = json.loads(path.read_text(encoding="utf-8"))
    return values if isinstance(values, dict) else {}


def pieces_of(encoding: Encoding, span: tuple[int, int], sentence: int = 0) -> list[int]:
    """Positions of the pieces that share a character with ``span`` of a sentence.

    Raises ValueError when there is none: an empty span, blanks, or a place that was cut off.
    """
    start, end = span
    found = [
        position
        for position, offsets in enumerate(encoding.offsets)
        if offsets is not None
        and encoding.sentence_ids[position] == sentence
        and max(start, offsets[0]) < min(end, offsets[1])
    ]
    if not found:
        raise ValueError(f"no token of the text lies in characters {start} to {end}")
    return found


def batches(lengths: Sequence[int], batch_size: int, *, equal: bool = False) -> Iterator[list[int]]:
    """Indices in batches of similar length, so that little is padded; or of ``equal`` length.

    Raises ValueError for a batch size below 1.
    """
    if batch_size < 1:
        raise ValueError("batch_size must be at least 1")
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    groups = groupby(order, key=lengths.__getitem__) if equal else [(0, iter(order))]
    for _, group in groups:
        indices = list(group)
        yield from (indices[i : i + batch_size] for i in range(0, len(indices), batch_size))
