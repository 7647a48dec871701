"""Heavy calls on a cluster: who is asked, and what happens when nobody answers."""

import builtins
import pickle

import numpy as np
import pytest

from lessons.engine import load_model
from lessons.engine.cluster import HEAVY, VARIABLE, Unreachable, connect, on_cluster, shared

TEXT = "The dog bit the [MASK]."


@pytest.fixture(scope="module")
def here():
    return load_model("minilm-mlm")


class Cluster:
    """Answers as the real one does: arguments and results travel as bytes."""

    def __init__(self, model):
        self.model, self.asked = model, []

    def __call__(self, model, method, args, kwargs):
        assert model == self.model.name
        self.asked.append(method)
        args, kwargs = pickle.loads(pickle.dumps((args, kwargs)))
        return pickle.loads(pickle.dumps(getattr(self.model, method)(*args, **kwargs)))


def test_every_heavy_call_goes_there_once_and_brings_the_same(here):
    cluster = Cluster(here)
    there = on_cluster(here, cluster)
    encoding = here.encode(TEXT)
    calls = {
        "trace": (encoding,),
        "fill_mask": (TEXT,),
        "mask_logits": (TEXT,),
        "token_probabilities": (TEXT,),
        "next_sentence": ("One.", "Two."),
        "hidden_states": ([TEXT],),
        "embed": ([TEXT, "Another."],),
        "word_vector": (TEXT, (4, 7), 3),
        "word_vectors": ([(TEXT, (4, 7))],),
    }
    assert set(calls) == set(HEAVY)
    for name, args in calls.items():
        cluster.asked.clear()
        theirs, ours = getattr(there, name)(*args), getattr(here, name)(*args)
        assert cluster.asked == [name]
        if name == "trace":
            theirs, ours = theirs.attention_weights, ours.attention_weights
        np.testing.assert_equal(theirs, ours)


def test_it_is_the_same_kind_of_model_and_what_is_light_stays_here(here):
    cluster = Cluster(here)
    there = on_cluster(here, cluster)
    assert isinstance(there, type(here))
    assert there.module is here.module
    assert there.encode(TEXT).tokens == here.encode(TEXT).tokens
    assert cluster.asked == []
    assert type(here).fill_mask is not type(there).fill_mask


def test_without_an_answer_this_process_computes(here):
    def nobody(*_):
        raise Unreachable("nobody there")

    assert on_cluster(here, nobody).fill_mask(TEXT) == here.fill_mask(TEXT)


def test_a_complaint_of_the_model_is_no_lack_of_an_answer(here):
    with pytest.raises(ValueError, match="top_k"):
        on_cluster(here, Cluster(here)).fill_mask(TEXT, top_k=0)


def test_nothing_changes_unless_a_cluster_is_named(here, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    assert shared(here) is here
    monkeypatch.setenv(VARIABLE, "ray://127.0.0.1:1")
    assert shared(here) is not here


def test_without_ray_it_says_what_to_install(monkeypatch):
    real = builtins.__import__

    def without_ray(name, *rest):
        if name.partition(".")[0] == "ray":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    with pytest.raises(Unreachable, match="requirements-cluster"):
        connect("ray://127.0.0.1:1")("minilm-mlm", "fill_mask", (TEXT,), {})
