"""Does attention matter? Silence heads and see; and ask other methods which tokens count.

The prediction at one masked token is the thing to be explained, or a classifier's label. Attention
and rollout say where a token looked. Removal, gradients and integrated gradients say what the
prediction depends on. They need not agree, and this module measures how far they do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..engine.trace import Floats
from .maps import rollout

if TYPE_CHECKING:
    from torch import Tensor

    from ..engine.attribution import Progress
    from ..engine.bert import Edit
    from ..engine.model import LoadedModel
    from ..engine.tokenizer import Encoding

How = Literal["silent", "even"]
Heads = Sequence[tuple[int, int]]  # (layer, head), counted from 0

LONGEST = 64
"""Tokens up to which every head and every token is tried."""
AT_ONCE = 16
"""Inputs in one batch of what is removed in turn."""


# --- silencing ----------------------------------------------------------------------------------


def edits_for(heads: Heads, how: How) -> dict[str, Edit]:
    """Edits of a pass that silence heads, by name of the step in `bert.py`.

    "silent" replaces a head's output by zeros; "even" lets it look at all tokens alike, so that it
    hands on the mean of the values.
    """
    edits: dict[str, Edit] = {}
    for layer in {layer for layer, _ in heads}:
        chosen = [head for other, head in heads if other == layer]

        def edit(x: Tensor, seen: Mapping[str, Tensor], chosen: list[int] = chosen) -> Tensor:
            if max(chosen) >= x.shape[1]:
                raise ValueError(f"there are heads 1 to {x.shape[1]}, not head {max(chosen) + 1}")
            x = x.clone()
            x[:, chosen] = 0.0 if how == "silent" else 1.0 / x.shape[-1]
            return x

        edits[f"layer.{layer}.{'head_outputs' if how == 'silent' else 'attention_weights'}"] = edit
    return edits


@dataclass(frozen=True)
class Change:
    """A prediction before and after: best words, and what became of the first one."""

    before: list[tuple[str, float]]
    after: list[tuple[str, float]]
    word: str
    probability: tuple[float, float]
    divergence: float
    """Kullback–Leibler divergence of after from before, in bits."""


def silence(
    model: LoadedModel, encoding: Encoding, position: int, heads: Heads, how: How, top_k: int = 6
) -> Change:
    """The prediction at ``position`` with and without these heads.

    Raises ValueError for a model whose steps cannot be edited and HeadMissing without a masked-word
    head.
    """
    states = [
        model.trace(encoding, edits=edits).hidden_states[-1, position]
        for edits in ({}, edits_for(heads, how))
    ]
    before, after = _softmax(model.token_logits(np.stack(states)))
    best = int(before.argmax())
    return Change(
        before=_best(model, before, top_k),
        after=_best(model, after, top_k),
        word=model.tokenizer.id_to_token(best) or "",
        probability=(float(before[best]), float(after[best])),
        divergence=float((before * np.log2(before / after)).sum()),
    )


def describe_change(change: Change, heads: Heads, how: How) -> str:
    """What silencing did to the prediction."""
    one, two = change.probability
    done = "put to silence" if how == "silent" else "made to look everywhere alike"
    top = change.after[0][0]
    stays = "stays first" if top == change.word else f"gives way to “{top}”"
    count = f"{len(heads)} head{'' if len(heads) == 1 else 's'}"
    return (
        f"With {count} {done}, “{change.word}” goes from {one:.1%} to {two:.1%} and {stays}. Over "
        f"all words the new prediction is {change.divergence:.2f} bits away from the old one "
        "(Kullback–Leibler divergence: 0 would be no change at all)."
    )


def each_head(
    model: LoadedModel,
    encoding: Encoding,
    position: int,
    progress: Callable[[float], object] | None = None,
) -> Floats:
    """Silence each head alone: log-probability of the best word after, less before, (L, H).

    Below zero the head had helped. The heads of a layer go through in one batch, each copy of the
    input with another head silent.
    """
    import torch

    layers, heads = model.spec.layers, model.spec.heads
    change = np.zeros((layers, heads), dtype=np.float32)
    with torch.inference_mode():
        ids, types, mask = _inputs(encoding)
        states = model.layer_states(ids, types, mask)
        many = [tensor.expand(heads, -1) for tensor in (ids, types, mask)]
        plain = model.logits_of(states[-1][:, position]).log_softmax(-1)[0]
        best = int(plain.argmax())

        def one_each(x: Tensor, seen: Mapping[str, Tensor]) -> Tensor:  # H H T D/H
            return x * (1 - torch.eye(heads).to(x))[:, :, None, None]

        for layer in range(layers):
            last = model.last_states(
                many[0], many[1], many[2],
                {f"layer.{layer}.head_outputs": one_each},
                layer=layer,
                hidden=states[layer].expand(heads, -1, -1),
            )  # fmt: skip  # H T D
            after = model.logits_of(last[:, position]).log_softmax(-1)[:, best]
            change[layer, :] = (after - plain[best]).float().cpu().numpy()
            if progress:
                progress((layer + 1) / layers)
    return change


def describe_each_head(change: Floats) -> str:
    """Which single head the prediction leans on most, and how many do next to nothing."""
    layer, head = np.unravel_index(int(change.argmin()), change.shape)
    idle = float((np.abs(change) < 0.05).mean())
    return (
        f"The prediction leans most on layer {layer + 1}, head {head + 1}: without it the "
        f"probability is multiplied by {np.exp(change.min()):.2f}. {idle:.0%} of the heads, one at "
        f"a time, change it by less than 5%. That a head is not missed does not say why: it may "
        f"have had nothing to add, or another did the same."
    )


# --- which tokens count -------------------------------------------------------------------------

METHODS: dict[str, str] = {
    "attention": "Attention, mean of all heads and layers",
    "rollout": "Attention rollout",
    "removal": "Removal: masked, how far the prediction falls",
    "gradient": "Gradient × input",
    "integrated": "Integrated gradients",
}


Asks = Literal["gap", "text", "token"]
"""What is explained: the word at a gap, a classifier's label of the text, or that of a token."""


