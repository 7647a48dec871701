"""The three trainers: worked examples, invariants, and the `tokenizers` library beside them."""

from __future__ import annotations

import json
import math
from collections import Counter
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers
from tokenizers import trainers as library

from lessons.tokenization import compute
from lessons.tokenization.trainers import (
    BPE,
    Cancelled,
    Segment,
    Unigram,
    bpe_merges,
    count_words,
    expectation_maximization,
    forward_backward,
    join_pair,
    log_probabilities,
    seed_pieces,
    train_bpe,
    train_unigram,
    train_wordpiece,
    viterbi,
    wordpiece_merges,
)

HUGS = {"hug": 10, "pug": 5, "pun": 12, "bun": 4, "hugs": 5}
TRAINERS = [train_wordpiece, train_bpe, train_unigram]
TEXTS = {text.slug: text.text for text in compute.training_texts()}
ENGLISH = " ".join(text for slug, text in TEXTS.items() if slug != "three_kitchens")

counts_strategy = st.dictionaries(
    st.text("abcé漢", min_size=1, max_size=9), st.integers(1, 6), min_size=1, max_size=15
)


def repeated(counts: dict[str, int]) -> str:
    return " ".join(word for word, times in counts.items() for _ in range(times))


def library_trained(model, trainer, counts: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.train_from_iterator([repeated(counts)], trainer)
    return tokenizer


def surface(word: str, segments: list[Segment]) -> list[str]:
    return [word[segment.start : segment.end] for segment in segments]


# ------------------------------------------------------------------ worked examples


def test_wordpiece_by_score_joins_g_and_s_first() -> None:
    first = next(wordpiece_merges(HUGS, 30))
    assert (first.winner.left, first.winner.right, first.piece) == ("##g", "##s", "##gs")
    assert first.winner[2:] == (5, 20, 5, 1 / 20)
    runners_up = first.ranking[1:]
    assert runners_up
    assert all(candidate.score == pytest.approx(1 / 36) for candidate in runners_up)


def test_bpe_joins_u_and_g_first_as_the_library_wordpiece_trainer_does() -> None:
    first = next(bpe_merges(HUGS, 30))
    assert (first.winner.left, first.winner.right, first.winner.together) == ("u", "g", 20)
    tokenizer = library_trained(
        models.WordPiece(unk_token="[UNK]"),
        library.WordPieceTrainer(vocab_size=100, show_progress=False),
        HUGS,
    )
    pieces = sorted(tokenizer.get_vocab(), key=tokenizer.get_vocab().__getitem__)
    longer = [piece for piece in pieces if len(piece.removeprefix("##")) > 1]
    assert longer[0] == "##ug"


def test_bpe_on_the_example_of_the_paper() -> None:
    """Sennrich et al. 2016, algorithm 1, less its mark at the end of words."""
    counts = {"low": 5, "lower": 2, "newest": 6, "widest": 3}
    joined = [merge.piece for merge in bpe_merges(counts, 100)]
    assert joined[:3] == ["es", "est", "lo"]


def test_join_pair_goes_from_left_to_right() -> None:
    assert join_pair(["a", "a", "a"], ("a", "a")) == ["aa", "a"]
    assert join_pair(["h", "##u", "##g"], ("##u", "##g")) == ["h", "##ug"]


def test_forward_backward_by_hand() -> None:
    scores = log_probabilities({"a": 2, "b": 1, "ab": 1})
    total, expected = forward_backward("ab", scores, 2)
    together, apart = 1 / 4, 2 / 4 * 1 / 4
    assert math.exp(total) == pytest.approx(together + apart)
    assert expected["ab"] == pytest.approx(together / (together + apart))
    assert expected["a"] == expected["b"] == pytest.approx(apart / (together + apart))


# ------------------------------------------------------------------ beside the library


@pytest.mark.parametrize("slug", TEXTS)
@pytest.mark.parametrize("size", [60, 300])
def test_bpe_joins_what_the_library_joins_in_the_same_order(slug: str, size: int) -> None:
    """Ties too: the library takes the pair with the smaller ids, and ids are given to characters
    by code point and to pieces as they are made, which is our rule in other words."""
    counts = count_words(TEXTS[slug])
    reference = library_trained(
        models.BPE(), library.BpeTrainer(vocab_size=size, show_progress=False), counts
    )
    theirs = [tuple(pair) for pair in json.loads(reference.to_str())["model"]["merges"]]
    ours = train_bpe(counts, size)
    assert [(m.winner.left, m.winner.right) for m in ours.history] == theirs
    assert set(ours.vocabulary) == set(reference.get_vocab())
    unseen = count_words("unhappiness breadmaker walkability starlight talking hopelessly")
    letters = set(ours.letters)
    for word in (*counts, *(w for w in unseen if set(w) <= letters)):
        assert [s.text for s in ours.encode(word)] == reference.encode(word).tokens


@settings(max_examples=150, deadline=None)
@given(counts_strategy)
def test_viterbi_is_the_library_unigram(counts: dict[str, int]) -> None:
    model = train_unigram(counts, 8)
    vocabulary = [("<unk>", 0.0), *model.scores.items()]
    reference = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=False))
    for word in [*counts, "abcabc", "cab漢é", "xab", "abxxc", "x", "é漢é漢"]:
        fused: list[str] = []  # the library reports unknown characters in a row as one piece
        unknown = False
        for segment in model.encode(word):
            part = word[segment.start : segment.end]
            if unknown and not segment.known:
                fused[-1] += part
            else:
                fused.append(part)
            unknown = not segment.known
        assert fused == reference.encode(word).tokens


