"""The sum, the changes, the layouts, the batch, the cuts and the neighbors."""

import numpy as np
import pytest

from lessons.catalog import find
from lessons.engine import comparison
from lessons.inputs import compute

TEXT = "The keys to the old cabinet [MASK] on the kitchen table."
GAP = 7


@pytest.fixture(scope="module")
def encoding(model):
    return model.encode(TEXT)


@pytest.fixture(scope="module")
def trace(model, encoding):
    return model.trace(encoding)


@pytest.fixture(scope="module")
def pair(model):
    return model.encode("Did you feed the cat?", "Yes, she had a whole bowl of fish.")


# --- the sum


def test_the_three_parts_add_up_and_layer_norm_is_as_written(model, trace):
    for position in (0, 4, len(trace.tokens) - 1):
        found = compute.input_sum(model, trace, position)
        assert found.token == trace.tokens[position]
        np.testing.assert_allclose(found.parts.sum(axis=0), found.total, atol=1e-6)
        by_hand = (found.total - found.mean) / found.deviation * found.gain + found.shift
        np.testing.assert_allclose(by_hand, found.normed, atol=1e-5)


def test_the_parts_are_rows_of_the_model_s_own_tables(model, trace):
    tables = model.encoder.embeddings
    found = compute.input_sum(model, trace, 3)
    rows = (
        tables.word_embeddings.weight[int(trace.input_ids[3])],
        tables.position_embeddings.weight[3],
        tables.token_type_embeddings.weight[0],
    )
    for part, row in zip(found.parts, rows, strict=True):
        np.testing.assert_array_equal(part, row.numpy())


def test_loudest_takes_from_each_part_in_turn():
    parts = np.array([[9, 1, 0, 0, 8], [0, 7, 0, 1, 0], [0, 0, 5, 0, 1]], dtype=np.float32)
    assert compute.loudest(parts, 3) == [0, 1, 2]
    assert compute.loudest(parts, 4) == [0, 1, 2, 4]
    assert compute.loudest(parts, 99) == [0, 1, 2, 3, 4]


def test_lengths_are_norms(trace):
    found = compute.lengths(trace)
    assert found.shape == (3, len(trace.tokens))
    assert found[0, 2] == pytest.approx(np.sqrt((trace.word_embeddings[2] ** 2).sum()), rel=1e-5)
    assert trace.tokens[int(found[1].argmax())] in compute.describe_lengths(trace.tokens, found)


def test_words_of_the_sum_hold_its_numbers(model, trace):
    found = compute.input_sum(model, trace, 4)
    said = compute.describe_sum(found)
    dimension = int(np.abs(found.total).argmax())
    assert f"dimension {dimension}," in said
    assert f"{found.total[dimension]:+.3f}".replace("-", "−") in said


# --- changes


def test_no_change_leaves_everything(model, encoding, trace):
    same = comparison.compare(model, trace, model.trace(encoding), GAP)
    np.testing.assert_allclose(same.cosines, 1, atol=1e-5)
    assert same.moved == pytest.approx(0, abs=1e-6)
    assert same.before == same.after


@pytest.mark.parametrize("name", compute.ABLATIONS)
def test_every_change_moves_vectors_and_prediction(model, encoding, trace, name):
    change = comparison.compare(model, trace, compute.ablated(model, encoding, name), GAP)
    assert change.cosines.shape == (len(encoding),)
    assert change.cosines.min() < 0.999
    assert change.moved > 0.001
    assert len(change.before) == len(change.after) == 5
    assert sum(p for _, p in change.after) <= 1
    assert change.after[0][0] in comparison.describe_change(change)


def test_without_words_tokens_of_a_place_are_all_alike(model, encoding):
    other = model.encode("A boat of stone [MASK] by the grey harbor wall.")
    length = min(len(encoding), len(other))
    cut = [comparison.picked(e, range(length)) for e in (encoding, other)]
    first, second = (compute.ablated(model, e, "words").hidden_states[-1] for e in cut)
    np.testing.assert_allclose(first, second, atol=1e-5)


def test_shuffled_places_follow_the_seed(model, encoding):
    one, again, other = (compute.ablated(model, encoding, "shuffled", s) for s in (1, 1, 2))
    np.testing.assert_array_equal(one.position_ids, again.position_ids)
    assert (one.position_ids != other.position_ids).any()
    assert sorted(one.position_ids) == list(range(len(encoding)))


def test_a_change_that_does_not_exist_or_does_not_fit_is_refused(model, encoding):
    with pytest.raises(ValueError, match="no change"):
        compute.ablated(model, encoding, "nonsense")
    with pytest.raises(ValueError, match="do not fit"):
        compute.ablated(model, model.encode("word " * 450), "moved")


