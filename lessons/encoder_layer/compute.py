"""One encoder layer: the stream that runs through it, what its parts add, and what breaks without.

All numbers are read from a trace, or from a trace with a part taken out by an edit of one named
step of `bert.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..engine.trace import Floats, Trace

if TYPE_CHECKING:
    from torch import Tensor

    from ..engine.bert import Edit
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding


# --- the stream ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Stream:
    """What runs through the layers: lengths of vectors and how far they turn. T tokens, L layers.

    ``lengths`` (L+1, T) of the hidden states, ``attention`` and ``feed_forward`` (L, T) of what the
    two halves add. ``turns`` (2L, T) are cosines between a token's vector before and after each
    half; ``alike`` (L+1, L+1) the mean cosine of the same token in any two layers.
    """

    tokens: tuple[str, ...]
    lengths: Floats
    attention: Floats
    feed_forward: Floats
    turns: Floats
    alike: Floats


def stream_of(trace: Trace, norm_first: bool = False) -> Stream:
    """The stream of a trace. With ``norm_first`` a layer normalises what its halves read alone."""
    assert trace.attention_output is not None
    assert trace.feed_forward_output is not None
    between = trace.attention_sum if norm_first else trace.attention_norm
    assert between is not None
    states = trace.hidden_states  # L+1 T D
    unit = states / np.linalg.norm(states, axis=-1, keepdims=True)
    turns = np.empty((2 * trace.num_layers, len(trace.tokens)), dtype=np.float32)
    turns[0::2] = cosine(states[:-1], between)
    turns[1::2] = cosine(between, states[1:])
    return Stream(
        tokens=trace.tokens,
        lengths=np.linalg.norm(states, axis=-1),
        attention=np.linalg.norm(trace.attention_output, axis=-1),
        feed_forward=np.linalg.norm(trace.feed_forward_output, axis=-1),
        turns=turns,
        alike=np.einsum("atd,btd->ab", unit, unit) / len(trace.tokens),
    )


def cosine(first: Floats, second: Floats) -> Floats:
    """Cosine of vectors along the last axis."""
    lengths = np.linalg.norm(first, axis=-1) * np.linalg.norm(second, axis=-1)
    found: Floats = ((first * second).sum(axis=-1) / np.maximum(lengths, 1e-12)).astype(np.float32)
    return found


def describe_stream(stream: Stream, token: int) -> str:
    """What the halves add to the chosen token, and in which layer it turns most."""
    attention, feed_forward = stream.attention[:, token], stream.feed_forward[:, token]
    layer, half = divmod(int(stream.turns[:, token].argmin()), 2)
    where = "feed-forward" if half else "attention"
    louder = int((attention > feed_forward).sum())
    return (
        f"To “{stream.tokens[token]}” attention adds vectors of length {attention.min():.1f} to "
        f"{attention.max():.1f}, feed-forward of {feed_forward.min():.1f} to "
        f"{feed_forward.max():.1f}; attention adds the longer one in {louder} of {len(attention)} "
        f"layers. The token turns most in {where} of layer {layer + 1} (cosine "
        f"{stream.turns[:, token].min():.2f})."
    )


def describe_alike(stream: Stream) -> str:
    """How far a token keeps its direction from layer to layer, and over all layers."""
    steps = [float(stream.alike[i, i + 1]) for i in range(len(stream.alike) - 1)]
    least = int(np.argmin(steps))
    return (
        f"One layer on, a token keeps a cosine of {np.mean(steps):.2f} on average, least in layer "
        f"{least + 1} ({steps[least]:.2f}). From the input to the last layer "
        f"{stream.alike[0, -1]:.2f} is left."
    )


# --- taking parts out ---------------------------------------------------------------------------

PARTS: dict[str, str] = {
    "attention": "attention",
    "feed_forward": "feed-forward",
    "attention_residual": "the residual around attention",
    "feed_forward_residual": "the residual around feed-forward",
    "attention_norm": "LayerNorm after attention",
    "feed_forward_norm": "LayerNorm after feed-forward",
    "gelu": "GELU (units stay linear)",
}


def parts_of(model: LoadedModel) -> dict[str, str]:
    """The parts that a model has, by what they are called there."""
    parts = dict(PARTS)
    if model.norm_first:
        parts |= {
            "attention_norm": "LayerNorm before feed-forward",
            "feed_forward_norm": "LayerNorm before the next layer",
        }
    if not model.activation_alone:
        del parts["gelu"]  # a gate takes part: units without the activation are no numbers at hand
    return parts


def edits_without(parts: Sequence[str], layers: Sequence[int]) -> dict[str, Edit]:
    """Edits of a pass that take parts out of some layers (from 0).

    What is added becomes zeros, what is normalised or activated goes on as it came. Raises KeyError
    for a part that is not in `PARTS`.
    """

    def zeros(x: Tensor, seen: Mapping[str, Tensor]) -> Tensor:
        return x * 0

    def back_to(name: str) -> Edit:
        return lambda x, seen: seen[name]

    edits: dict[str, Edit] = {}
    for i in layers:
        steps: dict[str, tuple[str, Edit]] = {
            "attention": (f"layer.{i}.attention.output", zeros),
            "feed_forward": (f"layer.{i}.feed_forward.output", zeros),
            "attention_residual": (f"layer.{i}.attention.residual", zeros),
            "feed_forward_residual": (f"layer.{i}.feed_forward.residual", zeros),
            "attention_norm": (f"layer.{i}.attention.norm", back_to(f"layer.{i}.attention.sum")),
            "feed_forward_norm": (
                f"layer.{i}.feed_forward.norm",
                back_to(f"layer.{i}.feed_forward.sum"),
            ),
            "gelu": (
                f"layer.{i}.feed_forward_units",
                back_to(f"layer.{i}.feed_forward_inputs"),
            ),
        }
        edits.update(steps[part] for part in parts)
    return edits


Word = tuple[str, float]


@dataclass(frozen=True, eq=False)
class Without:
    """A pass with parts taken out beside the whole one.

    ``before`` and ``after`` are the best words at the masked position; ``lengths`` (2, L+1) mean
    lengths of the vectors after each layer, whole and without; ``likeness`` (L+1) the mean cosine
    of the two.
    """

    before: list[Word]
    after: list[Word]
    word: str
    probability: tuple[float, float]
    lengths: Floats
    likeness: Floats


def without(
    model: LoadedModel,
    encoding: Encoding,
    position: int,
    parts: Sequence[str],
    layers: Sequence[int],
    top_k: int = 6,
) -> Without:
    """Run an input whole and without some parts, and compare.

    Raises HeadMissing for a model that does not predict words.
    """
    whole = model.trace(encoding).hidden_states
    cut = model.trace(encoding, edits=edits_without(parts, layers)).hidden_states
    ends = np.stack([whole[-1, position], cut[-1, position]])
    before, after = softmax(model.token_logits(ends))
    best = int(before.argmax())
    return Without(
        before=best_words(model, before, top_k),
        after=best_words(model, after, top_k),
        word=model.tokenizer.id_to_token(best) or "",
        probability=(float(before[best]), float(after[best])),
        lengths=np.stack([np.linalg.norm(s, axis=-1).mean(axis=-1) for s in (whole, cut)]),
        likeness=cosine(whole, cut).mean(axis=-1),
    )


def first_now(model: LoadedModel, trace: Trace, position: int) -> float:
    """The probability of the word that is first at a gap."""
    ends = trace.hidden_states[-1, position][None]
    return float(softmax(model.token_logits(ends))[0].max())


def describe_without(
    found: Without,
    parts: Sequence[str],
    layers: Sequence[int],
    names: Mapping[str, str] = PARTS,
) -> str:
    """What taking the parts out did to the prediction and to the vectors."""
    if not parts or not layers:
        return "Nothing is taken out: both passes are the same."
    named = " and ".join(names[part] for part in parts)
    where = f"layer {layers[0] + 1}" if len(layers) == 1 else f"{len(layers)} layers"
    one, two = found.probability
    return (
        f"Without {named} in {where}, “{found.word}” goes from {one:.1%} to {two:.1%}; the model "
        f"now says “{found.after[0][0]}” ({found.after[0][1]:.0%}). At the end a token's vector "
        f"has a cosine of {found.likeness[-1]:.2f} with what it was, and is "
        f"{found.lengths[1, -1]:.1f} long instead of {found.lengths[0, -1]:.1f}."
    )


# --- early looks --------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class EarlyLook:
    """What the masked-word head would say after every layer, 0 being the input.

    ``words`` are followed, with their probabilities (W, L+1) and ranks (W, L+1), 1 is best;
    ``first`` is the best word after each layer with its probability.
    """

    words: tuple[str, ...]
    probabilities: Floats
    ranks: Floats
    first: tuple[Word, ...]
    hidden: str | None
    """The word that the learner masked; None when a mask was typed by hand."""


def early_look(
    model: LoadedModel, trace: Trace, position: int, hidden: str | None, count: int = 5
) -> EarlyLook:
    """Read the prediction at ``position`` after every layer.

    The words followed are the best of the last layer and the masked one. The head was trained on
    the last layer alone: it reads the others with the wrong glasses. Raises HeadMissing for a model
    that does not predict words.
    """
    states = model.before_head(trace.hidden_states[:, position])  # L+1 D
    everything = softmax(model.token_logits(states))  # L+1 V
    ids = np.argsort(-everything[-1])[:count].tolist()
    known = None if hidden is None else model.tokenizer.token_to_id(hidden)
    if known is not None and known not in ids:
        ids.append(known)
    chosen = everything[:, ids].T  # W L+1
    tops = everything.argmax(axis=-1)
    return EarlyLook(
        words=tuple(model.tokenizer.id_to_token(i) or "" for i in ids),
        probabilities=chosen.astype(np.float32),
        ranks=np.stack([(everything > row[:, None]).sum(axis=-1) + 1 for row in chosen]).astype(
            np.float32
        ),
        first=tuple(
            (model.tokenizer.id_to_token(int(i)) or "", float(everything[layer, i]))
            for layer, i in enumerate(tops)
        ),
        hidden=hidden if known is not None else None,
    )


def describe_early_look(look: EarlyLook) -> str:
    """When the final word takes the lead, and where the masked word stands in the end."""
    winner = look.words[0]
    since = len(look.first) - 1
    while since > 0 and look.first[since - 1][0] == winner:
        since -= 1
    said = (
        f"“{winner}” leads from layer {since} on and ends with {look.probabilities[0, -1]:.0%}. "
        if since < len(look.first) - 1
        else f"“{winner}” takes the lead only in the last layer ({look.probabilities[0, -1]:.0%}). "
    )
    if look.hidden and look.hidden != winner:
        place = int(look.ranks[look.words.index(look.hidden), -1])
        said += f"“{look.hidden}”, which is hidden, ends in place {place:,}. "
    return said + f"Read at the input, the head says “{look.first[0][0]}”."


# --- feed-forward units -------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Units:
    """The feed-forward units of one layer for one token: the strongest, and how many fire.

    ``best`` are their numbers (from 0), ``values`` their outputs after GELU, ``everywhere``
    (len(best), T) the outputs of the same units for all tokens.
    """

    tokens: tuple[str, ...]
    layer: int
    token: int
    best: tuple[int, ...]
    values: Floats
    everywhere: Floats
    total: int
    firing: float
    """Share of all units whose output is above 0.1."""


FIRES = 0.1


def units_of(trace: Trace, layer: int, token: int, count: int = 12) -> Units:
    """The units that answer most to a token."""
    assert trace.feed_forward_units is not None
    units = trace.feed_forward_units[layer]  # T I
    best = np.argsort(-units[token])[:count]
    return Units(
        tokens=trace.tokens,
        layer=layer,
        token=token,
        best=tuple(int(i) for i in best),
        values=units[token, best],
        everywhere=units[:, best].T,
        total=units.shape[1],
        firing=float((units[token] > FIRES).mean()),
    )


def describe_units(units: Units) -> str:
    """The strongest unit, what else in the sentence fires it, and how many are at work."""
    row = units.everywhere[0]
    others = [i for i in np.argsort(-row) if i != units.token and row[i] > FIRES][:3]
    also = ", ".join(f"“{units.tokens[i]}” {row[i]:.1f}" for i in others) or "no other token"
    return (
        f"Unit {units.best[0]} of layer {units.layer + 1} answers most to "
        f"“{units.tokens[units.token]}” ({units.values[0]:.1f}); it also fires for {also}. "
        f"{units.firing:.0%} of the {units.total:,} units give more than {FIRES}."
    )


@dataclass(frozen=True)
class Firing:
    """One token of a sentence that fires a unit."""

    words: tuple[str, ...]
    place: int
    value: float


def what_fires(
    model: LoadedModel,
    texts: Sequence[str],
    layer: int,
    unit: int,
    count: int = 8,
    progress: Callable[[float], object] | None = None,
) -> list[Firing]:
    """Over some texts, the tokens that fire a unit most, each text once.

    ``progress`` is told the share of the texts that is read.
    """
    found = []
    for number, text in enumerate(texts):
        if progress:
            progress(number / len(texts))
        trace = model.trace(text, keep=["feed_forward_units"])
        assert trace.feed_forward_units is not None
        values = trace.feed_forward_units[layer, :, unit]
        place = int(values.argmax())
        words = tuple(map(model.readable, trace.tokens))
        found.append(Firing(words, place, float(values[place])))
    return sorted(found, key=lambda firing: -firing.value)[:count]


# --- shared arithmetic --------------------------------------------------------------------------


def softmax(logits: Floats) -> Any:
    """Scores (…, V) as probabilities, float64."""
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def best_words(model: LoadedModel, probabilities: Any, top_k: int) -> list[Word]:
    """The likeliest words and their probabilities."""
    order = np.argsort(-probabilities)[:top_k]
    return [(model.tokenizer.id_to_token(int(i)) or "", float(probabilities[i])) for i in order]