@dataclass(frozen=True, eq=False)
class Importance:
    """How much each token counts for one answer, by each method of `METHODS`: (T) each.

    ``word`` is the predicted word, or the label. ``compared`` are the positions over which the
    methods are compared: all but a gap and the special tokens. ``gap`` is the log-probability that
    integrated gradients should add up to, ``sum`` what they do add up to. With ``score`` the model
    gives a number, and no probability.
    """

    tokens: tuple[str, ...]
    position: int
    word: str
    probability: float
    scores: dict[str, Floats]
    compared: tuple[int, ...]
    gap: float
    sum: float
    asks: Asks = "gap"
    score: bool = False

    @property
    def answer(self) -> str:
        """The word and how sure the model is of it."""
        sure = f"{self.probability:.2f}" if self.score else f"{self.probability:.0%}"
        return f"“{self.word}” ({sure})"

    def agreement(self) -> Floats:
        """Spearman's rank correlation of the methods, by the size of what they say: (M, M)."""
        if len(self.compared) < 2:
            return np.zeros((len(self.scores),) * 2, dtype=np.float32)
        ranks = np.stack(
            [_ranks(np.abs(s[list(self.compared)])) for s in self.scores.values()]
        )  # M N
        with np.errstate(invalid="ignore", divide="ignore"):  # a method that ties all has no rank
            found = np.nan_to_num(np.atleast_2d(np.corrcoef(ranks)))
        return found.astype(np.float32)


def attended(model: LoadedModel, encoding: Encoding, position: int) -> Importance:
    """Attention and rollout alone: where the token at ``position`` looks. One pass.

    It is a masked one or, for a classifier of texts, the first. A classifier of tokens is asked
    for its label.
    """
    trace = model.trace(encoding, keep=())
    labels = model.labels
    if labels is None:
        probabilities = _softmax(model.token_logits(trace.hidden_states[-1, position]))
        best = int(probabilities.argmax())
        word = model.tokenizer.id_to_token(best) or ""
    else:
        probabilities = model.label_probabilities(encoding)
        if labels.per == "token":
            probabilities = probabilities[position]
        best = int(probabilities.argmax())
        word = labels.names[best]
    asks: Asks = labels.per if labels else "gap"
    return Importance(
        tokens=trace.tokens,
        position=position,
        word=word,
        probability=float(probabilities[best]),
        scores={
            "attention": trace.attention_weights[:, :, position].mean(axis=(0, 1)),
            "rollout": rollout(trace.attention_weights)[-1, position],
        },
        compared=tuple(
            i
            for i, offsets in enumerate(trace.offsets)
            if offsets is not None and not (asks == "gap" and i == position)
        ),
        gap=0.0,
        sum=0.0,
        asks=asks,
        score=labels is not None and labels.kind == "score",
    )


