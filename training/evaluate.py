"""Measure a masked language model on text it never saw, each figure beside a chance line.

    python -m training.evaluate EVAL_FOLDER                         # the bundled model
    python -m training.evaluate EVAL_FOLDER --model RUN/model.safetensors
    python -m training.evaluate EVAL_FOLDER --model minilm          # what its vectors are worth

EVAL_FOLDER holds heldout_dev.tsv, cloze_dev.tsv, blimp_dev.jsonl, wic_dev.tsv and sts_dev.csv.
Nothing is chosen to make these figures better: they are for reading, not for training. Batches are
computed side by side, one a processor (``--workers``): everything together is about twelve minutes
of processor time, six on two processors that have nothing else to do.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from safetensors.torch import load_file
from scipy.stats import spearmanr
from torch import Tensor

from lessons.engine.bert import BertForPreTraining, Recorder
from training.batches import (
    CLS,
    FOLLOWS,
    IGNORE,
    MASK,
    NO_PAIR,
    RANDOM,
    SEP,
    Batch,
    Example,
    collate,
    shorten,
)
from training.prepare import load_tokenizer, minilm_folder, split_sentences
from training.train import START, load_bert

TOKENS = 2048  # in one forward pass
MASK_RATE = 0.15
SEED = 0
TRADES = ("nurse", "secretary", "teacher", "doctor", "engineer", "farmer", "soldier", "boss")
MOVE_AWAY = 100  # lines of heldout_dev.tsv: neighbours can be of the same document
PIECES = 126  # of an input of 128 tokens
PARTS = {128: 4, 256: 2, 512: 1}  # input length: into how many inputs a long row is cut
LONG_PAIR = 130  # word pieces of a paragraph that is long enough to be halved

Item = TypeVar("Item")
Found = TypeVar("Found")


class Reader:
    """Tokenizer and model together: sentences in, numbers out."""

    def __init__(self, model: BertForPreTraining, workers: int = 1) -> None:
        self.model = model.eval()
        self.tokenizer = load_tokenizer()
        self.threads = ThreadPoolExecutor(workers)

    def each(self, work: Callable[[Item], Found], items: Sequence[Item]) -> list[Found]:
        """What ``work`` finds for every item, in order; several at once, without gradients."""
        return list(self.threads.map(torch.inference_mode()(work), items))

    def ids(self, text: str) -> list[int]:
        """Word pieces, without special tokens; ``[MASK]`` stays one."""
        return list(self.tokenizer.encode(text, add_special_tokens=False).ids)

    def packed(self, rows: list[list[int]]) -> Iterator[tuple[list[int], Tensor, Tensor]]:
        """Rows of ids sorted by length into batches: (row numbers, ids B T, attention mask B T)."""
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        while order:
            width = len(rows[order[0]])
            count = 1
            while count < len(order) and (count + 1) * len(rows[order[count]]) <= TOKENS:
                width = len(rows[order[count]])
                count += 1
            taken, order = order[:count], order[count:]
            ids = torch.zeros(count, width, dtype=torch.long)
            mask = torch.zeros(count, width, dtype=torch.long)
            for at, row in enumerate(taken):
                ids[at, : len(rows[row])] = torch.tensor(rows[row])
                mask[at, : len(rows[row])] = 1
            yield taken, ids, mask

    def hidden(self, rows: list[list[int]]) -> list[Tensor]:
        """Last hidden states (T, D) of every row of ids."""
        found: list[Tensor] = [torch.empty(0)] * len(rows)

        def read(part: tuple[list[int], Tensor, Tensor]) -> None:
            taken, ids, mask = part
            states = self.model.bert(ids, attention_mask=mask)
            for at, row in enumerate(taken):
                found[row] = states[at, : len(rows[row])]

        self.each(read, list(self.packed(rows)))
        return found


def percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def paragraphs(reader: Reader, folder: Path) -> list[tuple[str, list[int]]]:
    """Source and word pieces of every held-out paragraph."""
    lines = (folder / "heldout_dev.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t", 1) for line in lines)
    return [(source, reader.ids(text)) for source, text in pairs]


@dataclass(frozen=True)
class Guesses:
    """How a model did on masked words."""

    right: int
    total: int
    loss: float
    """Sum of −ln of the true words' probabilities."""
    answers: Counter[int]

    @property
    def accuracy(self) -> float:
        return self.right / self.total


