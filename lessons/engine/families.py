"""Other families' models under the eyes of a recorder: their steps, by their names in `bert.py`.

RoBERTa, DistilBERT, ALBERT and the others are built of the same parts as BERT under other names.
`STEPS` says which module of a family does what; `watch` hangs hooks there, which hand each step to
the recorder of the `Pass` that runs, and take back what the recorder makes of it. Without a pass
they do nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from torch import Tensor, nn

from .bert import Recorder


@dataclass(frozen=True)
class Steps:
    """Where a family does the steps of a layer. Paths lead from the layer to a module.

    ``layers`` is the pattern of the layers' paths in the encoder. ``attention`` and ``narrow`` are
    the projections whose outputs the two halves add; ``widen`` makes the feed-forward units before
    the activation, and is "" where a gate takes part in them.
    """

    layers: str
    attention: str
    attention_norm: str
    widen: str
    narrow: str
    feed_forward_norm: str
    weights: str = ""
    """Where the weights come out of attention that the family computes itself (a dropout)."""
    begins: str = ""
    """What a layer calls first, where the layer itself is not called as a module."""
    norm_first: bool = False
    """Normalises what goes into a half and not the sum: a layer's end is the next one's norm."""
    across: bool = False
    """Tensors of a layer are (B, D, T), for convolutions."""


BERT_LIKE = Steps(
    "encoder.layer.*", "attention.output.dense", "attention.output.LayerNorm",
    "intermediate.dense", "output.dense", "output.LayerNorm",
)  # fmt: skip
DEBERTA = Steps(
    "encoder.layer.*", "attention.output.dense", "attention.output.LayerNorm",
    "intermediate.dense", "output.dense", "output.LayerNorm",
    weights="attention.self.dropout",
)  # fmt: skip

STEPS: dict[str, Steps] = {
    "bert": BERT_LIKE,
    "roberta": BERT_LIKE,
    "xlm-roberta": BERT_LIKE,
    "camembert": BERT_LIKE,
    "data2vec-text": BERT_LIKE,
    "electra": BERT_LIKE,
    "ernie": BERT_LIKE,
    "deberta": DEBERTA,
    "deberta-v2": DEBERTA,
    "mpnet": Steps(
        "encoder.layer.*", "attention.attn.o", "attention.LayerNorm",
        "intermediate.dense", "output.dense", "output.LayerNorm",
        weights="attention.attn.dropout",
    ),
    "distilbert": Steps(
        "transformer.layer.*", "attention.out_lin", "sa_layer_norm",
        "ffn.lin1", "ffn.lin2", "output_layer_norm",
    ),
    "albert": Steps(
        "encoder.albert_layer_groups.*.albert_layers.*", "attention.dense", "attention.LayerNorm",
        "ffn", "ffn_output", "full_layer_layer_norm",
    ),
    "squeezebert": Steps(
        "encoder.layers.*", "post_attention.conv1d", "post_attention.layernorm",
        "intermediate.conv1d", "output.conv1d", "output.layernorm",
        weights="attention.dropout", begins="attention", across=True,
    ),
    "nomic_bert": Steps(
        "layers.*", "self_attn.o_proj", "post_attention_layernorm",
        "", "mlp.down_proj", "post_mlp_layernorm",
    ),
    "modernbert": Steps(
        "layers.*", "attn.Wo", "mlp_norm", "", "mlp.Wo", "attn_norm", norm_first=True,
    ),
}  # fmt: skip
"""By ``model_type``."""

HEADS: dict[str, Callable[[Any, Tensor], Tensor]] = {
    "bert": lambda model, hidden: model.cls.predictions(hidden),
    "ernie": lambda model, hidden: model.cls.predictions(hidden),
    "roberta": lambda model, hidden: model.lm_head(hidden),
    "xlm-roberta": lambda model, hidden: model.lm_head(hidden),
    "camembert": lambda model, hidden: model.lm_head(hidden),
    "data2vec-text": lambda model, hidden: model.lm_head(hidden),
    "mpnet": lambda model, hidden: model.lm_head(hidden),
    "distilbert": lambda model, hidden: model.vocab_projector(
        model.vocab_layer_norm(model.activation(model.vocab_transform(hidden)))
    ),
    "albert": lambda model, hidden: model.predictions(hidden),
    "electra": lambda model, hidden: model.generator_lm_head(model.generator_predictions(hidden)),
    "deberta": lambda model, hidden: model.cls(hidden),
    "deberta-v2": lambda model, hidden: model.cls(hidden),
    "squeezebert": lambda model, hidden: model.cls(hidden),
    "nomic_bert": lambda model, hidden: model.cls(hidden),
    "modernbert": lambda model, hidden: model.decoder(model.head(hidden)),
}
"""Each family's masked-word head, (…, D) → (…, V): needed apart, to read out chosen tokens only."""


