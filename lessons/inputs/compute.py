"""What goes into BERT: three vectors added, and what a wrong input does.

Every change is run through the encoder itself: a step is replaced on the way (`Recorder` in
`bert.py`), or the model is handed other positions, types or masks than the usual ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..engine.comparison import Change, Word, compare, cosines, picked, zeros
from ..engine.tokenizer import Encoding, longest_first, spells_a_word
from ..engine.trace import Floats, Ints, Trace

if TYPE_CHECKING:
    from ..engine.model import LoadedModel

PARTS = ("word", "position", "segment")


# --- the sum ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class InputSum:
    """The input of one token: three rows of D numbers that add up, and LayerNorm of the sum.

    ``parts`` (3, D) are word, position, segment; ``total`` (D) their sum; ``normed`` (D) what the
    first layer receives. LayerNorm is ``(total - mean) / deviation * gain + shift``, with ``mean``
    and ``deviation`` over the D numbers of this token.
    """

    token: str
    position: int
    segment: int
    parts: Floats
    total: Floats
    normed: Floats
    mean: float
    deviation: float
    gain: Floats
    shift: Floats


def shows_parts(trace: Trace) -> bool:
    """Whether the vectors of the trace are all that its model adds before it normalises."""
    return trace.word_embeddings is not None and trace.embedding_sum is not None


def describe_missing(model: LoadedModel, trace: Trace) -> str:
    """Which of the three vectors the model does not have; empty where it has all."""
    parts = {"position": trace.position_embeddings, "segment": trace.token_type_embeddings}
    missing = [name for name, part in parts.items() if part is None]
    if not missing:
        return ""
    return (
        f"{model.spec.title} adds no {' and no '.join(missing)} vector: "
        f"{'it stands' if len(missing) == 1 else 'they stand'} here as zeros."
    )


def input_sum(model: LoadedModel, trace: Trace, position: int) -> InputSum:
    """The input of the token at ``position``, of a trace that `shows_parts`.

    In ALBERT and ELECTRA these vectors may be narrower than those of the layers.
    """
    parts = _parts(trace)[:, position]  # 3 D
    assert trace.embedding_sum is not None
    total = trace.embedding_sum[position].astype(np.float64)
    norm = model.embedding_norm
    mean = float(total.mean())
    small = getattr(norm, "eps", None) or norm.variance_epsilon  # DeBERTa has a class of its own
    deviation = float(np.sqrt(total.var() + small))
    gain = norm.weight.detach().numpy()
    shift = np.zeros_like(gain) if norm.bias is None else norm.bias.detach().numpy()
    return InputSum(
        token=trace.tokens[position],
        position=int(trace.position_ids[position]),
        segment=int(trace.token_type_ids[position]),
        parts=parts,
        total=trace.embedding_sum[position],
        normed=((total - mean) / deviation * gain + shift).astype(np.float32),
        mean=mean,
        deviation=deviation,
        gain=gain,
        shift=shift,
    )


def _parts(trace: Trace) -> Floats:
    """Word, position and segment of every token: (3, T, D), zeros for what a model does not add."""
    word = trace.word_embeddings
    assert word is not None
    found = (word, trace.position_embeddings, trace.token_type_embeddings)
    return np.stack([np.zeros_like(word) if part is None else part for part in found])


def loudest(parts: Floats, count: int = 6) -> list[int]:
    """``count`` dimensions worth writing out, in order: where a part is farthest from 0.

    Each part in turn gives its largest that is not taken yet, so that none of the three is missing.
    """
    order = np.argsort(-np.abs(parts), axis=1)  # 3 D
    chosen: list[int] = []
    for rank in range(order.shape[1]):
        for part in order:
            if len(chosen) < count and int(part[rank]) not in chosen:
                chosen.append(int(part[rank]))
        if len(chosen) == count:
            break
    return sorted(chosen)


def lengths(trace: Trace) -> Floats:
    """How long each part of every token's input is, as Euclidean norms: (3, T)."""
    return np.linalg.norm(_parts(trace), axis=2)  # type: ignore[no-any-return]


