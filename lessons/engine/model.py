"""A loaded model: what every lesson may ask of it, whatever its family.

`LoadedModel` holds the questions (fill a mask, embed, trace …); `BertModel` answers them with our
own encoder, `HubModel` in `hub.py` with `transformers`. A forward pass runs in inference mode;
weights ask for no gradient. A lesson that trains takes ``copy.deepcopy(model.module)`` and calls
``requires_grad_(True)`` on what it wants to train.
"""

from __future__ import annotations

import copy
import difflib
import re
import time
from abc import ABC, abstractmethod
from collections.abc import (
    Callable,
    Collection,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from .bert import (
    ACTIVATIONS,
    Bert,
    BertConfig,
    BertForPreTraining,
    Edit,
    Probe,
    Recorder,
    additive_mask,
    no_probe,
    within,
)
from .labels import Labels, labels_of
from .memory import Memory
from .spec import HeadMissing, ModelSpec, Refused
from .tokenizer import Encoding, Special, batches, clean, encode, pieces_of
from .trace import SHAPES, Floats, Trace

if TYPE_CHECKING:
    import pandas as pd


Pooling = Literal["mean", "cls", "max"]
Span = tuple[int, int]
Places = Literal["added", "rotated", "relative", "both"]
"""How a model learns where a token stands: by a vector that is added, by queries and keys that are
rotated (RoPE), by the distance in attention's scores, or by a vector and the distance."""
Edits = Mapping[str, Edit]
"""What replaces steps on the way, by their names; see `LoadedModel.steps`."""
Array = Any  # what numpy and torch both read: an array, a tensor, a list of numbers

MASK = "[MASK]"
"""How a masked word is written, whatever a vocabulary calls its mask token."""

FEW = 16
"""Inputs of one call whose passes are remembered; of more, they would drive out all others."""

LONGEST_INPUT = 512
"""Tokens. Some families could read more; the attention maps of more would not fit in memory."""


@dataclass(frozen=True, eq=False)
class Classes:
    """What a head for classes says: ``probabilities`` by label, the likeliest first.

    ``contributions`` (T) is what each of ``tokens`` adds to the score of the likeliest label.
    """

    probabilities: dict[str, float]
    tokens: tuple[str, ...]
    contributions: Floats | None = None

    @property
    def label(self) -> str:
        """The likeliest label."""
        return next(iter(self.probabilities))

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {p:.1%}" for name, p in list(self.probabilities.items())[:5])
        return f"<Classes: {said}>"

    def explanation(self) -> pd.Series[float]:
        """The contributions by token. Raises ValueError where none were asked for."""
        import pandas as pd

        if self.contributions is None:
            raise ValueError("ask for it: classify(text, explain=True)")
        return pd.Series(self.contributions, list(self.tokens), name=f"adds to {self.label}")


class LoadedModel(ABC):
    """A model with its tokenizer. Everything returned is NumPy, float32, on the CPU.

    Texts may be any string. Where a text is taken, an `Encoding` may stand instead, so that a
    lesson can mask tokens or pad before the pass.
    """

    def __init__(
        self,
        spec: ModelSpec,
        module: nn.Module,
        tokenizer: Tokenizer,
        special: Special,
        *,
        positions: int,
        token_types: int,
        has_mlm: bool,
        has_nsp: bool,
        labels: Labels | None = None,
        places: Places = "added",
        norm_first: bool = False,
    ) -> None:
        self.spec = spec
        self.name = spec.name
        self.module = module.eval().requires_grad_(False)
        self.tokenizer = tokenizer
        self.special = special
        self.mask_token = special.mask_token
        self.mask_token_id = special.mask_token_id
        self.special_ids = special.ids
        self.positions = positions
        self.token_types = token_types
        self.max_tokens = min(positions, LONGEST_INPUT)
        self.has_mlm = has_mlm
        self.has_nsp = has_nsp
        self.labels = labels
        """Of a classifier that was fine-tuned; None for other models."""
        self.places = places
        self.norm_first = norm_first
        """Whether a layer normalises what its halves read, and never the stream itself."""
        self.version = ""
        """Of a checkpoint that may be saved again: what `folders.version` says of its files."""
        self.memory: Memory | None = None
        """Where passes over short inputs are remembered; None where weights may change."""

    def __getstate__(self) -> dict[str, Any]:
        """For copies, whose weights somebody may change: they remember nothing."""
        return {**self.__dict__, "memory": None}

    def __repr__(self) -> str:
        sizes = f"{self.spec.layers} layers, {self.spec.heads} heads, {self.spec.hidden} numbers"
        return f"<{self.spec.title}: {self.spec.family}, {sizes}>"

    def to(
        self, device: str | torch.device | None = None, dtype: torch.dtype | None = None
    ) -> Self:
        """A copy with its weights on ``device`` as ``dtype``; answers stay NumPy float32."""
        copied = copy.deepcopy(self)
        copied.module.to(device=device, dtype=dtype)
        if (head := getattr(copied, "classifier", None)) is not None:
            head.to(device=device, dtype=dtype)
        return copied

    def _there(self, *tensors: Tensor) -> list[Tensor]:
        """Tensors where the weights are; numbers with fractions in their precision."""
        weight = self.word_embeddings.weight
        return [
            tensor.to(weight.device, weight.dtype if tensor.is_floating_point() else None)
            for tensor in tensors
        ]

    # --- what a family has to answer ------------------------------------------------------------

    @abstractmethod
    def layer_states(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Edits | None = None,
    ) -> Sequence[Tensor]:
        """All hidden states of a batch, each (B, T) in: L + 1 tensors (B, T, D)."""

    @abstractmethod
    def steps(self) -> tuple[str, ...]:
        """The names of the steps that can be edited, in the order of a pass.

        They are those of `bert.py`, whose layers count from 0 as a checkpoint's do.
        """

    @abstractmethod
    def logits_of(self, hidden: Tensor) -> Tensor:
        """The masked-word head: last hidden states (…, D) → scores (…, V)."""

    @abstractmethod
    def trace_encoding(
        self,
        encoding: Encoding,
        edits: Edits,
        attention_mask: Tensor,
        token_type_ids: Tensor,
        position_ids: Tensor,
        keep: Collection[str] | None,
        progress: Callable[[float], object] | None = None,
    ) -> Trace:
        """One pass over one input, (1, T) in (mask (1, T) or (1, T, T)), kept as `trace` says."""

    @abstractmethod
    def last_states(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Edits,
        *,
        layer: int = 0,
        hidden: Tensor | None = None,
    ) -> Tensor:
        """The last hidden states (B, T, D) of a batch under ``edits``; gradients may be asked.

        ``hidden`` (B, T, D), where it is known, is what goes into ``layer``: the layers below need
        not run again, and do not in our own encoder.
        """

    @abstractmethod
    def label_logits(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Mapping[str, Edit] | None = None,
    ) -> Tensor:
        """A classifier's scores, (B, K) for texts and (B, T, K) for tokens, as `last_states`.

        Asked only of a model with ``labels``.
        """

    @property
    @abstractmethod
    def embedding_norm(self) -> Any:
        """The LayerNorm over the sum of the input vectors; None where there is no such sum."""

    @property
    @abstractmethod
    def position_weights(self) -> Tensor | None:
        """The learned vector of each place, from place 0 on: (positions, D); None without any."""

    @property
    def runs_elsewhere(self) -> bool:
        """Whether `transformers` runs the model, and not `bert.py`."""
        return True

    @property
    def activation_alone(self) -> bool:
        """Whether a feed-forward unit is an activation's output, and no gate takes part in it."""
        return True

    def before_head(self, states: Floats) -> Floats:
        """Hidden states of all layers (L+1, …, D) as the masked-word head expects the last one."""
        return states

    def word_table(self) -> Floats:
        """The word vectors of the whole vocabulary, before position and context: (V, D)."""
        return array_of(self.word_embeddings.weight.detach())

    @property
    def word_embeddings(self) -> Any:
        """The module that looks up the word table: ids (B, T) → (B, T, E), E being mostly D."""
        ours: Any = getattr(self, "encoder", None)
        module: Any = self.module
        return ours.embeddings.word_embeddings if ours else module.get_input_embeddings()

    @property
    def word_rows(self) -> int:
        """V, the rows of the word table: some checkpoints have more than there are pieces."""
        return len(self.word_embeddings.weight)

    # --- text to tokens -------------------------------------------------------------------------

    def encode(self, text: str, pair: str | None = None) -> Encoding:
        """Cut a text, or two, into at most ``max_tokens`` tokens, special tokens included.

        ``[MASK]`` is the mask token of any vocabulary, also where that one spells it ``<mask>``.
        """
        text, pair = self._own_mask(text), pair and self._own_mask(pair)
        encoding = encode(self.tokenizer, text, pair, self.max_tokens)
        if self.token_types > 1:
            return encoding
        return replace(encoding, token_type_ids=np.zeros_like(encoding.token_type_ids))

    def _own_mask(self, text: str) -> str:
        return text if self.mask_token is None else text.replace(MASK, self.mask_token)

    def masked(self, encoding: Encoding, positions: Sequence[int]) -> Encoding:
        """A copy with the mask token at these positions."""
        if not len(positions):
            return encoding
        if self.mask_token is None or self.mask_token_id is None:
            raise HeadMissing(
                f"{self.spec.title} has no mask token in its vocabulary, so no word can be hidden: "
                "choose another model here."
            )
        mask = (self.mask_token, self.mask_token_id)
        return encoding.replaced(dict.fromkeys(positions, mask))

    def padded(self, encoding: Encoding, length: int) -> Encoding:
        """A copy filled up to ``length`` tokens with padding that the attention mask hides."""
        return encoding.padded(length, self.special.pad_token, self.special.pad_token_id)

    def word_id(self, word: str) -> int | None:
        """The one piece that a word is in the middle of a sentence; None if it takes several."""
        ids = self.tokenizer.encode(f" {clean(word)}", add_special_tokens=False).ids
        return ids[0] if len(ids) == 1 and ids[0] not in self.special_ids else None

    def readable(self, token: str) -> str:
        """A piece as a person reads it: without the marks that some vocabularies put for blanks.

        BERT's own pieces stay as they are, "##" included.
        """
        token_id = self.tokenizer.token_to_id(token)
        if token_id is None:
            return token
        return self.tokenizer.decode([token_id], skip_special_tokens=False).strip() or token

    def _encoded(self, text: str | Encoding, pair: str | None = None) -> Encoding:
        return text if isinstance(text, Encoding) else self.encode(text, pair)

    # --- everything of one pass -----------------------------------------------------------------

    @torch.inference_mode()
    def trace(
        self,
        text: str | Encoding,
        pair: str | None = None,
        *,
        edits: Edits | None = None,
        attention_mask: Array | None = None,
        token_type_ids: Array | None = None,
        position_ids: Array | None = None,
        keep: Collection[str] | None = None,
        progress: Callable[[float], object] | None = None,
    ) -> Trace:
        """Run one input and keep every intermediate.

        ``progress`` is told after each layer how far the pass is, from 0 to 1; what it raises
        stops the pass.

        ``keep`` names the fields to keep besides the hidden states and the attention weights,
        which are always there: of a long input the others take many times their memory.

        ``edits`` replace a step on the way, by its name in `bert.py` (see `Recorder`); an edit
        works on tensors with a leading batch axis of 1. ``attention_mask`` (T) or (T, T),
        ``token_type_ids`` (T) and ``position_ids`` (T) stand in for the usual ones.

        Raises ValueError for a wrong length, a position that the model does not have, or an edit
        whose step does not exist.
        """
        encoding = self._encoded(text, pair)
        length = len(encoding)
        mask = encoding.attention_mask if attention_mask is None else attention_mask
        types = encoding.token_type_ids if token_type_ids is None else token_type_ids
        places = np.arange(length) if position_ids is None else position_ids
        usual = not edits and attention_mask is token_type_ids is position_ids is None
        key = "trace", encoding.text, encoding.pair, *self._key(encoding)
        if usual and self.memory is not None:
            for kept in {None, None if keep is None else frozenset(keep)}:
                if (known := self.memory.get((kept, *key))) is not None:
                    return known  # type: ignore[no-any-return]
        trace = self.trace_encoding(
            encoding,
            edits or {},
            row("attention_mask", mask, length, below=2, square=True),
            self._types(row("token_type_ids", types, length, below=max(2, self.token_types))),
            row("position_ids", places, length, below=self.positions),
            keep,
            progress,
        )
        if usual and self.memory is not None:
            kept = None if keep is None else frozenset(keep)
            self.memory.keep((kept, *key), trace, trace.nbytes)
            self.memory.keep(self._key(encoding), trace.hidden_states, trace.hidden_states.nbytes)
        return trace

    def _key(self, encoding: Encoding) -> tuple[str, str, bytes]:
        """Tells inputs apart, among those of all models, by what a pass over them depends on."""
        ids = (encoding.input_ids, encoding.token_type_ids, encoding.attention_mask)
        return self.name, self.version, b"".join(array.tobytes() for array in ids)

    def _types(self, token_type_ids: Tensor) -> Tensor:
        """Token types as the model tells them apart: one that has no second segment does not."""
        return token_type_ids if self.token_types > 1 else torch.zeros_like(token_type_ids)

    # --- predictions ----------------------------------------------------------------------------

    def fill_mask(
        self,
        text: str | Encoding,
        top_k: int = 10,
        pair: str | None = None,
        *,
        edits: Edits | None = None,
    ) -> list[list[tuple[str, float]]]:
        """For each mask token of the text, the ``top_k`` likeliest (token, probability).

        Every mask is filled on its own, with the others still masked. A text without a mask gives
        an empty list. ``edits`` change the pass as in `trace`. Raises HeadMissing for a model that
        cannot predict words.
        """
        if top_k < 1:
            raise ValueError("top_k must be at least 1")
        probabilities = torch.from_numpy(
            self.token_probabilities(self._encoded(text, pair), edits=edits)
        )
        top = probabilities.topk(min(top_k, probabilities.shape[-1]), dim=-1)
        return [
            [
                (self.tokenizer.id_to_token(token_id) or "", probability)
                for token_id, probability in zip(ids, values, strict=True)
            ]
            for ids, values in zip(top.indices.tolist(), top.values.tolist(), strict=True)
        ]

    @torch.inference_mode()
    def mask_logits(
        self,
        inputs: str | Encoding | Sequence[int] | Sequence[Encoding],
        positions: Sequence[int] | Sequence[Sequence[int]] | None = None,
        batch_size: int = 32,
        *,
        edits: Edits | None = None,
    ) -> Floats:
        """Scores over the vocabulary at chosen positions: (N, V).

        ``inputs`` is one text, encoding or list of token ids with its ``positions``, or a list of
        encodings with a list of positions for each. Left out, the positions are those of the mask
        tokens. Rows come in the order of the inputs, then of the positions.

        Raises HeadMissing for a model that cannot predict words.
        """
        if not self.has_mlm:
            raise HeadMissing(
                f"{self.spec.title} has no masked-word head, so it cannot predict words: "
                "choose another model here."
            )
        encodings, chosen = self._chosen(inputs, positions)
        rows = [torch.empty(0, self.spec.hidden)] * (len(encodings) + 1)  # each: chosen of T, D
        for indices, states, _ in self._passes(encodings, batch_size, edits):
            for j, i in enumerate(indices):
                rows[i] = states[-1][j, chosen[i]]
        return array_of(self.logits_of(torch.cat(rows)))  # N D → N V

    def token_probabilities(
        self,
        inputs: str | Encoding | Sequence[int] | Sequence[Encoding],
        positions: Sequence[int] | Sequence[Sequence[int]] | None = None,
        batch_size: int = 32,
        *,
        edits: Edits | None = None,
    ) -> Floats:
        """`mask_logits` after softmax: (N, V), each row sums to 1."""
        logits = torch.from_numpy(self.mask_logits(inputs, positions, batch_size, edits=edits))
        return logits.softmax(dim=-1).numpy()

    @torch.inference_mode()
    def token_logits(self, hidden: Array) -> Floats:
        """The masked-word head on hidden states of any layer: (…, D) → (…, V).

        On an inner layer this is an early look at where the prediction stands; the head was
        trained for the last one.
        """
        if not self.has_mlm:
            raise HeadMissing(f"{self.spec.title} has no masked-word head.")
        return array_of(self.logits_of(torch.tensor(np.asarray(hidden, dtype=np.float32))))

    def next_sentence(self, first: str, second: str, *, edits: Edits | None = None) -> float:
        """Probability that ``second`` follows ``first``, by the next-sentence head.

        ``edits`` change the pass as in `trace`. Raises HeadMissing for a model without that head.
        """
        raise HeadMissing(
            f"{self.spec.title} has no next-sentence head, so it cannot judge pairs: "
            "choose another model here."
        )

    @torch.inference_mode()
    def label_probabilities(self, text: str | Encoding, pair: str | None = None) -> Floats:
        """What a classifier says of a text, (K), or of each of its tokens, (T, K).

        Scores and no probabilities where ``labels.kind`` says so. Raises HeadMissing for a model
        that is no classifier.
        """
        if self.labels is None:
            raise HeadMissing(f"{self.spec.title} has no labels: it is no fine-tuned classifier.")
        encoding = self._encoded(text, pair)
        arrays = (encoding.input_ids, encoding.token_type_ids, encoding.attention_mask)
        ids, types, mask = (torch.from_numpy(array)[None] for array in arrays)
        logits = self.label_logits(ids, types, mask).float().cpu()
        return self.labels.probabilities(logits)[0].numpy()

    def classify(
        self, text: str | Encoding, pair: str | None = None, *, explain: bool = False
    ) -> Classes:
        """What the checkpoint's own head says of a text: label → probability, likeliest first.

        With ``explain``, also how much each token adds to the log-probability of the likeliest
        label, by integrated gradients. Raises HeadMissing for a checkpoint without such a head.
        """
        if self.labels is None or self.labels.per != "text":
            raise HeadMissing(
                f"{self.spec.title} has no head for classes: choose a checkpoint that was saved "
                "from a …ForSequenceClassification."
            )
        encoding = self._encoded(text, pair)
        shares = self.label_probabilities(encoding)
        order = np.argsort(-shares, kind="stable")
        added = None
        if explain:
            from .reasons import of_a_model, reasons

            added = reasons(of_a_model(self), encoding, int(order[0])).values
        return Classes(
            {self.labels.names[i]: float(shares[i]) for i in order}, encoding.tokens, added
        )

    def _chosen(self, inputs: Any, positions: Any) -> tuple[list[Encoding], list[list[int]]]:
        """Both arguments of `mask_logits` as lists, one entry for each input."""
        many = not isinstance(inputs, str | Encoding) and (
            len(inputs) == 0 or isinstance(inputs[0], Encoding)
        )
        if many:
            encodings = list(inputs)
        else:
            if not isinstance(inputs, str | Encoding):
                inputs = self._from_ids(inputs)
            encodings = [self._encoded(inputs)]
            positions = None if positions is None else [positions]
        if positions is None:
            masks = [np.flatnonzero(e.input_ids == self.mask_token_id).tolist() for e in encodings]
            return encodings, masks
        return encodings, [[int(position) for position in row] for row in positions]

    def _from_ids(self, ids: Sequence[int]) -> Encoding:
        count = len(ids)
        array = np.asarray(ids, dtype=np.int64)
        return Encoding(
            text="",
            pair=None,
            tokens=tuple(self.tokenizer.id_to_token(int(i)) or "" for i in array),
            input_ids=array,
            token_type_ids=np.zeros(count, dtype=np.int64),
            attention_mask=np.ones(count, dtype=np.int64),
            offsets=(None,) * count,
            sentence_ids=(None,) * count,
            word_ids=(None,) * count,
            n_cut=0,
        )

    # --- vectors --------------------------------------------------------------------------------

    def _passes(
        self, encodings: Sequence[Encoding], batch_size: int, edits: Edits | None = None
    ) -> Iterator[tuple[list[int], Sequence[Tensor], Tensor]]:
        """Batches of inputs of similar length: (which inputs, L + 1 × (B, T, D), mask (B, T)).

        Under ``edits`` those of a batch are of equal length: an edit sees no padding.
        """
        memory = self.memory if len(encodings) <= FEW and not edits else None
        rest = []
        for i, encoding in enumerate(encodings):
            known = None if memory is None else memory.get(self._key(encoding))
            if known is None:
                rest.append(i)
            else:
                mask = torch.from_numpy(encoding.attention_mask)
                yield [i], list(torch.tensor(known)[:, None]), mask[None]
        lengths = [len(encodings[i]) for i in rest]
        for batch in batches(lengths, batch_size, equal=bool(edits)):
            indices = [rest[j] for j in batch]
            longest = max(len(encodings[i]) for i in indices)
            group = [self.padded(encodings[i], longest) for i in indices]
            ids, types, mask = (
                torch.from_numpy(np.stack(rows))
                for rows in (
                    [encoding.input_ids for encoding in group],
                    [encoding.token_type_ids for encoding in group],
                    [encoding.attention_mask for encoding in group],
                )
            )
            states = self.layer_states(ids, self._types(types), mask, edits)
            if memory is not None:
                for j, i in enumerate(indices):
                    own = np.stack([state[j, : len(encodings[i])].numpy() for state in states])
                    memory.keep(self._key(encodings[i]), own, own.nbytes)
            yield indices, states, mask

    @torch.inference_mode()
    def hidden_states(self, texts: Sequence[str | Encoding], batch_size: int = 32) -> list[Floats]:
        """All hidden states of many texts: for each one (L+1, T, D), padding left out."""
        encodings = [self._encoded(text) for text in texts]
        found: list[Floats] = [np.empty(0, dtype=np.float32)] * len(encodings)
        for indices, states, _ in self._passes(encodings, batch_size):
            for j, i in enumerate(indices):
                length = len(encodings[i])
                found[i] = np.stack([state[j, :length].numpy() for state in states])
        return found

    @torch.inference_mode()
    def embed(
        self,
        texts: str | Sequence[str | Encoding],
        layer: int = -1,
        pooling: Pooling = "mean",
        batch_size: int = 32,
        *,
        edits: Edits | None = None,
    ) -> Floats:
        """One vector for each text: float32 (N, D), in the order given, not normalised.

        A plain string is one text, N = 1. ``edits`` change the pass as in `trace`.

        ``layer`` counts hidden states: 0 is the input to the first layer, −1 the last output.
        ``pooling``: "mean" of all tokens with [CLS] and [SEP], as sentence-transformers does;
        "cls", the first token's vector; "max" in each dimension. Padding never counts.

        Raises ValueError for a layer or a pooling that does not exist.
        """
        if pooling not in ("mean", "cls", "max"):
            raise ValueError(f"pooling is 'mean', 'cls' or 'max', not {pooling!r}")
        index = self._layer(layer)
        encodings = [self._encoded(text) for text in ([texts] if isinstance(texts, str) else texts)]
        vectors = np.empty((len(encodings), self.spec.hidden), dtype=np.float32)
        for indices, states, mask in self._passes(encodings, batch_size, edits):
            hidden = states[index]  # B T D
            seen = mask[..., None].bool()  # B T 1
            if pooling == "cls":
                pooled = hidden[:, 0]
            elif pooling == "max":
                pooled = hidden.masked_fill(~seen, -torch.inf).amax(dim=1)
            else:
                pooled = (hidden * seen).sum(dim=1) / seen.sum(dim=1)
            vectors[indices] = pooled.numpy()
        return vectors

    @torch.inference_mode()
    def pass_time(self, encoding: Encoding) -> float:
        """Seconds that one pass over an input takes, nothing remembered."""
        ids, types, mask = (
            torch.from_numpy(array)[None]
            for array in (encoding.input_ids, encoding.token_type_ids, encoding.attention_mask)
        )
        start = time.perf_counter()
        self.layer_states(ids, self._types(types), mask)
        return time.perf_counter() - start

    def word_vector(
        self, text: str | Encoding, span: Span | str, layer: int, *, edits: Edits | None = None
    ) -> Floats:
        """The vector of one word, float32 (D): mean over its pieces.

        ``span`` is its (start, end) in characters, or the word itself, at its first place.
        ``edits`` change the pass as in `trace`. Raises ValueError when no token lies there (an
        empty span, or beyond what the model reads) or the layer does not exist.
        """
        index = self._layer(layer)
        if isinstance(span, str):
            span = place_of(span, text if isinstance(text, str) else text.text)
        return self.word_vectors([(text, span)], edits=edits)[index, 0]  # type: ignore[no-any-return]

    @torch.inference_mode()
    def word_vectors(
        self,
        words: Sequence[tuple[str | Encoding, Span]],
        batch_size: int = 32,
        *,
        edits: Edits | None = None,
    ) -> Floats:
        """Vectors of many words in all layers: float32 (L+1, N, D), each the mean of its pieces.

        Raises ValueError when no token lies in one of the spans.
        """
        encodings = [self._encoded(text) for text, _ in words]
        pieces = [pieces_of(encodings[i], span) for i, (_, span) in enumerate(words)]
        shape = (self.spec.layers + 1, len(words), self.spec.hidden)
        vectors = np.empty(shape, dtype=np.float32)
        for indices, states, _ in self._passes(encodings, batch_size, edits):
            for layer, hidden in enumerate(states):
                for j, i in enumerate(indices):
                    vectors[layer, i] = hidden[j, pieces[i]].mean(dim=0).numpy()
        return vectors

    def _layer(self, layer: int) -> int:
        """A layer as a place in the hidden states, counted from 0."""
        count = self.spec.layers + 1
        if not -count <= layer < count:
            raise ValueError(
                f"{self.spec.title} has layers 0 (the input) to {self.spec.layers}, not {layer}"
            )
        return layer % count


def array_of(tensor: Tensor) -> Floats:
    """A tensor of whatever device and precision as a NumPy array of float32."""
    return tensor.float().cpu().numpy()


def place_of(word: str, text: str) -> Span:
    """Where a word stands in a text as a whole: its first place, (start, end) in characters.

    Raises ValueError when it does not.
    """
    found = re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text) if word.strip() else None
    if found is None:
        raise ValueError(f"the word {word!r} does not stand in {text[:60]!r}")
    return found.span()


