"""BERT, written out from the paper in plain PyTorch.

Devlin et al. 2019, *BERT: Pre-training of Deep Bidirectional Transformers for Language
Understanding* (arxiv.org/abs/1810.04805), over the encoder of Vaswani et al. 2017,
*Attention Is All You Need* (arxiv.org/abs/1706.03762).

The letters in the shape comments mean the same in the whole course:

    B  sentences in the batch        T  tokens in a sentence      V  words in the vocabulary
    D  hidden size                   H  attention heads           L  encoder layers
    I  feed-forward size             D/H  size of one head

Modules carry the names of the published checkpoints, so that a BERT checkpoint loads without
renaming and what is trained here opens in any library.

Every step worth looking at passes through ``probe(name, tensor)``. Most of the time a probe is
nothing (`no_probe` hands the tensor back). `Recorder` keeps the tensors, and may replace some on
the way: that is how the lessons show a step, and how they remove one to see what breaks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Container, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 (the field's own name for it)

Probe = Callable[[str, Tensor], Tensor]
Edit = Callable[[Tensor, Mapping[str, Tensor]], Tensor]

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "gelu": F.gelu,
    "gelu_new": lambda x: F.gelu(x, approximate="tanh"),
    "gelu_pytorch_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "relu": F.relu,
}


def no_probe(name: str, tensor: Tensor) -> Tensor:
    """Look at nothing: hand the tensor on."""
    return tensor


class Recorder:
    """Keeps named tensors of one forward pass; ``edits`` replace some of them on the way.

    An edit receives the tensor and all that was kept before it, and returns what the pass should
    go on with: ``Recorder({"layer.2.attention_weights": lambda w, seen: w * 0})``. Without ``keep``
    every tensor is kept. ``edited`` names the edits that the pass came by.
    """

    def __init__(
        self, edits: Mapping[str, Edit] | None = None, keep: Container[str] | None = None
    ) -> None:
        self.edits = dict(edits or {})
        self.keep = keep
        self.seen: dict[str, Tensor] = {}
        self.edited: set[str] = set()

    def __call__(self, name: str, tensor: Tensor) -> Tensor:
        edit = self.edits.get(name)
        if edit is not None:
            tensor = edit(tensor, self.seen)
            self.edited.add(name)
        if self.keep is None or name in self.keep:
            self.seen[name] = tensor
        return tensor


def within(probe: Probe, scope: str) -> Probe:
    """The same probe for a part of the model: its names begin with ``scope``."""
    return probe if probe is no_probe else lambda name, tensor: probe(f"{scope}.{name}", tensor)


@dataclass(frozen=True)
class BertConfig:
    """The numbers that fix a BERT, named as in a checkpoint's ``config.json``."""

    vocab_size: int = 30522
    hidden_size: int = 768
    num_hidden_layers: int = 12
    num_attention_heads: int = 12
    intermediate_size: int = 3072
    max_position_embeddings: int = 512
    type_vocab_size: int = 2
    layer_norm_eps: float = 1e-12
    hidden_act: str = "gelu"
    hidden_dropout_prob: float = 0.1
    attention_probs_dropout_prob: float = 0.1
    pad_token_id: int = 0
    initializer_range: float = 0.02

    def __post_init__(self) -> None:
        if self.hidden_size % self.num_attention_heads:
            raise ValueError(
                f"hidden_size {self.hidden_size} must be a multiple of "
                f"num_attention_heads {self.num_attention_heads}"
            )
        if self.hidden_act not in ACTIVATIONS:
            raise ValueError(
                f"hidden_act {self.hidden_act!r} is not one of {', '.join(ACTIVATIONS)}"
            )

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> BertConfig:
        """Read a checkpoint's ``config.json``; keys that BERT does not know are left out.

        Raises ValueError for relative position embeddings, which this encoder does not have.
        """
        if values.get("position_embedding_type", "absolute") != "absolute":
            raise ValueError("only absolute position embeddings, as in the BERT paper")
        names = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in names})

    def to_dict(self) -> dict[str, Any]:
        """The keys of ``config.json``, ready for any library that reads BERT checkpoints."""
        return {"model_type": "bert", "architectures": ["BertForPreTraining"], **asdict(self)}


