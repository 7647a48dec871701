"""Attention maps as the browser gets them: one byte a weight, words beside pieces, and rollout.

A weight w travels as the byte round(255 √w). Most weights are small; the root keeps them apart: a
weight of 0.002, an even share of 500 tokens, comes back within 9 %, and no weight is off by more
than 0.004.
"""

from __future__ import annotations

import base64
import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..engine.trace import Floats, Trace

Bytes = NDArray[np.uint8]
Group = tuple[str, tuple[int, ...]]  # a word and the positions of its pieces

MOST_AT_ONCE = 1_350_000
"""Weights up to which all maps are sent, 1.8 MB as the browser gets them; of more only those that
are opened, with small maps of the others."""
THUMBNAIL = 32
"""Cells of the small map of a head, when the whole map is not sent."""


def to_bytes(weights: Floats) -> Bytes:
    """Weights from 0 to 1 as bytes of the same shape."""
    codes: Bytes = np.round(255 * np.sqrt(weights.clip(0, 1))).astype(np.uint8)
    return codes


def from_bytes(codes: Bytes) -> Floats:
    """The weights again, as the browser reads them."""
    weights: Floats = np.square(codes.astype(np.float32) / 255)
    return weights


def rollout(weights: Floats) -> Floats:
    """How much of each input token has reached each token after every layer: (L, T, T).

    Abnar and Zuidema 2020, *Quantifying Attention Flow in Transformers*, §3: the heads are
    averaged, half of each token stays where it is (the residual), and layers multiply. Rows sum
    to 1. ``weights`` are (L, H, T, T).
    """
    mixing = 0.5 * weights.mean(axis=1) + 0.5 * np.eye(weights.shape[-1], dtype=np.float32)
    flows = [mixing[0]]
    for layer in mixing[1:]:
        flows.append(layer @ flows[-1])
    return np.stack(flows)


def words_of(trace: Trace) -> tuple[Group, ...]:
    """The units of the input at word level: each word with its pieces, each special token alone."""
    groups: list[tuple[int | None, list[int]]] = []
    for position, word in enumerate(trace.word_ids):
        if word is not None and groups and groups[-1][0] == word:
            groups[-1][1].append(position)
        else:
            groups.append((word, [position]))
    return tuple((_label(trace, places), tuple(places)) for _, places in groups)


def by_words(weights: Floats, groups: Sequence[Group]) -> Floats:
    """A map of pieces (…, T, T) as a map of words (…, W, W): summed to a word, averaged from one.

    What a token gives to a word is what it gives to all its pieces; a word looks as its pieces do
    on average. Rows go on summing to 1.
    """
    to_words = np.stack(
        [weights[..., list(places)].sum(axis=-1) for _, places in groups], axis=-1
    )  # … T W
    return np.stack([to_words[..., list(places), :].mean(axis=-2) for _, places in groups], axis=-2)


def aligned(first: Sequence[str], second: Sequence[str]) -> list[tuple[int, int]]:
    """Which token of the one text stands for which of the other.

    Equal tokens in the same order, and stretches of the same length between them. What has no
    partner is left out.
    """
    pairs = []
    matcher = difflib.SequenceMatcher(a=first, b=second, autojunk=False)
    for kind, a, a_end, b, b_end in matcher.get_opcodes():
        if kind == "equal" or (kind == "replace" and a_end - a == b_end - b):
            pairs += list(zip(range(a, a_end), range(b, b_end), strict=True))
    return pairs


@dataclass(frozen=True, eq=False)
class Maps:
    """All maps of one input, coded: ``codes`` (L, H, T, T) and ``rollout`` (L, T, T)."""

    tokens: tuple[str, ...]
    words: tuple[Group, ...]
    special: tuple[bool, ...]
    sentences: tuple[int, ...]
    codes: Bytes
    rollout: Bytes

    @property
    def whole(self) -> bool:
        """Whether all maps are sent at once."""
        return self.codes.size + self.rollout.size <= MOST_AT_ONCE


def maps_of(trace: Trace) -> Maps:
    """The maps of a trace. A special token counts to the sentence that it closes."""
    sentences: list[int] = []
    for sentence in trace.sentence_ids:
        before = sentences[-1] if sentences else 0
        sentences.append(before if sentence is None else sentence)
    return Maps(
        tokens=trace.tokens,
        words=words_of(trace),
        special=tuple(offsets is None for offsets in trace.offsets),
        sentences=tuple(sentences),
        codes=np.stack([to_bytes(layer) for layer in trace.attention_weights]),
        rollout=to_bytes(rollout(trace.attention_weights)),
    )


@dataclass(frozen=True)
class Opened:
    """Which map is open: heads as (layer, head), counted from 0, and how several become one.

    ``combine`` is "mean", or "max" for the union. ``rollout`` shows the flow up to the layer of
    the last head instead.
    """

    heads: tuple[tuple[int, int], ...] = ((0, 0),)
    combine: str = "mean"
    rollout: bool = False

    @property
    def key(self) -> str:
        """The same in letters, as the browser asks for it."""
        heads = ".".join(f"{layer}-{head}" for layer, head in self.heads)
        return f"{'rollout' if self.rollout else self.combine}:{heads}"