def unknown_steps(edits: Iterable[str], known: Sequence[str]) -> ValueError:
    """The error for edits of steps that no pass comes by; it names the nearest that there are."""
    wrong = sorted(set(edits))
    near = [step for name in wrong for step in difflib.get_close_matches(name, known, 3, 0.5)]
    return ValueError(
        f"no step called {', '.join(wrong)}: steps() names all {len(known)}, as "
        f"{', '.join(dict.fromkeys([*near, *known[:1], *known[-1:]]))}"
    )


def row(name: str, values: Array, length: int, *, below: int, square: bool = False) -> Tensor:
    """Numbers from 0 to ``below`` − 1 for each token, as a batch of one: (1, T).

    With ``square``, (T, T) numbers are as good and give (1, T, T). Raises ValueError for others.
    """
    tensor = torch.tensor(np.ascontiguousarray(values, dtype=np.int64))
    allowed = [(length,), (length, length)] if square else [(length,)]
    if tuple(tensor.shape) not in allowed:
        raise ValueError(f"{name} has shape {tuple(tensor.shape)} for {length} tokens")
    if tensor.min() < 0 or tensor.max() >= below:
        raise ValueError(f"{name} must lie between 0 and {below - 1}")
    return tensor[None]


# --- our own encoder ----------------------------------------------------------------------------


