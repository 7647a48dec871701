"""One training run of a small BERT: the vocabulary, the batches, the step, and what is measured.

The model is the course's own encoder and its own loss (`lessons.engine.bert`). This module runs in
a process of its own, started by `lessons.engine.training_process`.
"""

from __future__ import annotations

import base64
import math
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from ..engine.bert import (
    BertConfig,
    BertForPreTraining,
    Recorder,
    no_probe,
    pre_training_loss,
)
from ..engine.bert import Probe as Look
from ..engine.checkpoint import save_checkpoint, word_tokenizer, wordpiece_tokenizer
from .languages import (
    OWN,
    Corpus,
    Language,
    Pair,
    Probe,
    grammar_corpus,
    languages,
    text_corpus,
)
from .settings import PLACES, RULES, checked

IGNORED = -100  # the label of a token that is not asked for
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
PAD, UNK, CLS, SEP, MASK = range(5)
WARM_UP = 0.05  # of all steps; the learning rate then falls to 0 in a straight line
OWN_VOCABULARY = 300  # pieces learned from a pasted text
CLIP = 1.0  # largest norm of the gradient, as in the authors' code
SURE = 0.99  # from here on a perfect reader knows a hidden word
LINKS_MEASURED = 96  # held-out sentences in which heads are compared with the grammar
ATTENTION_BYTES = 6_000  # of one moment; more probes than fit are shown without their attention


@dataclass(frozen=True)
class Batch:
    """Inputs of the encoder, (N, T) each, and whether B follows A: (N), 0 it does, 1 not."""

    input_ids: Tensor
    token_type_ids: Tensor
    attention_mask: Tensor
    next_sentence_labels: Tensor

    def __len__(self) -> int:
        return len(self.input_ids)

    def rows(self, chosen: Tensor | slice) -> Batch:
        """Some of the rows, cut to the longest of them."""
        mask = self.attention_mask[chosen]
        longest = int(mask.sum(dim=1).max())
        return Batch(
            self.input_ids[chosen][:, :longest],
            self.token_type_ids[chosen][:, :longest],
            mask[:, :longest],
            self.next_sentence_labels[chosen],
        )


def encoded(tokenizer: Tokenizer, pairs: Sequence[Pair], longest: int) -> Batch:
    """Sentences, or pairs of them, as [CLS] A [SEP] B [SEP], padded to the longest."""
    tokenizer.enable_padding(pad_id=PAD, pad_token="[PAD]")
    tokenizer.enable_truncation(longest)
    texts = [str(a) if b is None else (str(a), str(b)) for a, b, _ in pairs]
    found = tokenizer.encode_batch(texts)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Batch(
        torch.tensor([row.ids for row in found]),
        torch.tensor([row.type_ids for row in found]),
        torch.tensor([row.attention_mask for row in found]),
        torch.tensor([0 if follows else 1 for _, _, follows in pairs]),
    )


def masked(
    input_ids: Tensor,
    rate: float,
    rule: tuple[float, float],
    vocab_size: int,
    generator: torch.Generator,
) -> tuple[Tensor, Tensor]:
    """Choose tokens to predict and hide them: (input_ids, labels), both (N, T).

    Each token but the special ones is chosen with probability ``rate``, at least one in a row.
    Of the chosen, ``rule`` = (share that becomes [MASK], share that becomes a random word); the
    rest stays as it is. Labels hold the original id where a token was chosen and −100 elsewhere
    (Devlin et al. 2019, §3.1 and appendix A.1).
    """
    ordinary = input_ids >= len(SPECIAL)
    draw = torch.rand(input_ids.shape, generator=generator).masked_fill(~ordinary, 2.0)
    chosen = draw < rate
    lowest = draw == draw.min(dim=1, keepdim=True).values
    chosen |= lowest & ordinary & ~chosen.any(dim=1, keepdim=True)

    labels = input_ids.masked_fill(~chosen, IGNORED)
    to_mask, to_random = rule
    fate = torch.rand(input_ids.shape, generator=generator)
    words = torch.randint(len(SPECIAL), vocab_size, input_ids.shape, generator=generator)
    hidden = input_ids.masked_fill(chosen & (fate < to_mask), MASK)
    random = chosen & (fate >= to_mask) & (fate < to_mask + to_random)
    return torch.where(random, words, hidden), labels