class Embeddings(nn.Module):
    """Word + position + token type, then LayerNorm (Devlin et al. 2019, §3 and figure 2)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.word_embeddings = nn.Embedding(
            config.vocab_size, config.hidden_size, padding_idx=config.pad_token_id
        )
        self.position_embeddings = nn.Embedding(config.max_position_embeddings, config.hidden_size)
        self.token_type_embeddings = nn.Embedding(config.type_vocab_size, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(
        self, input_ids: Tensor, token_type_ids: Tensor, position_ids: Tensor, probe: Probe
    ) -> Tensor:
        word = probe("word_embeddings", self.word_embeddings(input_ids))  # B T D
        position = probe("position_embeddings", self.position_embeddings(position_ids))  # B T D
        token_type = probe("token_type_embeddings", self.token_type_embeddings(token_type_ids))
        summed = probe("embedding_sum", word + position + token_type)  # B T D
        return probe("embedding_output", self.dropout(self.LayerNorm(summed)))  # B T D


class SelfAttention(nn.Module):
    """Multi-head attention: softmax(QKᵀ / √d) V in each head (Vaswani et al. 2017, eq. 1)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.num_heads = config.num_attention_heads
        self.query = nn.Linear(config.hidden_size, config.hidden_size)
        self.key = nn.Linear(config.hidden_size, config.hidden_size)
        self.value = nn.Linear(config.hidden_size, config.hidden_size)
        self.dropout = nn.Dropout(config.attention_probs_dropout_prob)

    def split_heads(self, x: Tensor) -> Tensor:
        """(B, T, D) → (B, H, T, D/H): each head reads its own slice of the vector."""
        return x.view(*x.shape[:-1], self.num_heads, -1).transpose(1, 2)

    def forward(self, hidden: Tensor, mask: Tensor, probe: Probe) -> Tensor:
        query = probe("query", self.split_heads(self.query(hidden)))  # B H T D/H
        key = probe("key", self.split_heads(self.key(hidden)))  # B H T D/H
        value = probe("value", self.split_heads(self.value(hidden)))  # B H T D/H

        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])  # B H T T
        scores = probe("attention_scores", scores)
        weights = probe("attention_weights", (scores + mask).softmax(dim=-1))  # rows sum to 1

        heads = probe("head_outputs", self.dropout(weights) @ value)  # B H T D/H
        return heads.transpose(1, 2).flatten(-2)  # B T D