def importance(
    model: LoadedModel, encoding: Encoding, position: int, progress: Progress | None = None
) -> Importance:
    """Ask all methods about the prediction at ``position``, as `attended` explains it.

    Integrated gradients walk from the same input with every word masked to the input itself.
    ``progress`` is told how far it is, from 0 to 1. Raises ValueError above `LONGEST` tokens.
    """
    import torch

    from ..engine.attribution import gradient, integrated_gradients

    if len(encoding) > LONGEST:
        raise ValueError(f"at most {LONGEST} tokens")
    tell = progress or (lambda _: None)
    looked = attended(model, encoding, position)
    own = list(looked.compared)
    labels = model.labels
    if labels is None:
        best = model.tokenizer.token_to_id(looked.word) or 0
    else:
        best = labels.names.index(looked.word)

    ids, types, mask = _inputs(encoding)

    def answer(words: Tensor) -> Tensor:
        """Word embeddings (B, T, D) in, log-probability of the answer (B) out."""
        many = [tensor.expand(len(words), -1) for tensor in (ids, types, mask)]
        edits = {"word_embeddings": lambda x, seen: words}
        if labels is None:
            last = model.last_states(many[0], many[1], many[2], edits)  # B T D
            return model.logits_of(last[:, position]).log_softmax(-1)[:, best]
        logits = model.label_logits(many[0], many[1], many[2], edits)
        logits = logits[:, position] if labels.per == "token" else logits  # B K
        return labels.log_probabilities(logits)[:, best]

    with torch.no_grad():
        table = model.word_embeddings
        here = table(ids)  # 1 T D
        blank_ids = ids.clone()
        blank_ids[0, own] = model.mask_token_id or 0
        blank = table(blank_ids)
        removed = here.repeat(max(len(own), 1), 1, 1)
        for row, i in enumerate(own):
            removed[row, i] = blank[0, i]
        parts = []
        for part in removed.split(AT_ONCE):
            parts.append(answer(part))
            tell(0.3 * sum(map(len, parts)) / len(removed))
        fallen = torch.cat(parts)
        whole = answer(here)
        gap = float(whole - answer(blank))

    integrated = integrated_gradients(
        answer, here, blank, lambda share: tell(0.3 + 0.65 * share)
    )  # T
    removal = np.zeros(len(encoding), dtype=np.float32)
    removal[own] = (whole - fallen[: len(own)]).numpy()
    return replace(
        looked,
        scores=looked.scores
        | {
            "removal": removal,
            "gradient": (gradient(answer, here) * here).sum(dim=-1)[0].numpy(),
            "integrated": integrated.numpy(),
        },
        gap=gap,
        sum=float(integrated.sum()),
    )


def describe_importance(found: Importance) -> str:
    """What each method puts first, and how far attention agrees with what removal shows."""
    if len(found.compared) < 3:
        return "Too few other words to compare the methods."
    tops: dict[str, list[str]] = {}
    for method, scores in found.scores.items():
        place = max(found.compared, key=lambda i: abs(float(scores[i])))
        tops.setdefault(f"“{found.tokens[place]}”", []).append(
            METHODS[method].split(":")[0].lower()
        )
    said = "; ".join(f"{token} is first for {', '.join(names)}" for token, names in tops.items())
    names = list(found.scores)
    agreement = found.agreement()
    removal = names.index("removal")
    pairs = ", ".join(
        f"{name} {agreement[names.index(name), removal]:+.2f}"
        for name in names
        if name != "removal"
    )
    return (
        f"For {found.answer}: {said}. Rank correlation with removal over "
        f"{len(found.compared)} words (1 the same order, 0 none): {pairs}."
    )


def describe_attended(found: Importance) -> str:
    """Which word attention and rollout put first, and what that leaves open."""
    tops = [max(found.compared, key=lambda i: float(s[i])) for s in found.scores.values()]
    first, second = (f"“{found.tokens[i]}”" for i in tops)
    said = f"{first} leads in both" if first == second else f"{first} leads, by rollout {second}"
    token = found.tokens[found.position]
    looks = {
        "gap": f"Where the gap looks, which BERT fills with {found.answer}",
        "text": f"The model says {found.answer} of this text. Where its first token looks",
        "token": f"The model says {found.answer} of “{token}”. Where this token looks",
    }[found.asks]
    return f"{looks}: {said}. Does the prediction depend on that word? Three more methods ask."


def describe_sum_check(found: Importance) -> str:
    """Whether integrated gradients add up, and which two methods disagree most."""
    agreement = found.agreement()
    names = list(found.scores)
    row, column = np.unravel_index(int(agreement.argmin()), agreement.shape)
    return (
        f"Least agreed are {METHODS[names[row]].split(':')[0].lower()} and "
        f"{METHODS[names[column]].split(':')[0].lower()} ({agreement[row, column]:+.2f}). "
        f"Integrated gradients add up to {found.sum:.2f}; the "
        f"{'score' if found.score else 'log-probability'} of “{found.word}” really rises by "
        f"{found.gap:.2f} from a sentence of masks to this one."
    )


def _inputs(encoding: Encoding) -> tuple[Tensor, Tensor, Tensor]:
    """Ids, token types and mask of one input, (1, T) each."""
    import torch

    arrays = (encoding.input_ids, encoding.token_type_ids, encoding.attention_mask)
    ids, types, mask = (torch.from_numpy(array)[None] for array in arrays)
    return ids, types, mask


def _softmax(logits: Floats) -> Floats:
    powers = np.exp(logits.astype(np.float64) - logits.max(axis=-1, keepdims=True))
    result: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return result


def _best(model: LoadedModel, probabilities: Floats, top_k: int) -> list[tuple[str, float]]:
    order = np.argsort(-probabilities)[:top_k]
    return [(model.tokenizer.id_to_token(int(i)) or "", float(probabilities[i])) for i in order]


def _ranks(values: Floats) -> Floats:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    upper = counts.cumsum()
    ranks: Floats = ((2 * upper - counts + 1) / 2)[inverse].astype(np.float32)
    return ranks
