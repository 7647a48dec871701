"""What the browser draws is what the model computed."""

import base64
import json

import numpy as np
import pytest

from lessons.attention import maps as m


def unpacked(text, *shape):
    codes = np.frombuffer(base64.b64decode(text), dtype=np.uint8).reshape(shape)
    return np.square(codes.astype(np.float32) / 255)


def test_bytes_come_back_close(trace):
    weights = trace.attention_weights
    back = m.from_bytes(m.to_bytes(weights))
    assert np.abs(back - weights).max() <= 0.004
    small = weights[(weights > 0.002) & (weights < 0.01)]
    assert (np.abs(m.from_bytes(m.to_bytes(small)) / small - 1) < 0.09).all()
    exact = np.array([0, 1], dtype=np.float32)
    np.testing.assert_array_equal(m.from_bytes(m.to_bytes(exact)), exact)


def test_data_hold_the_maps_of_the_trace(trace):
    data = m.explorer_data(m.maps_of(trace))
    text = data["texts"][0]
    shape = (data["layers"], data["heads"], len(text["tokens"]), len(text["tokens"]))
    shown = unpacked(text["codes"], *shape)
    np.testing.assert_allclose(shown, trace.attention_weights, atol=0.004)
    np.testing.assert_allclose(shown.sum(-1), 1, atol=0.03)
    assert [token["text"] for token in text["tokens"]] == list(trace.tokens)
    assert data["opened"] is None


def test_rows_of_the_model_sum_to_one(trace):
    np.testing.assert_allclose(trace.attention_weights.sum(-1), 1, atol=1e-5)


def test_rollout_by_hand_and_its_rows():
    one = np.array([[0.5, 0.5], [0.0, 1.0]], dtype=np.float32)
    two = np.array([[1.0, 0.0], [1.0, 0.0]], dtype=np.float32)
    flow = m.rollout(np.stack([one, two])[:, None])
    first = np.array([[0.75, 0.25], [0.0, 1.0]])
    np.testing.assert_allclose(flow[0], first)
    np.testing.assert_allclose(flow[1], np.array([[1.0, 0.0], [0.5, 0.5]]) @ first)
    np.testing.assert_allclose(flow.sum(-1), 1)


def test_words_join_their_pieces(trace):
    words = m.words_of(trace)
    assert [place for _, places in words for place in places] == list(range(len(trace.tokens)))
    label, places = next(group for group in words if len(group[1]) > 1)
    assert label == "unhappily"
    assert [trace.tokens[i] for i in places] == ["un", "##ha", "##pp", "##ily"]


def test_a_masked_word_is_not_given_away(model):
    encoding = model.masked(model.encode("The unhappily cat slept"), [2, 3, 4, 5])
    labels = [label for label, _ in m.words_of(model.trace(encoding))]
    assert labels == ["[CLS]", "The", "[MASK]", "cat", "slept", "[SEP]"]


def test_word_maps_sum_to_words_and_average_from_them():
    weights = np.array([[0.2, 0.3, 0.5], [0.0, 0.6, 0.4], [1.0, 0.0, 0.0]], dtype=np.float32)
    merged = m.by_words(weights, [("a", (0, 1)), ("b", (2,))])
    np.testing.assert_allclose(merged, [[(0.5 + 0.6) / 2, (0.5 + 0.4) / 2], [1.0, 0.0]])
    np.testing.assert_allclose(merged.sum(-1), 1)


def test_special_tokens_count_to_the_sentence_they_close(pair_trace):
    maps = m.maps_of(pair_trace)
    first = maps.tokens.index("[SEP]")
    assert set(maps.sentences[: first + 1]) == {0}
    assert set(maps.sentences[first + 1 :]) == {1}


def test_alignment_pairs_what_stands_for_each_other():
    assert m.aligned(["the", "river", "bank"], ["the", "money", "bank"]) == [(0, 0), (1, 1), (2, 2)]
    assert m.aligned(["a", "b", "c"], ["a", "c"]) == [(0, 0), (2, 1)]
    assert m.aligned(["a"], ["b", "c"]) == []


def test_of_a_long_text_only_the_opened_map_is_sent(model):
    trace = model.trace("the cat sat on the mat and slept " * 20)
    maps = m.maps_of(trace)
    assert not maps.whole
    opened = m.Opened(((2, 5), (3, 1)), "max")
    data = m.explorer_data(maps, opened=opened)
    size = len(trace.tokens)
    text = data["texts"][0]
    assert text["codes"] is None
    assert text["rollout"] is None
    flows = unpacked(text["flows"], 6, m.THUMBNAIL, m.THUMBNAIL)
    expected = m.rollout(trace.attention_weights).max((-1, -2))
    np.testing.assert_allclose(flows.max((-1, -2)), expected, atol=0.004)
    thumbnails = unpacked(text["thumbnails"], 6, 12, m.THUMBNAIL, m.THUMBNAIL)
    np.testing.assert_allclose(
        thumbnails.max((-1, -2)), trace.attention_weights.max((-1, -2)), atol=0.004
    )
    union = np.maximum(trace.attention_weights[2, 5], trace.attention_weights[3, 1])
    np.testing.assert_allclose(unpacked(data["opened"]["maps"][0], size, size), union, atol=0.008)
    assert data["opened"]["key"] == "max:2-5.3-1"
    mean = m.opened_map(maps, m.Opened(((2, 5), (3, 1))))
    expected = trace.attention_weights[[2, 3], [5, 1]].mean(axis=0)
    np.testing.assert_allclose(m.from_bytes(mean), expected, atol=0.008)
    flow = m.opened_map(maps, m.Opened(((4, 0),), rollout=True))
    np.testing.assert_allclose(
        m.from_bytes(flow), m.rollout(trace.attention_weights)[4], atol=0.004
    )


@pytest.mark.parametrize(
    ("layers", "heads", "tokens"),
    [(1, 1, 512), (2, 2, 512), (6, 12, 128), (6, 12, 131), (12, 12, 512), (24, 16, 58),
     (24, 16, 59), (24, 16, 512), (24, 16, 20)],
)  # fmt: skip
@pytest.mark.parametrize("texts", [1, 2])
def test_a_browser_gets_two_megabytes_at_most(layers, heads, tokens, texts):
    rng = np.random.default_rng(0)
    maps = m.Maps(
        ("token",) * tokens, (("token", (0,)),) * tokens, (False,) * tokens, (0,) * tokens,
        rng.integers(0, 255, (layers, heads, tokens, tokens), dtype=np.uint8),
        rng.integers(0, 255, (layers, tokens, tokens), dtype=np.uint8),
    )  # fmt: skip
    data = m.explorer_data(maps, maps if texts == 2 else None, m.Opened())
    assert len(json.dumps(data)) < 2_000_000
    assert maps.whole == m.all_at_once(layers, heads, tokens)
    if not maps.whole:
        assert data["texts"][0]["codes"] is None


@pytest.mark.parametrize(
    "sent",
    [None, "x", {}, {"heads": [[99, 0]]}, {"heads": [["a", 0]]}, {"heads": 3}, {"heads": [[1]]}],
)
def test_nonsense_from_a_browser_opens_the_first_head(trace, sent):
    assert m.read_opened(sent, m.maps_of(trace)).heads == ((0, 0),)


def test_two_sentences_are_aligned_for_the_difference(model, trace):
    other = model.trace("She sat on the unhappily red bank of the river and watched the boats.")
    data = m.explorer_data(m.maps_of(trace), m.maps_of(other))
    assert data["pairs"]["pieces"] == [(i, i) for i in range(len(trace.tokens))]
    assert len(data["texts"]) == 2
