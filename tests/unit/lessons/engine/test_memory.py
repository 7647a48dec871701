"""What models computed lately: the same answers, a pass saved, and nothing wrongly remembered."""

import copy

import numpy as np
import pytest

from lessons.engine import load_model
from lessons.engine.memory import Memory


@pytest.fixture
def model():
    """The bundled model with a memory of its own, in a copy, so that no other test meets it."""
    ours = copy.copy(load_model("minilm-mlm"))
    ours.memory = Memory(20_000_000)
    return ours


@pytest.fixture
def passes(model, monkeypatch):
    """Shapes (B, T) of the passes that were run."""
    shapes = []

    def watch(module, ids, *_):
        shapes.append(tuple(ids[0].shape))

    hook = model.encoder.register_forward_pre_hook(watch)
    yield shapes
    hook.remove()


def test_a_sentence_is_run_once(model, passes):
    whole = model.trace("The old river")
    assert passes == [(1, 5)]
    assert model.trace("The old river") is whole
    assert model.trace("The old river", keep=()) is whole
    assert np.array_equal(model.hidden_states(["The old river"])[0], whole.hidden_states)
    assert len(passes) == 1
    model.trace("The old river", edits={"layer.0.attention.norm": lambda x, seen: 0 * x})
    model.trace("The old river", position_ids=[4, 3, 2, 1, 0])
    assert len(passes) == 3  # what is not as usual is run


def test_what_is_remembered_is_what_a_pass_gives(model, passes):
    texts = ["A dog barked.", "She left the old house early, with a lamp.", "A dog barked."]
    plain = copy.copy(model)
    assert plain.memory is None
    first, again = model.embed(texts), model.embed(texts)
    assert len(passes) == 1
    assert np.allclose(first, plain.embed(texts), atol=1e-5)
    assert np.allclose(first, again, atol=1e-5)
    hidden = model.masked(model.encode(texts[0]), [2])
    assert model.fill_mask(hidden) == model.fill_mask(hidden)
    assert model.fill_mask(hidden)[0][0][0] == plain.fill_mask(hidden)[0][0][0]


def test_models_and_segments_are_told_apart(model):
    other = copy.copy(load_model("minilm"))
    other.memory = model.memory
    a, b = model.embed(["A dog"]), other.embed(["A dog"])
    assert not np.allclose(a, b)
    pair, single = model.trace("A", "dog"), model.trace("A dog")
    assert (pair.pair, single.pair) == ("dog", None)


def test_what_is_too_large_or_too_old_goes():
    memory = Memory(10)
    memory.keep("a", 1, 6)
    memory.keep("b", 2, 6)
    assert (memory.get("a"), memory.get("b")) == (None, 2)
    memory.keep("c", 3, 11)
    assert (memory.get("b"), memory.get("c")) == (2, None)
