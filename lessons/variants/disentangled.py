"""DeBERTa's attention scores: content and position apart (arxiv.org/abs/2006.03654).

A token is two vectors: one for what it is, one for how far it stands from another. The score of
query i and key j is a sum of three products (§3.1, equation 4; δ is the bucketed distance):

    content to content    Qc_i · Kc_j
    content to position   Qc_i · Kr_δ(i,j)
    position to content   Kc_j · Qr_δ(i,j)

all divided by √(3 d). There is no fourth: position to position would be the same in every
sentence. The paper writes δ(j, i) in the last one; the published code, which made the checkpoints
of v2 and v3, reads the row of δ(i, j), and so does this.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

PARTS = ("content to content", "content to position", "position to content")


@dataclass(frozen=True, eq=False)
class Projections:
    """Weights of one layer. Each projection is a pair: weight (D, D) and bias (D).

    DeBERTa-v3 projects distances by the same matrices as content ("shared"); then ``pos_key`` is
    ``key`` and ``pos_query`` is ``query``. ``distances`` (2 S, D) has a vector for each bucket.
    """

    query: tuple[Tensor, Tensor]
    key: tuple[Tensor, Tensor]
    pos_query: tuple[Tensor, Tensor]
    pos_key: tuple[Tensor, Tensor]
    distances: Tensor
    heads: int
    buckets: int
    max_distance: int


def bucket(distance: Tensor, buckets: int, max_distance: int) -> Tensor:
    """Each distance i − j as the number of its bucket, between −``buckets`` and ``buckets``.

    Up to half of ``buckets`` every distance has its own; beyond, distances share buckets that
    widen like a logarithm until ``max_distance``.
    """
    half = buckets // 2
    size = distance.abs().clamp(min=1).double()
    share = torch.log(size / half) / math.log((max_distance - 1) / half)
    far = (half + torch.ceil(share * (half - 1))) * distance.sign()
    return torch.where(distance.abs() <= half, distance, far.long())


def relative(length: int, buckets: int, max_distance: int) -> Tensor:
    """δ(i, j) for all pairs of places, row i, column j: (T, T)."""
    place = torch.arange(length)
    return bucket(place[:, None] - place[None, :], buckets, max_distance)


def project(x: Tensor, pair: tuple[Tensor, Tensor], heads: int) -> Tensor:
    """Linear, then cut into heads: (N, D) → (H, N, D/H)."""
    weight, bias = pair
    y = x @ weight.T + bias
    return y.view(len(x), heads, -1).transpose(0, 1)


@torch.no_grad()
def parts(hidden: Tensor, p: Projections) -> dict[str, Tensor]:
    """The three parts of the scores of one sentence: hidden (T, D) → (H, T, T) each.

    Their sum is what goes into the softmax.
    """
    query, key = project(hidden, p.query, p.heads), project(hidden, p.key, p.heads)  # H T D/H
    pos_query = project(p.distances, p.pos_query, p.heads)  # H 2S D/H
    pos_key = project(p.distances, p.pos_key, p.heads)  # H 2S D/H
    span = len(p.distances) // 2
    delta = relative(len(hidden), p.buckets, p.max_distance)  # T T, row i, column j
    ahead = (delta + span).clamp(0, 2 * span - 1)  # δ(i, j) as a row of the table

    scale = math.sqrt(3 * query.shape[-1])
    c2c = query @ key.transpose(-1, -2)  # H T T
    c2p_all = query @ pos_key.transpose(-1, -2)  # H T 2S: query i against every distance
    c2p = c2p_all.gather(-1, ahead.expand(p.heads, -1, -1))  # … and the one that key j stands at
    p2c_all = key @ pos_query.transpose(-1, -2)  # H T 2S: key j against every distance
    p2c = p2c_all.gather(-1, ahead.T.expand(p.heads, -1, -1)).transpose(-1, -2)  # rows i again
    return dict(zip(PARTS, (c2c / scale, c2p / scale, p2c / scale), strict=True))


def random_projections(
    size: int, heads: int, buckets: int, max_distance: int, seed: int
) -> Projections:
    """Weights that nobody trained: normal, of a size that keeps the products near 1."""
    generator = torch.Generator().manual_seed(seed)

    def drawn(rows: int) -> Tensor:
        return torch.randn(rows, size, generator=generator) / math.sqrt(size)

    query, key = ((drawn(size), torch.zeros(size)) for _ in range(2))
    distances = torch.randn(2 * buckets, size, generator=generator)
    return Projections(query, key, query, key, distances, heads, buckets, max_distance)


def projections_of(attention: Any, distances: Tensor) -> Projections:
    """Weights of a `transformers` DeBERTa-v2 attention, whose ``rel_embeddings`` are given."""

    def pair(layer: Any) -> tuple[Tensor, Tensor]:
        return layer.weight.detach(), layer.bias.detach()

    query, key = pair(attention.query_proj), pair(attention.key_proj)
    shared = bool(attention.share_att_key)
    return Projections(
        query,
        key,
        query if shared else pair(attention.pos_query_proj),
        key if shared else pair(attention.pos_key_proj),
        distances.detach()[: 2 * attention.pos_ebd_size],
        attention.num_attention_heads,
        attention.position_buckets,
        attention.max_relative_positions,
    )


def from_checkpoint(
    model: Any, text: str, layer: int, most: int
) -> tuple[tuple[str, ...], Tensor, Projections]:
    """Tokens, the states that go into a layer, and its weights, of a loaded DeBERTa-v2 or v3.

    ``model`` is a `HubModel`; ``layer`` counts from 0; at most ``most`` tokens are returned.
    """
    encoding = model.encode(text)
    states = torch.from_numpy(model.hidden_states([encoding])[0][layer][:most].copy())
    encoder = model.base.encoder
    weights = projections_of(encoder.layer[layer].attention.self, encoder.get_rel_embedding())
    return tuple(model.readable(token) for token in encoding.tokens[:most]), states, weights


def shuffled(length: int, fixed: int) -> list[int]:
    """An order of the tokens in which all but [CLS], [SEP] at the ends and ``fixed`` move on."""
    moving = [i for i in range(1, length - 1) if i != fixed]
    order = list(range(length))
    for here, there in zip(moving, moving[1:] + moving[:1], strict=True):
        order[here] = there
    return order


def row_changes(
    before: dict[str, Tensor], after: dict[str, Tensor], head: int, query: int
) -> dict[str, float]:
    """The largest change in one row of each part."""
    return {
        name: float((after[name][head, query] - before[name][head, query]).abs().max())
        for name in PARTS
    }


def describe_parts(
    scores: dict[str, Tensor], query: int, head: int, tokens: tuple[str, ...]
) -> str:
    """Which part moves the row of one query most."""
    rows = {name: values[head, query] for name, values in scores.items()}
    spread = {name: float(row.std(correction=0)) for name, row in rows.items()}
    total = torch.stack(list(rows.values())).sum(dim=0)
    largest = max(spread, key=spread.__getitem__)
    sizes = ", ".join(f"{name} {value:.2f}" for name, value in spread.items())
    return (
        f"Row of “{tokens[query]}” in head {head + 1}: the spread of the scores is {sizes}, so "
        f"{largest} decides most. Highest sum: “{tokens[int(total.argmax())]}”."
    )