def guess_masked(reader: Reader, batches: list[Batch]) -> Guesses:
    """Fill in every masked word of the batches."""

    def guess(batch: Batch) -> tuple[int, int, float, list[int]]:
        states = reader.model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
        chosen = batch.labels != IGNORE
        logits, labels = reader.model.token_logits(states[chosen]), batch.labels[chosen]
        loss = torch.nn.functional.cross_entropy(logits, labels, reduction="sum")
        right = int((logits.argmax(-1) == labels).sum())
        return right, len(labels), float(loss), labels.tolist()

    right, total, loss, answers = zip(*reader.each(guess, batches), strict=True)
    found = Counter(word for row in answers for word in row)
    return Guesses(sum(right), sum(total), sum(loss), found)


def heldout(reader: Reader, folder: Path) -> list[str]:
    """15% of the tokens of unseen paragraphs, all shown as [MASK]; each paragraph by itself."""
    rng = np.random.default_rng(SEED)
    pieces = [np.array(ids[:PIECES]) for _, ids in paragraphs(reader, folder) if ids]
    examples = sorted((Example(ids, None, NO_PAIR) for ids in pieces), key=len)
    batches = [
        collate(examples[i : i + 16], rng, MASK_RATE, always_mask=True)
        for i in range(0, len(examples), 16)
    ]
    found = guess_masked(reader, batches)
    word, often = found.answers.most_common(1)[0]
    return [
        f"held-out masked words ({found.total})    {percent(found.accuracy)}"
        f"   always “{reader.tokenizer.id_to_token(word)}”: {percent(often / found.total)}"
        f"   (cross-entropy {found.loss / found.total:.3f})"
    ]


def long_rows(texts: list[tuple[str, list[int]]], pieces: int) -> list[list[int]]:
    """The paragraphs of each source joined in the file's order and cut into rows of ``pieces``.

    What does not fill a row is left out. The file holds single paragraphs, so a row joins several
    texts of one kind: it asks whether a model can read at such positions among so much text, not
    what it gains from knowing how a long story began.
    """
    joined: dict[str, list[int]] = defaultdict(list)
    for source, ids in texts:
        joined[source] += ids
    return [
        ids[i : i + pieces]
        for ids in joined.values()
        for i in range(0, len(ids) - pieces + 1, pieces)
    ]


def by_length(texts: list[tuple[str, list[int]]]) -> dict[int, list[Batch]]:
    """Inputs of 128, of 256 and of 512 tokens, which ask for the very same masked words.

    Long rows are cut into four, two or one input; 15% of the pieces are chosen once for all three
    and shown as [MASK]. (The special tokens of the parts cost a few places: the inputs are of 128,
    254 and 506 tokens.)
    """
    rows = np.array(long_rows(texts, max(PARTS.values()) * PIECES))  # N × 504
    rng = np.random.default_rng(SEED)
    hidden = rng.permutation(rows.size)[: round(MASK_RATE * rows.size)]
    labels = np.full(rows.size, IGNORE)
    labels[hidden] = rows.ravel()[hidden]
    shown = rows.copy().ravel()
    shown[hidden] = MASK
    found = {}
    for length, parts in PARTS.items():
        ids, wanted = (x.reshape(len(rows) * parts, -1) for x in (shown, labels))
        ids = np.pad(ids, ((0, 0), (1, 1)), constant_values=((0, 0), (CLS, SEP)))
        wanted = np.pad(wanted, ((0, 0), (1, 1)), constant_values=IGNORE)
        at_once = TOKENS // length
        found[length] = [
            Batch(
                torch.from_numpy(ids[i : i + at_once]),
                torch.zeros_like(torch.from_numpy(ids[i : i + at_once])),
                torch.ones_like(torch.from_numpy(ids[i : i + at_once])),
                torch.from_numpy(wanted[i : i + at_once]),
                torch.full((len(ids[i : i + at_once]),), NO_PAIR),
            )
            for i in range(0, len(ids), at_once)
        ]
    return found


def heldout_by_length(reader: Reader, folder: Path) -> list[str]:
    """The same masked words in inputs of 128, 256 and 512 tokens."""
    lines = []
    for length, batches in by_length(paragraphs(reader, folder)).items():
        found = guess_masked(reader, batches)
        lines.append(
            f"held-out masked words, inputs of {length} tokens ({found.total})"
            f"    {percent(found.accuracy)}   (cross-entropy {found.loss / found.total:.3f})"
        )
    return lines


