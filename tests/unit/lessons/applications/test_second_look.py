"""Reading together and apart: the loss by hand, a small run, and what is read again from it."""

import math

import numpy as np
import pytest
import torch

from lessons.applications import reranking, search, second_look
from lessons.applications.reranking import APART, BASE, READS, TOGETHER
from lessons.applications.second_look import SecondLook
from lessons.engine import load_model


def test_the_loss_worked_by_hand():
    scores = torch.tensor([[2.0, 0.0, 1.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    by_hand = (math.log(math.exp(2) + 1 + math.e) - 2 + math.log(3)) / 2
    assert float(second_look.choice_loss(scores)) == pytest.approx(by_hand)


@pytest.fixture
def short(few_questions, monkeypatch):
    monkeypatch.setattr(second_look, "BATCH", 4)
    return few_questions


@pytest.mark.parametrize("reads", READS)
def test_a_run_learns_and_scores_every_candidate(short, reads, tmp_path):
    task = SecondLook({"reads": reads, "epochs": 4, "negatives": 1, "learning_rate": 5e-4})
    assert task.moment() == {"step": 0, "scores": []}
    points = []
    while not task.finished:
        assert not task.moment_due()
        points.append(task.step())
    half = len(points) // 2
    assert np.mean([p[1] for p in points[half:]]) < np.mean([p[1] for p in points[:half]])
    facts, moment = task.facts, task.moment()
    assert [row["text"] for row in facts["questions"]] == [q.text for q in short]
    assert [row["kind"] for row in facts["questions"]] == ["paraphrase"] * 2 + ["exact"] * 2
    assert [len(row) for row in moment["scores"]] == [
        len(row["candidates"]) for row in facts["questions"]
    ]
    found = reranking.compared(facts, {READS[reads]: moment["scores"]}, search.BOTH, 5)
    assert [s.title for s in found][-1] == READS[reads]

    task.save(tmp_path)
    tuned, about = second_look.trained(tmp_path)
    assert about["reads"] == reads
    row = facts["questions"][0]
    passages = [search.library().passages[i] for i in row["candidates"]]
    again = second_look.second_scores(load_model(BASE), tuned, reads, row["text"], passages)
    spread = np.ptp(moment["scores"][0])
    assert np.abs(np.array(again) - moment["scores"][0]).max() < max(0.05, 0.05 * spread)


def test_together_the_order_of_the_two_texts_matters_and_apart_it_does_not():
    model = load_model(BASE)
    pair = ["how to reset a modem", "Pull the plug and count to thirty."]
    torch.manual_seed(1)
    scores = {
        reads: [
            second_look.second_scores(
                model, second_look.head_over(model, reads).eval(), reads, first, [second]
            )[0]
            for first, second in (pair, pair[::-1])
        ]
        for reads in (APART,)
    }
    assert scores[APART][0] == pytest.approx(scores[APART][1], abs=1e-4)
    tuned = second_look.head_over(model, TOGETHER).eval()
    there, back = (
        second_look.second_scores(model, tuned, TOGETHER, first, [second])[0]
        for first, second in (pair, pair[::-1])
    )
    assert abs(there - back) > 1e-4