class Telling(Recorder):
    """A recorder that also says how many of the layers are through, as a share."""

    def __init__(
        self,
        edits: Mapping[str, Edit],
        keep: Container[str] | None,
        layers: int,
        progress: Callable[[float], object],
    ) -> None:
        super().__init__(edits, keep)
        self.layers, self.progress = layers, progress

    def __call__(self, name: str, tensor: Tensor) -> Tensor:
        tensor = super().__call__(name, tensor)
        if name.endswith(".feed_forward.norm"):
            self.progress((1 + int(name.split(".")[1])) / self.layers)
        return tensor


class NotPlainBert(ValueError):  # noqa: N818 (says what it is, not that it failed)
    """A checkpoint calls itself BERT, but is not the BERT that `bert.py` writes out."""


@dataclass(frozen=True)
class Parts:
    """Which parts beyond the encoder a checkpoint holds; what it lacks is zeros in the module."""

    masked_words: bool
    next_sentence: bool
    pooler: bool
    labels: Labels | None = None
    classifier: nn.Linear | None = None


HEAD = tuple(
    f"cls.predictions.{name}"
    for name in (
        "bias", "transform.dense.weight", "transform.dense.bias",
        "transform.LayerNorm.weight", "transform.LayerNorm.bias",
    )
)  # fmt: skip
"""The masked-word head, which is there as a whole or not at all."""

