"""One pass through BERT, cut down to what a single picture shows.

The picture follows every token from its number in the vocabulary to the last layer. What it draws
are real values: the first `DIMENSIONS` numbers of each vector, the attention of each layer averaged
over its heads, and what the masked-word head would say after every layer.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..engine.trace import Floats, Trace

if TYPE_CHECKING:
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding

DIMENSIONS = 32
"""Numbers of each vector that are drawn, of D."""
WRITTEN = 6
"""Numbers of each vector that are written out when a stage is opened."""
LONGEST = 48
"""Tokens drawn; a longer text is followed up to there."""
GUESSES = 5

Word = tuple[str, float]


@dataclass(frozen=True)
class Journey:
    """All that the picture shows; T tokens (at most `LONGEST`), K = `DIMENSIONS`, L layers.

    ``parts`` are the embeddings word, position, token type, their sum, and the sum after LayerNorm,
    (5, T, K). ``states`` are the outputs of the layers (L, T, K), ``attention`` (L, T, T) is the
    mean over heads, ``turn`` (L, T) the cosine between a token's vector before and after a layer.
    ``guesses`` holds for each masked position what the head says after each layer, L lists;
    the last list is the prediction.
    """

    text: str
    tokens: tuple[str, ...]
    originals: tuple[str, ...]
    input_ids: tuple[int, ...]
    sentence_ids: tuple[int | None, ...]
    special: tuple[bool, ...]
    parts: Floats
    states: Floats
    attention: Floats
    turn: Floats
    guesses: dict[int, list[list[Word]]]
    not_drawn: int
    hidden: int
    vocabulary: int

    def as_data(self) -> dict[str, Any]:
        """The journey for the browser: vectors as signed bytes, attention as unsigned ones."""
        # What is added shares one scale, so that the sum looks like a sum; LayerNorm and the layers
        # have their own.
        added, normalised = self.parts[:4], self.parts[4:]
        return {
            "text": self.text,
            "tokens": [
                {"text": token, "original": original, "id": number, "sentence": sentence,
                 "special": special}
                for token, original, number, sentence, special in zip(
                    self.tokens, self.originals, self.input_ids, self.sentence_ids, self.special,
                    strict=True,
                )
            ],
            "dimensions": self.parts.shape[-1],
            "hidden": self.hidden,
            "parts": _bytes(np.concatenate([_signed_bytes(added), _signed_bytes(normalised)])),
            "states": _bytes(_signed_bytes(self.states)),
            "attention": _bytes(np.round(255 * self.attention).astype(np.uint8)),
            "layers": len(self.states),
            "written": np.round(self.parts[..., :WRITTEN], 2).tolist(),
            "turn": np.round(self.turn, 3).tolist(),
            "guesses": {
                str(position): [[[word, round(p, 5)] for word, p in layer] for layer in layers]
                for position, layers in self.guesses.items()
            },
            "not_drawn": self.not_drawn,
            "vocabulary": self.vocabulary,
        }  # fmt: skip


def journey(model: LoadedModel, encoding: Encoding, masks: Sequence[int]) -> Journey:
    """Follow a sentence, with the tokens at ``masks`` masked, through the model.

    Positions that hold a mask token typed by hand count as masked too. Without a masked-word head
    there are no guesses.
    """
    masked = model.masked(encoding, masks) if masks else encoding
    trace = model.trace(masked)
    shown = min(len(trace.tokens), LONGEST)
    gaps = [i for i in range(shown) if trace.input_ids[i] == model.mask_token_id]
    return Journey(
        text=trace.text if trace.pair is None else f"{trace.text}  {trace.pair}",
        tokens=trace.tokens[:shown],
        originals=encoding.tokens[:shown],
        input_ids=tuple(int(i) for i in trace.input_ids[:shown]),
        sentence_ids=trace.sentence_ids[:shown],
        special=tuple(offsets is None for offsets in trace.offsets[:shown]),
        parts=_parts(trace)[:, :shown, :DIMENSIONS],
        states=trace.hidden_states[1:, :shown, :DIMENSIONS],
        attention=trace.attention_weights.mean(axis=1)[:, :shown, :shown],
        turn=_cosines(trace.hidden_states)[:, :shown],
        guesses=early_looks(model, trace, gaps) if model.has_mlm else {},
        not_drawn=len(trace.tokens) - shown,
        hidden=trace.hidden_states.shape[-1],
        vocabulary=model.tokenizer.get_vocab_size(),
    )


def early_looks(
    model: LoadedModel, trace: Trace, positions: Sequence[int]
) -> dict[int, list[list[Word]]]:
    """What the masked-word head says at each position after every layer, best `GUESSES` words.

    The head was trained on the last layer: earlier looks show where the prediction stands, read
    with the wrong glasses.
    """
    if not positions:
        return {}
    hidden = trace.hidden_states[1:, list(positions)]  # L N D
    logits = model.token_logits(hidden)  # L N V
    logits -= logits.max(axis=-1, keepdims=True)
    probabilities = np.exp(logits)
    probabilities /= probabilities.sum(axis=-1, keepdims=True)
    best = np.argsort(-probabilities, axis=-1)[..., :GUESSES]  # L N G
    return {
        position: [
            [
                (model.tokenizer.id_to_token(int(i)) or "", float(probabilities[layer, n, i]))
                for i in best[layer, n]
            ]
            for layer in range(len(hidden))
        ]
        for n, position in enumerate(positions)
    }


def first_right(picture: Journey, position: int) -> int | None:
    """The layer (1 … L) from which on the hidden word itself stands first; None if it never is."""
    hidden = picture.originals[position]
    since: int | None = None
    for layer, words in enumerate(picture.guesses[position], start=1):
        arrived = bool(words) and words[0][0] == hidden
        since = (since or layer) if arrived else None
    return since


def arrival(picture: Journey, position: int) -> str:
    """The answer to the lesson's question: from which third of the layers on the word leads."""
    layer = first_right(picture, position)
    if layer is None:
        return "Never: another word stays first"
    third = len(picture.states) / 3
    if layer <= third:
        return "From the first layers on"
    return "From halfway on" if layer <= 2 * third else "Only in the last layers"


