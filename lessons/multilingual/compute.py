"""What a vocabulary costs each language: pieces, unknown words, and length for the same meaning.

The same eight sentences stand in every language. Vocabularies that are trained here learn from the
first six; what is measured are the last two, which no training here has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..engine.intervals import wilson
from .settings import Settings

if TYPE_CHECKING:
    from tokenizers import Tokenizer

DATA = Path(__file__).resolve().parents[2] / "assets" / "data" / "multilingual" / "sentences.tsv"
TO_LEARN = 6  # sentences of each language; the others are for measuring
UNK = "[UNK]"
KINDS = ("characters", "bytes")

Cut = Callable[[str], list[str]]


@dataclass(frozen=True)
class Language:
    """One language: its script, whether it writes spaces, and the sentences of the course."""

    name: str
    script: str
    spaces: bool
    sentences: tuple[str, ...]

    @property
    def to_learn(self) -> tuple[str, ...]:
        """The sentences that vocabularies are trained on."""
        return self.sentences[:TO_LEARN]

    @property
    def held_out(self) -> tuple[str, ...]:
        """The sentences that are measured."""
        return self.sentences[TO_LEARN:]


@cache
def languages() -> tuple[Language, ...]:
    """All languages of ``sentences.tsv``. Raises ValueError for a line with a wrong count."""
    found: list[Language] = []
    for line in DATA.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        name, script, spaces, *sentences = line.split("\t")
        if len(sentences) != len(found[0].sentences if found else sentences):
            raise ValueError(f"{name} has {len(sentences)} sentences")
        found.append(Language(name, script, spaces == "yes", tuple(sentences)))
    return tuple(found)


@dataclass(frozen=True)
class Toll:
    """What a vocabulary makes of some sentences of one language.

    ``per_word`` is None where the script writes no spaces. ``beside_english`` is the number of
    pieces divided by that of the same sentences in English.
    """

    language: str
    script: str
    pieces: int
    unknown: int
    per_word: float | None
    beside_english: float
    cut: tuple[str, ...]

    @property
    def unknown_share(self) -> float:
        """[UNK] among the pieces, 0 … 1."""
        return self.unknown / self.pieces if self.pieces else 0.0


def tolls(cut: Cut) -> list[Toll]:
    """The held-out sentences of all languages through one tokenizer, English first."""
    counts = [[piece for text in one.held_out for piece in cut(text)] for one in languages()]
    english = len(counts[0])
    rows = []
    for language, pieces in zip(languages(), counts, strict=True):
        words = sum(len(text.split()) for text in language.held_out)
        rows.append(
            Toll(
                language=language.name,
                script=language.script,
                pieces=len(pieces),
                unknown=pieces.count(UNK),
                per_word=len(pieces) / words if language.spaces else None,
                beside_english=len(pieces) / english,
                cut=tuple(pieces),
            )
        )
    return rows


def train_mixture(size: int, kind: str, names: Sequence[str], extra: str = "") -> Tokenizer:
    """BPE trained on the sentences of the named languages (and a text of the learner's).

    ``kind`` "characters" starts from characters: one that was never seen is [UNK]. "bytes" starts
    from the 256 bytes of UTF-8, and nothing is unknown. ``size`` is the number of pieces wanted.
    Raises ValueError for another kind, or when no language is named and there is no text.
    """
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers

    if kind not in KINDS:
        raise ValueError(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    texts = [text for one in languages() if one.name in names for text in one.to_learn]
    texts += [line for line in extra.splitlines() if line.strip()]
    if not texts:
        raise ValueError("Choose a language, or paste a text, to learn a vocabulary from.")
    tokenizer = Tokenizer(models.BPE(unk_token=None if kind == "bytes" else UNK))
    if kind == "bytes":
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
        start = pre_tokenizers.ByteLevel.alphabet()
    else:
        tokenizer.normalizer = normalizers.BertNormalizer(strip_accents=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        start = []
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        initial_alphabet=start,
        special_tokens=[] if kind == "bytes" else [UNK],
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def cut_by(tokenizer: Tokenizer) -> Cut:
    """The tokens of a text by a tokenizer, without special tokens."""
    return lambda text: list(tokenizer.encode(text, add_special_tokens=False).tokens)


def sentences_that_fit(row: Toll, limit: int = 512) -> int:
    """How many sentences of this language's average length fit into one input of BERT."""
    held_out = len(languages()[0].held_out)
    return int((limit - 2) / (row.pieces / held_out))


# ------------------------------------------------------------------------- transfer


def transfer_title(settings: Settings) -> str:
    """What sets a run of zero-shot transfer apart from others."""
    words = f"{settings.shared} shared words a topic" if settings.shared else "no shared word"
    return f"{words}, read {settings.reads}, seed {settings.seed}"


def shown_answers(facts: Mapping[str, Any], moment: Mapping[str, Any]) -> list[dict[str, str]]:
    """Some test sentences of the second language: right topic, and what the classifier says."""
    names = facts["topics"]
    return [
        {
            "sentence": row["text"],
            "topic": names[row["right"]],
            "the classifier": f"{names[said]} {'✓' if said == row['right'] else '✗'}",
        }
        for row, said in zip(facts["shown"], moment["answers"], strict=True)
    ]  # fmt: skip


def describe_transfer(facts: Mapping[str, Any], moments: Sequence[Mapping[str, Any]]) -> str:
    """What a task learned in the first language gives in the second, beside guessing."""
    first, second = moments[-1]["right"]
    low, high = wilson(second, facts["tested"])
    chance = 1 / len(facts["topics"])
    said = (
        f"After {moments[-1]['step']} steps: {first:.0%} right in the language of the examples, "
        f"{second:.0%} in the other ({low:.0%} to {high:.0%} with other sentences; guessing: "
        f"{chance:.0%}). "
    )
    if low <= chance <= high:
        return f"{said}No transfer: it could as well guess."
    if second < chance:
        return f"{said}Worse than guessing: topics of one language took the places of others."
    return f"{said}It transfers, though no example in that language was ever labelled."


# ------------------------------------------------------------------------- in words


def describe_tolls(rows: Sequence[Toll], name: str) -> str:
    """Who pays most, and who is not understood at all."""
    dearest = max(rows, key=lambda row: row.beside_english)
    lost = max(rows, key=lambda row: row.unknown_share)
    said = (
        f"With {name}, {dearest.language} needs {dearest.beside_english:.1f} times the pieces of "
        f"English for the same sentences"
    )
    if lost.unknown:
        return f"{said}; in {lost.language} {lost.unknown_share:.0%} of the pieces are {UNK}."
    return f"{said}; nothing is {UNK}."


def known(one: Sequence[Toll], other: Sequence[Toll]) -> list[tuple[Toll, Toll]]:
    """The languages that neither of two vocabularies loses, as pairs of tolls.

    A language that is mostly [UNK] is cheap because it is lost.
    """
    return [
        pair
        for pair in zip(one, other, strict=True)
        if max(row.unknown_share for row in pair) <= 0.5
    ]


def describe_mixture(alone: Sequence[Toll], mixed: Sequence[Toll]) -> str:
    """What English pays and the others gain when a vocabulary is shared.

    Both are trained here, of one size: ``alone`` for English, ``mixed`` for all that were chosen.
    """
    before, after = alone[0].pieces, mixed[0].pieces
    said = f"With places for English alone, English takes {before} pieces, with yours {after}: "
    if after > before:
        said += f"it pays {after / before - 1:.0%} more."
    else:
        said += "it pays nothing, for there are places to spare."
    pairs = [pair for pair in known(alone, mixed) if pair[0].language != alone[0].language]
    lost = len(alone) - 1 - len(pairs)
    if not pairs:
        return f"{said} On average nothing can be said: the others are mostly {UNK} in one of them."
    share = sum(new.pieces / old.pieces for old, new in pairs) / len(pairs)
    said += f" On average the others need {share:.2f} times the pieces that they needed before."
    return f"{said} Left out: {lost} that are mostly {UNK} in one of the two." if lost else said


def describe_fit(row: Toll) -> str:
    """How soon a language reaches the limit of 512 tokens."""
    return (
        f"About {sentences_that_fit(row)} sentences like these fit into one input of 512 tokens "
        f"in {row.language}."
    )