def describe_sum(found: InputSum) -> str:
    """The sum in words, with one dimension written out."""
    dimension = int(np.abs(found.total).argmax())
    word, position, segment = (float(part[dimension]) for part in found.parts)
    return (
        f"“{found.token}” in place {found.position}, segment {'AB'[min(found.segment, 1)]}: "
        f"{len(found.total)} numbers. In dimension {dimension}, {_signed(word)} from the word, "
        f"{_signed(position)} from the place and {_signed(segment)} from the segment make "
        f"{_signed(float(found.total[dimension]))}; after LayerNorm it is "
        f"{_signed(float(found.normed[dimension]))}."
    )


def describe_lengths(tokens: Sequence[str], found: Floats) -> str:
    """Which part is longest, and where one stands out."""
    word, position, segment = found.mean(axis=1)
    place = int(found[1].argmax())
    return (
        f"On average the word's vector is {word:.2f} long, the place's {position:.2f} and the "
        f"segment's {segment:.2f}. The longest position vector stands at “{tokens[place]}”, place "
        f"{place}: {found[1, place]:.2f}."
    )


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


# --- changes ------------------------------------------------------------------------------------

ABLATIONS: Mapping[str, str] = {
    "positions": "The position vectors are replaced by zeros: no token knows where it stands.",
    "segments": "The segment vectors are replaced by zeros: a vector that every token had is gone.",
    "words": "The word vectors are replaced by zeros: places and segments are all that is left.",
    "shuffled": "Each token keeps its word, but is told a place drawn at random.",
    "moved": "Every place is counted from 100 instead of 0: the order stays, the places are new.",
    "segment-b": "Every token is told that it belongs to segment B: wrong, but a vector it knows.",
}
MOVED_BY = 100


def without_positions(found: Change) -> tuple[str, str]:
    """The answer to the lesson's question, and what it is read from. ``found`` has a gap."""
    (word, before), (other, after) = found.before[0], found.after[0]
    said = f"“{word}” had {before:.0%}; without positions “{other}” leads with {after:.0%}."
    if word != other:
        return "Another word leads", said
    return "It stays" if after >= before else "It stays, less sure", said


def ablated(model: LoadedModel, encoding: Encoding, change: str, seed: int = 0) -> Trace:
    """The input run with one of `ABLATIONS`. ``seed`` draws the shuffled places.

    Raises ValueError for another change, for one of what the model does not have, or where the
    input is too long to be moved.
    """
    length = len(encoding)
    places = np.arange(length)
    title = model.spec.title
    if change == "positions" and model.position_weights is None:
        raise ValueError(f"{title} adds no position vectors")
    if change == "segments" and not model.token_types:
        raise ValueError(f"{title} adds no segment vectors")
    if change == "segment-b" and model.token_types < 2:
        raise ValueError(f"{title} knows no segment B")
    if change == "positions":
        return model.trace(encoding, edits={"position_embeddings": zeros})
    if change == "segments":
        return model.trace(encoding, edits={"token_type_embeddings": zeros})
    if change == "words":
        return model.trace(encoding, edits={"word_embeddings": zeros})
    if change == "shuffled":
        drawn = np.random.default_rng(seed).permutation(length)
        return model.trace(encoding, position_ids=drawn)
    if change == "moved":
        if length + MOVED_BY > model.max_tokens:
            raise ValueError(f"{length} tokens do not fit after place {MOVED_BY}")
        return model.trace(encoding, position_ids=places + MOVED_BY)
    if change == "segment-b":
        return model.trace(encoding, token_type_ids=np.ones(length))
    raise ValueError(f"no change called {change}")


AS_SILENT = {"segments": "segment-b", "segment-b": "segments"}
"""Two changes that tell the model equally little about a single sentence."""


