"""Measure a masked language model on text it never saw, each figure beside a chance line.

    python -m training.evaluate EVAL_FOLDER                         # the bundled model
    python -m training.evaluate EVAL_FOLDER --model RUN/model.safetensors
    python -m training.evaluate EVAL_FOLDER --model minilm          # what its vectors are worth

EVAL_FOLDER holds heldout_dev.tsv, cloze_dev.tsv, blimp_dev.jsonl, wic_dev.tsv and sts_dev.csv.
Nothing is chosen to make these figures better: they are for reading, not for training.
"""

from __future__ import annotations

import argparse
import csv
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file
from scipy.stats import spearmanr
from torch import Tensor
from tqdm import tqdm

from lessons.engine.bert import BertForPreTraining
from training.batches import CLS, IGNORE, MASK, NO_PAIR, SEP, Example, collate, shorten
from training.prepare import load_tokenizer, minilm_folder, split_sentences
from training.train import START, load_bert

TOKENS = 2048  # in one forward pass
MASK_RATE = 0.15
SEED = 0
TRADES = ("nurse", "secretary", "teacher", "doctor", "engineer", "farmer", "soldier", "boss")
MOVE_AWAY = 100  # lines of heldout_dev.tsv: neighbours can be of the same document


class Reader:
    """Tokenizer and model together: sentences in, numbers out."""

    def __init__(self, model: BertForPreTraining) -> None:
        self.model = model.eval()
        self.tokenizer = load_tokenizer()

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
        for taken, ids, mask in self.packed(rows):
            states = self.model.bert(ids, attention_mask=mask)
            for at, row in enumerate(taken):
                found[row] = states[at, : len(rows[row])]
        return found


def percent(value: float) -> str:
    return f"{100 * value:.1f}%"


def heldout(reader: Reader, folder: Path) -> list[str]:
    """15% of the tokens of unseen paragraphs, all shown as [MASK]."""
    rng = np.random.default_rng(SEED)
    examples = []
    for line in (folder / "heldout_dev.tsv").read_text(encoding="utf-8").splitlines():
        ids = reader.ids(line.split("\t", 1)[1])[:126]
        if ids:
            examples.append(Example(np.array(ids), None, NO_PAIR))
    examples.sort(key=len)
    right = total = 0
    answers: Counter[int] = Counter()
    loss = 0.0
    for start in range(0, len(examples), 16):
        batch = collate(examples[start : start + 16], rng, MASK_RATE, always_mask=True)
        states = reader.model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
        chosen = batch.labels != IGNORE
        logits, labels = reader.model.token_logits(states[chosen]), batch.labels[chosen]
        right += int((logits.argmax(-1) == labels).sum())
        loss += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
        total += len(labels)
        answers.update(labels.tolist())
    word, often = answers.most_common(1)[0]
    return [
        f"held-out masked words ({total})    {percent(right / total)}"
        f"   always “{reader.tokenizer.id_to_token(word)}”: {percent(often / total)}"
        f"   (cross-entropy {loss / total:.3f})"
    ]


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
    scores = [0.0] * len(sentences)
    for taken, ids, mask in tqdm(reader.packed(rows), desc="BLiMP", mininterval=5):
        states = reader.model.bert(ids, attention_mask=mask)
        masked = torch.tensor([place[row] for row in taken])
        logits = reader.model.token_logits(states[torch.arange(len(taken)), masked])
        wanted = torch.tensor([target[row] for row in taken])
        logs = (logits.gather(1, wanted[:, None])[:, 0] - logits.logsumexp(-1)).tolist()
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


