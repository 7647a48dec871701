"""Gaps, guesses, fillings and surprise, against slow and plain computations."""

import math

import numpy as np
import pytest

from lessons.masking import compute
from lessons.masking.compute import NotAWord

TEXT = "The unhappiness of the gardener was unmistakable."


def position_of(encoding, token):
    return encoding.tokens.index(token)


# --- gaps


def test_pieces_of_one_word_are_one_gap_and_neighbors_are_two(mlm):
    encoding = mlm.encode(TEXT)
    pieces = [i for i, word in enumerate(encoding.word_ids) if word == 1]
    assert len(pieces) == 4
    found = compute.gaps(mlm, encoding, [*pieces, pieces[-1] + 1])
    assert [gap.original for gap in found] == ["unhappiness", "of"]
    assert found[0].positions == tuple(pieces)


def test_a_typed_mask_counts_and_has_no_original(mlm):
    encoding = mlm.encode("Paris is [MASK] [MASK].", "And [MASK]?")
    found = compute.gaps(mlm, encoding, [1])
    assert [(gap.original, gap.sentence) for gap in found] == [
        ("Paris", 0),
        (None, 0),
        (None, 0),
        (None, 1),
    ]
    assert found[3].span == (4, 10)


def test_special_tokens_and_empty_text_leave_no_gap(mlm):
    assert compute.gaps(mlm, mlm.encode("a b"), [0, 3]) == ()
    assert compute.gaps(mlm, mlm.encode(""), []) == ()


# --- predictions


def test_predictions_agree_with_fill_mask_and_are_sorted(mlm):
    encoding = mlm.encode("He lives in New York City and works in Paris.")
    masks = [position_of(encoding, "york"), position_of(encoding, "paris")]
    found = compute.predict(mlm, encoding, masks, top_k=7)
    plain = mlm.fill_mask("He lives in New [MASK] City and works in [MASK].", top_k=7)
    assert [prediction.position for prediction in found] == masks
    for prediction, expected in zip(found, plain, strict=True):
        assert [word for word, _ in prediction.words] == [word for word, _ in expected]
        probabilities = [p for _, p in prediction.words]
        assert probabilities == pytest.approx([p for _, p in expected], rel=1e-4)
        assert probabilities == sorted(probabilities, reverse=True)
    assert found[0].words[0][0] == "york"


def test_no_mask_no_prediction(mlm):
    assert compute.predict(mlm, mlm.encode("No gap here."), ()) == ()


def test_entropy_of_known_distributions():
    uniform = np.full((1, 8), 1 / 8, dtype=np.float32)
    certain = np.eye(8, dtype=np.float32)[:1]
    half = np.array([[0.5, 0.25, 0.25, 0, 0, 0, 0, 0]], dtype=np.float32)
    assert compute.entropy(np.concatenate([uniform, certain, half])) == pytest.approx([3, 0, 1.5])


def test_uncertainty_in_words_follows_the_entropy(mlm):
    sure, unsure = compute.predict(
        mlm, mlm.encode("He lives in New [MASK] City. My [MASK] is broken."), ()
    )
    assert sure.choices < unsure.choices
    assert sure.choices == pytest.approx(2**sure.entropy)
    assert f"{unsure.choices:,.0f}" in compute.describe_uncertainty(unsure)


# --- a word of one's own


def test_a_guess_of_one_piece_has_the_rank_and_probability_of_the_list(mlm):
    encoding = mlm.encode("He lives in New [MASK] City.")
    (gap,) = compute.gaps(mlm, encoding, ())
    (prediction,) = compute.predict(mlm, encoding, (), top_k=5)
    words = [word for word, _ in prediction.words if word.isalpha()]
    for weighed in compute.weigh(mlm, encoding, (), gap, words):
        place = [word for word, _ in prediction.words].index(weighed.word)
        assert weighed.ranks == (place + 1,)
        assert weighed.probability == pytest.approx(prediction.words[place][1], rel=1e-4)