class PreTraining:
    """A run: build it, call `step` until `finished`, ask `moment` for what is shown.

    Raises ValueError, in words for the learner, for a text that can't be trained on.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.settings = settings = checked(values)
        self.language: Language | None = languages().get(settings.language)
        self.corpus = self._read_corpus()
        self.tokenizer = self._vocabulary()
        vocab_size = self.tokenizer.get_vocab_size()
        self.train = encoded(self.tokenizer, self.corpus.train, PLACES)
        self.held_out = encoded(self.tokenizer, self.corpus.held_out, PLACES)

        # One generator for each purpose: another masking rate leaves weights and batches alone.
        seeds = (settings.seed * 4 + i for i in range(4))
        self.batches, self.masks, weights, held_out_masks = (
            torch.Generator().manual_seed(seed) for seed in seeds
        )
        self.config = BertConfig(
            vocab_size=vocab_size,
            hidden_size=settings.hidden_size,
            num_hidden_layers=settings.layers,
            num_attention_heads=settings.heads,
            intermediate_size=4 * settings.hidden_size,
            max_position_embeddings=PLACES,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            initializer_range=INITIALIZER_RANGE,
        )
        self.model = BertForPreTraining(self.config).initialise(weights)
        if not settings.positions:
            table = self.model.bert.embeddings.position_embeddings.weight
            table.requires_grad_(False).zero_()
        self.optimizer = torch.optim.AdamW(
            [p for p in self.model.parameters() if p.requires_grad],
            lr=settings.learning_rate,
            weight_decay=0.01,
            fused=True,  # one pass over all weights: a tenth of the step saved
        )
        self.steps_done = 0
        self.next_moment = 1
        self.diverged = False
        self.held_out_masked, self.held_out_labels = masked(
            self.held_out.input_ids, settings.masking_rate, (1.0, 0.0), vocab_size, held_out_masks
        )
        self.ceiling = self._ceiling()
        self.baseline = unigram_baseline(self.train.input_ids, self.held_out_labels, vocab_size)
        # Training sentences, masked as in training: what the model is asked there, it may know.
        self.sample = self.train.rows(slice(len(self.held_out)))
        self.sample_masked, self.sample_labels = masked(
            self.sample.input_ids, settings.masking_rate, RULES[settings.rule].shares, vocab_size,
            held_out_masks,
        )  # fmt: skip
        self.links = links_of(self.corpus.held_out, self.held_out)
        self.probes = self._ask_probes()
        sizes = [
            len(tokens) ** 2 * settings.layers * settings.heads for _, tokens, _ in self.probes
        ]
        self.watched = sum(total <= ATTENTION_BYTES for total in accumulate(sizes))
        self.watched = max(self.watched, min(1, len(self.probes)))
        self.last_map: NDArray[np.float64] | None = None

    def _ceiling(self) -> Tensor | None:
        """How likely the best possible guess is right at each held-out gap, (M) in reading order.

        None where nobody can compute it: for a pasted text, and where a second sentence tells more.
        """
        if self.language is None or not self.language.best_chances or self.settings.next_sentence:
            return None
        chances: list[float] = []
        for ids in self.held_out_masked.tolist():
            words = [self.tokenizer.id_to_token(i) for i in ids if i not in (PAD, CLS, SEP)]
            hidden = [None if word == "[MASK]" else word for word in words]
            chances += self.language.best_chances(hidden)
        return torch.tensor(chances)

    def _read_corpus(self) -> Corpus:
        settings = self.settings
        if self.language is not None:
            return grammar_corpus(self.language, settings.seed, pairs=settings.next_sentence)
        if settings.language != OWN:
            raise ValueError(f"There is no language called {settings.language!r}.")
        return text_corpus(settings.text, settings.seed, pairs=settings.next_sentence)

    def _vocabulary(self) -> Tokenizer:
        if self.language is not None:
            return word_tokenizer(SPECIAL, self.language.words)
        sentences = (str(s) for pair in self.corpus.train for s in pair[:2] if s is not None)
        return wordpiece_tokenizer(SPECIAL, list(sentences), OWN_VOCABULARY)

    # --- the step -------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether all steps are done, or none of those left could help."""
        return self.diverged or self.steps_done >= self.settings.steps

    def learning_rate(self) -> float:
        """Of the next step: up during the warm-up, then down to 0 in a straight line."""
        done, total = self.steps_done, self.settings.steps
        warm_up = max(1, round(WARM_UP * total))
        share = min((done + 1) / warm_up, (total - done) / max(1, total - warm_up))
        return self.settings.learning_rate * max(0.0, share)

    def step(self) -> list[float | None]:
        """One batch: mask, predict, compare, and move the weights.

        Returns (step, masked-word loss, gradient norm, tokens per second); None for what is not
        a number any more.
        """
        settings, began = self.settings, time.perf_counter()
        chosen = torch.randint(len(self.train), (settings.batch_size,), generator=self.batches)
        batch = self.train.rows(chosen)
        input_ids, labels = masked(
            batch.input_ids, settings.masking_rate, RULES[settings.rule].shares,
            self.config.vocab_size, self.masks,
        )  # fmt: skip
        loss, gradient = train_step(
            self.model,
            self.optimizer,
            replace(batch, input_ids=input_ids),
            labels,
            self.learning_rate(),
            next_sentence=settings.next_sentence,
        )
        self.steps_done += 1
        self.diverged = not math.isfinite(loss)
        tokens = int(batch.attention_mask.sum())
        speed = tokens / (time.perf_counter() - began)
        return [self.steps_done, finite(loss), finite(gradient), round(speed)]

    # --- a closer look --------------------------------------------------------------------------

    @property
    def facts(self) -> dict[str, Any]:
        """What a page shows of a run and does not change in it."""
        words = [self.tokenizer.id_to_token(i) or "" for i in range(self.config.vocab_size)]
        classes = self.language.classes if self.language else {}
        class_of = {word: i for i, group in enumerate(classes.values()) for word in group}
        return {
            "words": words[len(SPECIAL) :],
            "classes": [class_of.get(word, 0) for word in words[len(SPECIAL) :]],
            "class_names": list(classes) or ["pieces"],
            "rule": self.language.rule if self.language else None,
            "head_baseline": None if self.links is None else self.links.fixed_place(),
            "baseline": {
                "accuracy": self.baseline.accuracy,
                "loss": self.baseline.loss,
                "chance": self.baseline.chance,
                "word": words[self.baseline.word_id],
            },
            "ceiling": None if self.ceiling is None else float(self.ceiling.mean()),
            "decided": None
            if self.ceiling is None
            else float((self.ceiling > SURE).double().mean()),
            "parameters": sum(p.numel() for p in self.model.parameters()),
            "tokens": int(self.train.attention_mask.sum()),
            "train": len(self.train),
            "held_out": len(self.held_out),
            "gaps": int((self.held_out_labels != IGNORED).sum()),
            "longest": int(self.train.attention_mask.sum(dim=1).max()),
            "layers": self.config.num_hidden_layers,
            "heads": self.config.num_attention_heads,
            "probes": [
                {
                    "tokens": encoding.tokens, "gap": gap, "right": list(probe.right),
                    "about": probe.about,
                }
                for probe, encoding, gap in self.probes
            ],
            "watched": self.watched,
        }  # fmt: skip

    def moment_due(self) -> bool:
        """Often at the beginning, when much changes, then a hundred times a run."""
        if self.steps_done < self.next_moment:
            return False
        gap = min(self.steps_done // 8, self.settings.steps // 100)
        self.next_moment = self.steps_done + max(1, gap)
        return True

    @torch.inference_mode()
    def moment(self) -> dict[str, Any]:
        """All that a page draws of the model as it is now; about 20 ms of work."""
        model = self.model
        loss, hits = gap_hits(model, self.held_out, self.held_out_masked, self.held_out_labels)
        train = gap_scores(model, self.sample, self.sample_masked, self.sample_labels)
        return {
            "step": self.steps_done,
            "rate": self.learning_rate() if not self.finished else 0.0,
            "held_out": [finite(loss), finite(float(hits.double().mean()))],
            "train": [finite(train[0]), finite(train[1])],
            "decided": None
            if self.ceiling is None
            else finite(float(hits[self.ceiling > SURE].double().mean())),
            "pairs": self._pair_accuracy(),
            "probes": [self._answers(i) for i in range(len(self.probes))],
            "attention": [self._attention(i) for i in range(self.watched)],
            "heads": None if self.links is None else head_scores(model, self.links),
            "map": self._map(),
            "norms": norms(model),
        }

    def save(self, folder: Path) -> None:
        """Write the model as a checkpoint."""
        save_checkpoint(self.model, self.tokenizer, folder)

    def _ask_probes(self) -> list[tuple[Probe, Encoding, int]]:
        """Probes that this vocabulary can spell, each as tokens, with the place of its gap."""
        found = []
        for probe in self.corpus.probes:
            encoding = self.tokenizer.encode(probe.text, probe.pair or None)
            known = all(self.tokenizer.token_to_id(word) is not None for word in probe.right)
            if known and "[MASK]" in encoding.tokens and len(encoding) <= PLACES:
                found.append((probe, encoding, encoding.tokens.index("[MASK]")))
        return found

    def _read_probe(self, i: int, look: Look = no_probe) -> Tensor:
        """Last hidden states of one probe: (1, T, D)."""
        encoding = self.probes[i][1]
        ids, types = torch.tensor([encoding.ids]), torch.tensor([encoding.type_ids])
        return self.model.bert(ids, types, probe=look)  # type: ignore[no-any-return]

    def _answers(self, i: int) -> list[Any]:
        """[[word, probability] × 3, probability of the right words] at one probe's gap."""
        probe, _, gap = self.probes[i]
        logits = self.model.token_logits(self._read_probe(i)[0, gap])  # V
        shares = logits.softmax(dim=-1).nan_to_num()
        top = shares.topk(min(3, len(shares)))
        words = [
            [self.tokenizer.id_to_token(word), round(share, 4)]
            for word, share in zip(top.indices.tolist(), top.values.tolist(), strict=True)
        ]
        right = sum(float(shares[self.tokenizer.token_to_id(word)]) for word in probe.right)
        return [words, round(right, 4)]

    def _attention(self, i: int) -> str:
        """Attention weights of one probe: L·H·T·T bytes, 255 for 1, as base64."""
        recorder = Recorder()
        self._read_probe(i, recorder)
        layers = range(self.config.num_hidden_layers)
        weights = torch.stack([recorder.seen[f"layer.{n}.attention_weights"][0] for n in layers])
        return packed((weights.nan_to_num() * 255).round().to(torch.uint8).numpy())

    def _pair_accuracy(self) -> float | None:
        """Share of held-out pairs that the next-sentence head judges right."""
        if not self.settings.next_sentence:
            return None
        batch = self.held_out
        hidden = self.model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
        said = self.model.next_sentence_logits(hidden).argmax(dim=-1)  # N
        return float((said == batch.next_sentence_labels).double().mean())

    def _map(self) -> str:
        """Word embeddings on their two main axes: V'·2 numbers of 16 bits, as base64.

        Each map is turned to lie as near as can be on the one before (orthogonal Procrustes), since
        axes of a PCA may flip from one moment to the next.
        """
        table = self.model.bert.embeddings.word_embeddings.weight[len(SPECIAL) :].numpy()
        found = principal_plane(table, self.last_map)
        self.last_map = found
        largest = float(np.abs(found).max()) or 1.0
        return packed((found / largest * 32767).astype("<i2"))


def finite(value: float) -> float | None:
    """A number as JSON has it, to five digits; None for what is none."""
    return float(f"{value:.5g}") if math.isfinite(value) else None


def packed(array: NDArray[Any]) -> str:
    """The bytes of an array as base64."""
    return base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()


def principal_plane(rows: NDArray[Any], before: NDArray[Any] | None) -> NDArray[np.float64]:
    """Rows (N, D) on their two main axes: (N, 2), turned onto ``before`` (N, 2) if there is one."""
    centered = np.nan_to_num(rows.astype(np.float64))
    centered -= centered.mean(axis=0)
    left, sizes, _ = np.linalg.svd(centered, full_matrices=False)
    plane: NDArray[np.float64] = left[:, :2] * sizes[:2]
    if before is None:
        return plane
    u, _, v = np.linalg.svd(plane.T @ before)
    return np.asarray(plane @ u @ v)


def norms(model: BertForPreTraining) -> list[list[Any]]:
    """[part, norm of its last gradient, norm of its weights] for embeddings, layers and heads."""
    parts = {"embeddings": model.bert.embeddings, "task heads": model.cls}
    for i, layer in enumerate(model.bert.encoder.layer):
        parts[f"layer {i + 1}"] = layer
    rows = []
    for name, part in sorted(parts.items(), key=lambda item: ORDER.index(item[0][:5])):
        weights = [p for p in part.parameters() if p.requires_grad]
        gradients = [p.grad for p in weights if p.grad is not None]
        sizes = [math.sqrt(sum(float(t.square().sum()) for t in ts)) for ts in (gradients, weights)]
        rows.append([name, *map(finite, sizes)])
    return rows


ORDER = ("embed", "layer", "task ")


@dataclass(frozen=True)
class Links:
    """Held-out sentences with one link each: who asks, hidden by [MASK], and who has the answer.

    ``asks`` and ``answers`` (N) are token positions; ``words`` (N, T) is true where a head may
    look: at words, the asking one left out.
    """

    batch: Batch
    asks: Tensor
    answers: Tensor
    words: Tensor

    def fixed_place(self) -> float:
        """Share of links that the best rule without reading finds: always the same distance, or
        always the same place."""
        offsets = Counter((self.answers - self.asks).tolist())
        places = Counter(self.answers.tolist())
        return max(offsets.most_common(1)[0][1], places.most_common(1)[0][1]) / len(self.asks)


def links_of(pairs: Sequence[Pair], batch: Batch) -> Links | None:
    """One link of each first sentence, not always its first; None where a language has none."""
    rows = [i for i, (first, _, _) in enumerate(pairs) if first.links][:LINKS_MEASURED]
    if not rows:
        return None
    chosen = batch.rows(torch.tensor(rows))
    links = [pairs[i][0].links[i % len(pairs[i][0].links)] for i in rows]
    asks, answers = torch.tensor(links).T + 1  # [CLS] stands before
    row = torch.arange(len(rows))
    words = chosen.input_ids >= len(SPECIAL)
    words[row, asks] = False
    input_ids = chosen.input_ids.clone()
    input_ids[row, asks] = MASK
    return Links(replace(chosen, input_ids=input_ids), asks, answers, words)


def head_scores(model: BertForPreTraining, links: Links) -> list[list[float]]:
    """For each layer and head: share of links where the most-looked-at word is the one that
    decides. L lists of H numbers."""
    recorder = Recorder()
    batch = links.batch
    model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask, probe=recorder)
    row = torch.arange(len(links.asks))
    found = []
    for layer in range(model.config.num_hidden_layers):
        weights = recorder.seen[f"layer.{layer}.attention_weights"][row, :, links.asks]  # N H T
        weights = weights.masked_fill(~links.words[:, None], -1.0)
        hits = weights.argmax(dim=-1) == links.answers[:, None]  # N H
        found.append([round(share, 4) for share in hits.double().mean(dim=0).tolist()])
    return found