class Pass:
    """One pass of a model. ``layer`` counts the layers as they begin, from 0.

    Counted and not built in, since ALBERT runs one layer many times.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.layer = -1
        self.stream: Tensor | None = (
            None  # what a half's output is added to, where norms come first
        )
        self.update: Tensor | None = None  # what a half is about to add

    def step(self, name: str, tensor: Tensor, layer: int | None = None) -> Tensor:
        """Show a step of the layer that runs, or of another one; what to go on with comes back."""
        return self.recorder(f"layer.{self.layer if layer is None else layer}.{name}", tensor)

    def edits(self, name: str) -> bool:
        return f"layer.{self.layer}.{name}" in self.recorder.edits


_running: ContextVar[Pass | None] = ContextVar("pass", default=None)
"""The pass that this thread runs, if somebody looks at it."""


@contextmanager
def looking(recorder: Recorder) -> Iterator[None]:
    """Whatever a watched model does in here is shown to the recorder."""
    token = _running.set(Pass(recorder))
    try:
        yield
    finally:
        _running.reset(token)


def recorded_attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **_: Any,
) -> tuple[Tensor, Tensor]:
    """Attention as in `bert.py`, in the form that `transformers` lets one plug in."""

    def step(name: str, tensor: Tensor) -> Tensor:
        return now.step(name, tensor) if now else tensor

    now = _running.get()
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    query, key, value = step("query", query), step("key", key), step("value", value)
    scores = step("attention_scores", query @ key.transpose(-1, -2) * scale)  # B H T T
    weights = scores if attention_mask is None else scores + attention_mask
    weights = step("attention_weights", weights.softmax(dim=-1))  # B H T T
    weights = nn.functional.dropout(weights, p=dropout, training=module.training)
    heads = step("head_outputs", weights @ value)  # B H T D/H
    return heads.transpose(1, 2).contiguous(), weights


# --- hooks --------------------------------------------------------------------------------------


def watch(base: nn.Module, steps: Steps, heads: int) -> None:
    """Show every step of an encoder to whoever looks."""
    _watch_inputs(base)
    depth = steps.layers.count(".")
    layers = [
        module
        for path, module in base.named_modules()
        if fnmatchcase(path, steps.layers) and path.count(".") == depth
    ]
    for layer in layers:
        _watch_layer(layer, steps, heads)
    if steps.norm_first:
        _after(base.get_submodule("final_norm"), partial(_end_of_layer, 0))


def _after(module: nn.Module, look: Callable[[Pass, Tensor, Tensor], Tensor]) -> None:
    """``look(pass, input, output)`` gives what goes on in place of the module's output."""

    def hook(_: nn.Module, given: tuple[Tensor, ...], found: Tensor) -> Tensor | None:
        now = _running.get()
        return look(now, given[0], found) if now else None

    module.register_forward_hook(hook)


def _before(module: nn.Module, look: Callable[[Pass, Tensor], Tensor]) -> None:
    """``look(pass, input)`` gives what goes in in place of the module's input."""

    def hook(_: nn.Module, given: tuple[Tensor, ...]) -> tuple[Tensor, ...] | None:
        now = _running.get()
        return (look(now, given[0]), *given[1:]) if now else None

    module.register_forward_pre_hook(hook)


def _watch_inputs(base: Any) -> None:
    """The vectors that are added, their sum and what LayerNorm makes of it."""

    def seen(name: str) -> Callable[[Pass, Tensor, Tensor], Tensor]:
        return lambda now, _, found: now.recorder(name, found)

    embeddings = base.embeddings
    _after(base.get_input_embeddings(), seen("word_embeddings"))
    if getattr(embeddings, "task_type_embeddings", None) is not None:
        return  # ERNIE's fourth vector: three would not add up
    for name in ("position_embeddings", "token_type_embeddings"):
        table = getattr(embeddings, name, None)
        if isinstance(table, nn.Module):
            _after(table, seen(name))
    norm = embedding_norm(base)
    if norm is not None:
        _before(norm, lambda now, total: now.recorder("embedding_sum", total))
        _after(norm, seen("embedding_output"))


