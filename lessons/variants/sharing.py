"""One layer's weights used again and again, and a word table in two factors (Lan et al. 2020).

*ALBERT*, arxiv.org/abs/1909.11942, §3.1: both save parameters. Neither saves a single operation of
the encoder.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..engine.comparison import cosines

if TYPE_CHECKING:
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding

Word = tuple[str, float]


@dataclass(frozen=True)
class Shared:
    """A model and the same model with one layer in place of all.

    ``parameters`` and ``encoder`` count (as it is, shared), shared weights once; ``cosines`` (T)
    compare the last vector of each token with the model's own; ``kept`` says whether the first
    word at the gap is the same, None without a gap.
    """

    layer: int
    times: int
    parameters: tuple[int, int]
    encoder: tuple[int, int]
    tokens: tuple[str, ...]
    cosines: tuple[float, ...]
    before: list[Word]
    after: list[Word]

    @property
    def kept(self) -> bool | None:
        """Whether both put the same word first."""
        return self.before[0][0] == self.after[0][0] if self.before and self.after else None


def shared_model(model: LoadedModel, layer: int, times: int) -> LoadedModel:
    """The model with layer ``layer`` (counted from 0) ``times`` times in place of its stack.

    The weights are the model's own, not copies. Raises ValueError for a model of another family
    or a layer that it does not have.
    """
    from torch import nn

    from ..engine.bert import BertForPreTraining
    from ..engine.fine_tuned import encoder_of

    own = encoder_of(model).encoder.layer
    if not 0 <= layer < len(own) or times < 1:
        raise ValueError(f"{model.spec.title} has layers 0 to {len(own) - 1}")
    changed = copy.copy(model)
    module = changed.module = copy.copy(model.module)
    module._modules = dict(module._modules)
    encoder = copy.copy(encoder_of(model))
    encoder._modules = dict(encoder._modules)
    stack = copy.copy(encoder.encoder)
    stack._modules = {"layer": nn.ModuleList([own[layer]] * times)}
    encoder.encoder = stack
    if isinstance(module, BertForPreTraining):
        module.bert = encoder
    else:
        changed.module = encoder
    changed.encoder = encoder  # type: ignore[attr-defined]
    changed.spec = replace(model.spec, layers=times)
    return changed


def share(
    model: LoadedModel, encoding: Encoding, layer: int, times: int, gap: int | None, top: int = 5
) -> Shared:
    """Run the sentence through the model as it is and with one layer for all."""
    from ..engine.fine_tuned import encoder_of
    from ..engine.gaps import top_words

    changed = shared_model(model, layer, times)
    states = [m.hidden_states([encoding])[0][-1] for m in (model, changed)]
    words: list[list[Word]] = [[], []]
    if gap is not None and model.has_mlm:
        logits = model.token_logits(np.stack([state[gap] for state in states]))  # 2 V
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        rows = powers / powers.sum(axis=-1, keepdims=True)
        words = [list(top_words(model, row, top)) for row in rows]
    encoders = [encoder_of(m) for m in (model, changed)]
    return Shared(
        layer,
        times,
        (count(encoders[0]), count(encoders[1])),
        (count(encoders[0].encoder), count(encoders[1].encoder)),
        encoding.tokens,
        tuple(float(value) for value in cosines(*states)),
        words[0],
        words[1],
    )


def count(module: object) -> int:
    """Weights of a module; a weight that is used in several places counts once."""
    from torch import nn

    assert isinstance(module, nn.Module)
    return sum(weight.numel() for weight in module.parameters())


# --- the word table in two factors --------------------------------------------------------------


@dataclass(frozen=True)
class Factors:
    """A word table V × D, and V × E followed by E × D."""

    vocabulary: int
    hidden: int
    inner: int

    @property
    def whole(self) -> int:
        """V · D."""
        return self.vocabulary * self.hidden

    @property
    def factored(self) -> int:
        """V · E + E · D."""
        return self.vocabulary * self.inner + self.inner * self.hidden

    @property
    def break_even(self) -> float:
        """The E at which both are equal: V · D / (V + D)."""
        return self.whole / (self.vocabulary + self.hidden)


# --- in words -----------------------------------------------------------------------------------


def describe_shared(found: Shared) -> str:
    """What sharing saved and what it broke."""
    mean = sum(found.cosines) / len(found.cosines)
    said = (
        f"Layer {found.layer + 1}, used {found.times} times: the layers have "
        f"{found.encoder[1]:,} weights in place of {found.encoder[0]:,}. The last vectors have a "
        f"mean cosine of {mean:.2f} with the model's own"
    )
    if not found.before:
        return f"{said}."
    return (
        f"{said}, and at the gap “{found.after[0][0]}” ({found.after[0][1]:.0%}) stands first in "
        f"place of “{found.before[0][0]}” ({found.before[0][1]:.0%})."
        if not found.kept
        else f"{said}, and “{found.after[0][0]}” still stands first at the gap."
    )


def describe_factors(f: Factors) -> str:
    """The two counts and where they meet."""
    if f.factored < f.whole:
        verdict = f"{1 - f.factored / f.whole:.0%} fewer"
    else:
        verdict = f"{f.factored / f.whole - 1:.0%} more: two tables are no gain here"
    return (
        f"{f.vocabulary:,} × {f.inner} + {f.inner} × {f.hidden:,} = {f.factored:,} weights; one "
        f"table of {f.vocabulary:,} × {f.hidden:,} has {f.whole:,}. That is {verdict}. They meet "
        f"at E = {f.break_even:,.0f}."
    )
