"""Repair a last layer whose vectors have lost their length, or all point the same way.

    python -m training.repair DATA --weights OLD.safetensors --out NEW.safetensors
    python -m training.repair DATA --weights OLD.safetensors --out NEW.safetensors --center

**Lost length.** Some trained encoders let the last feed-forward block add one huge constant in very
few dimensions. LayerNorm divides everything by its spread and then deletes those dimensions with a
gain of nearly 0: predictions are fine, but what the layer adds is a constant and its vectors are a
tenth as long as those of the other layers. Here the constant is taken out, LayerNorm's gain and
shift make up for it, and the two heads that read the layer are scaled by the inverse. Predictions
stay almost as they were; a short training afterwards gives the freed dimensions something to say.

**One way for all** (``--center``). In others the last LayerNorm adds a large constant in very few
dimensions, and every cosine in that layer is near 1. The constant goes into the shifts of the two
heads; predictions stay, no training is needed.

DATA is a folder made by `prepare.py`: the constant is measured on training text, never on the
evaluation files.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from lessons.engine.bert import AddAndNorm, BertForPreTraining, Recorder
from training.batches import Batch, Corpus, collate
from training.train import START, export, load_bert

DEAD_GAIN = 0.01  # of the median gain: LayerNorm deletes such a dimension
KEPT = 0.15  # of what varies in a dimension that held a constant
CONSTANT = 5.0  # a dimension whose mean is so many times its spread hardly differs between tokens


@dataclass(frozen=True)
class LastLayer:
    """What went through the last feed-forward block: N tokens by D dimensions."""

    added: Tensor
    """(N, D): what feed-forward adds."""
    summed: Tensor
    """(N, D): the sum that LayerNorm reads."""
    vectors: Tensor
    """(N, D): what LayerNorm makes of it, the vectors of the layer."""
    lengths: Tensor
    """(L+1): mean length (L2 norm) of the vectors of each layer, embeddings first."""


@torch.no_grad()
def observe(model: BertForPreTraining, batches: list[Batch]) -> LastLayer:
    """Run the batches and keep what the last layer did to every token that is no padding."""
    last = model.config.num_hidden_layers - 1
    added, summed, vectors, lengths = [], [], [], []
    for batch in batches:
        recorder = Recorder()
        model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask, probe=recorder)
        real = batch.attention_mask == 1
        seen = recorder.seen
        added.append(seen[f"layer.{last}.feed_forward.output"][real])
        summed.append(seen[f"layer.{last}.feed_forward.sum"][real])
        vectors.append(seen[f"layer.{last}.feed_forward.norm"][real])
        states = [seen["embedding_output"]]
        states += [seen[f"layer.{i}.feed_forward.norm"] for i in range(last + 1)]
        lengths.append(torch.stack([state[real].norm(dim=-1) for state in states]))  # L+1 N
    mean_lengths = torch.cat(lengths, dim=1).mean(dim=1)
    return LastLayer(torch.cat(added), torch.cat(summed), torch.cat(vectors), mean_lengths)


def last_block(model: BertForPreTraining) -> AddAndNorm:
    """What closes the last layer's feed-forward half."""
    block = model.get_submodule(f"bert.encoder.layer.{model.config.num_hidden_layers - 1}.output")
    assert isinstance(block, AddAndNorm)
    return block


def dead_dimensions(model: BertForPreTraining) -> list[int]:
    """Dimensions that the last LayerNorm deletes: gain below `DEAD_GAIN` of the median."""
    gain = last_block(model).LayerNorm.weight.detach().abs()
    return [int(d) for d in torch.nonzero(gain < DEAD_GAIN * gain.median()).flatten()]


READERS = ("cls.predictions.transform.dense", "bert.pooler.dense")


def readers(model: BertForPreTraining) -> list[Tensor]:
    """The two matrices, each (D, D), that read the last layer's vectors."""
    return [model.get_parameter(f"{name}.weight") for name in READERS]


def reader_shifts(model: BertForPreTraining) -> list[Tensor]:
    """What each of the two adds to what it read, (D)."""
    return [model.get_parameter(f"{name}.bias") for name in READERS]