SIZES = {
    "word_embeddings": "vocab_size",
    "predictions.bias": "vocab_size",
    "position_embeddings": "max_position_embeddings",
    "token_type_embeddings": "type_vocab_size",
    "intermediate": "intermediate_size",
    "output.dense": "intermediate_size",
}
"""Which number of ``config.json`` gives a tensor its shape; the others have ``hidden_size``."""


class WithoutInitialising(TorchFunctionMode):
    """New modules keep unset weights: random numbers that are overwritten at once cost seconds.

    On the meta device alone, `normal_` would still import torch's compiler, 1.8 s of it.
    """

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", None) == "torch.nn.init":
            return kwargs["tensor"] if "tensor" in kwargs else args[0]
        return func(*args, **kwargs)


def build_bert(
    config: Mapping[str, Any], tensors: Mapping[str, Tensor]
) -> tuple[Bert | BertForPreTraining, Parts]:
    """Our encoder over a checkpoint's tensors, which are taken over, not copied.

    Reads the names of every age: with or without "bert.", "gamma" and "beta" for LayerNorm.
    Raises NotPlainBert for a checkpoint with other parts than the paper's, and Refused for one
    whose parts do not fit each other.
    """
    found: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        name = name.removeprefix("bert.").replace("gamma", "weight").replace("beta", "bias")
        found[name] = tensor.float()
    decoder = found.pop("cls.predictions.decoder.weight", None)
    table = found.get("embeddings.word_embeddings.weight")
    if decoder is not None and table is not None and not torch.equal(decoder, table):
        raise NotPlainBert("its masked-word head has a word table of its own")
    if (bias := found.pop("cls.predictions.decoder.bias", None)) is not None:
        found.setdefault("cls.predictions.bias", bias)
    alone = decoder is None and not config.get("tie_word_embeddings", True)
    labels, classifier = _classifier(config, found)
    parts = Parts(
        masked_words=all(name in found for name in HEAD) and not alone,
        next_sentence=all(f"cls.seq_relationship.{x}" in found for x in ("weight", "bias")),
        pooler=all(f"pooler.dense.{x}" in found for x in ("weight", "bias")),
        labels=labels,
        classifier=classifier,
    )

    if config.get("hidden_act", "gelu") not in ACTIVATIONS:
        raise NotPlainBert("its activation is another one")
    with torch.device("meta"), WithoutInitialising():  # built without memory, then filled
        try:
            bert_config = BertConfig.from_dict(config)
            if parts.masked_words or parts.next_sentence:
                module: Bert | BertForPreTraining = BertForPreTraining(bert_config)
            else:
                module = Bert(bert_config)
        except (AssertionError, TypeError, ValueError, RuntimeError) as error:
            raise Refused(f"config.json does not describe a BERT ({error})") from None

    weights: dict[str, Tensor] = {}
    for name, empty in module.state_dict().items():
        plain = name.removeprefix("bert.")
        optional = plain.startswith(("pooler.", "cls."))
        if plain in found:
            weights[name] = found[plain]
        elif optional:
            weights[name] = torch.zeros(empty.shape)
        else:
            raise Refused(f"its weights lack {plain}")
        if weights[name].shape != empty.shape:
            field = next((f for part, f in SIZES.items() if part in plain), "hidden_size")
            raise Refused(
                f"{plain} has the shape {tuple(weights[name].shape)} in its weights, and by "
                f"{field} in config.json it would be {tuple(empty.shape)}"
            )
    numbers = [int(n.split(".")[2]) for n in found if n.startswith("encoder.layer.")]
    if (layers := 1 + max(numbers, default=-1)) > bert_config.num_hidden_layers:
        raise Refused(
            f"its weights hold {layers} layers, and config.json says num_hidden_layers "
            f"{bert_config.num_hidden_layers}"
        )
    module.load_state_dict(weights, assign=True)
    return module, parts