def next_sentence(reader: Reader, folder: Path) -> list[str]:
    """Does the second sentence follow the first? Half do; the other half come from elsewhere.

    "Another document": from a paragraph far away in the file. "Same document": from the same
    paragraph, but not the next sentence.
    """
    paragraphs = []
    for line in (folder / "heldout_dev.tsv").read_text(encoding="utf-8").splitlines():
        split = [reader.ids(sentence) for sentence in split_sentences(line.split("\t", 1)[1])]
        paragraphs.append([sentence for sentence in split if len(sentence) >= 5])
    rng = np.random.default_rng(SEED)
    eligible = [i for i, paragraph in enumerate(paragraphs) if len(paragraph) > 1]

    def far(i: int) -> list[int]:
        j = i
        while abs(j - i) < MOVE_AWAY:
            j = int(rng.choice(eligible))
        return paragraphs[j][int(rng.integers(len(paragraphs[j])))]

    def near(i: int, at: int) -> list[int]:
        others = [k for k in range(len(paragraphs[i])) if k not in (at, at + 1)]
        return paragraphs[i][int(rng.choice(others))]

    def accuracy(examples: list[Example]) -> tuple[float, float, int]:
        examples = sorted(examples, key=len)
        hits: dict[int, list[bool]] = {0: [], 1: []}
        for start in range(0, len(examples), 16):
            batch = collate(examples[start : start + 16], rng, 0.0, always_mask=True)
            # collate masks at least one token; this task sees the text whole.
            ids = torch.where(batch.labels == IGNORE, batch.input_ids, batch.labels)
            states = reader.model.bert(ids, batch.token_type_ids, batch.attention_mask)
            guess = reader.model.next_sentence_logits(states).argmax(-1)
            for label, hit in zip(batch.next_labels, guess == batch.next_labels, strict=True):
                hits[int(label)].append(bool(hit))
        return float(np.mean(hits[0])), float(np.mean(hits[1])), len(examples)

    lines = []
    for name, least in (("another document", 2), ("same document", 3)):
        examples = []
        for i, paragraph in enumerate(paragraphs):
            if len(paragraph) < least:
                continue
            at = int(rng.integers(len(paragraph) - 1))
            wrong = far(i) if least == 2 else near(i, at)
            for label, second in enumerate((paragraph[at + 1], wrong)):
                first, cut = shorten(np.array(paragraph[at]), np.array(second))
                examples.append(Example(first, cut, label))
        follows, other, count = accuracy(examples)
        lines.append(
            f"next sentence or {name} ({count})    {percent((follows + other) / 2)}   chance: 50%"
            f"   (follows {percent(follows)}, other {percent(other)})"
        )
    return lines


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
    """STS-B: rank correlation of human scores and cosines of mean-pooled vectors."""
    with (folder / "sts_dev.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    rows = [[CLS, *reader.ids(text)[:126], SEP] for line in lines for text in line[5:7]]
    vectors = torch.stack([states.mean(0) for states in reader.hidden(rows)])
    cosines = torch.cosine_similarity(vectors[::2], vectors[1::2]).numpy()
    human = np.array([float(line[4]) for line in lines])
    overlap = []
    for first, second in zip(rows[::2], rows[1::2], strict=True):
        a, b = set(first[1:-1]), set(second[1:-1])
        overlap.append(len(a & b) / len(a | b))
    return [
        f"STS-B ({len(lines)}), Spearman    {spearmanr(cosines, human).statistic:.3f}"
        f"   shared words alone: {spearmanr(overlap, human).statistic:.3f}, chance: 0"
    ]


VECTORS: list[Callable[[Reader, Path], list[str]]] = [words_in_context, similarity]
HEADS: list[Callable[[Reader, Path], list[str]]] = [
    heldout,
    cloze,
    blimp,
    next_sentence,
    pronouns,
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path, help="folder with the evaluation files")
    parser.add_argument(
        "--model", default=str(START), help="a .safetensors file, a folder with one, or minilm"
    )
    args = parser.parse_args()
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
    reader = Reader(model)
    with torch.inference_mode():
        for task in tasks:
            for line in task(reader, args.folder):
                print(line, flush=True)


if __name__ == "__main__":
    main()
