"""What a BERT of any shape consists of and costs, and what each way of reading sees.

Parameters are counted on the model itself, built on PyTorch's meta device: every tensor has its
shape and none has memory. Operations are counted as multiply and add apart (2 for each product),
the products of matrices alone; softmax, LayerNorm and GELU are small beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..engine.timing import pass_times
from ..engine.trace import Floats

if TYPE_CHECKING:
    from ..engine.bert import BertConfig
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding

BYTES = {"fp32": 4, "fp16": 2, "int8": 1}


@dataclass(frozen=True)
class Shape:
    """The numbers that fix a BERT; names as in a checkpoint's ``config.json``."""

    num_hidden_layers: int
    hidden_size: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int = 30522
    max_position_embeddings: int = 512

    @property
    def head_size(self) -> int:
        """D/H, the length of a query, key or value in one head."""
        return self.hidden_size // self.num_attention_heads


PRESETS: dict[str, Shape] = {
    "Tiny": Shape(2, 128, 2, 512),
    "Mini": Shape(4, 256, 4, 1024),
    "Small": Shape(4, 512, 8, 2048),
    "Medium": Shape(8, 512, 8, 2048),
    "Base": Shape(12, 768, 12, 3072),
    "Large": Shape(24, 1024, 16, 4096),
    "Ours (MiniLM)": Shape(6, 384, 12, 1536),
}
"""The sizes of Devlin et al. 2019 and of the miniatures (Turc et al. 2019), and the bundled one."""

PARTS = ("word embeddings", "other embeddings", "attention", "feed-forward", "LayerNorm", "pooler")


@dataclass(frozen=True)
class Level:
    """One level of the stack (embeddings, a layer, the pooler) and its parameters by part."""

    name: str
    parts: dict[str, int]

    @property
    def parameters(self) -> int:
        """All parameters of the level."""
        return sum(self.parts.values())


@lru_cache(maxsize=128)
def levels(shape: Shape) -> tuple[Level, ...]:
    """The stack from the embeddings up: parameters of each level, counted on the meta device.

    Raises ValueError when the heads do not divide the hidden size.
    """
    import torch

    from ..engine.bert import Bert
    from ..engine.model import WithoutInitialising

    with torch.device("meta"), WithoutInitialising():
        model = Bert(config_of(shape))
    found: dict[str, dict[str, int]] = {}
    for name, parameter in model.named_parameters():
        level, part = _place(name)
        parts = found.setdefault(level, {})
        parts[part] = parts.get(part, 0) + parameter.numel()
    return tuple(Level(name, parts) for name, parts in found.items())


def config_of(shape: Shape) -> BertConfig:
    """The shape as the encoder's configuration."""
    from ..engine.bert import BertConfig

    return BertConfig(
        vocab_size=shape.vocab_size,
        hidden_size=shape.hidden_size,
        num_hidden_layers=shape.num_hidden_layers,
        num_attention_heads=shape.num_attention_heads,
        intermediate_size=shape.intermediate_size,
        max_position_embeddings=shape.max_position_embeddings,
    )


def _place(name: str) -> tuple[str, str]:
    """Level and part of a parameter, from its name in the checkpoint."""
    if name.startswith("embeddings."):
        if "word_embeddings" in name:
            return "Embeddings", "word embeddings"
        return "Embeddings", "LayerNorm" if "LayerNorm" in name else "other embeddings"
    if name.startswith("pooler."):
        return "Pooler", "pooler"
    level = f"Layer {int(name.split('.')[2]) + 1}"
    if "LayerNorm" in name:
        return level, "LayerNorm"
    return level, "attention" if ".attention." in name else "feed-forward"


@dataclass(frozen=True)
class Stage:
    """One stage of the way through BERT: what it does, and the shape of what leaves it.

    ``half`` is "attention" or "feed-forward" inside the block, "" before and after it.
    """

    name: str
    letters: str
    numbers: str
    half: str = ""