def describe_both(change: str, moved: float, other: float) -> str:
    """Zeros for the segments beside B for all: shares of the probability that they move."""
    zeros_, all_b = (moved, other) if change == "segments" else (other, moved)
    return (
        f"Both say nothing of use, but zeros move {zeros_:.0%} of the probability and segment B "
        f"for all moves {all_b:.0%}: a vector that is missing is worse than one that is wrong."
        if zeros_ > all_b
        else f"Zeros for the segments move {zeros_:.0%} of the probability, segment B for all "
        f"{all_b:.0%}."
    )


# --- special tokens and segments ----------------------------------------------------------------

LAYOUTS: Mapping[str, str] = {
    "trained": "As BERT was trained: [CLS] A [SEP] B [SEP], segment A up to the first [SEP].",
    "all-a": "Every token is told that it belongs to segment A.",
    "swapped": "A and B change places in the segment row; the words stay.",
    "no-sep": "The [SEP] between the two sentences is taken out.",
    "no-cls": "[CLS] is taken out: the first word stands in place 0.",
    "bare": "No [CLS] and no [SEP] at all: only the words.",
}


@dataclass(frozen=True)
class Layout:
    """An input in one of `LAYOUTS`: token i is token ``source[i]`` of the usual one."""

    encoding: Encoding
    source: tuple[int, ...]


def laid_out(encoding: Encoding, layout: str) -> Layout:
    """The input in one of `LAYOUTS`. Raises ValueError for another, or when no token would stay."""
    special = [position for position, span in enumerate(encoding.offsets) if span is None]
    between = special[1:-1]
    dropped = {
        "trained": [], "all-a": [], "swapped": [],
        "no-sep": between, "no-cls": special[:1], "bare": special,
    }  # fmt: skip
    if layout not in dropped:
        raise ValueError(f"no layout called {layout}")
    kept = [i for i in range(len(encoding)) if i not in set(dropped[layout])]
    if not kept:
        raise ValueError("nothing is left of this input")
    types = encoding.token_type_ids[kept]
    if layout == "all-a":
        types = np.zeros_like(types)
    if layout == "swapped":
        types = 1 - types
    return Layout(replace(picked(encoding, kept), token_type_ids=types), tuple(kept))


def follows(model: LoadedModel, trace: Trace) -> float | None:
    """Probability that the second sentence follows, read from a run; None without that head."""
    head = getattr(model.module, "next_sentence_logits", None)
    if head is None or not model.has_nsp:
        return None
    import torch

    with torch.inference_mode():
        logits = head(torch.tensor(trace.hidden_states[-1])[None])  # 1 2
        return float(logits.softmax(dim=-1)[0, 0])


def describe_layout(encoding: Encoding) -> str:
    """The rows of an input in words."""
    first = int((encoding.token_type_ids == 0).sum())
    second = len(encoding) - first
    return (
        f"{len(encoding)} tokens in places 0 to {len(encoding) - 1}: {first} of segment A (0) and "
        f"{second} of segment B (1)."
    )


# --- a batch ------------------------------------------------------------------------------------

FIELDS = ("input_ids", "attention_mask", "token_type_ids", "position_ids")


@dataclass(frozen=True)
class Batch:
    """B inputs filled up to one length T; each field is (B, T)."""

    tokens: tuple[tuple[str, ...], ...]
    input_ids: Ints
    attention_mask: Ints
    token_type_ids: Ints
    position_ids: Ints

    @property
    def padding(self) -> int:
        """How many of the B × T places hold padding."""
        return int((self.attention_mask == 0).sum())


def batch(model: LoadedModel, inputs: Sequence[Encoding]) -> Batch:
    """Inputs of different lengths as one rectangle. Raises ValueError for none."""
    if not inputs:
        raise ValueError("a batch needs at least one input")
    longest = max(len(encoding) for encoding in inputs)
    rows = [model.padded(encoding, longest) for encoding in inputs]
    return Batch(
        tokens=tuple(row.tokens for row in rows),
        input_ids=np.stack([row.input_ids for row in rows]),
        attention_mask=np.stack([row.attention_mask for row in rows]),
        token_type_ids=np.stack([row.token_type_ids for row in rows]),
        position_ids=np.tile(np.arange(longest), (len(rows), 1)),
    )