INITIALIZER_RANGE = 0.1  # BERT's 0.02 is for vectors of 768 numbers; short ones need more


def train_step(
    model: BertForPreTraining,
    optimizer: torch.optim.Optimizer,
    batch: Batch,
    labels: Tensor,
    learning_rate: float,
    *,
    next_sentence: bool,
) -> tuple[float, float]:
    """Forward, backward, clip, update. ``batch`` is already masked; ``labels`` as in `masked`.

    Returns the masked-word loss in nats and the gradient's norm before clipping.
    """
    for group in optimizer.param_groups:
        group["lr"] = learning_rate
    hidden = model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)  # B T D
    follows = batch.next_sentence_labels if next_sentence else None
    masked_loss, pair_loss = pre_training_loss(model, hidden, labels, follows)
    loss = masked_loss if pair_loss is None else masked_loss + pair_loss
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    norm = torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
    if torch.isfinite(norm):  # one step on a broken gradient would break every weight
        optimizer.step()
    return float(masked_loss.detach()), float(norm)


# --- what is measured ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Baseline:
    """What knowing only how often each word occurs reaches on the same held-out gaps.

    ``accuracy`` of always saying the most frequent word, which is ``word``; ``loss`` of the
    frequencies as probabilities, in nats; ``chance`` is one in all words.
    """

    accuracy: float
    loss: float
    chance: float
    word_id: int


