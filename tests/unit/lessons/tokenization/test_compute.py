"""What the page asks for: the race, case, languages, and the sentences that describe them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lessons.tokenization import compute
from lessons.tokenization.compute import UNK, longest_match, tokenize


@pytest.fixture(scope="module")
def song() -> compute.Trained:
    (text,) = [t.text for t in compute.training_texts() if t.slug == "walking_song"]
    return compute.train(text, 200)


def test_our_texts_are_of_a_size_to_train_on() -> None:
    texts = compute.training_texts()
    assert len(texts) >= 5
    for text in texts:
        assert 150 <= len(text.text.split()) <= 400
        assert text.note


def test_examples_tokenize_into_something() -> None:
    for example in compute.examples():
        assert len(tokenize(example.text, example.pair).tokens) > 3
        assert example.note
    assert any(example.pair for example in compute.examples())
    pieces = {word.text: len(longest_match(word.text).pieces) for word in compute.words_to_guess()}
    assert pieces["unhappiness"] == 4
    assert len(set(pieces.values())) > 2  # the guesses are not all the same


def test_race_lays_three_cuts_over_the_same_letters(song: compute.Trained) -> None:
    sentence = "Zoë was walking with unhappy Bakers!"
    result = compute.race(song, sentence)
    assert [word.text for word in result.words] == [
        "zoe", "was", "walking", "with", "unhappy", "bakers", "!",
    ]  # fmt: skip
    for word in result.words:
        assert sentence[word.start : word.end].lower().replace("ë", "e") == word.text
        assert set(word.cuts) == {"WordPiece", "BPE", "Unigram"}
        for cut in word.cuts.values():
            assert (cut[0].start, cut[-1].end) == (word.start, word.end)
        for place in word.disputed:
            votes = [any(s.start == place for s in cut) for cut in word.cuts.values()]
            assert any(votes)
            assert not all(votes)
        assert not (word.disputed and word.agreed)
    assert result.disagreements
    for standing in result.standings:
        total = sum(len(word.cuts[standing.name]) for word in result.words)
        assert standing.pieces == total
        assert standing.pieces_per_word == pytest.approx(total / 7)
        assert standing.vocabulary_size <= 200
        assert standing.text_pieces_per_word >= 1


def test_agreement_counts_what_is_known_too() -> None:
    trained = compute.train("hug hug pug", 30)
    result = compute.race(trained, "hug hüg hz z")
    agreed = {word.text: word.agreed for word in result.words}
    assert agreed["hug"]
    assert not agreed["hz"]  # WordPiece gives up the whole word, the others one letter
    assert agreed["z"]  # unknown to all three
    assert [standing.unknown for standing in result.standings] == [2, 2, 2]


def test_race_on_nothing(song: compute.Trained) -> None:
    empty = compute.race(song, "  \n")
    assert empty.words == ()
    assert "no word" in compute.describe_race(empty)
    with pytest.raises(ValueError, match="no word to learn"):
        compute.train(" [MASK] ", 100)


def test_training_text_is_cut_at_the_limit_and_says_so() -> None:
    text = "a b c " * 4000
    trained = compute.train(text, 20)
    assert trained.n_cut == len(text) - compute.MAX_TRAINING_CHARACTERS
    assert sum(trained.counts.values()) < len(text.split())


def test_progress_runs_through_all_three() -> None:
    seen: list[float] = []
    compute.train(compute.training_texts()[0].text, 120, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0
    assert any(0 < done < 1 / 3 for done in seen)
    assert any(1 / 3 < done < 2 / 3 for done in seen)
    with pytest.raises(compute.Cancelled):
        compute.train("one two three", 50, cancelled=lambda: True)


def test_growth_starts_at_letters_and_falls(song: compute.Trained) -> None:
    curves = compute.growth(song)
    letters = sum(len(word) * times for word, times in song.counts.items())
    for name, points in curves.items():
        sizes = [size for size, _ in points]
        assert sizes == sorted(sizes)
        assert points[0][1] == letters, name
        assert points[-1][1] < letters
    for name in ("WordPiece", "BPE"):
        pieces = [count for _, count in curves[name]]
        assert pieces == sorted(pieces, reverse=True)
    reached = dict(curves["BPE"])[200]
    assert f"BPE needs {reached:,}" in compute.describe_growth(curves, 200)


@pytest.mark.parametrize("trainer", ["WordPiece", "BPE", "Unigram"])
def test_cased_and_uncased(trainer: str) -> None:
    text = compute.training_texts()[1].text
    uncased, cased = compute.case_contrast(text, "The Old woman", 200, trainer)
    assert [word.text for word in uncased.words] == ["the", "old", "woman"]
    assert [word.text for word in cased.words] == ["The", "Old", "woman"]
    assert cased.different_words > uncased.different_words
    said = compute.describe_case(uncased, cased)
    assert f"{cased.different_words:,} different words" in said
    assert f"{uncased.pieces:,} uncased" in said


def test_spellings_that_uncased_makes_equal() -> None:
    merged = compute.merged_spellings("US us. résumé resume; The the once")
    assert merged == {
        "us": ("US", "us"),
        "resume": ("résumé", "resume"),
        "the": ("The", "the"),
    }


def test_coverage_counts_unknown_pieces_and_words() -> None:
    row = compute.coverage("hello 😀😀 wörld x😀x, 漢")
    assert row.words == 5
    assert row.tokens == ("hello", UNK, "world", UNK, ",", "漢")
    assert (row.pieces, row.unknown, row.unknown_words) == (6, 2, 2)
    assert row.unknown_rate == pytest.approx(1 / 3)
    assert row.pieces_per_word == pytest.approx(6 / 5)
    assert compute.coverage("漢字", spaces=False).pieces_per_word is None
    nothing = compute.coverage("")
    assert (nothing.pieces, nothing.unknown_rate, nothing.pieces_per_word) == (0, 0.0, None)


@given(st.text(max_size=40))
def test_coverage_of_anything(text: str) -> None:
    row = compute.coverage(text)
    assert 0 <= row.unknown <= row.pieces
    assert row.unknown_words <= max(row.words, row.unknown)
    assert compute.describe_coverage(row)


def test_english_needs_fewest_pieces_among_languages_that_survive() -> None:
    rows = compute.survey()
    assert rows[0].label == "English"
    whole = [row for row in rows if not row.unknown]
    assert len(whole) > 8
    assert min(whole, key=lambda row: row.pieces).label == "English"
    assert any(row.unknown_rate == 1 for row in rows)
    assert len({language.script for language in compute.languages()}) >= 10


def test_bytes_know_every_character() -> None:
    assert compute.utf8("é😀") == [("é", (0xC3, 0xA9)), ("😀", (0xF0, 0x9F, 0x98, 0x80))]
    assert compute.utf8("\ud800\x00")[0] == ("\ufffd", (0xEF, 0xBF, 0xBD))


# ------------------------------------------------------------------ in words


def test_steps_in_words() -> None:
    steps = tokenize("Zoë  lost\u200b her unhappiness 😀", "[MASK] yes.").steps
    said = [compute.describe_step(step) for step in steps]
    assert said[0] == (
        "1 special token recognized, 1 invisible character removed, "
        "1 character stripped of its accents and 1 letter made lower case."
    )
    assert said[1] == "6 spaces dropped and 1 punctuation mark set apart."
    assert said[2] == "1 word cut into pieces and 1 word given up as [UNK]."
    assert said[3] == "3 tokens added."
    assert said[6] == "10 tokens of the first text get a 0, 4 of the second a 1."
    assert compute.describe_step(tokenize("a").steps[0]) == "Nothing to change here."


def test_longest_match_in_words() -> None:
    assert compute.describe_longest_match(longest_match("cat")).startswith("cat is in the voc")
    assert compute.describe_longest_match(longest_match("unhappiness")) == (
        "25 looks into the vocabulary give 4 pieces: un ##ha ##pp ##iness."
    )
    assert "##😀" in compute.describe_longest_match(longest_match("x😀"))
    assert "101 characters" in compute.describe_longest_match(longest_match("a" * 101))
    assert compute.describe_longest_match(longest_match("")) == "There is no letter to look up."


def test_training_steps_in_words(song: compute.Trained) -> None:
    first = compute.train("hug " * 10 + "pug " * 5 + "pun " * 12 + "bun " * 4 + "hugs " * 5, 20)
    assert compute.describe_merge(first.wordpiece.history[0], "WordPiece") == (
        "Step 1 joins ##g and ##s to ##gs: they stand together 5 times, and 5 / (20 × 5) = 0.05 "
        "is the highest score."
    )
    assert "20 times, more often" in compute.describe_merge(first.bpe.history[0], "BPE")
    rounds = song.unigram.history
    assert compute.describe_round(rounds[0]).startswith(f"Of {rounds[0].size:,} pieces")
    assert "drops nothing: 200 pieces stay" in compute.describe_round(rounds[-1])


def test_survey_in_words() -> None:
    said = compute.describe_survey(compute.survey())
    assert said.startswith("English says it in 9 pieces")
    assert "Thai and Emoji" in said
    assert compute.describe_survey(()) == "There is nothing to compare."