def embedding_norm(base: Any) -> Any:
    """The LayerNorm after the sum of the input vectors; None where they are made otherwise."""
    embeddings = base.embeddings
    if getattr(embeddings, "embed_proj", None) is not None:
        return None  # DeBERTa widens the sum before it is normalised
    return getattr(embeddings, "LayerNorm", None) or getattr(embeddings, "norm", None)


def _watch_layer(layer: nn.Module, steps: Steps, heads: int) -> None:
    at: Callable[[str], nn.Module] = layer.get_submodule

    def turned(x: Tensor) -> Tensor:
        return x.transpose(1, 2) if steps.across else x

    def after(path: str, look: Callable[[Pass, Tensor], Tensor]) -> None:
        _after(at(path), lambda now, _, found: turned(look(now, turned(found))))

    def before(path: str, look: Callable[[Pass, Tensor], Tensor]) -> None:
        _before(at(path), lambda now, given: turned(look(now, turned(given))))

    def step(name: str) -> Callable[[Pass, Tensor], Tensor]:
        return lambda now, tensor: now.step(name, tensor)

    at(steps.begins).register_forward_pre_hook(_begin, with_kwargs=True)
    if steps.weights:
        _after(at(steps.weights), lambda now, _, found: now.step("attention_weights", found))
        before(steps.attention, partial(_head_outputs, heads))
    if steps.widen:
        after(steps.widen, step("feed_forward_inputs"))
    before(steps.narrow, step("feed_forward_units"))
    if steps.norm_first:
        after(steps.attention, partial(_add_later, "attention"))
        before(steps.attention_norm, _new_stream)
        after(steps.attention_norm, step("attention.norm"))
        after(steps.narrow, partial(_add_later, "feed_forward"))
        _after(at(steps.feed_forward_norm), partial(_end_of_layer, 1))
        return
    for half, projection, norm in (
        ("attention", steps.attention, steps.attention_norm),
        ("feed_forward", steps.narrow, steps.feed_forward_norm),
    ):
        after(projection, partial(_add, half))
        before(norm, partial(_sum, half))
        after(norm, step(f"{half}.norm"))


def _begin(_: nn.Module, given: tuple[Tensor, ...], named: dict[str, Any]) -> None:
    """A layer begins."""
    if now := _running.get():
        now.layer += 1
        now.stream = given[0] if given else named["hidden_states"]


def _head_outputs(heads: int, now: Pass, mixed: Tensor) -> Tensor:
    """The heads' outputs, joined (B, T, D), as (B, H, T, D/H) for who looks."""
    apart = mixed.reshape(*mixed.shape[:2], heads, -1).transpose(1, 2)
    return now.step("head_outputs", apart).transpose(1, 2).flatten(-2)


def _add(half: str, now: Pass, found: Tensor) -> Tensor:
    now.update = now.step(f"{half}.output", found)
    return now.update


def _sum(half: str, now: Pass, total: Tensor) -> Tensor:
    """What goes into a norm: the residual, which may be replaced, and the update."""
    if now.edits(f"{half}.residual"):
        assert now.update is not None
        total = now.step(f"{half}.residual", total - now.update) + now.update
    return now.step(f"{half}.sum", total)


def _add_later(half: str, now: Pass, found: Tensor) -> Tensor:
    """A half's output where no module makes the sum: another residual comes in by way of it."""
    found = now.step(f"{half}.output", found)
    if now.edits(f"{half}.residual"):
        assert now.stream is not None
        found = found + (now.step(f"{half}.residual", now.stream) - now.stream)
    return found


def _new_stream(now: Pass, total: Tensor) -> Tensor:
    now.stream = total
    return now.step("attention.sum", total)


def _end_of_layer(back: int, now: Pass, total: Tensor, found: Tensor) -> Tensor:
    """What a layer leaves, and its norm, which is the next layer's first step (``back`` 1)."""
    layer = now.layer - back
    if layer < 0:
        return found
    now.step("feed_forward.sum", total, layer)
    return now.step("feed_forward.norm", found, layer)
