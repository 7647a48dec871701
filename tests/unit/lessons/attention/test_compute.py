"""The sum that is shown is the sum that the model does."""

import base64
import dataclasses

import numpy as np
import pytest

from lessons.attention import compute


def test_the_sum_gives_the_models_numbers(trace):
    one = compute.one_head(trace, 3, 4)
    scores = one.queries @ one.keys.T / np.sqrt(one.queries.shape[1])
    np.testing.assert_allclose(scores, one.scores, atol=1e-4)
    weights = compute.softmax(scores)
    np.testing.assert_allclose(weights, trace.attention_weights[3, 4], atol=1e-5)
    np.testing.assert_allclose(weights @ one.values, trace.head_outputs[3, 4], atol=1e-4)


def test_the_browser_gets_the_vectors_exactly(trace):
    one = compute.one_head(trace, 0, 11)
    data = one.as_data(2)
    for name in ("queries", "keys", "values"):
        sent = np.frombuffer(base64.b64decode(data[name]), dtype="<f4")
        np.testing.assert_array_equal(sent.reshape(-1, data["size"]), getattr(one, name))


def test_temperature_sharpens_and_evens_out():
    scores = np.array([0.0, 1.0, 3.0], dtype=np.float32)
    np.testing.assert_allclose(compute.softmax(scores).sum(), 1, atol=1e-6)
    assert compute.softmax(scores, 0.1)[2] > 0.999
    np.testing.assert_allclose(compute.softmax(scores, 1e4), 1 / 3, atol=1e-3)


def test_the_token_that_looks_first(trace):
    assert compute.suggested_query(trace, 3, (5,)) == 3
    assert compute.suggested_query(trace, None, (5,)) == 5
    assert trace.tokens[compute.suggested_query(trace, 999, ())] == "watched"


def test_words_name_the_best_token(trace):
    one = compute.one_head(trace, 1, 8)
    best = trace.tokens[int(one.weights[4].argmax())]
    assert f"highest weight goes to “{best}”" in compute.describe_sum(one, 4)


def test_one_pass_goes_from_the_vector_to_what_attention_hands_on(trace):
    steps = compute.one_pass(trace, 2, 3, 4)
    size, heads = trace.hidden_states.shape[-1], trace.num_heads
    counts = [step.count for step in steps]
    assert counts == [size, *[size // heads] * 3, *[len(trace.tokens)] * 2, size // heads,
                      size, size]  # fmt: skip
    assert steps[5].norm <= 1  # weights sum to 1
    assert steps[-1].norm == pytest.approx(np.linalg.norm(trace.attention_output[2, 4]), rel=1e-5)
    assert compute.one_pass(dataclasses.replace(trace, values=None), 2, 3, 4) == []