def vector_lengths(reader: Reader, folder: Path) -> list[str]:
    """Mean length (L2 norm) of the tokens' vectors, embeddings first, then each layer."""
    texts = [ids[:PIECES] for _, ids in paragraphs(reader, folder)[:200] if ids]
    layers = reader.model.config.num_hidden_layers

    def measure(ids: list[int]) -> Tensor:
        recorder = Recorder()
        reader.model.bert(torch.tensor([[CLS, *ids, SEP]]), probe=recorder)
        names = ["embedding_output", *(f"layer.{i}.feed_forward.norm" for i in range(layers))]
        return torch.stack([recorder.seen[name][0].norm(dim=-1) for name in names])  # L+1 T

    lengths = torch.cat(reader.each(measure, texts), dim=1).mean(dim=1)
    return ["length of the vectors by layer    " + " ".join(f"{x:.1f}" for x in lengths.tolist())]


def cloze(reader: Reader, folder: Path) -> list[str]:
    """Everyday sentences with one [MASK]: is a listed answer among the first k guesses?"""
    lines = (folder / "cloze_dev.tsv").read_text(encoding="utf-8").splitlines()
    texts, answers = zip(*(line.split("\t") for line in lines), strict=True)
    rows = [[CLS, *reader.ids(text), SEP] for text in texts]
    hits = {1: 0, 5: 0}
    for row, states, listed in zip(rows, reader.hidden(rows), answers, strict=True):
        logits = reader.model.token_logits(states[row.index(MASK)])
        best = [reader.tokenizer.id_to_token(i) for i in logits.topk(5).indices.tolist()]
        for k in hits:
            hits[k] += bool(set(best[:k]) & set(listed.split()))
    words = Counter(word for listed in answers for word in set(listed.split()))
    common = [word for word, _ in words.most_common(5)]
    chance = {
        k: sum(bool(set(common[:k]) & set(listed.split())) for listed in answers) for k in hits
    }
    return [
        f"cloze ({len(rows)}), top {k}    {percent(hits[k] / len(rows))}"
        f"   the {k} most listed answers everywhere: {percent(chance[k] / len(rows))}"
        for k in hits
    ]


def pseudo_log_likelihood(reader: Reader, sentences: list[str]) -> list[float]:
    """Σ log P(token | the rest), each token masked in turn (Salazar et al. 2020)."""
    rows, owner, place, target = [], [], [], []
    for number, sentence in enumerate(sentences):
        ids = [CLS, *reader.ids(sentence), SEP]
        for at in range(1, len(ids) - 1):
            rows.append([*ids[:at], MASK, *ids[at + 1 :]])
            owner.append(number)
            place.append(at)
            target.append(ids[at])

    def read(part: tuple[list[int], Tensor, Tensor]) -> list[float]:
        taken, ids, mask = part
        states = reader.model.bert(ids, attention_mask=mask)
        masked = torch.tensor([place[row] for row in taken])
        logits = reader.model.token_logits(states[torch.arange(len(taken)), masked])
        wanted = torch.tensor([target[row] for row in taken])
        return (logits.gather(1, wanted[:, None])[:, 0] - logits.logsumexp(-1)).tolist()

    parts = list(reader.packed(rows))
    scores = [0.0] * len(sentences)
    for (taken, _, _), logs in zip(parts, reader.each(read, parts), strict=True):
        for row, value in zip(taken, logs, strict=True):
            scores[owner[row]] += value
    return scores


def blimp(reader: Reader, folder: Path) -> list[str]:
    """Of a grammatical and an ungrammatical sentence, which one does the model find likelier?"""
    text = (folder / "blimp_dev.jsonl").read_text(encoding="utf-8")
    pairs = [json.loads(line) for line in text.splitlines()]
    sentences = [pair[key] for pair in pairs for key in ("sentence_good", "sentence_bad")]
    scores = pseudo_log_likelihood(reader, sentences)
    fields = defaultdict(list)
    for pair, good, bad in zip(pairs, scores[::2], scores[1::2], strict=True):
        fields[pair["field"].replace("/", "_")].append(good > bad)
    everything = [hit for hits in fields.values() for hit in hits]
    return [
        f"BLiMP, {name} ({len(hits)})    {percent(float(np.mean(hits)))}   chance: 50%"
        for name, hits in [("all", everything), *sorted(fields.items())]
    ]


@dataclass(frozen=True)
class Follows:
    """Shares of the pairs that were told rightly: those that follow, and the others."""

    follows: float
    other: float
    count: int

    def line(self, name: str) -> str:
        return (
            f"next sentence or {name} ({self.count})    {percent((self.follows + self.other) / 2)}"
            f"   chance: 50%   (follows {percent(self.follows)}, other {percent(self.other)})"
        )