def test_mean_cosine_of_worked_vectors():
    right_angle = np.array([[1, 0], [0, 2]], dtype=np.float32)
    assert comparison.mean_cosine(right_angle) == pytest.approx(0)
    assert comparison.mean_cosine(np.ones((3, 4), dtype=np.float32)) == pytest.approx(1)
    assert comparison.mean_cosine(right_angle[:1]) == 1


def test_a_model_without_the_head_still_shows_vectors(encoding):
    from lessons.engine import load_model

    minilm = load_model("minilm")
    first = minilm.trace(encoding)
    change = comparison.compare(minilm, first, compute.ablated(minilm, encoding, "positions"), GAP)
    assert change.moved is None
    assert change.before == []
    assert change.cosines.min() < 0.999
    assert compute.follows(minilm, first) is None


# --- special tokens and segments


def test_layouts_of_a_pair(pair):
    length, special = len(pair), [0, 7, len(pair) - 1]
    assert [pair.tokens[i] for i in special] == ["[CLS]", "[SEP]", "[SEP]"]
    sizes = {name: len(compute.laid_out(pair, name).encoding) for name in compute.LAYOUTS}
    assert sizes == {
        "trained": length, "all-a": length, "swapped": length,
        "no-sep": length - 1, "no-cls": length - 1, "bare": length - 3,
    }  # fmt: skip
    assert not compute.laid_out(pair, "all-a").encoding.token_type_ids.any()
    swapped = compute.laid_out(pair, "swapped").encoding.token_type_ids
    np.testing.assert_array_equal(swapped, 1 - pair.token_type_ids)
    bare = compute.laid_out(pair, "bare")
    assert "[SEP]" not in bare.encoding.tokens
    assert [pair.tokens[i] for i in bare.source] == list(bare.encoding.tokens)


def test_the_first_sep_is_of_segment_a_and_the_second_of_b(pair):
    seps = [i for i, token in enumerate(pair.tokens) if token == "[SEP]"]
    assert pair.token_type_ids[seps].tolist() == [0, 1]


def test_follows_is_the_model_s_own_answer(model, pair):
    said = compute.follows(model, model.trace(pair))
    assert said == pytest.approx(model.next_sentence(pair.text, pair.pair), abs=1e-5)
    swapped = compute.laid_out(pair, "swapped").encoding
    assert compute.follows(model, model.trace(swapped)) != pytest.approx(said, abs=1e-4)


def test_a_layout_compares_the_same_tokens(model, pair):
    layout = compute.laid_out(pair, "no-cls")
    first, second = model.trace(pair), model.trace(layout.encoding)
    change = comparison.compare(model, first, second, 3, layout.source)
    assert change.tokens == pair.tokens[1:]
    by_hand = comparison.cosines(first.hidden_states[-1][1:], second.hidden_states[-1])
    np.testing.assert_allclose(change.cosines, by_hand)


def test_nothing_left_is_refused(model):
    with pytest.raises(ValueError, match="nothing is left"):
        compute.laid_out(model.encode(""), "bare")
    with pytest.raises(ValueError, match="no layout"):
        compute.laid_out(model.encode("a"), "nonsense")


# --- a batch and its padding


def test_the_pasted_python_makes_the_same_tensors(model):
    found = compute.batch(model, [model.encode(t) for t in ("A cat.", "The dog bit the old man.")])
    names: dict = {}
    exec(compute.as_python(found), names)
    for field in compute.FIELDS:
        np.testing.assert_array_equal(names["batch"][field].numpy(), getattr(found, field))
    assert found.attention_mask.tolist() == [[1] * 5 + [0] * 4, [1] * 9]
    assert found.padding == 4
    assert found.tokens[0][-1] == "[PAD]"
    assert "4 of the 18 places" in compute.describe_batch(found)


def test_the_pasted_batch_runs_in_transformers(model):
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(0)
    config = BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    names: dict = {}
    exec(compute.as_python(compute.batch(model, [model.encode(t) for t in ("A.", "B c d")])), names)
    with torch.inference_mode():
        outputs = BertModel(config)(**names["batch"])
    assert outputs.last_hidden_state.shape == (2, 5, 32)


def test_a_batch_of_nothing_is_refused(model):
    with pytest.raises(ValueError, match="at least one"):
        compute.batch(model, [])


def test_hidden_padding_changes_nothing_and_attended_padding_does(model, encoding, trace):
    found = compute.padded(model, trace, encoding, 8, GAP)
    assert found.right_error < 1e-5
    np.testing.assert_allclose(found.right.cosines, 1, atol=1e-5)
    assert found.right.moved == pytest.approx(0, abs=1e-5)
    assert found.wrong.cosines.mean() < 0.999
    assert found.wrong.moved > 0.001
    assert len(found.wrong.cosines) == len(encoding)
    assert "8 padding tokens" in compute.describe_padded(found, 8)


# --- truncation


@pytest.fixture(scope="module")
def hugging_face(tmp_path_factory, model):
    from transformers import PreTrainedTokenizerFast

    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    model.tokenizer.save(str(path))
    return PreTrainedTokenizerFast(
        tokenizer_file=str(path), pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]"
    )