def as_python(found: Batch) -> str:
    """The batch as Python that runs when it is pasted: one tensor for each field."""
    lines = ["import torch", "", "batch = {"]
    for field in FIELDS:
        rows: NDArray[Any] = getattr(found, field)
        width = len(str(rows.max()))
        lines.append(f'    "{field}": torch.tensor([')
        lines += [f"        [{', '.join(f'{n:>{width}}' for n in row)}]," for row in rows.tolist()]
        lines.append("    ]),")
    return "\n".join([*lines, "}", "# outputs = model(**batch)  # any BERT model of transformers"])


def describe_batch(found: Batch) -> str:
    """How large the rectangle is, and how much of it is padding."""
    count, length = found.input_ids.shape
    return (
        f"{count} inputs, {length} places each. {found.padding} of the {count * length} places "
        f"hold padding ({found.padding / (count * length):.0%}); there the mask is 0, elsewhere 1."
    )


# --- padding that is looked at ------------------------------------------------------------------


@dataclass(frozen=True)
class Padded:
    """An input alone against the same input with padding, its mask right and wrong."""

    right: Change
    wrong: Change
    right_error: float
    """Largest difference of any number of the last vectors, mask right."""


def padded(
    model: LoadedModel, alone: Trace, encoding: Encoding, extra: int, gap: int | None
) -> Padded:
    """Run an input with ``extra`` padding hidden, and looked at; ``alone`` is its run without."""
    longer = model.padded(encoding, len(encoding) + extra)
    hidden = model.trace(longer)
    seen = model.trace(longer, attention_mask=np.ones(len(longer)))
    length = len(encoding)
    same = list(range(length))
    return Padded(
        right=compare(model, alone, hidden, gap, same),
        wrong=compare(model, alone, seen, gap, same),
        right_error=float(
            np.abs(alone.hidden_states[-1] - hidden.hidden_states[-1][:length]).max()
        ),
    )


def describe_padded(found: Padded, extra: int) -> str:
    """Both masks in one sentence."""
    lowest = int(found.wrong.cosines.argmin())
    most = f"by more than {found.right_error:.0e}" if found.right_error else "at all"
    return (
        f"With the right mask, {extra} padding tokens change no number {most}. "
        f"With a mask of ones the mean cosine falls to "
        f"{found.wrong.cosines.mean():.3f}, and “{found.wrong.tokens[lowest]}” moves most "
        f"({found.wrong.cosines[lowest]:.3f})."
    )


# --- truncation ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cut:
    """What one strategy hands to the model: positions of the whole input, specials included."""

    name: str
    note: str
    kept: tuple[int, ...]