def test_a_guess_of_many_pieces_is_a_product_over_its_masks(mlm):
    encoding = mlm.encode("The gardener felt joy.")
    joy = position_of(encoding, "joy")
    (gap,) = compute.gaps(mlm, encoding, [joy])
    (weighed,) = compute.weigh(mlm, encoding, [joy], gap, ["unhappiness"])
    assert weighed.pieces == ("un", "##ha", "##pp", "##iness")
    expected = 1.0
    for i, piece in enumerate(weighed.pieces):
        text = mlm.encode("The gardener felt unhappiness.")
        row = mlm.token_probabilities(mlm.masked(text, [joy + j for j in range(i, 4)]), [joy + i])[
            0
        ]
        expected *= float(row[mlm.tokenizer.token_to_id(piece)])
        assert weighed.probabilities[i] == pytest.approx(
            float(row[mlm.tokenizer.token_to_id(piece)]), rel=1e-3
        )
    assert weighed.probability == pytest.approx(expected, rel=1e-3)
    assert "4 pieces" in compute.describe_weighed(weighed)


def test_other_gaps_stay_masked_while_a_guess_is_weighed(mlm):
    encoding = mlm.encode("The dog chased the cat up the tree.")
    dog, cat = position_of(encoding, "dog"), position_of(encoding, "cat")
    first, second = compute.gaps(mlm, encoding, [dog, cat])
    _, positions, others = compute.put(mlm, encoding, [dog, cat], first, "unhappiness")
    assert positions == [dog, dog + 1, dog + 2, dog + 3]
    assert others == [cat + 3]
    (weighed,) = compute.weigh(mlm, encoding, [dog, cat], second, ["cat"])
    row = mlm.token_probabilities("The [MASK] chased the [MASK] up the tree.")[1]
    assert weighed.probability == pytest.approx(
        float(row[mlm.tokenizer.token_to_id("cat")]), rel=1e-4
    )


def test_out_of_vocabulary_is_said_plainly(mlm):
    encoding = mlm.encode("I like [MASK].")
    (gap,) = compute.gaps(mlm, encoding, ())
    (weighed,) = compute.weigh(mlm, encoding, (), gap, ["🙂"])
    assert weighed.unknown
    assert weighed.probability == 0
    assert "out of vocabulary" in compute.describe_weighed(weighed)


@pytest.mark.parametrize(
    "word", ["", "  ", "[MASK]", "a [mask] b", "\x00", "supercalifragilist" * 5]
)
def test_what_is_no_word_is_refused_with_a_reason(mlm, word):
    encoding = mlm.encode("I like [MASK].")
    (gap,) = compute.gaps(mlm, encoding, ())
    with pytest.raises(NotAWord, match=r"[.]$"):
        compute.put(mlm, encoding, (), gap, word)


def test_a_guess_in_the_second_sentence(mlm):
    encoding = mlm.encode("He was hungry.", "He ate a sandwich.")
    position = position_of(encoding, "sandwich")
    (gap,) = compute.gaps(mlm, encoding, [position])
    new, positions, _ = compute.put(mlm, encoding, [position], gap, "pear")
    assert new.pair == "He ate a pear."
    assert [new.tokens[p] for p in positions] == ["pear"]
    assert new.token_type_ids[positions[0]] == 1


def test_odds_name_the_leader(mlm):
    encoding = mlm.encode("The keys to the old cabinet [MASK] on the kitchen table.")
    (gap,) = compute.gaps(mlm, encoding, ())
    weighed = compute.weigh(mlm, encoding, (), gap, ["is", "are"])
    assert weighed[1].probability > weighed[0].probability  # agreement across a distance
    ratio = weighed[1].probability / weighed[0].probability
    said = compute.describe_odds(weighed)
    assert said.startswith("“are” is ")
    assert f"{ratio:.1f}" in said or f"{ratio:,.0f}" in said


@pytest.mark.parametrize(
    ("probability", "shown"),
    [
        (0.5, "50%"),
        (0.0123, "1.2%"),
        (0.0001, "1 in 10,000"),
        (1 / 123456, "1 in 120,000"),
        (0, "0"),
    ],
)
def test_probabilities_as_a_learner_reads_them(probability, shown):
    assert compute.percent(probability) == shown


# --- several gaps