def ids_of(encoding, cut):
    return encoding.input_ids[list(cut.kept)].tolist()


@pytest.mark.parametrize("limit", [8, 11, 14, 15, 19, 60])
def test_pair_strategies_are_those_of_transformers(hugging_face, pair, limit):
    found = {cut.name: cut for cut in compute.cuts(pair, limit)}
    for name in ("longest first", "only first", "only second"):
        strategy = name.replace(" ", "_")
        sizes = sum(s == 0 for s in pair.sentence_ids), sum(s == 1 for s in pair.sentence_ids)
        other = {"only first": sizes[1], "only second": sizes[0]}.get(name, 0)
        if limit - 3 <= other:  # transformers only logs an error, and leaves the input too long
            assert name not in found
            continue
        expected = hugging_face(pair.text, pair.pair, truncation=strategy, max_length=limit)
        assert ids_of(pair, found[name]) == expected["input_ids"]


@pytest.mark.parametrize(("limit", "stride"), [(7, 0), (7, 2), (9, 3), (13, 1), (40, 0)])
def test_single_strategies_and_windows_are_those_of_transformers(
    hugging_face, encoding, limit, stride
):
    found = compute.cuts(encoding, limit, stride)
    windows = [ids_of(encoding, cut) for cut in found if cut.name.startswith("window")]
    expected = hugging_face(
        TEXT, truncation=True, max_length=limit, stride=stride, return_overflowing_tokens=True
    )["input_ids"]
    assert windows == expected
    assert ids_of(encoding, found[0]) == expected[0]
    end = hugging_face
    end.truncation_side = "left"
    expected_end = end(TEXT, truncation=True, max_length=limit)["input_ids"]
    end.truncation_side = "right"
    assert ids_of(encoding, found[1]) == expected_end
    assert len(found[2].kept) == min(limit, len(encoding))


def test_every_piece_is_in_some_window(encoding):
    kept = {i for c in compute.cuts(encoding, 6, 1) if c.name.startswith("window") for i in c.kept}
    assert kept == set(range(len(encoding)))


def test_no_room_and_endless_windows_are_refused(encoding, pair):
    with pytest.raises(ValueError, match="no room"):
        compute.cuts(pair, 3)
    with pytest.raises(ValueError, match="share less"):
        compute.cuts(encoding, 6, 4)


def test_the_whole_input_keeps_its_meaning_and_less_keeps_less(model, encoding):
    whole = compute.cuts(encoding, 512)
    assert compute.kept_meaning(model, encoding, whole) == pytest.approx(1, abs=1e-5)
    short = compute.cuts(encoding, 5)
    meaning = compute.kept_meaning(model, encoding, short)
    assert (meaning < 0.999).all()
    assert short[int(meaning.argmax())].name in compute.describe_cuts(encoding, short, meaning)


# --- neighbors


def test_neighbors_are_those_of_the_table(model):
    token = model.tokenizer.token_to_id("river")
    found = compute.neighbors(model, token)
    table = model.word_table().astype(np.float64)
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    scores = unit @ unit[token]
    name, score = found.found[0]
    assert score == pytest.approx(scores[model.tokenizer.token_to_id(name)], abs=1e-5)
    assert [s for _, s in found.found] == sorted((s for _, s in found.found), reverse=True)
    assert "river" not in dict(found.found)
    assert found.found[0][1] > found.typical
    assert name in compute.describe_neighbors(found)


def test_kinds_of_neighbors(model):
    token = model.tokenizer.token_to_id("king")
    words, inner, all_of_them = (compute.neighbors(model, token, kind) for kind in compute.KINDS)
    assert all(name.isalpha() for name, _ in words.found)
    assert all(name.startswith("##") for name, _ in inner.found)
    assert all_of_them.found[0][1] >= max(words.found[0][1], inner.found[0][1])


def test_two_silent_changes_are_named_in_one_order():
    first = compute.describe_both("segments", 0.9, 0.05)
    assert first == compute.describe_both("segment-b", 0.05, 0.9)
    assert "zeros move 90%" in first
    assert "missing" not in compute.describe_both("segments", 0.05, 0.9)


@pytest.mark.parametrize(
    ("before", "after", "truth"),
    [
        (("cat", 0.4), ("cat", 0.5), "It stays"),
        (("cat", 0.4), ("cat", 0.3), "It stays, less sure"),
        (("cat", 0.4), ("dog", 0.3), "Another word leads"),
    ],
)
def test_what_becomes_of_the_first_word_without_positions(before, after, truth):
    none = np.zeros(1, dtype=np.float32)
    found = comparison.Change(("cat",), none, (0.0, 0.0), [before], [after], 0.1)
    said, words = compute.without_positions(found)
    assert said == truth
    assert truth in find("inputs").predict.options
    assert before[0] in words
    assert after[0] in words
