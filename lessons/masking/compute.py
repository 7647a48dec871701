"""What a model makes of the gaps in a sentence.

A *gap* is a run of masked tokens that stand for one word: "unhappiness" is four pieces, so it
leaves four masks (see `lessons.engine.gaps`). Everything here takes the encoding *before* masking
and the positions to mask; a mask token that the learner typed by hand is a gap as well.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

# Named again, so that pages and figures of this lesson find all about gaps in one place.
from ..engine.gaps import LONGEST_SURPRISE as LONGEST_SURPRISE
from ..engine.gaps import Gap as Gap
from ..engine.gaps import Masks as Masks
from ..engine.gaps import Surprise as Surprise
from ..engine.gaps import Word as Word
from ..engine.gaps import gaps as gaps
from ..engine.gaps import masked_positions as masked_positions
from ..engine.gaps import readable as readable
from ..engine.gaps import surprise as surprise
from ..engine.gaps import top_words as top_words
from ..engine.tokenizer import pieces_of
from ..engine.trace import Floats

if TYPE_CHECKING:
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding

LONGEST_WORD = 12
"""Pieces of a guess or candidate; a longer one is refused."""
MOST_FILLED = 12
"""Masks that are filled in turn: each costs a pass of the model."""


class NotAWord(ValueError):  # noqa: N818 (says what it is)
    """What was typed cannot stand in the gap; the message is a sentence for the learner."""


# --- gaps and what fits them ----------------------------------------------------------------------


@dataclass(frozen=True)
class Prediction:
    """What the model says at one mask: the likeliest tokens, and how unsure it is.

    ``entropy`` is in bits; ``choices`` = 2^entropy, the perplexity of the answer: the number of
    equally likely words that would leave one as unsure.
    """

    position: int
    words: tuple[Word, ...]
    entropy: float
    choices: float


def shown_with_gaps(model: LoadedModel, encoding: Encoding, masks: Masks) -> str:
    """The text with [MASK] written where words are hidden."""
    texts = [encoding.text, encoding.pair or ""]
    for gap in reversed(gaps(model, encoding, masks)):  # from the end: earlier spans stay right
        start, end = gap.span
        texts[gap.sentence] = texts[gap.sentence][:start] + "[MASK]" + texts[gap.sentence][end:]
    return "  ".join(text for text in texts if text)


def predict(
    model: LoadedModel, encoding: Encoding, masks: Masks, top_k: int = 8
) -> tuple[Prediction, ...]:
    """One pass with all masks in place: a prediction for each mask, in order of position.

    Each mask is answered on its own, as if the other gaps would stay empty.
    """
    positions = masked_positions(model, encoding, masks)
    if not positions:
        return ()
    probabilities = model.token_probabilities(model.masked(encoding, positions), positions)  # N V
    return tuple(
        Prediction(position, top_words(model, row, top_k), bits, 2**bits)
        for position, row, bits in zip(
            positions, probabilities, entropy(probabilities), strict=True
        )
    )


def entropy(probabilities: Floats) -> list[float]:
    """Entropy of each row in bits: (N, V) → N. 0 for certainty, log2 V for no idea at all."""
    p = probabilities.astype(np.float64)
    return [float(bits) for bits in -(p * np.log2(np.maximum(p, 1e-300))).sum(axis=-1)]


def describe_uncertainty(prediction: Prediction) -> str:
    """The entropy in words."""
    choices = prediction.choices
    if choices < 1.5:
        return "practically certain"
    shown = f"{choices:.1f}" if choices < 10 else f"{choices:,.0f}"
    return f"as unsure as choosing among {shown} equally likely words"


# --- a word of one's own --------------------------------------------------------------------------


@dataclass(frozen=True)
class Weighed:
    """A word put into a gap, and what the model thinks of it there.

    A word of k pieces is given k masks. Its probability is the product over its pieces, each
    predicted with the earlier ones filled in: p(first) · p(second | first) · … For a single piece
    ``ranks`` holds its place among all tokens (1 = the model's favorite).
    """

    word: str
    pieces: tuple[str, ...]
    probabilities: tuple[float, ...]
    ranks: tuple[int, ...]
    unknown: bool
    """Some of its characters are not in the vocabulary at all: [UNK] stands in for them."""

    @property
    def probability(self) -> float:
        """Product over the pieces; 0 for a word that cannot be spelled."""
        return 0.0 if self.unknown else math.prod(self.probabilities)


def put(
    model: LoadedModel, encoding: Encoding, masks: Masks, gap: Gap, word: str
) -> tuple[Encoding, list[int], list[int]]:
    """The sentence with ``word`` in the gap: (encoding, positions of its pieces, other masks).

    The other masks are where they were before, moved along when the word has another number of
    pieces. Raises NotAWord for what cannot stand there.
    """
    word = word.strip()
    if not word:
        raise NotAWord("Type a word.")
    if model.mask_token is not None and model.mask_token.lower() in word.lower():
        raise NotAWord("That is the gap itself: type a word that could fill it.")
    texts = [encoding.text, encoding.pair or ""]
    start, end = gap.span
    texts[gap.sentence] = texts[gap.sentence][:start] + word + texts[gap.sentence][end:]
    new = model.encode(texts[0], texts[1] or None)
    first, after = gap.positions[0], gap.positions[-1] + 1
    try:
        positions = pieces_of(new, (start, start + len(word)), gap.sentence)
    except ValueError:
        raise NotAWord("BERT's tokenizer leaves nothing of that: try a word.") from None
    if len(positions) > LONGEST_WORD:
        raise NotAWord(f"That is {len(positions)} pieces; {LONGEST_WORD} is the most here.")
    shift = len(positions) - len(gap.positions)
    before_same = new.tokens[:first] == encoding.tokens[:first]
    cut = encoding.n_cut or new.n_cut
    if not before_same or not (cut or new.tokens[after + shift :] == encoding.tokens[after:]):
        raise NotAWord("That runs into its neighbors and changes them: try a word.")
    others = [p if p < first else p + shift for p in masks if p not in gap.positions]
    return new, positions, [p for p in others if p < len(new)]


def weigh(
    model: LoadedModel, encoding: Encoding, masks: Masks, gap: Gap, words: Sequence[str]
) -> list[Weighed]:
    """What the model thinks of each word in the gap, all in one batch of passes.

    Raises NotAWord for the first word that cannot stand there.
    """
    inputs: list[Encoding] = []
    asked: list[list[int]] = []
    placed = []
    for word in words:
        new, positions, others = put(model, encoding, masks, gap, word)
        placed.append((word.strip(), new, positions))
        for i, position in enumerate(positions):
            inputs.append(model.masked(new, [*others, *positions[i:]]))
            asked.append([position])
    if not inputs:
        return []
    rows = iter(model.token_probabilities(inputs, asked))  # one row for each piece
    found = []
    for word, new, positions in placed:
        probabilities, ranks = [], []
        for position in positions:
            row, token_id = next(rows), int(new.input_ids[position])
            probabilities.append(float(row[token_id]))
            ranks.append(1 + int((row > row[token_id]).sum()))
        found.append(
            Weighed(
                word,
                tuple(new.tokens[p] for p in positions),
                tuple(probabilities),
                tuple(ranks),
                any(int(new.input_ids[p]) in model.special_ids for p in positions),
            )
        )
    return found


def percent(probability: float) -> str:
    """A probability as a learner reads it; very small ones as one in so many."""
    if probability >= 0.1:
        return f"{probability:.0%}"
    if probability >= 0.001:
        return f"{probability:.1%}"
    if probability <= 0:
        return "0"
    odds = 1 / probability
    digits = 10 ** max(0, math.floor(math.log10(odds)) - 1)  # two digits are all that is meant
    return f"1 in {round(odds / digits) * digits:,.0f}" if odds < 1e12 else "next to nothing"


def describe_weighed(weighed: Weighed) -> str:
    """The verdict on a word in one or two sentences; plain text."""
    word, count = weighed.word, len(weighed.pieces)
    if weighed.unknown:
        return (
            f"“{word}” is out of vocabulary: BERT cannot even spell it, [UNK] stands in for what "
            "it does not know. So it can never be predicted."
        )
    if count == 1:
        rank = weighed.ranks[0]
        place = "the model's own favorite" if rank == 1 else f"number {rank:,} of the whole list"
        return f"“{word}” gets {percent(weighed.probability)}: {place}."
    steps = ", then ".join(
        f"{piece} {percent(p)}"
        for piece, p in zip(weighed.pieces, weighed.probabilities, strict=True)
    )
    return (
        f"“{word}” is not one entry of the vocabulary but {count} pieces, so it takes {count} "
        f"masks: {steps}. Together: {percent(weighed.probability)}. No single mask could have "
        "said it."
    )


def describe_odds(weighed: Sequence[Weighed]) -> str:
    """Which candidate leads, and by how much."""
    ranked = sorted(weighed, key=lambda w: -w.probability)
    if len(ranked) < 2 or ranked[0].probability <= 0:
        return "" if not ranked else describe_weighed(ranked[0])
    first, second = ranked[0], ranked[1]
    if second.probability <= 0:
        return f"“{first.word}” gets {percent(first.probability)}, “{second.word}” nothing."
    ratio = first.probability / second.probability
    times = f"{ratio:.1f}" if ratio < 10 else f"{ratio:,.0f}"
    said = f"“{first.word}” is {times} times as likely as “{second.word}”"
    if len(first.pieces) != len(second.pieces):
        said += " (they have different numbers of pieces, so compare with care)"
    return said + "."


# --- several gaps at once -------------------------------------------------------------------------

Order = Literal["all at once", "left to right", "most certain first"]
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True)
class Step:
    """One mask filled: where, with which token, and its probability at that moment."""

    position: int
    token: str
    probability: float


@dataclass(frozen=True)
class Filling:
    """A sentence with all masks filled in one of the orders.

    ``joint`` is the product of the steps' probabilities: in the orders that go one by one it is
    the probability of all the words together under that order (chain rule); for "all at once" it
    is what the words would have together if they knew nothing of each other. ``judged`` asks
    again afterwards: each word hidden alone, all others in sight, product of its probabilities,
    so that fillings can be compared on one scale.
    """

    order: Order
    steps: tuple[Step, ...]
    tokens: tuple[str, ...]
    joint: float
    judged: float


def fill(model: LoadedModel, encoding: Encoding, masks: Masks, order: Order) -> Filling:
    """Fill every mask with the likeliest token, in the given order.

    Raises ValueError when there are more than `MOST_FILLED` masks.
    """
    positions = masked_positions(model, encoding, masks)
    if len(positions) > MOST_FILLED:
        raise ValueError(f"{len(positions)} masks; {MOST_FILLED} at most")
    current = model.masked(encoding, positions)
    left, steps = list(positions), []
    while left:
        probabilities = model.token_probabilities(current, left)  # masks left, V
        best = probabilities.max(axis=-1)
        if order == "all at once":
            now = list(range(len(left)))
        else:
            now = [0 if order == "left to right" else int(best.argmax())]
        new = {}
        for i in now:
            token_id = int(probabilities[i].argmax())
            token = model.tokenizer.id_to_token(token_id) or ""
            new[left[i]] = (token, token_id)
            steps.append(Step(left[i], token, float(best[i])))
        current = current.replaced(new)
        left = [position for position in left if position not in new]
    joint = math.prod(step.probability for step in steps)
    judged = _judged(model, current, positions)
    return Filling(order, tuple(steps), current.tokens, joint, judged)


def _judged(model: LoadedModel, filled: Encoding, positions: list[int]) -> float:
    """Product of the probabilities of the filled tokens, each masked alone."""
    copies = [model.masked(filled, [position]) for position in positions]
    if not copies:
        return 1.0
    rows = model.token_probabilities(copies, [[position] for position in positions])
    return math.prod(
        float(row[filled.input_ids[position]])
        for row, position in zip(rows, positions, strict=True)
    )


def describe_fillings(fillings: Sequence[Filling]) -> str:
    """Whether the orders agree, and which filling holds together best."""
    different = {filling.tokens for filling in fillings}
    best = max(fillings, key=lambda filling: filling.judged)
    if len(different) == 1:
        return "All three orders end with the same words here."
    alike = [f.order for f in fillings if f.tokens == best.tokens]
    return (
        f"{len(different)} different fillings. Read again with every word checked against the "
        f"others, the one filled {' and '.join(alike)} holds together best."
    )


# --- two sentences on one scale -------------------------------------------------------------------


@dataclass(frozen=True)
class Contrast:
    """The same gap question put twice: words, and their probability on either side."""

    words: tuple[str, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]


def contrast(
    first: tuple[LoadedModel, Encoding, Masks],
    second: tuple[LoadedModel, Encoding, Masks],
    top_k: int = 6,
) -> Contrast:
    """Words that either side likes for its first gap, with the probability that both give them.

    A word that the other model's vocabulary lacks has probability 0 there. Raises ValueError when
    a side has no gap.
    """
    rows, vocabularies = [], []
    for model, encoding, masks in (first, second):
        positions = masked_positions(model, encoding, masks)
        if not positions:
            raise ValueError("a sentence has no mask")
        masked = model.masked(encoding, positions)
        rows.append(model.token_probabilities(masked, positions[:1])[0])
        vocabularies.append(model)
    liked: dict[str, None] = {}
    for model, row in zip(vocabularies, rows, strict=True):
        liked |= dict.fromkeys(word for word, _ in top_words(model, row, top_k))

    def probability(side: int, word: str) -> float:
        token_id = vocabularies[side].tokenizer.token_to_id(word)
        return 0.0 if token_id is None else float(rows[side][token_id])

    pairs = [(word, probability(0, word), probability(1, word)) for word in liked]
    pairs.sort(key=lambda entry: entry[1] - entry[2])  # what divides them stands at the ends
    return Contrast(
        tuple(word for word, _, _ in pairs),
        tuple(p for _, p, _ in pairs),
        tuple(p for _, _, p in pairs),
    )


def describe_contrast(found: Contrast) -> str:
    """The words that the two sides disagree about most."""
    gaps_ = [a - b for a, b in zip(found.first, found.second, strict=True)]
    up, down = int(np.argmax(gaps_)), int(np.argmin(gaps_))
    said = []
    if gaps_[up] > 0:
        said.append(
            f"“{found.words[up]}” fits the first better ({percent(found.first[up])} against "
            f"{percent(found.second[up])})"
        )
    if gaps_[down] < 0:
        said.append(
            f"“{found.words[down]}” fits the second better ({percent(found.second[down])} against "
            f"{percent(found.first[down])})"
        )
    return (", ".join(said) or "Both give the same words the same chances") + "."


# --- surprise of every word -----------------------------------------------------------------------


def describe_surprise(found: Sequence[Surprise]) -> str:
    """The sentence's pseudo-log-likelihood and its most surprising word."""
    total = sum(word.bits for word in found)
    worst = max(found, key=lambda word: word.bits)
    best = next((w for w, _ in worst.suggestions if w != worst.gap.title.lower()), None)
    instead = f"; “{best}” would have surprised it less" if best else ""
    return (
        f"Pseudo-log-likelihood −{total:.1f} bits ({total / len(found):.1f} bits a word). "
        f"The model is most surprised by “{worst.gap.title}”, {worst.bits:.1f} bits, or "
        f"{percent(worst.probability)}{instead}."
    )


# --- sentences of our own -------------------------------------------------------------------------

PRESETS = Path(__file__).parents[2] / "assets" / "data" / "masking" / "presets.toml"

SWAPPED = {
    "he": "she", "she": "he", "him": "her", "his": "her", "himself": "herself",
    "herself": "himself", "man": "woman", "woman": "man", "boy": "girl", "girl": "boy",
    "mother": "father", "father": "mother", "wife": "husband", "husband": "wife",
    "king": "queen", "queen": "king", "brother": "sister", "sister": "brother",
    "son": "daughter", "daughter": "son", "is": "are", "are": "is", "was": "were", "were": "was",
}  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """A sentence to play with: words to hide, a second sentence, words to weigh."""

    about: str
    text: str
    hide: tuple[str, ...] = ()
    other: str = ""
    weigh: str = ""


@lru_cache(maxsize=1)
def presets() -> tuple[tuple[Preset, ...], tuple[Preset, ...]]:
    """Sentences with gaps, and sentences whose words are to be judged."""
    table = tomllib.loads(PRESETS.read_text(encoding="utf-8"))
    gaps_ = tuple(
        Preset(p["about"], p["text"], tuple(p["hide"]), p["other"], p["weigh"])
        for p in table["gap"]
    )
    return gaps_, tuple(Preset(p["about"], p["text"]) for p in table["slip"])


@lru_cache(maxsize=1)
def stand_in_contrast() -> str:
    """The sentence with a gap that stands beside the course's own one."""
    return str(tomllib.loads(PRESETS.read_text(encoding="utf-8"))["contrast"])


def positions_of(encoding: Encoding, words: Sequence[str]) -> tuple[int, ...]:
    """Positions of the pieces of each word's first occurrence in the first sentence."""
    found: list[int] = []
    for word in words:
        match = re.search(rf"\b{re.escape(word)}\b", encoding.text, flags=re.IGNORECASE)
        if match:
            found += pieces_of(encoding, match.span())
    return tuple(sorted(set(found)))


def words_around(encoding: Encoding, selected: int | None) -> tuple[list[str], int]:
    """The words of the first sentence, and which of them holds the selected token.

    Without a selection it is the longest word.
    """
    found: dict[int, str] = {}
    for offsets, sentence, word in zip(
        encoding.offsets, encoding.sentence_ids, encoding.word_ids, strict=True
    ):
        if offsets is not None and word is not None and sentence == 0:
            found[word] = found.get(word, "") + encoding.text[offsets[0] : offsets[1]]
    words = {i: text for i, text in found.items() if any(c.isalnum() for c in text)}
    order = list(words)
    chosen = None if selected is None else encoding.word_ids[selected]
    if chosen not in words:
        chosen = max(words, key=lambda i: len(words[i]), default=None)
    return list(words.values()), 0 if chosen is None else order.index(chosen)


def counterpart(text: str) -> str | None:
    """The same sentence about somebody else: he for she, are for is; None without such a word."""

    def swap(match: re.Match[str]) -> str:
        word = match[0]
        # "her" is "his" before a noun and "him" elsewhere; what follows decides well enough.
        follows = text[match.end() : match.end() + 2]
        other = SWAPPED.get(word.lower()) or ("his" if re.match(r"\s\w", follows) else "him")
        return other.capitalize() if word[0].isupper() else other

    words = "|".join([*SWAPPED, "her"])
    swapped = re.sub(rf"\b({words})\b", swap, text, flags=re.IGNORECASE)
    return None if swapped == text else swapped