def cuts(encoding: Encoding, limit: int, stride: int = 0) -> list[Cut]:
    """All ways to make an input fit ``limit`` tokens.

    A pair: the longer sentence gives way, or only the first, or only the second. A single text:
    its beginning, its end, both ends, or windows over all of it that share ``stride`` pieces.
    Strategies that cannot reach the limit are left out, as `transformers` refuses them. Raises
    ValueError for a limit that leaves no room beside the special tokens, or a stride that never
    gets on.
    """
    own = [[i for i, s in enumerate(encoding.sentence_ids) if s == which] for which in (0, 1)]
    first, second = own
    special = [i for i, s in enumerate(encoding.sentence_ids) if s is None]
    room = limit - len(special)
    if room < 1:
        raise ValueError(f"{limit} tokens leave no room beside {len(special)} special tokens")

    def cut(name: str, note: str, *pieces: Sequence[int]) -> Cut:
        return Cut(name, note, tuple(sorted([*special, *(i for part in pieces for i in part)])))

    if second:
        keep_first, keep_second = longest_first(len(first), len(second), room)
        found = [
            cut("longest first", "the longer sentence gives way", first[:keep_first],
                second[:keep_second]),
        ]  # fmt: skip
        if room > len(second):
            found.append(
                cut("only first", "the first gives way", first[: room - len(second)], second)
            )
        if room > len(first):
            found.append(
                cut("only second", "the second gives way", first, second[: room - len(first)])
            )
        return found

    head = max(1, room // 4)
    found = [
        cut("beginning", "the usual: the end is lost", first[:room]),
        cut("end", "the beginning is lost", first[-room:]),
        cut("both ends", "a quarter from the beginning, the rest from the end",
            first if len(first) <= room else [*first[:head], *first[len(first) - room + head :]]),
    ]  # fmt: skip
    if not 0 <= stride < room:
        raise ValueError(f"windows of {room} pieces must share less than that, not {stride}")
    starts = range(0, max(1, len(first) - stride), room - stride)
    found += [
        cut(f"window {number}", f"shares {stride} with its neighbor", first[start : start + room])
        for number, start in enumerate(starts, 1)
    ]
    return found


def kept_meaning(model: LoadedModel, encoding: Encoding, found: Sequence[Cut]) -> Floats:
    """Cosine of each cut's mean vector with that of the whole input: (number of cuts)."""
    vectors = model.embed([encoding, *(picked(encoding, cut.kept) for cut in found)])
    return cosines(np.repeat(vectors[:1], len(found), axis=0), vectors[1:])


def describe_cuts(encoding: Encoding, found: Sequence[Cut], meaning: Floats) -> str:
    """Which cut keeps the vector of the whole input best."""
    best, worst = int(meaning.argmax()), int(meaning.argmin())
    total = len(encoding)
    return (
        f"Of {total} tokens, “{found[best].name}” keeps {len(found[best].kept)} and a mean vector "
        f"with cosine {meaning[best]:.3f} to that of the whole input; “{found[worst].name}” keeps "
        f"{len(found[worst].kept)}, cosine {meaning[worst]:.3f}."
    )


# --- the vocabulary's neighbors -----------------------------------------------------------------

KINDS = ("words", "inner pieces", "everything")


@dataclass(frozen=True)
class Neighbors:
    """The pieces of the vocabulary whose word vectors point most nearly the same way."""

    token: str
    found: list[Word]
    typical: float
    """Mean cosine with the whole vocabulary: what no kinship at all looks like."""


def neighbors(model: LoadedModel, token_id: int, kind: str = "words", count: int = 12) -> Neighbors:
    """Nearest word vectors of a piece by cosine, itself left out.

    ``kind``: "words" (pieces that begin a word and are spelled in letters), "inner pieces" (those
    that go on, spelled ##… in BERT), or "everything". No sentence takes part, only the table.
    """
    table = model.word_table()
    vector = table[token_id]
    squares = np.einsum("ij,ij->i", table, table)  # no copy of a table of 50 MB
    scores = table @ vector / np.sqrt(np.maximum(squares * squares[token_id], 1e-12))
    found: list[Word] = []
    for candidate in np.argsort(-scores):
        name = model.tokenizer.id_to_token(int(candidate))
        if name is None or candidate == token_id or not _is_kind(name, kind):
            continue
        found.append((name, float(scores[candidate])))
        if len(found) == count:
            break
    name = model.tokenizer.id_to_token(token_id) or ""
    return Neighbors(name, found, float(np.delete(scores, token_id).mean()))


def _is_kind(token: str, kind: str) -> bool:
    if kind == "everything":
        return True
    inner = token.startswith("##")
    return inner if kind == "inner pieces" else not inner and spells_a_word(token)


def describe_neighbors(found: Neighbors) -> str:
    """The nearest pieces in words, beside what is usual."""
    if not found.found:
        return f"The vocabulary holds no such neighbor of “{found.token}”."
    names = ", ".join(f"“{name}” ({score:.2f})" for name, score in found.found[:3])
    return (
        f"Nearest to “{found.token}”: {names}. A piece of the vocabulary taken at random has "
        f"{found.typical:.2f} on average. The list is the same in every sentence."
    )