def _classifier(
    config: Mapping[str, Any], found: Mapping[str, Tensor]
) -> tuple[Labels | None, nn.Linear | None]:
    """The labels and the last layer of a fine-tuned classifier; both None where a part is missing.

    Raises Refused where there are more or fewer labels than the layer has outputs.
    """
    labels = labels_of(config)
    needed = ["classifier.weight", "classifier.bias"]
    if labels is not None and labels.per == "text":
        needed += ["pooler.dense.weight", "pooler.dense.bias"]
    if labels is None or not all(name in found for name in needed):
        return None, None
    weight, bias = found["classifier.weight"], found["classifier.bias"]
    if len(weight) != len(labels.names) or len(bias) != len(labels.names):
        raise Refused(
            f"classifier.weight has {len(weight)} rows in its weights, and id2label in config.json "
            f"has {len(labels.names)} names"
        )
    with torch.device("meta"), WithoutInitialising():
        layer = nn.Linear(weight.shape[1], len(weight))
    layer.load_state_dict({"weight": weight, "bias": bias}, assign=True)
    return labels, layer.requires_grad_(False)


class BertModel(LoadedModel):
    """A BERT checkpoint in our own encoder: every step can be seen and edited."""

    module: Bert | BertForPreTraining

    def __init__(
        self,
        spec: ModelSpec,
        module: Bert | BertForPreTraining,
        parts: Parts,
        tokenizer: Tokenizer,
        special: Special,
    ) -> None:
        config = module.config
        encoder = module.bert if isinstance(module, BertForPreTraining) else module
        super().__init__(
            replace(
                spec,
                layers=config.num_hidden_layers,
                heads=config.num_attention_heads,
                hidden=config.hidden_size,
                parameters=sum(weight.numel() for weight in encoder.parameters()),
            ),
            module,
            tokenizer,
            special,
            positions=config.max_position_embeddings,
            token_types=config.type_vocab_size,
            has_mlm=parts.masked_words,
            has_nsp=parts.next_sentence and parts.pooler,
            labels=parts.labels,
        )
        self.has_pooler = parts.pooler
        self.classifier = parts.classifier
        self.encoder = encoder

    def layer_states(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Edits | None = None,
    ) -> Sequence[Tensor]:
        states: list[Tensor] = []
        # An edit may look at any step before it.
        recorder = Recorder(edits) if edits else no_probe

        def keep(name: str, tensor: Tensor) -> Tensor:
            tensor = recorder(name, tensor)
            if name == "embedding_output" or name.endswith(".feed_forward.norm"):
                states.append(tensor.float().cpu())
            return tensor

        self.encoder(*self._there(input_ids, token_type_ids, attention_mask), probe=keep)
        self._came_by(recorder)
        return states

    def _came_by(self, probe: Probe) -> None:
        """Raises ValueError for an edit of a step that the pass did not come by."""
        if isinstance(probe, Recorder) and (unknown := set(probe.edits) - probe.edited):
            raise unknown_steps(unknown, self.steps())

    @torch.inference_mode()
    def steps(self) -> tuple[str, ...]:
        recorder = Recorder()
        self.encoder(*self._there(torch.zeros(1, 1, dtype=torch.long)), probe=recorder)
        return tuple(recorder.seen)

    def logits_of(self, hidden: Tensor) -> Tensor:
        assert isinstance(self.module, BertForPreTraining)  # has_mlm was asked first
        return self.module.token_logits(*self._there(hidden))

    @property
    def runs_elsewhere(self) -> bool:
        return False

    @property
    def embedding_norm(self) -> Any:
        return self.encoder.embeddings.LayerNorm

    @property
    def position_weights(self) -> Tensor | None:
        return self.encoder.embeddings.position_embeddings.weight

    def label_logits(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Mapping[str, Edit] | None = None,
    ) -> Tensor:
        assert self.labels is not None  # asked first
        assert self.classifier is not None
        last = self.last_states(input_ids, token_type_ids, attention_mask, edits or {})  # B T D
        return self.classifier(  # type: ignore[no-any-return]
            self.encoder.pooler(last) if self.labels.per == "text" else last
        )

    def last_states(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor,
        attention_mask: Tensor,
        edits: Edits,
        *,
        layer: int = 0,
        hidden: Tensor | None = None,
    ) -> Tensor:
        recorder = Recorder(edits, keep=())
        input_ids, token_type_ids, attention_mask = self._there(
            input_ids, self._types(token_type_ids), attention_mask
        )
        if hidden is None:
            return self.encoder(  # type: ignore[no-any-return]
                input_ids, token_type_ids, attention_mask, probe=recorder
            )
        (hidden,) = self._there(hidden)
        mask = additive_mask(attention_mask, hidden.dtype)
        for i in range(layer, self.spec.layers):
            hidden = self.encoder.encoder.layer[i](hidden, mask, within(recorder, f"layer.{i}"))
        assert hidden is not None
        return hidden

    def trace_encoding(
        self,
        encoding: Encoding,
        edits: Edits,
        attention_mask: Tensor,
        token_type_ids: Tensor,
        position_ids: Tensor,
        keep: Collection[str] | None,
        progress: Callable[[float], object] | None = None,
    ) -> Trace:
        ids = torch.from_numpy(encoding.input_ids)[None]  # 1 T
        layers = self.spec.layers
        steps = steps_of(layers, keep)
        states = ["embedding_output", *(f"layer.{i}.feed_forward.norm" for i in range(layers))]
        # An edit may look at any step before it.
        wanted = None if edits else {*states, *(name for names in steps.values() for name in names)}
        recorder = Telling(edits, wanted, layers, progress) if progress else Recorder(edits, wanted)
        inputs = self._there(ids, token_type_ids, attention_mask, position_ids)
        last = self.encoder(*inputs, recorder)
        self._came_by(recorder)

        fields = {"hidden_states": taken(recorder.seen, states)}
        for field, names in steps.items():
            found = taken(recorder.seen, names)
            fields[field] = found if SHAPES[field].letters[0] == "L" else found[0]
        if self.has_pooler:
            fields["pooled"] = array_of(self.encoder.pooler(last)[0])
        return trace_of(self.name, encoding, attention_mask, token_type_ids, position_ids, fields)

    @torch.inference_mode()
    def next_sentence(self, first: str, second: str, *, edits: Edits | None = None) -> float:
        if not self.has_nsp:
            return super().next_sentence(first, second)
        assert isinstance(self.module, BertForPreTraining)
        encoding = self.encode(first, second)
        recorder = Recorder(edits) if edits else no_probe
        hidden = self.encoder(
            *self._there(
                torch.from_numpy(encoding.input_ids)[None],
                torch.from_numpy(encoding.token_type_ids)[None],
            ),
            probe=recorder,
        )
        self._came_by(recorder)
        return float(self.module.next_sentence_logits(hidden).softmax(dim=-1)[0, 0])


