"""The journey shows what the model computed, and nothing else."""

import base64

import numpy as np
import pytest

from lessons.catalog import find
from lessons.engine import load_model
from lessons.journey import compute
from lessons.journey.stored import stored
from pages.ui.state import DEFAULT_MASKS, DEFAULT_TEXT

TEXT = "The cat drank the milk."


@pytest.fixture(scope="module")
def picture(model):
    return compute.journey(model, model.encode(TEXT), (5,))


def test_it_draws_the_values_of_the_trace(model, picture):
    trace = model.trace(model.masked(model.encode(TEXT), [5]))
    k = compute.DIMENSIONS
    np.testing.assert_allclose(picture.states, trace.hidden_states[1:, :, :k], atol=1e-5)
    np.testing.assert_allclose(picture.attention.sum(-1), 1, atol=1e-5)
    np.testing.assert_allclose(picture.parts[:3].sum(axis=0), picture.parts[3], atol=1e-5)
    np.testing.assert_allclose(picture.parts[4], trace.hidden_states[0, :, :k], atol=1e-5)
    assert picture.tokens[5] == "[MASK]"
    assert picture.originals[5] == "milk"


def test_the_last_look_is_the_prediction(model, picture):
    expected = model.fill_mask("The cat drank the [MASK].", top_k=compute.GUESSES)[0]
    assert [word for word, _ in picture.guesses[5][-1]] == [word for word, _ in expected]
    found = [p for _, p in picture.guesses[5][-1]]
    np.testing.assert_allclose(found, [p for _, p in expected], atol=1e-5)


def test_bytes_hold_the_attention(picture):
    data = picture.as_data()
    tokens, layers = len(picture.tokens), len(picture.states)
    raw = np.frombuffer(base64.b64decode(data["attention"]), dtype=np.uint8)
    shown = raw.reshape(layers, tokens, tokens) / 255
    np.testing.assert_allclose(shown, picture.attention, atol=1 / 255)
    signed = np.frombuffer(base64.b64decode(data["states"]), dtype=np.int8)
    assert (np.sign(signed) * np.sign(picture.states.ravel()) >= 0).all()


def test_the_stored_picture_is_what_the_model_says(model):
    live = compute.journey(model, model.encode(DEFAULT_TEXT), DEFAULT_MASKS).as_data()
    kept = stored()
    assert live.keys() == kept.keys()
    assert kept["tokens"] == live["tokens"]
    for position, layers in live["guesses"].items():
        for old, new in zip(kept["guesses"][position], layers, strict=True):
            np.testing.assert_allclose([p for _, p in old], [p for _, p in new], atol=2e-3)
    for name in ("parts", "states", "attention"):
        old, new = (
            np.frombuffer(base64.b64decode(data[name]), dtype=np.uint8).view(np.int8)
            for data in (kept, live)
        )
        assert np.abs(old.astype(int) - new.astype(int)).max() <= 2


def test_when_a_word_arrives():
    def at(*tops):
        layers = [[(word, 0.5), ("else", 0.1)] for word in tops]
        empty = np.zeros((len(tops), 1, 1), dtype=np.float32)
        return compute.Journey(
            text="", tokens=("[MASK]",), originals=("milk",), input_ids=(103,), sentence_ids=(0,),
            special=(False,), parts=empty, states=empty, attention=empty, turn=empty[..., 0],
            guesses={0: layers}, not_drawn=0, hidden=1, vocabulary=3,
        )  # fmt: skip

    assert compute.first_right(at("a", "milk", "milk"), 0) == 2
    assert compute.first_right(at("milk", "a", "milk"), 0) == 3
    assert compute.first_right(at("milk", "milk", "a"), 0) is None
    assert "from layer 2 of 3" in compute.describe_arrival(at("a", "milk", "milk"), 0)
    assert "never arrives" in compute.describe_arrival(at("milk", "milk", "a"), 0)
    options = find("journey").predict.options
    tops = [("milk",) * 3, ("a", "milk", "milk"), ("a", "a", "milk"), ("a",) * 3]
    assert tuple(compute.arrival(at(*words), 0) for words in tops) == options


def test_one_word_in_two_sentences_starts_alike_and_parts(model):
    first = model.encode("They sat on the bank of the river.")
    second = model.encode("The bank raised the interest on the loan.")
    met = compute.meeting(model, first, second, "bank")
    assert met.cosines[0] > 0.8
    assert met.cosines.min() < met.cosines[0] - 0.1
    assert (met.cosines <= 1.0001).all()
    assert (met.baseline < met.cosines).all()
    assert "bank" in compute.describe_meeting(met)
    same = compute.meeting(model, first, first, "bank")
    np.testing.assert_allclose(same.cosines, 1, atol=1e-4)
    with pytest.raises(ValueError, match="both sentences"):
        compute.meeting(model, first, second, "river")


def test_shared_words_leave_out_marks_and_special_tokens(model):
    first, second = model.encode("The dog, the cat."), model.encode("A cat, and the moon.")
    assert compute.shared_words(first, second) == ["cat", "the"]


def test_a_long_text_is_followed_up_to_a_limit(model):
    found = compute.journey(model, model.encode("the cat sat " * 200), ())
    assert len(found.tokens) == compute.LONGEST
    assert found.not_drawn == 512 - compute.LONGEST
    assert found.guesses == {}


def test_a_model_that_predicts_no_words_draws_all_the_same():
    plain = load_model("minilm")
    found = compute.journey(plain, plain.encode("The cat [MASK]."), ())
    assert found.guesses == {}
    assert "layers" in compute.describe(found)