def stages(shape: Shape, tokens: int) -> tuple[Stage, ...]:
    """The way of T tokens from ids through one block to the heads, with all shapes."""
    t, d, h = tokens, shape.hidden_size, shape.num_attention_heads
    i, v = shape.intermediate_size, shape.vocab_size

    def stage(name: str, letters: str, sizes: Sequence[int], half: str = "") -> Stage:
        return Stage(name, letters, " × ".join(f"{size:,}" for size in sizes), half)

    return (
        stage("ids of the pieces", "T", [t]),
        stage("embeddings, added", "T × D", [t, d]),
        stage("queries, keys, values", "H × T × D/H, each", [h, t, shape.head_size], "attention"),
        stage("weights: all with all", "H × T × T", [h, t, t], "attention"),
        stage("mixes, joined, times W_O", "T × D", [t, d], "attention"),
        stage("add the input, LayerNorm", "T × D", [t, d], "attention"),
        stage("widen, GELU", "T × I", [t, i], "feed-forward"),
        stage("back to the old width", "T × D", [t, d], "feed-forward"),
        stage("add the input, LayerNorm", "T × D", [t, d], "feed-forward"),
        stage("out of the top", "T × D", [t, d]),
        stage("head: a word for each gap", "V, for a gap", [v]),
        stage("pooler of [CLS], then a label", "D", [d]),
    )


def describe_stages(shape: Shape, tokens: int) -> str:
    """The way through one block in words."""
    d, i = shape.hidden_size, shape.intermediate_size
    return (
        f"{tokens} tokens stay {tokens} vectors of {d:,} numbers all the way up. Inside the block "
        f"attention splits them into {shape.num_attention_heads} heads of {shape.head_size}, and "
        f"feed-forward widens them to {i:,}. {shape.num_hidden_layers} such blocks stand on top of "
        "each other, each with weights of its own; the two heads at the end work side by side."
    )


def parameters(shape: Shape) -> int:
    """All parameters of encoder and pooler, without a task head."""
    return sum(level.parameters for level in levels(shape))


@dataclass(frozen=True)
class Cost:
    """Operations of one forward pass over T tokens, in products and sums (2 for each).

    ``projections`` are the matrices that every token passes by itself: they grow with T.
    ``mixing`` is each token against each other (QKᵀ, and the weights times V): it grows with T².
    """

    tokens: int
    projections: int
    mixing: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.projections + self.mixing

    @property
    def per_token(self) -> float:
        """Operations for each token of the sentence."""
        return self.total / self.tokens


def cost(shape: Shape, tokens: int) -> Cost:
    """Operations of the encoder for a sentence of T tokens (T ≥ 1).

    In a layer a token passes four D × D matrices (query, key, value, output) and two D × I ones;
    then each of T queries meets T keys, and T weights meet T values, of D numbers in all heads
    together.
    """
    d, i, layers = shape.hidden_size, shape.intermediate_size, shape.num_hidden_layers
    weights = 4 * d * d + 2 * d * i
    return Cost(
        tokens=tokens,
        projections=2 * tokens * layers * weights,
        mixing=2 * 2 * tokens * tokens * d * layers,
    )


def crossing(shape: Shape) -> float:
    """Length T at which mixing costs as much as the projections."""
    d = shape.hidden_size
    return (4 * d * d + 2 * d * shape.intermediate_size) / (2 * d)


def memory(shape: Shape) -> dict[str, float]:
    """Megabytes (10⁶ bytes) of the weights in each number format."""
    count = parameters(shape)
    return {name: count * size / 1e6 for name, size in BYTES.items()}


@dataclass(frozen=True)
class Timing:
    """Milliseconds of a pass over T tokens on this machine, and operations per second."""

    tokens: int
    milliseconds: float
    operations_per_second: float


def shape_of(model: LoadedModel) -> Shape:
    """The shape of a loaded BERT. Raises ValueError for a model of another family."""
    from ..engine.bert import BertConfig

    config = getattr(model.module, "config", None)
    if not isinstance(config, BertConfig):
        raise ValueError(f"{model.spec.title} is not a plain BERT")
    return Shape(
        config.num_hidden_layers,
        config.hidden_size,
        config.num_attention_heads,
        config.intermediate_size,
        config.vocab_size,
        config.max_position_embeddings,
    )


def measure(model: LoadedModel, lengths: Sequence[int], runs: int = 5) -> list[Timing]:
    """Time the BERT at hand on sentences of some lengths (T, at most 512). Takes a moment."""
    shape = shape_of(model)
    timings = []
    for tokens in lengths:
        encoding = model.encode("so " * (tokens - 2))
        seconds = pass_times([model], [encoding], runs)[0]
        timings.append(Timing(tokens, 1000 * seconds, cost(shape, tokens).total / seconds))
    return timings