@pytest.mark.parametrize("slug", TEXTS)
def test_viterbi_is_the_library_unigram_on_real_text(slug: str) -> None:
    counts = count_words(TEXTS[slug])
    model = train_unigram(counts, 200)
    reference = Tokenizer(models.Unigram([("<unk>", 0.0), *model.scores.items()], unk_id=0))
    for word in counts:
        assert surface(word, model.encode(word)) == reference.encode(word).tokens


def library_unigram(counts: dict[str, int], size: int) -> dict[str, float]:
    """The library's pieces, weighed by our EM: it weighs with a prior that ours does not have."""
    trained = library_trained(
        models.Unigram(),
        library.UnigramTrainer(
            vocab_size=size + 1, show_progress=False, unk_token="<unk>", max_piece_length=12
        ),
        counts,
    )
    pieces = json.loads(trained.to_str())["model"]["vocab"]
    scores = log_probabilities({p: math.exp(score) for p, score in pieces if p != "<unk>"})
    for _ in range(10):
        scores, _ = expectation_maximization(counts, scores)
    return scores


@pytest.mark.parametrize("size", [80, 120])
def test_unigram_comes_close_to_the_library(size: int) -> None:
    """On our four English texts: log-likelihood and number of pieces within 5%.

    With larger vocabularies on so little text the library falls behind, since it drops every
    piece with an expected count below one half at once, and it counts seeds once for each
    different word.
    """
    counts = count_words(ENGLISH)
    theirs = library_unigram(counts, size)
    model = train_unigram(counts, len(theirs))
    _, their_likelihood = expectation_maximization(counts, theirs)
    assert len(model.scores) == len(theirs)
    assert model.history[-1].log_likelihood == pytest.approx(their_likelihood, rel=0.05)
    their_pieces = sum(
        len(viterbi(word, theirs, 12, -1e9)[1]) * times for word, times in counts.items()
    )
    assert model.history[-1].text_pieces == pytest.approx(their_pieces, rel=0.05)


@pytest.mark.parametrize("slug", TEXTS)
def test_unigram_explains_the_text_no_worse_than_the_library(slug: str) -> None:
    counts = count_words(TEXTS[slug])
    theirs = library_unigram(counts, 200)
    _, their_likelihood = expectation_maximization(counts, theirs)
    model = train_unigram(counts, len(theirs))
    assert model.history[-1].log_likelihood >= their_likelihood


# ------------------------------------------------------------------ invariants


@settings(deadline=None)
@given(counts_strategy, st.integers(1, 30))
def test_every_word_is_cut_without_loss(counts: dict[str, int], size: int) -> None:
    for train in TRAINERS:
        model = train(counts, size)
        for word in [*counts, "abcé漢", "zab"]:
            segments = model.encode(word)
            assert "".join(surface(word, segments)) == word
            assert [segment.start for segment in segments[1:]] == [s.end for s in segments[:-1]]
            for segment in segments:
                assert segment.known == (segment.text in model.vocabulary)
            if word in counts:
                assert all(segment.known for segment in segments)


@settings(deadline=None)
@given(counts_strategy, st.integers(1, 30))
def test_sizes(counts: dict[str, int], size: int) -> None:
    for train in TRAINERS:
        model = train(counts, size)
        smallest = len(train(counts, 1).vocabulary)  # the letters
        assert smallest <= len(model.vocabulary) <= max(size, smallest)
        assert len(set(model.vocabulary)) == len(model.vocabulary)


@settings(deadline=None)
@given(counts_strategy)
def test_running_counts_equal_a_new_count(counts: dict[str, int]) -> None:
    """What the pair table keeps up to date is what counting the text afresh would give."""
    words = {word: list(word) for word in counts}
    for merge in bpe_merges(counts, 30):
        pairs: Counter[tuple[str, str]] = Counter()
        for word, pieces in words.items():
            for pair in pairwise(pieces):
                pairs[pair] += counts[word]
        pair = (merge.winner.left, merge.winner.right)
        assert merge.winner.together == pairs[pair] == max(pairs.values())
        words = {word: join_pair(pieces, pair) for word, pieces in words.items()}
        assert merge.text_pieces == sum(len(p) * counts[w] for w, p in words.items())