def tell_pairs(reader: Reader, examples: list[Example]) -> Follows:
    """Let the next-sentence head judge every pair."""
    rng = np.random.default_rng(SEED)
    examples = sorted(examples, key=len)
    # collate masks at least one token; this task sees the text whole.
    batches = [
        collate(examples[i : i + 16], rng, 0.0, always_mask=True).unmasked()
        for i in range(0, len(examples), 16)
    ]

    def judge(batch: Batch) -> Tensor:
        states = reader.model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
        return reader.model.next_sentence_logits(states).argmax(-1) == batch.next_labels

    right = torch.cat(reader.each(judge, batches))
    labels = torch.cat([batch.next_labels for batch in batches])
    shares = [float(right[labels == label].float().mean()) for label in (FOLLOWS, RANDOM)]
    return Follows(shares[0], shares[1], len(examples))


def next_sentence(reader: Reader, folder: Path) -> list[str]:
    """Does the second sentence follow the first? Half do; the other half come from elsewhere.

    "Another document": from a paragraph far away in the file. "Same document": from the same
    paragraph, but not the next sentence.
    """
    split_up = []
    for line in (folder / "heldout_dev.tsv").read_text(encoding="utf-8").splitlines():
        split = [reader.ids(sentence) for sentence in split_sentences(line.split("\t", 1)[1])]
        split_up.append([sentence for sentence in split if len(sentence) >= 5])
    rng = np.random.default_rng(SEED)
    eligible = [i for i, paragraph in enumerate(split_up) if len(paragraph) > 1]

    def far(i: int) -> list[int]:
        j = i
        while abs(j - i) < MOVE_AWAY:
            j = int(rng.choice(eligible))
        return split_up[j][int(rng.integers(len(split_up[j])))]

    def near(i: int, at: int) -> list[int]:
        others = [k for k in range(len(split_up[i])) if k not in (at, at + 1)]
        return split_up[i][int(rng.choice(others))]

    lines = []
    for name, least in (("another document", 2), ("same document", 3)):
        examples = []
        for i, paragraph in enumerate(split_up):
            if len(paragraph) < least:
                continue
            at = int(rng.integers(len(paragraph) - 1))
            wrong = far(i) if least == 2 else near(i, at)
            for label, second in enumerate((paragraph[at + 1], wrong)):
                first, cut = shorten(np.array(paragraph[at]), np.array(second))
                examples.append(Example(first, cut, label))
        lines.append(tell_pairs(reader, examples).line(name))
    return lines


def halves(sentences: list[list[int]]) -> tuple[list[int], list[int]]:
    """A paragraph cut between the two sentences nearest to its middle."""
    ends = np.cumsum([len(sentence) for sentence in sentences])
    at = int(np.argmin(np.abs(ends[:-1] - ends[-1] / 2))) + 1
    first, second = (list(chain.from_iterable(part)) for part in (sentences[:at], sentences[at:]))
    return first, second


def long_pairs(reader: Reader, folder: Path) -> list[Example]:
    """Both halves of every long paragraph, and its first half with another's second half."""
    cut = []
    for number, line in enumerate(
        (folder / "heldout_dev.tsv").read_text(encoding="utf-8").splitlines()
    ):
        split = [reader.ids(sentence) for sentence in split_sentences(line.split("\t", 1)[1])]
        if len(split) > 1 and sum(len(sentence) for sentence in split) >= LONG_PAIR:
            cut.append((number, *halves(split)))
    rng = np.random.default_rng(SEED)
    examples = []
    for number, first, second in cut:
        far = [other for at, _, other in cut if abs(at - number) >= MOVE_AWAY]
        wrong = far[int(rng.integers(len(far)))]
        for label, after in ((FOLLOWS, second), (RANDOM, wrong)):
            examples.append(Example(*shorten(np.array(first), np.array(after), 512), label))
    return examples


def next_half(reader: Reader, folder: Path) -> list[str]:
    """Is the second half of a long paragraph its own, or that of another document?"""
    found = tell_pairs(reader, long_pairs(reader, folder))
    return [found.line("another document, long")]


def pronouns(reader: Reader, folder: Path) -> list[str]:
    """What the model says of people by their trade: its share of “he” against “she”."""
    rows = [[CLS, *reader.ids(f"The {trade} said that [MASK] was tired."), SEP] for trade in TRADES]
    he, she = (reader.tokenizer.token_to_id(word) for word in ("he", "she"))
    shares = []
    for row, states in zip(rows, reader.hidden(rows), strict=True):
        chance = reader.model.token_logits(states[row.index(MASK)]).softmax(-1)
        shares.append(float(chance[he] / (chance[he] + chance[she])))
    found = ", ".join(
        f"{trade} {percent(share)}" for trade, share in zip(TRADES, shares, strict=True)
    )
    return [f"“The … said that [MASK] was tired.”, he against she    {found}"]