class AddAndNorm(nn.Module):
    """What closes both halves of a layer: project, add the input back, normalise."""

    def __init__(self, size_in: int, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(size_in, config.hidden_size)
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.dropout = nn.Dropout(config.hidden_dropout_prob)

    def forward(self, x: Tensor, residual: Tensor, probe: Probe) -> Tensor:
        update = probe("output", self.dropout(self.dense(x)))  # B T D
        summed = probe("sum", probe("residual", residual) + update)  # B T D
        return probe("norm", self.LayerNorm(summed))  # B T D


class Attention(nn.Module):
    """First half of a layer: tokens exchange information."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.self = SelfAttention(config)
        self.output = AddAndNorm(config.hidden_size, config)

    def forward(self, hidden: Tensor, mask: Tensor, probe: Probe) -> Tensor:
        mixed = self.self(hidden, mask, probe)  # B T D
        return self.output(mixed, hidden, within(probe, "attention"))  # type: ignore[no-any-return]


class FeedForward(nn.Module):
    """Second half, first step: each token alone is widened from D to I and passed through GELU."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.intermediate_size)
        self.activation = ACTIVATIONS[config.hidden_act]

    def forward(self, hidden: Tensor, probe: Probe) -> Tensor:
        units = probe("feed_forward_inputs", self.dense(hidden))  # B T I
        return probe("feed_forward_units", self.activation(units))  # B T I


class Layer(nn.Module):
    """One encoder layer: attention, then feed-forward, each closed by add and norm."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.intermediate = FeedForward(config)
        self.output = AddAndNorm(config.intermediate_size, config)

    def forward(self, hidden: Tensor, mask: Tensor, probe: Probe) -> Tensor:
        attended = self.attention(hidden, mask, probe)  # B T D
        units = self.intermediate(attended, probe)  # B T I
        return self.output(units, attended, within(probe, "feed_forward"))  # type: ignore[no-any-return]


class Encoder(nn.Module):
    """The stack of L layers."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.layer = nn.ModuleList(Layer(config) for _ in range(config.num_hidden_layers))

    def forward(self, hidden: Tensor, mask: Tensor, probe: Probe) -> Tensor:
        for i, layer in enumerate(self.layer):
            hidden = layer(hidden, mask, within(probe, f"layer.{i}"))  # B T D
        return hidden


class Pooler(nn.Module):
    """[CLS] through a dense layer and tanh: what the next-sentence head reads."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, hidden: Tensor) -> Tensor:
        return torch.tanh(self.dense(hidden[:, 0]))  # B T D → B D


class Bert(nn.Module):
    """The encoder of the paper: ids in, one vector for every token out."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.embeddings = Embeddings(config)
        self.encoder = Encoder(config)
        self.pooler = Pooler(config)

    def forward(
        self,
        input_ids: Tensor,
        token_type_ids: Tensor | None = None,
        attention_mask: Tensor | None = None,
        position_ids: Tensor | None = None,
        probe: Probe = no_probe,
    ) -> Tensor:
        """Encode ``input_ids`` (B, T) into hidden states (B, T, D).

        ``attention_mask`` is 1 where a token may be looked at: (B, T), or (B, T, T) to say it for
        each pair (row looks at column). Left out, all tokens are seen, all are of segment 0, and
        positions count from 0.
        """
        if token_type_ids is None:
            token_type_ids = torch.zeros_like(input_ids)
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        if position_ids is None:
            position_ids = torch.arange(input_ids.shape[1], device=input_ids.device)[None]  # 1 T

        hidden = self.embeddings(input_ids, token_type_ids, position_ids, probe)  # B T D
        mask = additive_mask(attention_mask, hidden.dtype)  # B 1 1|T T
        return self.encoder(hidden, mask, probe)  # type: ignore[no-any-return]


def additive_mask(attention_mask: Tensor, dtype: torch.dtype) -> Tensor:
    """1/0 mask (B, T) or (B, T, T) → 0/very negative (B, 1, 1 or T, T), to add to the scores."""
    mask = (
        attention_mask[:, None, None, :] if attention_mask.dim() == 2 else attention_mask[:, None]
    )
    return (1.0 - mask.to(dtype)) * torch.finfo(dtype).min


class PredictionTransform(nn.Module):
    """The masked-word head before its decoder: dense, GELU, LayerNorm."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.dense = nn.Linear(config.hidden_size, config.hidden_size)
        self.activation = ACTIVATIONS[config.hidden_act]
        self.LayerNorm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, hidden: Tensor) -> Tensor:
        return self.LayerNorm(self.activation(self.dense(hidden)))  # type: ignore[no-any-return]


class PredictionHead(nn.Module):
    """Scores for every word of the vocabulary; the decoder *is* the word-embedding table."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.transform = PredictionTransform(config)
        self.bias = nn.Parameter(torch.zeros(config.vocab_size))

    def forward(self, hidden: Tensor, word_embeddings: Tensor) -> Tensor:
        return F.linear(self.transform(hidden), word_embeddings, self.bias)  # … D → … V


class PreTrainingHeads(nn.Module):
    """The two heads of pre-training: masked words, and does B follow A."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.predictions = PredictionHead(config)
        self.seq_relationship = nn.Linear(config.hidden_size, 2)


class BertForPreTraining(nn.Module):
    """BERT with its two pre-training heads (Devlin et al. 2019, §3.1)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.config = config
        self.bert = Bert(config)
        self.cls = PreTrainingHeads(config)

    def initialise(self, generator: torch.Generator | None = None) -> BertForPreTraining:
        """Fresh weights as the authors drew them: normal with σ = initializer_range, biases 0."""
        for module in self.modules():
            if isinstance(module, nn.Linear | nn.Embedding):
                nn.init.normal_(
                    module.weight, std=self.config.initializer_range, generator=generator
                )
            if isinstance(module, nn.Linear):
                nn.init.zeros_(module.bias)
            if isinstance(module, nn.Embedding) and module.padding_idx is not None:
                with torch.no_grad():
                    module.weight[module.padding_idx].zero_()
        return self

    def token_logits(self, hidden: Tensor) -> Tensor:
        """Masked-word scores: hidden states (…, D) → logits (…, V)."""
        return self.cls.predictions(hidden, self.bert.embeddings.word_embeddings.weight)  # type: ignore[no-any-return]

    def next_sentence_logits(self, hidden: Tensor) -> Tensor:
        """(B, T, D) → (B, 2): index 0 says that B follows A, index 1 that it is random text."""
        return self.cls.seq_relationship(self.bert.pooler(hidden))  # type: ignore[no-any-return]


def pre_training_loss(
    model: BertForPreTraining,
    hidden: Tensor,
    labels: Tensor,
    next_sentence_labels: Tensor | None = None,
) -> tuple[Tensor, Tensor | None]:
    """Cross-entropy of both tasks: (masked-word loss, next-sentence loss or None).

    ``labels`` (B, T) holds the original id where a token was chosen for prediction and −100
    elsewhere. Only chosen positions go through the head: the others cost nothing and teach nothing.
    """
    chosen = labels != -100  # B T
    logits = model.token_logits(hidden[chosen])  # N V, N chosen tokens
    masked = F.cross_entropy(logits.float(), labels[chosen])
    if next_sentence_labels is None:
        return masked, None
    logits = model.next_sentence_logits(hidden)  # B 2
    return masked, F.cross_entropy(logits.float(), next_sentence_labels)
