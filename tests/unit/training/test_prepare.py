"""Several texts become one set of arrays, each document with the group that it is drawn by."""

from __future__ import annotations

import lzma
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, pre_tokenizers

from training.prepare import encode_documents, is_list, read_texts, split_sentences

PROSE = (
    "It rained all night. In the morning the river stood so high that nobody in the village "
    "dared to cross the old bridge. We waited. On the third day the water fell, and the men "
    "went out to mend the road.\n"
)
FACTS = "A cow is an animal.\nIce is cold.\nWhat do bees make? Honey.\n"


def folded(text: str) -> list[list[str]]:
    return [split_sentences(line) for line in text.splitlines()]


def lines(count: int, words: int, sentences: int) -> list[list[str]]:
    """``count`` paragraphs of ``sentences`` sentences, each of ``words`` words."""
    return [[" ".join(["word"] * words)] * sentences for _ in range(count)]


@pytest.fixture
def texts(tmp_path: Path) -> list[Path]:
    """Two files, the second compressed; each holds prose and a list."""
    plain, packed = tmp_path / "first.txt", tmp_path / "second.txt.xz"
    both = f"{PROSE}\n{FACTS}"
    plain.write_text(both, encoding="utf-8")
    with lzma.open(packed, "wt", encoding="utf-8") as file:
        file.write(both)
    return [plain, packed]


def test_documents_carry_the_number_of_their_text(texts: list[Path]) -> None:
    found = list(read_texts(texts))
    assert [group for group, _ in found] == [0, 0, 1, 1]
    assert [document for _, document in found] == 2 * [folded(PROSE), folded(FACTS)]


def test_only_lists_of_the_last_text_stand_apart(texts: list[Path]) -> None:
    assert [group for group, _ in read_texts(texts, lists_apart=True)] == [0, 0, 1, 2]
    assert [group for group, _ in read_texts(texts[:1], lists_apart=True)] == [0, 1]


def test_a_list_has_short_sentences_and_short_paragraphs() -> None:
    assert is_list(folded(FACTS))
    assert not is_list(folded(PROSE))
    assert is_list(lines(10, words=14, sentences=2))
    assert not is_list(lines(10, words=15, sentences=2)), "long sentences are prose"
    assert not is_list(lines(10, words=5, sentences=3)), "so are paragraphs of many"


def test_the_arrays_name_the_group_of_every_document(texts: list[Path]) -> None:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 100}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    arrays = encode_documents(read_texts(texts, lists_apart=True), tokenizer)
    assert arrays["group"].tolist() == [0, 0, 1, 2]
    assert arrays["group"].dtype == np.uint8
    assert len(arrays["documents"]) == len(arrays["group"]) + 1
    assert len(arrays["heldout"]) == len(arrays["everyday"]) == len(arrays["group"])