# ------------------------------------------------------------------------- which side is read

READINGS = ("both sides", "left only", "right only", "left and right, joined at the end")


@dataclass(frozen=True)
class Reading:
    """What the model says at a gap when it may read only some of the sentence.

    ``hidden_word`` is the probability (0 … 1) of the word that was masked, None if it was a mask
    typed by hand.
    """

    name: str
    words: list[tuple[str, float]]
    hidden_word: float | None


def readings(
    model: LoadedModel, encoding: Encoding, masks: Sequence[int], gap: int, top_k: int = 5
) -> list[Reading]:
    """The same weights under four masks at the masked position ``gap``.

    "Left only" lets every token look at itself and at what stands before it, as GPT does. The
    last reading makes a left-only and a right-only pass and multiplies their probabilities: two
    readers that meet only at the end, which is the idea of ELMo (not its network).
    Raises HeadMissing for a model that predicts no words.
    """
    masked = model.masked(encoding, masks) if masks else encoding
    size = len(masked)
    left = np.tril(np.ones((size, size), dtype=np.int64))
    logs = {}
    allowed = {
        "both sides": np.ones((size, size), dtype=np.int64),
        "left only": left,
        "right only": left.T.copy(),
    }
    for name, mask in allowed.items():
        trace = model.trace(masked, attention_mask=mask)
        logs[name] = _log_softmax(model.token_logits(trace.hidden_states[-1, gap]))
    joined = logs["left only"] + logs["right only"]
    logs["left and right, joined at the end"] = _log_softmax(joined)

    hidden = int(encoding.input_ids[gap])
    typed = hidden == model.mask_token_id
    found = []
    for name in READINGS:
        probabilities = np.exp(logs[name])
        best = np.argsort(-probabilities)[:top_k]
        words = [(model.tokenizer.id_to_token(int(i)) or "", float(probabilities[i])) for i in best]
        found.append(Reading(name, words, None if typed else float(probabilities[hidden])))
    return found


def _log_softmax(scores: Floats) -> Floats:
    shifted = scores - scores.max()
    logs: Floats = (shifted - np.log(np.exp(shifted).sum())).astype(np.float32)
    return logs


# ------------------------------------------------------------------------- in words


def short(number: float) -> str:
    """12,345,678 → 12.3 million: large numbers as people say them."""
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if number >= size:
            return f"{number / size:.1f} {name}"
    return f"{number:,.0f}"


def describe_levels(shape: Shape) -> str:
    """Where the parameters of a shape sit."""
    stack = levels(shape)
    total = parameters(shape)
    embeddings = stack[0].parameters
    layer = stack[1]
    return (
        f"{total:,} parameters: {embeddings / total:.1%} in the embeddings, and "
        f"{layer.parameters:,} in each of {shape.num_hidden_layers} layers, of which "
        f"{layer.parts['feed-forward'] / layer.parameters:.0%} are feed-forward."
    )


def describe_cost(shape: Shape, tokens: int) -> str:
    """What a sentence of T tokens costs, and when length begins to hurt."""
    price = cost(shape, tokens)
    return (
        f"A sentence of {tokens} tokens takes {short(price.total)} operations, "
        f"{short(price.per_token)} for each token; {price.mixing / price.total:.1%} of them set "
        "token against token. That part would cost as much as all the rest at "
        f"{crossing(shape):,.0f} tokens."
    )


def describe_timings(timings: Sequence[Timing]) -> str:
    """What was measured here, at both ends."""
    first, last = timings[0], timings[-1]
    return (
        f"On this machine: {first.milliseconds:.1f} ms for {first.tokens} tokens, "
        f"{last.milliseconds:.1f} ms for {last.tokens}, which is "
        f"{short(last.operations_per_second)} operations a second."
    )


def describe_readings(found: Sequence[Reading]) -> str:
    """Which way of reading trusts the hidden word most."""
    if found[0].hidden_word is None:
        return "Each list is the same model with some of the sentence out of its sight."
    said = ", ".join(f"{reading.name} {reading.hidden_word:.2%}" for reading in found)
    return f"Probability of the word that was hidden: {said}."