def read_opened(sent: Any, maps: Maps) -> Opened:
    """What a browser asks to open; the first head where it asks for nonsense."""
    layers, heads = maps.codes.shape[:2]
    if not isinstance(sent, Mapping):
        return Opened()
    asked = sent.get("heads")
    chosen = [
        (int(pair[0]), int(pair[1]))
        for pair in (asked if isinstance(asked, list) else [])[: layers * heads]
        if isinstance(pair, list)
        and len(pair) == 2
        and all(isinstance(number, int) for number in pair)
        and 0 <= pair[0] < layers
        and 0 <= pair[1] < heads
    ]
    return Opened(
        tuple(dict.fromkeys(chosen)) or ((0, 0),),
        "max" if sent.get("combine") == "max" else "mean",
        sent.get("rollout") is True,
    )


def opened_map(maps: Maps, opened: Opened) -> Bytes:
    """One map (T, T) of several heads, or the rollout, coded."""
    if opened.rollout:
        flow: Bytes = maps.rollout[opened.heads[-1][0]]
        return flow
    layers, heads = zip(*opened.heads, strict=True)
    chosen = from_bytes(maps.codes[list(layers), list(heads)])  # N T T
    return to_bytes(chosen.max(axis=0) if opened.combine == "max" else chosen.mean(axis=0))


def explorer_data(
    first: Maps,
    second: Maps | None = None,
    opened: Opened | None = None,
    *,
    whole: bool = False,
) -> dict[str, Any]:
    """What the component draws: all maps, or the opened one with thumbnails of the others.

    ``whole`` asks for all maps, however many: where nobody is there to send another.
    """
    texts = [first] if second is None else [first, second]
    few = sum(maps.codes.size + maps.rollout.size for maps in texts) <= MOST_AT_ONCE
    whole = whole or few
    return {
        "layers": first.codes.shape[0],
        "heads": first.codes.shape[1],
        "texts": [_text_data(maps, whole=whole) for maps in texts],
        "pairs": None
        if second is None
        else {
            "pieces": aligned(first.tokens, second.tokens),
            "words": aligned(*([label for label, _ in maps.words] for maps in texts)),
        },
        "opened": None
        if whole or opened is None
        else {"key": opened.key, "maps": [_text(opened_map(maps, opened)) for maps in texts]},
    }


def describe(first: Maps, second: Maps | None = None) -> str:
    """What the explorer shows, in a sentence."""
    layers, heads, tokens = first.codes.shape[:3]
    other = "" if second is None else f", and of another with {len(second.tokens)}"
    return (
        f"All attention of an input with {tokens} tokens{other}: {layers} layers of {heads} heads. "
        "Choose a head; point at a token to see where it looks."
    )


def all_at_once(layers: int, heads: int, tokens: int) -> bool:
    """Whether the maps of an input of that size are few enough to be sent together."""
    return layers * (heads + 1) * tokens**2 <= MOST_AT_ONCE


def thumbnails(codes: Bytes) -> Bytes:
    """Maps (…, T, T) cut down to (…, `THUMBNAIL`, `THUMBNAIL`): of each cell the strongest."""
    size = codes.shape[-1]
    if size < THUMBNAIL:  # few tokens and very many heads: each cell is drawn several times
        places = np.arange(THUMBNAIL) * size // THUMBNAIL
        return codes[..., places[:, None], places]
    edges = np.linspace(0, size, THUMBNAIL + 1).astype(int)[:-1]
    rows = np.maximum.reduceat(codes, edges, axis=-2)
    return np.maximum.reduceat(rows, edges, axis=-1)


def _text_data(maps: Maps, *, whole: bool) -> dict[str, Any]:
    return {
        "tokens": [
            {"text": token, "special": special, "sentence": sentence}
            for token, special, sentence in zip(
                maps.tokens, maps.special, maps.sentences, strict=True
            )
        ],
        "words": [[label, list(places)] for label, places in maps.words],
        "codes": _text(maps.codes) if whole else None,
        "rollout": _text(maps.rollout) if whole else None,
        "thumbnails": None if whole else _text(thumbnails(maps.codes)),
        "flows": None if whole else _text(thumbnails(maps.rollout)),
        "thumbnail": THUMBNAIL,
    }


def _label(trace: Trace, places: Sequence[int]) -> str:
    """A word as it was typed; a masked or special token by its own name."""
    spans = [trace.offsets[place] for place in places]
    source = trace.pair if trace.sentence_ids[places[0]] == 1 else trace.text
    first, last = spans[0], spans[-1]
    if first is None or last is None or source is None:
        return trace.tokens[places[0]]
    written = source[first[0] : last[1]]
    # A mask stands in the place of what was typed: the model does not see the word.
    masked = any(trace.tokens[place] in ("[MASK]", "<mask>") for place in places)
    return trace.tokens[places[0]] if masked or not written.strip() else written


def _text(codes: Bytes) -> str:
    return base64.b64encode(np.ascontiguousarray(codes).tobytes()).decode("ascii")
