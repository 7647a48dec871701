"""The contrastive loss against hand-worked numbers and a library; a run against what it must do."""

import math

import numpy as np
import pytest
import torch
from torch.nn import functional as F  # noqa: N812

from lessons.engine import load_model
from lessons.similarity import compute, training
from lessons.similarity.settings import BASE, PRESETS, Settings, checked
from lessons.similarity.training import Contrast


def unit(*rows):
    return F.normalize(torch.tensor(rows, dtype=torch.float64), dim=-1)


def test_the_loss_of_two_pairs_worked_by_hand():
    # Cosines 1 and 0.8 in the first row, 0 and 0.6 in the second; a temperature of 0.5 doubles
    # them. Each right one against its row, then against its column.
    first, second = unit((1, 0), (0, 1)), unit((1, 0), (0.8, 0.6))
    behind = [1.6 - 2, 0 - 1.2, 0 - 2, 1.6 - 1.2]  # the wrong one less the right one
    by_hand = sum(math.log(1 + math.exp(x)) for x in behind) / 4
    assert by_hand == pytest.approx(0.4541, abs=5e-5)
    assert float(training.contrastive_loss(first, second, 0.5)) == pytest.approx(by_hand)


def test_the_loss_is_that_of_a_library():
    from transformers.models.clip.modeling_clip import image_text_contrastive_loss

    rows = torch.Generator().manual_seed(3)
    first, second = (F.normalize(torch.randn(7, 5, generator=rows), dim=-1) for _ in range(2))
    theirs = image_text_contrastive_loss(first @ second.T / 0.07)
    assert float(training.contrastive_loss(first, second, 0.07)) == pytest.approx(float(theirs))


def test_with_a_single_pair_there_is_nothing_to_tell_apart():
    assert float(training.contrastive_loss(unit((1, 2)), unit((2, 1)), 0.1)) == 0


def test_vectors_that_are_all_the_same_please_who_only_pulls():
    same = unit((1, 1), (1, 1), (1, 1))
    assert float(training.pulling_loss(same, same)) == pytest.approx(0)
    assert float(training.contrastive_loss(same, same, 0.05)) == pytest.approx(math.log(3))


def test_alignment_and_uniformity_by_hand():
    right, up = unit((1, 0)), unit((0, 1))
    assert training.alignment(right, right) == 0
    assert training.alignment(right, up) == pytest.approx(2)
    assert training.uniformity(torch.cat([right, right])) == pytest.approx(0)
    assert training.uniformity(torch.cat([right, up])) == pytest.approx(-4)


def test_a_tie_finds_nobody():
    scores = torch.tensor([[0.9, 0.1, 0.2], [0.5, 0.5, 0.1], [0.3, 0.4, 0.2]])
    assert training.finders(scores).tolist() == [True, False, False]


@pytest.fixture
def few_pairs(few_partners, monkeypatch):
    monkeypatch.setattr(training, "SHOWN", 3)
    return few_partners


def run_of(**settings):
    task = Contrast(settings)
    moments = [task.moment()]
    points = []
    while not task.finished:
        points.append(task.step())
    return task, points, [*moments, task.moment()]


def test_a_run_pulls_partners_together_and_pushes_strangers_apart(few_pairs):
    task, points, (before, after) = run_of(batch_size=8, epochs=8)
    assert [point[0] for point in points] == list(range(1, 9))
    assert points[-1][1] < points[0][1] / 2
    gap = [m["partners"] - m["strangers"] for m in (before, after)]
    assert gap[1] > gap[0] + 0.05
    assert np.shape(after["cosines"]) == (3, 3)
    assert (task.facts["n_train"], task.facts["n_dev"]) == (8, 10)
    assert task.facts["by_many_pairs"] >= before["found"]


def test_without_negatives_everything_falls_into_one_place(few_pairs):
    _, points, (before, after) = run_of(batch_size=8, epochs=8, negatives=False)
    assert points[-1][1] < 0.1
    assert after["strangers"] > compute.COLLAPSED > before["strangers"]
    assert "collapsed" in compute.describe_cosines([before, after])
    assert after["uniformity"] > before["uniformity"]


def test_before_training_vectors_are_the_models_own(few_pairs):
    task = Contrast({})
    task.upper.tuned.eval()
    ours = task._vectors(task.dev[0]).detach().numpy()
    theirs = load_model(BASE).embed([row.first for row in few_pairs.dev])
    theirs /= np.linalg.norm(theirs, axis=1, keepdims=True)
    assert np.abs(ours - theirs).max() < 1e-4


def test_what_was_learned_is_read_again(few_pairs, tmp_path):
    task, _, _ = run_of(batch_size=8, epochs=2)
    task.save(tmp_path)
    texts = [row.first for row in few_pairs.dev]
    found = training.own_vectors(load_model(BASE), training.trained(tmp_path), texts)
    with torch.no_grad():
        task.upper.tuned.eval()
        kept = task._vectors(task.dev[0]).numpy()
    assert np.abs(found - kept).max() < 2e-2  # written in half precision
    raw = load_model(BASE).embed(texts)
    raw /= np.linalg.norm(raw, axis=1, keepdims=True)
    assert np.abs(found - raw).max() > 5e-2


def test_the_same_seed_gives_the_same_run(few_pairs):
    first, second = (run_of(batch_size=4, epochs=1)[1] for _ in range(2))
    assert first == second


@pytest.mark.parametrize(
    "values", [{"batch_size": 3}, {"temperature": 0}, {"negatives": "no"}, {"what": 1}]
)
def test_settings_that_are_not_offered_are_refused(values):
    with pytest.raises(ValueError, match=next(iter(values))):
        checked(values)


def test_presets_are_settings_that_differ():
    found = {checked(preset.values) for preset in PRESETS.values()}
    assert len(found) == len(PRESETS)
    assert checked(PRESETS["good"].values) == Settings()
