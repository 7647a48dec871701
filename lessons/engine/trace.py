"""Trace: all that one forward pass computed, named and shaped.

A lesson never digs in a model: it asks for a trace and reads named arrays. `SHAPES` says what each
array holds and how it is shaped, in the letters of `LETTERS`; the lessons print both.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

LETTERS: dict[str, str] = {
    "B": "sentences in the batch",
    "T": "tokens in the input",
    "D": "hidden size: the numbers in a token's vector",
    "H": "attention heads in a layer",
    "L": "encoder layers",
    "V": "pieces in the vocabulary",
    "I": "feed-forward size",
    "D/H": "size of one head",
}
"""What the letters in the shapes stand for; one meaning each in the whole course."""


@dataclass(frozen=True)
class FieldShape:
    """One row of the table of a trace: the field's shape, its probe in `bert.py`, what it holds."""

    letters: tuple[str, ...]
    probe: str | None
    meaning: str


def shortened(text: str, most: int = 40) -> str:
    """A text that stays on one line."""
    return text if len(text) <= most else f"{text[: most - 2]} …"


def _layer(letters: str, probe: str, meaning: str) -> FieldShape:
    return FieldShape(("L", *letters.split()), f"layer.{{}}.{probe}", meaning)


SHAPES: dict[str, FieldShape] = {
    "input_ids": FieldShape(("T",), None, "each token's number in the vocabulary"),
    "token_type_ids": FieldShape(("T",), None, "0 in the first sentence, 1 in the second"),
    "position_ids": FieldShape(("T",), None, "each token's place, counted from 0"),
    "attention_mask": FieldShape(
        ("T",), None, "1 where a token may be looked at; (T, T) when given for each pair"
    ),
    "word_embeddings": FieldShape(
        ("T", "D"), "word_embeddings", "the vector that the vocabulary holds for each token"
    ),
    "position_embeddings": FieldShape(
        ("T", "D"), "position_embeddings", "the vector for each place"
    ),
    "token_type_embeddings": FieldShape(
        ("T", "D"), "token_type_embeddings", "the vector for first or second sentence"
    ),
    "embedding_sum": FieldShape(("T", "D"), "embedding_sum", "the three added, before LayerNorm"),
    "hidden_states": FieldShape(
        ("L+1", "T", "D"), None, "the tokens' vectors: 0 is the input, ℓ the output of layer ℓ"
    ),
    "queries": _layer("H T D/H", "query", "what each token asks for"),
    "keys": _layer("H T D/H", "key", "what each token answers to"),
    "values": _layer("H T D/H", "value", "what each token hands over"),
    "attention_scores": _layer(
        "H T T", "attention_scores", "query · key / √(D/H), before mask and softmax"
    ),
    "attention_weights": _layer(
        "H T T", "attention_weights", "after softmax: row = the token that looks, sums to 1"
    ),
    "head_outputs": _layer("H T D/H", "head_outputs", "each head's weighted mean of the values"),
    "attention_output": _layer(
        "T D", "attention.output", "the heads joined and projected: what attention adds"
    ),
    "attention_sum": _layer("T D", "attention.sum", "the layer's input plus what attention adds"),
    "attention_norm": _layer("T D", "attention.norm", "the same after LayerNorm"),
    "feed_forward_inputs": _layer("T I", "feed_forward_inputs", "the units before GELU"),
    "feed_forward_units": _layer("T I", "feed_forward_units", "the units after GELU"),
    "feed_forward_output": _layer(
        "T D", "feed_forward.output", "projected back: what feed-forward adds"
    ),
    "feed_forward_sum": _layer(
        "T D", "feed_forward.sum", "attention_norm plus what feed-forward adds"
    ),
    "pooled": FieldShape(("D",), None, "[CLS] through dense and tanh: read by next-sentence"),
}
"""Every array of a trace: shape, the name of its step in `bert.py` ({} is the layer), meaning."""