def test_left_to_right_is_the_chain_rule(mlm):
    encoding = mlm.encode("He [MASK] [MASK] the bus.")
    filling = compute.fill(mlm, encoding, (), "left to right")
    first = mlm.token_probabilities("He [MASK] [MASK] the bus.")[0]
    assert filling.steps[0].token == mlm.tokenizer.id_to_token(int(first.argmax()))
    second = mlm.token_probabilities(f"He {filling.steps[0].token} [MASK] the bus.")[0]
    assert filling.steps[1].token == mlm.tokenizer.id_to_token(int(second.argmax()))
    assert filling.joint == pytest.approx(float(first.max() * second.max()), rel=1e-4)
    assert [step.position for step in filling.steps] == [2, 3]


def test_all_at_once_takes_each_favorite_and_certain_first_begins_with_the_surest(mlm):
    encoding = mlm.encode("[MASK] lives in New [MASK] City.")
    once = compute.fill(mlm, encoding, (), "all at once")
    favorites = [words[0] for words in mlm.fill_mask(encoding, top_k=1)]
    assert [(step.token, pytest.approx(step.probability, rel=1e-4)) for step in once.steps] == (
        favorites
    )
    certain = compute.fill(mlm, encoding, (), "most certain first")
    assert certain.steps[0].position == 5  # York
    assert certain.steps[0].probability > certain.steps[1].probability


def test_all_fillings_leave_no_mask_and_are_judged_alike(mlm):
    encoding = mlm.encode("The dog chased the cat up the tree.")
    for order in compute.ORDERS:
        filling = compute.fill(mlm, encoding, [2, 3, 5], order)
        assert "[MASK]" not in filling.tokens
        assert filling.joint == pytest.approx(math.prod(s.probability for s in filling.steps))
        words = [filling.tokens[i] for i in (2, 3, 5)]
        expected = 1.0
        for i, word in zip((2, 3, 5), words, strict=True):
            ids = [mlm.tokenizer.token_to_id(token) for token in filling.tokens]
            ids[i] = mlm.mask_token_id
            row = mlm.token_probabilities(ids, [i])[0]
            expected *= float(row[mlm.tokenizer.token_to_id(word)])
        assert filling.judged == pytest.approx(expected, rel=1e-3)


def test_too_many_masks_are_refused(mlm):
    encoding = mlm.encode("[MASK] " * 13)
    with pytest.raises(ValueError, match="13 masks"):
        compute.fill(mlm, encoding, (), "left to right")


# --- contrast


def test_contrast_has_both_sides_probabilities_for_every_word(mlm):
    doctor = mlm.encode("He lives in New [MASK] City.")
    nurse = mlm.encode("He drank a cup of [MASK].")
    found = compute.contrast((mlm, doctor, ()), (mlm, nurse, ()), top_k=4)
    assert "york" in found.words
    assert 4 <= len(found.words) <= 8
    for side, encoding in ((found.first, doctor), (found.second, nurse)):
        row = mlm.token_probabilities(encoding)[0]
        for word, p in zip(found.words, side, strict=True):
            assert p == pytest.approx(float(row[mlm.tokenizer.token_to_id(word)]), rel=1e-4)
    differences = np.array(found.first) - np.array(found.second)
    assert (np.diff(differences) >= 0).all()
    assert "“york” fits the first better" in compute.describe_contrast(found)


def test_contrast_needs_a_mask_on_both_sides(mlm):
    with pytest.raises(ValueError, match="no mask"):
        compute.contrast((mlm, mlm.encode("[MASK]"), ()), (mlm, mlm.encode("none"), ()))


def test_the_order_matters_in_our_own_sentences_with_several_gaps(mlm):
    several = [preset for preset in compute.presets()[0] if len(preset.hide) > 1]
    assert len(several) >= 3
    for preset in several:
        encoding = mlm.encode(preset.text)
        masks = compute.positions_of(encoding, preset.hide)
        found = {compute.fill(mlm, encoding, masks, order).tokens for order in compute.ORDERS}
        assert len(found) > 1, preset.text


def test_the_contrast_that_stands_in_moves_the_best_word(mlm):
    first = mlm.encode("She sat on the bank of the river and watched the boats go by.")
    second = mlm.encode(compute.stand_in_contrast())
    found = compute.contrast((mlm, first, (8,)), (mlm, second, ()))
    apart = [a - b for a, b in zip(found.first, found.second, strict=True)]
    assert max(apart) > 0.2
    assert min(apart) < -0.05


