"""The run: what learns, that it learns, that it repeats, and that it is read back as it was."""

import copy

import numpy as np
import pytest
import torch

from lessons.engine import load_model, tasks
from lessons.engine.bert import Bert, BertConfig
from lessons.engine.fine_tuned import FineTuned, load_fine_tuned, padded
from lessons.engine.lora import adapted_in
from lessons.fine_tuning import compute
from lessons.fine_tuning.settings import ALL, BASE, PRESETS, checked
from lessons.fine_tuning.training import FineTuning, masked_words, plane

QUICK = {"epochs": 2, "batch_size": 4, "learning_rate": 1e-3, "trained_layers": 1}
SMALL = BertConfig(
    vocab_size=50, hidden_size=16, num_hidden_layers=3, num_attention_heads=2,
    intermediate_size=32, max_position_embeddings=20,
)  # fmt: skip


def finish(values):
    run = FineTuning(values)
    moments, points = [run.moment()], []
    while not run.finished:
        points.append(run.step())
        if run.moment_due():
            moments.append(run.moment())
    return run, points, moments


@pytest.mark.parametrize("trained", [0, 1, 2, 3, 4])
def test_only_the_chosen_layers_learn(trained):
    torch.manual_seed(0)
    tuned = FineTuned(Bert(SMALL), "class", 2, trained)
    before = copy.deepcopy(tuned.state_dict())
    ids = torch.randint(1, 50, (4, 6), generator=torch.Generator().manual_seed(1))
    optimizer = torch.optim.AdamW(tuned.learning().values(), lr=0.01)
    tuned(ids, torch.zeros_like(ids), torch.ones_like(ids)).square().sum().backward()
    optimizer.step()
    changed = {n for n, w in tuned.state_dict().items() if not torch.equal(w, before[n])}
    layers = {int(n.split(".")[3]) for n in changed if ".layer." in n}
    assert layers == set(range(3 - min(trained, 3), 3))
    assert any("embeddings" in n for n in changed) == (trained == 4)
    assert any("pooler" in n for n in changed)
    assert any(n.startswith("output") for n in changed)


@pytest.mark.parametrize("trained", [0, 2, 4])
def test_reading_in_two_halves_is_reading_at_once(trained):
    torch.manual_seed(0)
    encoder = Bert(SMALL)
    tuned = FineTuned(encoder, "tokens", 2, trained).eval()
    ids, mask = torch.randint(1, 50, (2, 6)), torch.ones(2, 6, dtype=torch.int64)
    mask[1, 4:] = 0
    types = torch.zeros_like(ids)
    with torch.no_grad():
        halves = tuned.above(tuned.below(ids, types, mask), mask)
        torch.testing.assert_close(halves, encoder(ids, types, mask))


def test_a_run_learns_repeats_and_follows_its_seed(small_fine_tuning_sets):
    _, points, moments = finish({**QUICK, "epochs": 12})
    assert points[-1][1] < points[0][1] - 0.3
    _, again, moments_again = finish({**QUICK, "epochs": 12})
    assert points == again
    assert moments == moments_again
    _, other, _ = finish({**QUICK, "epochs": 1, "seed": 2})
    assert other[0][1] != points[0][1]


def test_the_base_model_is_left_alone(small_fine_tuning_sets):
    base = load_model(BASE)
    before = base.embed(["A quiet day."])
    finish({**QUICK, "trained_layers": ALL})
    np.testing.assert_array_equal(base.embed(["A quiet day."]), before)


def test_a_frozen_encoder_forgets_nothing_and_a_hurried_one_much(small_fine_tuning_sets):
    _, _, frozen = finish({**QUICK, "trained_layers": 0, "learning_rate": 5e-3})
    assert len({moment["masked"] for moment in frozen}) == 1
    assert frozen[0]["answers"] != frozen[-1]["answers"]
    run, _, hurried = finish({**QUICK, "trained_layers": ALL, "learning_rate": 5e-3, "epochs": 4})
    assert hurried[0]["masked"] == frozen[0]["masked"] > 0
    assert hurried[-1]["masked"] < hurried[0]["masked"]
    assert "forgotten much" in compute.describe_forgetting(run.facts, hurried)