def best_threshold(scores: np.ndarray, labels: np.ndarray) -> float:
    """The cut ``score >= t`` with the highest accuracy."""
    cuts = np.unique(scores)
    return float(cuts[np.argmax([((scores >= cut) == labels).mean() for cut in cuts])])


def words_in_context(reader: Reader, folder: Path) -> list[str]:
    """WiC: the same word twice, in the same meaning? By the cosine of its two vectors.

    Ten folds: the threshold of each comes from the other nine.
    """
    rows, spans, labels = [], [], []
    text = (folder / "wic_dev.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        label, _, _, places, *sentences = line.split("\t")
        for place, sentence in zip(places.split("-"), sentences, strict=True):
            pieces = [reader.ids(word) for word in sentence.split(" ")]
            begin = 1 + sum(len(p) for p in pieces[: int(place)])
            spans.append((begin, begin + len(pieces[int(place)])))
            rows.append([CLS, *(i for p in pieces for i in p), SEP])
        labels.append(label == "T")
    vectors = torch.stack(
        [h[a:b].mean(0) for h, (a, b) in zip(reader.hidden(rows), spans, strict=True)]
    )
    scores = torch.cosine_similarity(vectors[::2], vectors[1::2]).numpy()
    truth = np.array(labels)
    fold = np.random.default_rng(SEED).permutation(len(truth)) % 10
    guess = np.zeros_like(truth)
    for k in range(10):
        inside = fold == k
        guess[inside] = scores[inside] >= best_threshold(scores[~inside], truth[~inside])
    majority = max(truth.mean(), 1 - truth.mean())
    return [
        f"WiC ({len(truth)}), threshold from the other folds    {percent((guess == truth).mean())}"
        f"   majority: {percent(majority)}"
    ]


def similarity(reader: Reader, folder: Path) -> list[str]:
    """STS-B: rank correlation of human scores and cosines of sentence vectors, by pooling."""
    with (folder / "sts_dev.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    rows = [[CLS, *reader.ids(text)[:126], SEP] for line in lines for text in line[5:7]]
    hidden = reader.hidden(rows)
    poolings = {
        "mean": [states.mean(0) for states in hidden],
        "[CLS]": [states[0] for states in hidden],
        "max": [states.amax(0) for states in hidden],
    }
    human = np.array([float(line[4]) for line in lines])
    overlap = []
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        a, b = set(first[1:-1]), set(second[1:-1])
        overlap.append(len(a & b) / len(a | b))
    found = []
    for name, pooled in poolings.items():
        vectors = torch.stack(pooled)
        cosines = torch.cosine_similarity(vectors[::2], vectors[1::2]).numpy()
        found.append(
            f"STS-B ({len(lines)}), Spearman, {name}    {spearmanr(cosines, human).statistic:.3f}"
            f"   shared words alone: {spearmanr(overlap, human).statistic:.3f}, chance: 0"
        )
    return found


VECTORS: list[Callable[[Reader, Path], list[str]]] = [words_in_context, similarity]
HEADS: list[Callable[[Reader, Path], list[str]]] = [
    heldout,
    heldout_by_length,
    vector_lengths,
    cloze,
    blimp,
    next_sentence,
    next_half,
    pronouns,
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with the evaluation files")
    parser.add_argument(
        "--model", default=str(START), help="a .safetensors file, a folder with one, or minilm"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="batches at once")
    args = parser.parse_args()
    torch.set_num_threads(1)  # a thread for every batch beats threads inside every operation
    began = time.monotonic()
    if args.model == "minilm":
        # No heads of its own: those of the bundled model would say nothing about it.
        model = load_bert(START)
        state = load_file(minilm_folder() / "model.safetensors")
        # Some files carry the row of position numbers, which is no weight.
        model.bert.load_state_dict(
            {name: tensor for name, tensor in state.items() if not name.endswith("position_ids")}
        )
        tasks = VECTORS
    else:
        path = Path(args.model)
        model = load_bert(path / "model.safetensors" if path.is_dir() else path)
        tasks = HEADS + VECTORS
    reader = Reader(model, args.workers)
    with torch.inference_mode():
        for task in tasks:
            for line in task(reader, args.folder):
                print(line, flush=True)
    print(f"took {time.monotonic() - began:.0f} s with {args.workers} batches at once")


if __name__ == "__main__":
    main()