# --- surprise


def test_surprise_is_the_log_probability_of_each_hidden_word(mlm):
    encoding = mlm.encode("He lives in New York City.")
    found = compute.surprise(mlm, encoding)
    assert [word.gap.title for word in found] == ["He", "lives", "in", "New", "York", "City", "."]
    for word in found:
        (position,) = word.gap.positions
        row = mlm.token_probabilities(mlm.masked(encoding, [position]))[0]
        assert word.bits == pytest.approx(-math.log2(row[encoding.input_ids[position]]), rel=1e-3)
        assert word.suggestions[0][1] == pytest.approx(float(row.max()), rel=1e-3)


def test_a_long_word_keeps_its_later_pieces_hidden(mlm):
    encoding = mlm.encode(TEXT)
    found = {word.gap.title: word for word in compute.surprise(mlm, encoding)}
    (weighed,) = compute.weigh(
        mlm, encoding, found["unhappiness"].gap.positions, found["unhappiness"].gap, ["unhappiness"]
    )
    assert found["unhappiness"].bits == pytest.approx(-math.log2(weighed.probability), rel=1e-3)
    plain = mlm.fill_mask("The [MASK] of the gardener was unmistakable.", top_k=1)[0][0]
    assert found["unhappiness"].suggestions[0][0] == plain[0]


def test_a_word_out_of_place_surprises_more_and_its_rival_is_named(mlm):
    wrong = compute.surprise(mlm, mlm.encode("He lives in New Banana City."))
    right = compute.surprise(mlm, mlm.encode("He lives in New York City."))
    worst = max(wrong, key=lambda word: word.bits)
    assert worst.gap.title == "Banana"
    assert worst.bits > right[4].bits + 5
    assert worst.suggestions[0][0] == "york"
    said = compute.describe_surprise(wrong)
    assert "“Banana”" in said
    assert "“york” would have surprised it less" in said


def test_masks_and_unknown_characters_are_not_scored(mlm):
    found = compute.surprise(mlm, mlm.encode("I 🙂 like [MASK] tea"))
    assert [word.gap.title for word in found] == ["I", "like", "tea"]
    assert compute.surprise(mlm, mlm.encode("[MASK] [MASK]")) == ()
    assert compute.surprise(mlm, mlm.encode("")) == ()


def test_a_long_text_is_read_up_to_the_limit(mlm):
    short = mlm.encode("the cat sat")
    assert compute.readable(mlm, short) is short
    for encoding in (mlm.encode("the cat sat " * 400), mlm.encode("the cat " * 20, "a dog " * 200)):
        cut = compute.readable(mlm, encoding)
        assert compute.LONGEST_SURPRISE - 1 <= len(cut) <= compute.LONGEST_SURPRISE
        assert cut.tokens[:20] == encoding.tokens[:20]


# --- sentences of our own


def test_every_preset_hides_words_that_stand_in_it(mlm):
    gaps, slips = compute.presets()
    assert len(gaps) >= 6
    assert len(slips) >= 3
    for preset in gaps:
        encoding = mlm.encode(preset.text)
        found = compute.gaps(mlm, encoding, compute.positions_of(encoding, preset.hide))
        assert [gap.original for gap in found] == list(preset.hide)
        assert "[MASK]" in preset.other
        for word in preset.weigh.split(","):
            assert (
                compute.weigh(mlm, encoding, found[0].positions, found[0], [word])[0].probability
                > 0
            )


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("She saw her dog.", "He saw his dog."),
        ("He saw her.", "She saw him."),
        ("The keys are here", "The keys is here"),
        ("Rain fell.", None),
    ],
)
def test_the_counterpart_is_about_somebody_else(text, other):
    assert compute.counterpart(text) == other


def test_gaps_are_written_into_the_text(mlm):
    encoding = mlm.encode("Her unhappiness was plain.", "So was his.")
    assert (
        compute.shown_with_gaps(mlm, encoding, [2, 3, 4, 5, 11])
        == "Her [MASK] was plain.  So [MASK] his."
    )