def steps_of(layers: int, keep: Collection[str] | None) -> dict[str, list[str]]:
    """The names of the steps that make each field of a trace: one a layer, or one.

    Raises ValueError for a field in ``keep`` that no trace has.
    """
    if keep is not None and (unknown := sorted(set(keep) - set(SHAPES))):
        raise ValueError(f"a trace has no {', '.join(unknown)}; it has {', '.join(SHAPES)}")
    return {
        field: [shape.probe.format(i) for i in range(layers if shape.letters[0] == "L" else 1)]
        for field, shape in SHAPES.items()
        if shape.probe is not None
        and (keep is None or field in keep or field == "attention_weights")
    }


def taken(seen: dict[str, Tensor], names: Sequence[str]) -> Floats:
    """Recorded steps of one input as one array, (1, …) each → (N, …).

    Each is let go as soon as it is copied, so that no trace is in memory twice.
    """
    first = seen[names[0]][0]
    found = np.empty((len(names), *first.shape), dtype=np.float32)
    for i, name in enumerate(names):
        found[i] = array_of(seen.pop(name)[0])
    return found


def trace_of(
    model: str,
    encoding: Encoding,
    attention_mask: Tensor,
    token_type_ids: Tensor,
    position_ids: Tensor,
    fields: Mapping[str, Any],
) -> Trace:
    """The trace of one input, from what went in, (1, T) each, and the arrays that came out."""
    return Trace(
        model=model,
        text=encoding.text,
        pair=encoding.pair,
        tokens=encoding.tokens,
        offsets=encoding.offsets,
        sentence_ids=encoding.sentence_ids,
        word_ids=encoding.word_ids,
        n_cut=encoding.n_cut,
        input_ids=encoding.input_ids.copy(),
        token_type_ids=token_type_ids[0].numpy(),
        attention_mask=attention_mask[0].numpy(),
        position_ids=position_ids[0].numpy(),
        **fields,
    )