@pytest.mark.parametrize("task", ["sentiment", "pairs", "names", "questions"])
def test_a_trained_model_is_read_back(small_fine_tuning_sets, tmp_path, task):
    run, _, moments = finish({**QUICK, "task": task, "epochs": 1})
    assert 0 <= moments[-1]["score"] <= 1
    assert len(moments[-1]["answers"]) == len(run.facts["dev"])
    run.save(tmp_path)
    base = load_model(BASE)
    tuned, about = load_fine_tuned(base, tmp_path)
    assert about["labels"] == run.facts["labels"]
    batch = padded(base, [run.data.dev[0].encoding])
    run.tuned.eval()
    with torch.no_grad():
        expected = run.tuned(batch.input_ids, batch.token_type_ids, batch.mask)
        found = tuned(batch.input_ids, batch.token_type_ids, batch.mask)
    torch.testing.assert_close(found, expected, atol=0.02, rtol=0.02)
    shared = tuned.encoder.embeddings.word_embeddings.weight
    assert shared.data_ptr() == base.module.bert.embeddings.word_embeddings.weight.data_ptr()


def test_a_run_with_lora_is_read_back_merged(small_fine_tuning_sets, tmp_path):
    run, _, _ = finish({**QUICK, "epochs": 1, "rank": 2, "adapted": "all six"})
    head = FineTuning({**QUICK, "trained_layers": 0})
    thin, _ = compute.lora_numbers(2, "all six")
    assert run.facts["learning"] == thin + head.facts["learning"]
    run.save(tmp_path)
    base = load_model(BASE)
    tuned, _ = load_fine_tuned(base, tmp_path)
    assert not [*adapted_in(tuned)]
    batch = padded(base, [run.data.dev[0].encoding])
    run.tuned.eval()
    with torch.no_grad():
        expected = run.tuned(batch.input_ids, batch.token_type_ids, batch.mask)
        found = tuned(batch.input_ids, batch.token_type_ids, batch.mask)
    torch.testing.assert_close(found, expected, atol=0.02, rtol=0.02)


def test_an_own_table_is_learned(small_fine_tuning_sets):
    rows = [[f"the {w} number {i}", w] for i in range(15) for w in ("cat", "train")]
    run, _, moments = finish({**QUICK, "task": "own", "rows": rows})
    assert run.facts["labels"] == ["cat", "train"]
    assert len(moments[-1]["answers"][0]) == 2


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"epochs": 5000}, "epochs"),
        ({"trained_layers": -1}, "trained_layers"),
        ({"task": "poetry"}, "task"),
        ({"color": "red"}, "color"),
        ({"task": "own", "rows": [["a", "x"]]}, "different labels"),
        ({"task": "own", "rows": [["a" * 2000, "x"], ["b", "y"]]}, "larger"),
    ],
)
def test_wrong_settings_are_named(values, name):
    with pytest.raises(ValueError, match=name):
        checked(values)


def test_presets_are_settings():
    for preset in PRESETS.values():
        assert checked(preset.values).task == "sentiment"


def test_hidden_words_are_hidden():
    base = load_model(BASE)
    gaps = masked_words(base)
    assert len(gaps) == 80
    for gap in gaps:
        (place,) = (gap.target != -100).nonzero().flatten().tolist()
        assert gap.encoding.tokens[place] == "[MASK]"
        assert int(gap.target[place]) != base.mask_token_id


def test_the_plane_keeps_the_widest_spread():
    points = torch.tensor([[0.0, 0, 0], [10, 0, 0], [0, 0, 2], [10, 0, 2]])
    flat = np.array(plane(points))
    assert np.ptp(flat[:, 0]) == pytest.approx(10, abs=1e-3)
    assert np.ptp(flat[:, 1]) == pytest.approx(2, abs=1e-3)


def test_our_sets_fit_the_model_whole():
    base = load_model(BASE)
    for row in tasks.questions():
        assert len(base.encode(row.question, row.paragraph)) <= 128