@torch.no_grad()
def remove_constants(model: BertForPreTraining, batches: list[Batch]) -> list[int]:
    """Take the constant out of the dead dimensions; returns which they were (maybe none).

    With μ, σ the mean and spread that LayerNorm computes over one token's sum s, g the gain and b
    the shift, ``g (s − μ)/σ + b`` stays what it was for every other dimension when the sum's new
    mean μ' and spread σ' are met by ``g' = g σ'/σ`` and ``b' = b − g (μ − μ')/σ``. The constant
    outweighs everything else, so μ − μ', σ and σ' hardly differ from token to token: means do.
    """
    dead = dead_dimensions(model)
    if not dead:
        return dead
    block = last_block(model)
    alive = [d for d in range(model.config.hidden_size) if d not in dead]
    before = observe(model, batches)
    varying = before.added.mean(dim=0)[dead] - block.dense.bias[dead]
    block.dense.weight[dead] *= KEPT
    block.dense.bias[dead] = -KEPT * varying  # what is added there has mean 0 now
    after = observe(model, batches)

    gain, shift = block.LayerNorm.weight.clone(), block.LayerNorm.bias.clone()
    spread = before.summed.std(dim=1, unbiased=False).mean()
    new_spread = after.summed.std(dim=1, unbiased=False).mean()
    moved = (before.summed.mean(dim=1) - after.summed.mean(dim=1)).mean()
    block.LayerNorm.weight.copy_(gain * new_spread / spread)
    block.LayerNorm.bias.copy_(shift - gain * moved / spread)
    block.LayerNorm.weight[dead] = block.LayerNorm.weight[alive].median()
    block.LayerNorm.bias[dead] = 0.0
    for reader in readers(model):
        reader[:, dead] = 0.0  # they read nothing there yet; training will decide
    return dead


@torch.no_grad()
def scale_last_layer(model: BertForPreTraining, factor: float) -> None:
    """Make the last layer's vectors ``factor`` times as long and leave every prediction alone."""
    norm = last_block(model).LayerNorm
    norm.weight.mul_(factor)
    norm.bias.mul_(factor)
    for reader in readers(model):
        reader.div_(factor)


def as_long_as_the_others(model: BertForPreTraining, batches: list[Batch]) -> LastLayer:
    """Scale the last layer to the mean length of the layers before it, embeddings left out."""
    lengths = observe(model, batches).lengths
    scale_last_layer(model, float(lengths[1:-1].mean() / lengths[-1]))
    return observe(model, batches)


def repair(model: BertForPreTraining, batches: list[Batch]) -> LastLayer:
    """Take constants out of feed-forward; the last layer becomes as long as the others."""
    remove_constants(model, batches)
    return as_long_as_the_others(model, batches)


def constant_dimensions(vectors: Tensor) -> list[int]:
    """Dimensions of (N, D) vectors in which the mean is more than `CONSTANT` times the spread."""
    outweighs = vectors.mean(dim=0).abs() > CONSTANT * vectors.std(dim=0)
    return [int(d) for d in torch.nonzero(outweighs).flatten()]


@torch.no_grad()
def center(model: BertForPreTraining, batches: list[Batch]) -> list[int]:
    """Take the mean out of the last layer's constant dimensions; returns which they were.

    LayerNorm ends with a shift b (D), so the layer's vectors h (D) can be moved by any c (D): with
    ``b' = b − c`` they are ``h' = h − c``. Each head reads ``W h + a``, with W (D, D) and its own
    shift a (D). With ``a' = a + W c`` it reads what it read before: ``W h' + a' = W h + a``. Here c
    is the mean over all tokens in the constant dimensions and 0 in every other one.
    """
    vectors = observe(model, batches).vectors
    constant = constant_dimensions(vectors)
    moved = torch.zeros(vectors.shape[1])
    moved[constant] = vectors.mean(dim=0)[constant]
    last_block(model).LayerNorm.bias.sub_(moved)
    for weight, shift in zip(readers(model), reader_shifts(model), strict=True):
        shift.add_(weight @ moved)
    return constant


def straighten(model: BertForPreTraining, batches: list[Batch]) -> LastLayer:
    """`center`; what is left becomes as long as the layers before it are on average."""
    center(model, batches)
    return as_long_as_the_others(model, batches)


def sample(corpus: Corpus, count: int = 256, seed: int = 0) -> list[Batch]:
    """Unmasked spans of the text to measure the constant on."""
    rng = np.random.default_rng(seed)
    examples = sorted((corpus.span(rng) for _ in range(count)), key=len)
    batches = [collate(examples[i : i + 16], rng, 0.0) for i in range(0, count, 16)]
    return [batch.unmasked() for batch in batches]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("data", type=Path, help="folder made by prepare.py")
    parser.add_argument("--weights", type=Path, default=START, help="weights to repair")
    parser.add_argument("--out", type=Path, required=True, help="where to write the repaired ones")
    parser.add_argument(
        "--center", action="store_true", help="take out what LayerNorm's shift adds to every token"
    )
    args = parser.parse_args()
    model = load_bert(args.weights).eval()
    batches = sample(Corpus(args.data))
    before = observe(model, batches)
    lengths = ", ".join(f"{length:.1f}" for length in before.lengths.tolist())
    print(f"length of the vectors, layer by layer: {lengths}")
    print(f"dimensions that LayerNorm deletes: {dead_dimensions(model) or 'none'}")
    print(f"dimensions that are nearly constant: {constant_dimensions(before.vectors) or 'none'}")
    after = (straighten if args.center else repair)(model, batches)
    print("now: " + ", ".join(f"{length:.1f}" for length in after.lengths.tolist()))
    export(model, args.out)


if __name__ == "__main__":
    main()
