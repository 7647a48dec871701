"""A run: that it learns, repeats, is fair, and is read back as it was."""

import json

import numpy as np
import pytest
import torch

from lessons.classification_heads import compute
from lessons.classification_heads.settings import BASE, checked
from lessons.classification_heads.training import FourHeads, ask, load_heads, padded, read
from lessons.engine import load_model

QUICK = {"steps": 25, "seeds": 1}


def finish(values):
    run = FourHeads(values)
    points, moments = [], [run.moment()]
    while not run.finished:
        points.append(run.step())
        if run.moment_due():
            moments.append(run.moment())
    return run, points, moments


def timeless(moments):
    return [{"step": m["step"], "answers": m["answers"]} for m in moments]


def test_a_run_learns_repeats_and_follows_its_seed(small_classification_sets):
    run, points, moments = finish({**QUICK, "learning_rate": 1e-2})
    assert points[-1][0] == 25
    assert all(after < before for before, after in zip(points[0][1:], points[-1][1:], strict=True))
    assert moments[-1]["step"] == 25
    assert all(second > 0 for second in moments[-1]["seconds"].values())
    json.dumps([run.facts, points, moments], allow_nan=False)
    _, again, moments_again = finish({**QUICK, "learning_rate": 1e-2})
    assert points == again
    assert timeless(moments) == timeless(moments_again)
    assert FourHeads({**QUICK, "learning_rate": 1e-2, "seed": 2}).step() != points[0]


def test_a_seed_gives_the_same_whoever_runs_beside_it(small_classification_sets):
    alone, beside = FourHeads(QUICK), FourHeads({**QUICK, "seeds": 3})
    for run in (alone, beside):
        for _ in range(3):
            run.step()
    for learner in alone.learners:
        (twin,) = (x for x in beside.learners if (x.kind, x.seed) == (learner.kind, learner.seed))
        for mine, its in zip(learner.net.parameters(), twin.net.parameters(), strict=True):
            assert torch.equal(mine, its)
    assert len(beside.moment()["answers"]["cnn"]) == 3


def test_budget_and_rate_reach_the_run(small_classification_sets):
    slow, quick = FourHeads({**QUICK, "learning_rate": 3e-4}), FourHeads(QUICK)
    assert slow.learning_rate() < quick.learning_rate()
    assert FourHeads({**QUICK, "steps": 50}).settings.steps == 2 * quick.settings.steps


def test_the_cls_head_starts_from_the_pooler_of_pre_training(small_classification_sets):
    run = FourHeads(QUICK)
    pooler = load_model(BASE).encoder.pooler.dense.weight
    (cls,) = (learner for learner in run.learners if learner.kind == "cls")
    assert torch.equal(cls.net.pooler.weight, pooler)
    assert cls.net.pooler.weight is not pooler


def test_the_vectors_are_those_of_the_model():
    model = load_model(BASE)
    texts = ["The dog bit the man.", "Hm."]
    for got, want in zip(read(model, texts), model.hidden_states(texts), strict=True):
        np.testing.assert_allclose(got.numpy(), want[-1], atol=1e-5)


def test_weights_are_counted(small_classification_sets):
    facts = FourHeads(QUICK).facts
    d, k = 384, 2
    assert facts["weights"]["cls"] == d * d + d + d * k + k
    assert facts["weights"]["lstm"] == 4 * 64 * (d + 64 + 2) + 64 * k + k
    assert facts["weights"]["cnn"] == sum(32 * d * w + 32 for w in (2, 3, 4)) + 96 * k + k


def test_saved_heads_answer_as_before(small_classification_sets, tmp_path):
    run = FourHeads({**QUICK, "seeds": 3})
    run.step()
    for learner in run.learners:
        learner.net.eval()
    run.save(tmp_path)
    model = load_model(BASE)
    heads, labels = load_heads(tmp_path, model.spec.hidden)
    assert labels == ["person", "animal"]
    text = run.given.dev[0].text
    found = ask(model, heads, text)
    for learner in run.learners:
        with torch.no_grad():
            want = learner.net(*padded([run.dev_rows[0]])).softmax(dim=-1)[0]
        got = found[learner.kind][run.seeds.index(learner.seed)]
        np.testing.assert_allclose(got, want.numpy(), atol=2e-3)  # halves
    run.save(tmp_path / "one", seeds=1)
    fewer = ask(model, load_heads(tmp_path / "one", model.spec.hidden)[0], text)
    assert all((fewer[kind] == rows[:1]).all() for kind, rows in found.items())
    replies = compute.replies(found)
    assert all(abs(sum(reply.mean) - 1) < 1e-5 for reply in replies)
    assert all(
        lo <= m <= h for r in replies for lo, m, h in zip(r.low, r.mean, r.high, strict=True)
    )


def test_any_text_can_be_asked(small_classification_sets, tmp_path):
    FourHeads(QUICK).save(tmp_path)
    model = load_model(BASE)
    heads, _ = load_heads(tmp_path, model.spec.hidden)
    for text in ("", "🙂", "[MASK]", "<b>x</b>", "word " * 3000):
        assert all(np.isfinite(values).all() for values in ask(model, heads, text).values())


def test_own_rows_can_be_trained_on():
    rows = [(f"the {w} number {i}", w) for i in range(15) for w in ("cat", "train")]
    run = FourHeads({**QUICK, "task": "own", "rows": rows})
    assert run.step()[0] == 1
    assert run.facts["labels"] == ["cat", "train"]


@pytest.mark.parametrize(
    "values",
    [
        {"task": "nothing"},
        {"steps": 7},
        {"seed": 0},
        {"wrong": 1},
        {"task": "own"},
        {"task": "own", "rows": [["x", ""]]},
        {"task": "own", "rows": [["x" * 5000, "a"], ["y", "b"]]},
    ],
)
def test_settings_that_cannot_be(values):
    with pytest.raises(ValueError, match=r"\w"):
        checked(values)


def test_settings_survive_json():
    settings = checked({"task": "own", "rows": [["x", "a"], ["y", "b"]]})
    assert checked(json.loads(json.dumps(settings.to_dict()))) == settings