def describe_arrival(picture: Journey, position: int) -> str:
    """When the hidden word arrives at the top, and how sure the model is at the end."""
    hidden = picture.originals[position]
    word, probability = picture.guesses[position][-1][0]
    layer, last = first_right(picture, position), len(picture.states)
    if layer is None:
        return (
            f"“{hidden}” never arrives: after layer {last} the model says “{word}” "
            f"({probability:.0%}). It may fit as well; the model is not asked to read your mind."
        )
    return (
        f"“{hidden}” stands first from layer {layer} of {last} on, in the end with a probability "
        f"of {probability:.0%}."
    )


@dataclass(frozen=True)
class Meeting:
    """One word in two sentences: how alike its two vectors are, layer by layer.

    ``cosines`` (L+1): layer 0 is the input. ``baseline`` (L+1) is the mean cosine between all other
    words of the one sentence and all of the other: vectors of BERT are never far apart.
    """

    word: str
    first: str
    second: str
    cosines: Floats
    baseline: Floats


def shared_words(first: Encoding, second: Encoding) -> list[str]:
    """Pieces that stand in both sentences, longest first; special tokens and marks are left out."""
    both = set(first.tokens) & set(second.tokens)
    return sorted((word for word in both if word.isalpha()), key=lambda word: (-len(word), word))


def meeting(model: LoadedModel, first: Encoding, second: Encoding, word: str) -> Meeting:
    """Compare the vectors of ``word`` at its first place in both sentences.

    Raises ValueError when one of them does not have it.
    """
    if word not in first.tokens or word not in second.tokens:
        raise ValueError(f"{word!r} does not stand in both sentences")
    a, b = model.hidden_states([first, second])  # L+1 T D each
    i, j = first.tokens.index(word), second.tokens.index(word)
    unit_a = a / np.linalg.norm(a, axis=-1, keepdims=True)
    unit_b = b / np.linalg.norm(b, axis=-1, keepdims=True)
    cosines = np.einsum("ltd,lsd->lts", unit_a, unit_b)  # L+1 T T'
    inside_a = [n for n, place in enumerate(first.offsets) if place is not None and n != i]
    inside_b = [n for n, place in enumerate(second.offsets) if place is not None and n != j]
    others = cosines[:, inside_a][:, :, inside_b]
    return Meeting(
        word=word,
        first=first.text,
        second=second.text,
        cosines=cosines[:, i, j].astype(np.float32),
        baseline=others.reshape(len(others), -1).mean(axis=1).astype(np.float32),
    )


def describe_meeting(met: Meeting) -> str:
    """How far the two vectors of the word have grown apart."""
    start, end = float(met.cosines[0]), float(met.cosines[-1])
    lowest = int(met.cosines.argmin())
    return (
        f"“{met.word}” enters both sentences as nearly the same vector (cosine {start:.2f}; only "
        f"its place may differ). It is least alike after layer {lowest} "
        f"({met.cosines[lowest]:.2f}) and leaves with {end:.2f}; two other words of the two "
        f"sentences have {met.baseline[-1]:.2f} on average."
    )


def describe(picture: Journey) -> str:
    """The picture in one sentence: how long the way is, and what comes out at the end."""
    said = (
        f"{len(picture.tokens)} tokens become vectors of {picture.hidden} numbers and pass "
        f"{len(picture.states)} layers"
    )
    ends = [
        f"{layers[-1][0][0]} ({layers[-1][0][1]:.0%}) at the mask in place {position}"
        for position, layers in picture.guesses.items()
        if layers[-1]
    ]
    return f"{said}; at the end the model says {', '.join(ends)}." if ends else f"{said}."


def _parts(trace: Trace) -> Floats:
    """Word, position, token type, their sum, and the first hidden state: (5, T, D)."""
    found = [
        trace.word_embeddings,
        trace.position_embeddings,
        trace.token_type_embeddings,
        trace.embedding_sum,
    ]
    blank = np.zeros_like(trace.hidden_states[0])  # other families do not show every part
    return np.stack([blank if part is None else part for part in found] + [trace.hidden_states[0]])


def _cosines(states: Floats) -> Floats:
    """Cosine between each token's vectors before and after a layer: (L+1, T, D) → (L, T)."""
    lengths = np.linalg.norm(states, axis=-1)  # L+1 T
    products = (states[:-1] * states[1:]).sum(axis=-1)  # L T
    cosines: Floats = (products / (lengths[:-1] * lengths[1:])).astype(np.float32)
    return cosines


def _signed_bytes(values: Floats) -> NDArray[np.int8]:
    """Values as −127 … 127, where all but the largest percent fit; those are cut."""
    reach = float(np.quantile(np.abs(values), 0.99)) or 1.0
    signed: NDArray[np.int8] = np.round(127 * np.clip(values / reach, -1, 1)).astype(np.int8)
    return signed


def _bytes(array: NDArray[Any]) -> str:
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode("ascii")