def unigram_baseline(input_ids: Tensor, labels: Tensor, vocab_size: int) -> Baseline:
    """Word frequencies of the training text (N, T), asked at the held-out ``labels`` (M, T).

    Each word counts once more than it was seen, so that none has probability 0.
    """
    words = input_ids[input_ids >= len(SPECIAL)]
    counts = torch.bincount(words, minlength=vocab_size).double()
    counts[: len(SPECIAL)] = 0
    asked = labels[labels != IGNORED]
    smoothed = counts + 1
    smoothed[: len(SPECIAL)] = 0
    probabilities = smoothed / smoothed.sum()
    best = int(counts.argmax())
    return Baseline(
        accuracy=float((asked == best).double().mean()),
        loss=float(-probabilities[asked].log().mean()),
        chance=1 / (vocab_size - len(SPECIAL)),
        word_id=best,
    )


@torch.no_grad()
def gap_hits(
    model: BertForPreTraining, batch: Batch, input_ids: Tensor, labels: Tensor
) -> tuple[float, Tensor]:
    """(loss in nats, whether each is right (M)) at the M chosen tokens of masked ``input_ids``."""
    hidden = model.bert(input_ids, batch.token_type_ids, batch.attention_mask)  # N T D
    chosen = labels != IGNORED
    logits = model.token_logits(hidden[chosen])  # M V
    right = labels[chosen]
    loss = torch.nn.functional.cross_entropy(logits, right)
    return float(loss), logits.argmax(dim=-1) == right


def gap_scores(
    model: BertForPreTraining, batch: Batch, input_ids: Tensor, labels: Tensor
) -> tuple[float, float]:
    """(loss in nats, accuracy) at the chosen tokens of masked ``input_ids`` (N, T)."""
    loss, hits = gap_hits(model, batch, input_ids, labels)
    return loss, float(hits.double().mean())