@settings(deadline=None)
@given(st.text("abc", min_size=1, max_size=8), st.data())
def test_viterbi_finds_the_best_of_all_cuts_and_forward_sums_them(
    word: str, data: st.DataObject
) -> None:
    pieces = {word[i:j] for i in range(len(word)) for j in range(i + 1, len(word) + 1)}
    drawn = data.draw(st.lists(st.sampled_from(sorted(pieces)), unique=True))
    weights = {p: data.draw(st.integers(1, 9)) for p in [*sorted(set(word)), *drawn]}
    scores = log_probabilities(weights)
    totals = []
    for cuts in product([False, True], repeat=len(word) - 1):
        parts = [word[0]]
        for c, cut in zip(word[1:], cuts, strict=True):
            if cut:
                parts.append(c)
            else:
                parts[-1] += c
        if all(part in scores for part in parts):
            totals.append(sum(scores[part] for part in parts))
    best, _ = viterbi(word, scores, len(word), -99.0)
    total, expected = forward_backward(word, scores, len(word))
    assert best == pytest.approx(max(totals))
    assert math.exp(total) == pytest.approx(sum(map(math.exp, totals)))
    assert sum(len(piece) * use for piece, use in expected.items()) == pytest.approx(len(word))


def test_em_never_makes_the_text_less_probable() -> None:
    counts = count_words(TEXTS["walking_song"])
    scores = log_probabilities(seed_pieces(counts, 500))
    likelihoods = []
    for _ in range(8):
        scores, likelihood = expectation_maximization(counts, scores)
        likelihoods.append(likelihood)
        assert sum(map(math.exp, scores.values())) == pytest.approx(1.0)
    assert likelihoods == sorted(likelihoods)
    assert likelihoods[-1] > likelihoods[0] + 10


def test_rounds_shrink_and_drop_the_cheapest() -> None:
    counts = count_words(TEXTS["night_sky"])
    rounds = train_unigram(counts, 100).history
    assert rounds[-1].size == 100
    for earlier, later in pairwise(rounds):
        assert later.size == earlier.size - len(earlier.dropped)
        costs = [dropped.cost for dropped in earlier.dropped]
        assert costs == sorted(costs)
        assert all(len(dropped.piece) > 1 for dropped in earlier.dropped)
        assert all("".join(d.instead) == d.piece for d in earlier.dropped)
    assert not rounds[-1].dropped


def test_bpe_replays_its_joins_while_wordpiece_takes_the_longest() -> None:
    """Much the same pieces, two rules, two results."""
    bpe = train_bpe({"ab": 5, "abc": 4, "bcd": 6, "cd": 9}, 8)
    assert [merge.piece for merge in bpe.history] == ["cd", "ab", "bcd", "abc"]
    assert surface("abcd", bpe.encode("abcd")) == ["ab", "cd"]  # cd is older than abc
    longest = compute.longest_match("abcd", {"a": 0, "abc": 1, "##d": 2, "ab": 3, "##cd": 4})
    assert longest.pieces == ("abc", "##d")


def test_unknown_letters() -> None:
    for train in TRAINERS:
        model = train(HUGS, 12)
        cut = model.encode("hugz")
        unknown = [segment for segment in cut if not segment.known]
        assert unknown[0].text == compute.UNK
        whole_word = (unknown[0].start, unknown[0].end) == (0, 4)
        assert whole_word == (model.name == "WordPiece")


def test_training_is_deterministic() -> None:
    counts = count_words(TEXTS["bread_notes"])
    for train in TRAINERS:
        assert train(counts, 200) == train(counts, 200)


def test_progress_goes_from_low_to_one_and_stop_stops() -> None:
    counts = count_words(TEXTS["walking_song"])
    for train in TRAINERS:
        seen: list[float] = []
        train(counts, 150, progress=seen.append)
        assert len(seen) > 3
        assert seen == sorted(seen)
        assert seen[0] < 0.5
        assert seen[-1] == 1.0
        calls = iter([False, False, True])
        with pytest.raises(Cancelled):
            train(counts, 150, cancelled=lambda: next(calls))  # noqa: B023


def test_nothing_to_learn() -> None:
    assert train_bpe({}, 10).vocabulary == ()
    assert train_wordpiece({}, 10).vocabulary == ()
    assert train_unigram({}, 10).vocabulary == ()
    assert Unigram({}).encode("ab")[0].known is False
    assert [s.known for s in BPE((), ()).encode("ab")] == [False, False]


def test_words_are_counted_as_bert_splits_them() -> None:
    counts = count_words("Café café, CAFÉ! [MASK] 漢字")
    assert counts == {"cafe": 3, ",": 1, "!": 1, "漢": 1, "字": 1}
    assert count_words("Café café", cased=True) == {"Café": 1, "café": 1}
