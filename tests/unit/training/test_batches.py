"""What the trainer is fed: spans, pairs and masks."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from training.batches import (
    CLS,
    FIRST_WORD,
    FOLLOWS,
    IGNORE,
    MASK,
    MAX_TOKENS,
    NO_PAIR,
    PAD,
    RANDOM,
    ROUND_TO,
    SEP,
    SHORTEST_PART,
    Corpus,
    Example,
    Lot,
    Pools,
    collate,
    endless,
    pool,
    shorten,
)
from training.prepare import split_sentences

DOCUMENTS, PARAGRAPHS, SENTENCES, WORDS = 6, 3, 4, 9


@pytest.fixture
def corpus_folder(tmp_path: Path) -> Path:
    """Every sentence is one number, nine times: 2000 + its place in the text."""
    count = DOCUMENTS * PARAGRAPHS * SENTENCES
    arrays = {
        "tokens": np.repeat(np.arange(2000, 2000 + count), WORDS).astype(np.uint16),
        "sentences": np.arange(count + 1) * WORDS,
        "paragraphs": np.arange(DOCUMENTS * PARAGRAPHS + 1) * SENTENCES,
        "documents": np.arange(DOCUMENTS + 1) * PARAGRAPHS,
        "heldout": np.arange(DOCUMENTS) == 2,
        "everyday": np.arange(DOCUMENTS) == 1,
    }
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    (tmp_path / "meta.json").write_text(json.dumps({}))
    return tmp_path


def sentence(ids: np.ndarray) -> list[int]:
    return sorted({int(i) - 2000 for i in ids})


def document(number: int) -> int:
    return number // (PARAGRAPHS * SENTENCES)


def test_pairs_follow_or_come_from_another_document(corpus_folder: Path) -> None:
    corpus, rng = Corpus(corpus_folder), np.random.default_rng(1)
    labels = []
    for _ in range(1000):
        example = corpus.pair(rng)
        first, second = sentence(example.first), sentence(example.second)
        labels.append(example.label)
        if example.label == FOLLOWS:
            assert second[0] == first[-1] + 1
            assert second[-1] // SENTENCES == first[0] // SENTENCES, "left the paragraph"
        else:
            assert example.label == RANDOM
            assert document(first[-1]) != document(second[0])
    assert 0.45 < np.mean(labels) < 0.55


def test_spans_stay_in_their_paragraph_and_out_of_heldout_documents(corpus_folder: Path) -> None:
    rng = np.random.default_rng(2)
    training = [Corpus(corpus_folder).span(rng) for _ in range(500)]
    heldout = [Corpus(corpus_folder, heldout=True).span(rng) for _ in range(50)]
    for example in training + heldout:
        found = sentence(example.first)
        assert found[0] // SENTENCES == found[-1] // SENTENCES
        assert example.label == NO_PAIR
    assert {document(sentence(e.first)[0]) for e in training} == {0, 1, 3, 4, 5}
    assert {document(sentence(e.first)[0]) for e in heldout} == {2}


def test_everyday_documents_are_drawn_more_often(corpus_folder: Path) -> None:
    rng = np.random.default_rng(3)
    corpus = Corpus(corpus_folder, everyday=3.0)
    from_everyday = [document(sentence(corpus.span(rng).first)[0]) == 1 for _ in range(2000)]
    assert np.mean(from_everyday) == pytest.approx(3 / 7, abs=0.04)


def test_nothing_to_draw_is_an_error() -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        Lot(np.arange(3), np.zeros(3))


def examples(count: int = 400) -> list[Example]:
    words = np.arange(5000, 5020)
    return [
        Example(words, None, NO_PAIR) if i % 2 else Example(words, words + 100, i // 2 % 2)
        for i in range(count)
    ]


def test_labels_hold_the_original_where_chosen_and_nothing_elsewhere() -> None:
    batch = collate(examples(), np.random.default_rng(4), 0.2)
    plain = collate(examples(), np.random.default_rng(4), 0.0)
    original = torch.where(plain.labels == IGNORE, plain.input_ids, plain.labels)
    chosen = batch.labels != IGNORE
    assert torch.equal(batch.labels[chosen], original[chosen])
    assert torch.equal(batch.input_ids[~chosen], original[~chosen])
    for special in (CLS, SEP, PAD):
        assert not (chosen & (original == special)).any()


def test_a_fifth_is_chosen_and_split_80_10_10() -> None:
    batch = collate(examples(), np.random.default_rng(5), 0.2)
    chosen = batch.labels != IGNORE
    words = 400 * 20 + 200 * 20
    assert int(chosen.sum()) == round(0.2 * words)
    shown, wanted = batch.input_ids[chosen], batch.labels[chosen]
    assert (shown == MASK).float().mean() == pytest.approx(0.8, abs=0.001)
    other = shown != MASK
    assert (shown[other] == wanted[other]).float().mean() == pytest.approx(0.5, abs=0.02)
    swapped = shown[other & (shown != wanted)]
    assert int(swapped.min()) >= FIRST_WORD
    assert len(swapped.unique()) > 0.9 * len(swapped), "random words repeat"


def test_to_measure_all_chosen_are_masks() -> None:
    batch = collate(examples(), np.random.default_rng(6), 0.15, always_mask=True)
    chosen = batch.labels != IGNORE
    assert (batch.input_ids[chosen] == MASK).all()


def test_rows_hold_segments_masks_and_next_labels() -> None:
    short = Example(np.array([5000, 5001]), None, NO_PAIR)
    pair = Example(np.array([5000]), np.array([5001, 5002]), RANDOM)
    batch = collate([short, pair], np.random.default_rng(7), 0.0, always_mask=True)
    ids = torch.where(batch.labels == IGNORE, batch.input_ids, batch.labels)
    assert ids.tolist() == [
        [CLS, 5000, 5001, SEP, PAD, PAD, PAD, PAD],
        [CLS, 5000, SEP, 5001, 5002, SEP, PAD, PAD],
    ]
    assert batch.token_type_ids.tolist() == [[0] * 8, [0, 0, 0, 1, 1, 1, 0, 0]]
    assert batch.attention_mask.sum(1).tolist() == [4, 6]
    assert batch.next_labels.tolist() == [NO_PAIR, RANDOM]


@pytest.mark.parametrize(("a", "b"), [(200, 200), (10, 200), (200, 10), (40, 40)])
def test_long_pairs_are_cut_away_from_where_they_meet(a: int, b: int) -> None:
    first, second = np.arange(a), np.arange(b) + 1000
    kept_first, kept_second = shorten(first, second)
    assert len(kept_first) + len(kept_second) == min(a + b, MAX_TOKENS - 3)
    assert kept_first[-1] == first[-1]
    assert kept_second[0] == second[0]
    assert len(kept_first) >= min(a, 10)
    assert len(kept_second) >= min(b, 10)


def test_batches_fit_their_size_and_can_be_taken_up_anywhere(corpus_folder: Path) -> None:
    corpus = Corpus(corpus_folder)
    batches = pool(corpus, 7, 0, 64, 256, 0.2)
    assert sum(len(batch.input_ids) for batch in batches) == 64
    for batch in batches:
        assert batch.input_ids.numel() <= 256
        assert batch.input_ids.shape[1] % ROUND_TO == 0

    pools = Pools(corpus, 7, 64, 256, 0.2)
    row = endless(pools, (0, 0))
    whole = [next(row) for _ in range(2 * len(batches))]
    middle = len(batches) + 1
    again, _ = next(endless(pools, whole[middle - 1][1]))
    assert torch.equal(again.input_ids, whole[middle][0].input_ids)
    assert torch.equal(again.labels, whole[middle][0].labels)


def test_loaders_give_the_same_batches_in_the_same_order(corpus_folder: Path) -> None:
    pools = Pools(Corpus(corpus_folder), 7, 64, 256, 0.2)
    alone, loaded = endless(pools, (1, 2)), endless(pools, (1, 2), loaders=2)
    for _ in range(40):
        (one, position), (other, there) = next(alone), next(loaded)
        assert position == there
        for name, tensor in vars(one).items():
            assert torch.equal(vars(other)[name], tensor), name
    assert position[0] > 2, "several pools, from both processes"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained. We left.", ["It rained.", "We left."]),
        ("Mr. Lee met J. Smith. They spoke.", ["Mr. Lee met J. Smith.", "They spoke."]),
        ("“Stop!” She ran.", ["“Stop!”", "She ran."]),
        ("It costs 3.50 dollars in total.", ["It costs 3.50 dollars in total."]),
        ("what now ? i do not know .", ["what now ?", "i do not know ."]),
    ],
)
def test_sentences(text: str, expected: list[str]) -> None:
    assert split_sentences(text) == expected


# --- long examples

LONG = (50, 100)  # tokens; a document has 108 word pieces


@pytest.mark.parametrize("seed", range(3))
def test_long_examples_keep_their_bounds_and_their_document(corpus_folder: Path, seed: int) -> None:
    corpus, rng = Corpus(corpus_folder, long=LONG), np.random.default_rng(seed)
    spans = [corpus.long_span(rng) for _ in range(300)]
    pairs = [corpus.long_pair(rng) for _ in range(300)]
    lengths = [len(example) for example in spans + pairs]
    assert min(lengths) >= LONG[0]
    assert max(lengths) <= LONG[1]
    assert max(lengths) > 0.8 * LONG[1]
    for example in spans:
        assert len({document(number) for number in sentence(example.first)}) == 1
        assert example.second is None
        assert example.label == NO_PAIR
    crossing = 0
    for example in pairs:
        assert example.second is not None
        assert min(len(example.first), len(example.second)) >= SHORTEST_PART
        first, second = sentence(example.first), sentence(example.second)
        assert len({document(number) for number in first}) == 1
        assert len({document(number) for number in second}) == 1
        if example.label == FOLLOWS:
            assert second[0] == first[-1] + 1
            assert first[-1] // SENTENCES == second[0] // SENTENCES, "they meet in a paragraph"
            crossing += first[0] // SENTENCES != second[-1] // SENTENCES
        else:
            assert document(first[0]) != document(second[0])
    assert crossing > 50, "long pairs run over several paragraphs"
    assert 0.35 < np.mean([example.label for example in pairs]) < 0.65


def test_the_length_of_a_long_pair_does_not_give_its_label_away(corpus_folder: Path) -> None:
    corpus, rng = Corpus(corpus_folder, long=LONG), np.random.default_rng(5)
    pairs = [corpus.long_pair(rng) for _ in range(3000)]
    means = [np.mean([len(e) for e in pairs if e.label == label]) for label in (FOLLOWS, RANDOM)]
    assert means[0] == pytest.approx(means[1], rel=0.03)


def test_a_share_of_the_examples_is_long(corpus_folder: Path) -> None:
    corpus = Corpus(corpus_folder, long=(90, 108))
    batches = pool(corpus, 7, 0, 600, 1024, 0.2, long_share=0.25)
    lengths = torch.cat([batch.attention_mask.sum(1) for batch in batches])
    short = pool(corpus, 7, 0, 600, 1024, 0.2)
    assert int(torch.cat([batch.attention_mask.sum(1) for batch in short]).max()) < 90
    assert float((lengths >= 90).float().mean()) == pytest.approx(0.25, abs=0.05)


def test_without_long_examples_nothing_changes(corpus_folder: Path) -> None:
    plain, long = Corpus(corpus_folder), Corpus(corpus_folder, long=LONG)
    for one, other in zip(
        pool(plain, 7, 0, 64, 256, 0.2), pool(long, 7, 0, 64, 256, 0.2, 0.0), strict=True
    ):
        assert torch.equal(one.input_ids, other.input_ids)


def test_a_text_without_long_documents_has_no_long_examples(corpus_folder: Path) -> None:
    with pytest.raises(ValueError, match="nothing to draw"):
        Corpus(corpus_folder, long=(200, 300))


def test_unmasked_is_the_text() -> None:
    batch = collate(examples(10), np.random.default_rng(0), 0.5)
    whole = batch.unmasked()
    assert int((batch.input_ids == MASK).sum()) > 0
    assert int((whole.input_ids == MASK).sum()) == 0
    assert bool((whole.labels == IGNORE).all())
    untouched = batch.labels == IGNORE
    assert torch.equal(whole.input_ids[untouched], batch.input_ids[untouched])
    assert torch.equal(whole.input_ids[~untouched], batch.labels[~untouched])


# --- groups: several texts, each drawn as often as wished

GROUPS = np.array([0, 1, 0, 2, 1, 2])  # of the six documents; number 2 is held out


@pytest.fixture
def grouped_folder(corpus_folder: Path) -> Path:
    np.save(corpus_folder / "group.npy", GROUPS.astype(np.uint8))
    return corpus_folder


def shares(drawn: list[np.ndarray]) -> np.ndarray:
    """Share of the examples that begin in a document of each group."""
    begun = [GROUPS[document(sentence(first)[0])] for first in drawn]
    return np.bincount(begun, minlength=3) / len(begun)


@pytest.mark.parametrize("weights", [(), (1, 1, 1), (1, 0.5, 1.5), (4, 1, 0)])
def test_a_group_is_drawn_as_often_as_asked_for(
    grouped_folder: Path, weights: tuple[float, ...]
) -> None:
    corpus, rng = Corpus(grouped_folder, groups=weights), np.random.default_rng(8)
    wanted = np.array([1, 2, 2]) * np.array(weights or (1, 1, 1))  # documents that are not held out
    wanted = wanted / wanted.sum()
    spans = shares([corpus.span(rng).first for _ in range(3000)])
    pairs = shares([corpus.pair(rng).first for _ in range(3000)])
    np.testing.assert_allclose(spans, wanted, atol=0.03)
    np.testing.assert_allclose(pairs, wanted, atol=0.03)


def test_groups_and_everyday_documents_multiply(grouped_folder: Path) -> None:
    corpus = Corpus(grouped_folder, everyday=3.0, groups=(1, 2, 1))  # document 1: 3 × 2, 4: 2
    rng = np.random.default_rng(9)
    found = shares([corpus.span(rng).first for _ in range(3000)])
    np.testing.assert_allclose(found, np.array([1, 8, 2]) / 11, atol=0.03)


def test_long_examples_are_never_drawn_more_often_than_once(grouped_folder: Path) -> None:
    rng = np.random.default_rng(10)
    corpus = Corpus(grouped_folder, long=LONG, groups=(1, 0.5, 4))
    once = np.array([1, 2 * 0.5, 2 * 1])  # not 2 × 4
    for draw in (corpus.long_span, corpus.long_pair):
        found = shares([draw(rng).first for _ in range(3000)])
        np.testing.assert_allclose(found, once / once.sum(), atol=0.03)


def test_without_weights_the_groups_change_nothing(grouped_folder: Path) -> None:
    plain, alike = Corpus(grouped_folder), Corpus(grouped_folder, groups=(1, 1, 1))
    for one, other in zip(
        pool(plain, 7, 0, 64, 256, 0.2), pool(alike, 7, 0, 64, 256, 0.2), strict=True
    ):
        assert torch.equal(one.input_ids, other.input_ids)