@dataclass(frozen=True, eq=False, kw_only=True, repr=False)
class Trace:
    """All tensors of one forward pass over one input (there is no batch axis), read-only float32.

    Shapes and meanings are in `SHAPES`, letters in `LETTERS`. Our own encoder fills every field
    (``pooled`` if the checkpoint has a pooler). For other families, run through `transformers`,
    ``hidden_states`` and ``attention_weights`` are always there; what a family does not have or
    hides is None.
    """

    model: str
    """Name of the model that made the trace."""
    text: str
    pair: str | None
    tokens: tuple[str, ...]
    """T pieces as the vocabulary spells them, special tokens included."""
    offsets: tuple[tuple[int, int] | None, ...]
    """T spans (start, end) of characters in ``text`` or ``pair``; None for special tokens."""
    sentence_ids: tuple[int | None, ...]
    """T: 0 for a piece of ``text``, 1 for a piece of ``pair``, None for special tokens."""
    word_ids: tuple[int | None, ...]
    """T: which word a piece belongs to, counted through both sentences; None for specials."""
    n_cut: int
    """Tokens that did not fit and were cut off."""

    input_ids: Ints
    token_type_ids: Ints
    attention_mask: Ints
    position_ids: Ints

    hidden_states: Floats
    attention_weights: Floats
    attention_scores: Floats | None = None
    queries: Floats | None = None
    keys: Floats | None = None
    values: Floats | None = None
    head_outputs: Floats | None = None

    word_embeddings: Floats | None = None
    position_embeddings: Floats | None = None
    token_type_embeddings: Floats | None = None
    embedding_sum: Floats | None = None

    attention_output: Floats | None = None
    attention_sum: Floats | None = None
    attention_norm: Floats | None = None
    feed_forward_inputs: Floats | None = None
    feed_forward_units: Floats | None = None
    feed_forward_output: Floats | None = None
    feed_forward_sum: Floats | None = None
    pooled: Floats | None = None

    def __post_init__(self) -> None:
        # A trace is cached and shared between learners: nobody may write into another's numbers.
        for name in SHAPES:
            if (array := getattr(self, name)) is not None:
                array.flags.writeable = False

    def __repr__(self) -> str:
        said = shortened(" ".join(self.tokens))
        sizes = f"{self.num_layers} layers, {self.num_heads} heads"
        return f"<Trace of {self.model}, {len(self.tokens)} tokens, {sizes}: {said}>"

    def attention(self, layer: int, head: int) -> pd.DataFrame:
        """The weights of one head, (T, T): each row looks at the columns and sums to 1.

        Layers and heads count from 1, as on the screen; rows and columns are named by the tokens.
        Raises ValueError for a layer or a head that the model does not have.
        """
        import pandas as pd

        for name, number, most in (
            ("layer", layer, self.num_layers),
            ("head", head, self.num_heads),
        ):
            if not 1 <= number <= most:
                raise ValueError(f"{self.model} has {name}s 1 to {most}, not {name} {number}")
        names = list(self.tokens)
        return pd.DataFrame(self.attention_weights[layer - 1, head - 1], names, names)

    @property
    def num_layers(self) -> int:
        return len(self.attention_weights)

    @property
    def num_heads(self) -> int:
        return int(self.attention_weights.shape[1])

    @property
    def nbytes(self) -> int:
        """Bytes of all its arrays."""
        arrays = (getattr(self, name) for name in SHAPES)
        return sum(array.nbytes for array in arrays if array is not None)

    def shape_of(self, name: str) -> str:
        """A field's shape in letters and numbers: ``"(L, H, T, T) = (6, 12, 9, 9)"``.

        Raises KeyError for a name that is not in `SHAPES`; says "not shown by this model" for
        None.
        """
        letters = SHAPES[name].letters
        array: NDArray[Any] | None = getattr(self, name)
        if array is None:
            return f"({', '.join(letters)}), not shown by this model"
        if array.ndim > len(letters):  # a mask given for each pair of tokens
            letters = (*letters, "T")
        comma = "," if len(letters) == 1 else ""
        return f"({', '.join(letters)}{comma}) = {array.shape}"
