"""A student and a detector: what they learn from, and that they learn."""

import random

import pytest
import torch

from lessons.engine import add_trained, load_model
from lessons.variants import detection, distillation

# --- distillation


@pytest.fixture(scope="module")
def teacher():
    return load_model("minilm-mlm")


def test_a_student_has_every_second_layer_and_learns_alone(teacher):
    student = distillation.student_of(teacher.module, "half")
    own, kept = teacher.module.bert.encoder.layer, student.bert.encoder.layer
    assert len(kept) == 3
    for layer, source in zip(kept, (own[0], own[2], own[4]), strict=True):
        assert torch.equal(layer.output.dense.weight, source.output.dense.weight)
        assert layer.output.dense.weight is not source.output.dense.weight
        assert layer.output.dense.weight.requires_grad
    assert not any(weight.requires_grad for weight in teacher.module.parameters())
    assert distillation.weights(student.bert.encoder) == 5_323_392


def test_a_shared_student_has_one_layer_three_times(teacher):
    student = distillation.student_of(teacher.module, "shared")
    first, second, third = student.bert.encoder.layer
    assert first is second is third
    assert distillation.weights(student.bert.encoder) == 1_774_464


def test_a_temperature_flattens_what_the_teacher_says(teacher):
    encoding = teacher.masked(teacher.encode("She sat on the bank of the river."), [8])
    sharp, flat = (distillation.softened(teacher, encoding, 8, t) for t in (1.0, 4.0))
    (usual,) = teacher.fill_mask("She sat on the bank of the [MASK].", top_k=5)
    assert [word for word, _ in sharp] == [word for word, _ in flat] == [w for w, _ in usual]
    assert [p for _, p in sharp] == pytest.approx([p for _, p in usual], abs=1e-4)
    assert 0 < flat[0][1] < sharp[0][1]


def terms(**switches):
    torch.manual_seed(1)
    student, teacher = torch.randn(4, 10), torch.randn(4, 10)
    hidden = torch.randn(6, 8)
    settings = distillation.checked(switches)
    return distillation.loss(
        student, teacher, torch.tensor([1, 2, 3, 4]), hidden, -hidden, settings
    ), (student, teacher)


def test_the_three_terms_by_hand():
    found, (student, teacher) = terms(temperature=1.0)
    p, log_q = teacher.softmax(-1), student.log_softmax(-1)
    assert float(found["soft"]) == pytest.approx(float((p * (p.log() - log_q)).sum() / 4), rel=1e-5)
    right = -log_q[torch.arange(4), torch.tensor([1, 2, 3, 4])].mean()
    assert float(found["masked"]) == pytest.approx(float(right), rel=1e-5)
    assert float(found["cosine"]) == pytest.approx(2.0)


def test_each_term_can_be_left_out_and_temperature_counts():
    assert set(terms(soft=False)[0]) == {"masked", "cosine"}
    assert set(terms(masked=False)[0]) == {"soft", "cosine"}
    assert set(terms(cosine=False)[0]) == {"soft", "masked"}
    cool, warm = (float(terms(temperature=t)[0]["soft"]) for t in (1.0, 8.0))
    assert cool != pytest.approx(warm, rel=0.01)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"soft": False, "masked": False, "cosine": False}, "nothing to learn"),
        ({"student": "giant"}, "student"),
        ({"steps": 10**6}, "steps"),
        ({"colour": 1}, "colour"),
    ],
)
def test_wrong_settings_are_named(wrong, said):
    with pytest.raises(ValueError, match=said):
        distillation.checked(wrong)


def test_masking_asks_only_for_tokens_of_the_sentence(teacher):
    texts = ["The dog bit the man.", "Hi there, all of you who came so far."]
    rows = distillation.mask_sentences(teacher, texts, random.Random(1))
    asked = rows.labels != distillation.IGNORED
    assert (asked.sum(dim=1) >= 1).all()
    assert (rows.input_ids[asked] == teacher.mask_token_id).all()
    assert not torch.isin(rows.labels[asked], torch.tensor(sorted(teacher.special_ids))).any()
    assert (rows.attention_mask[asked] == 1).all()


def test_a_run_moves_the_student_toward_its_teacher(few_sentences, tmp_path):
    values = {"steps": 2, "batch_size": 16, "learning_rate": 1e-3, "masked": False}
    run = distillation.Distillation(values)
    torch.manual_seed(0)
    before = run.moment()
    first = run.step()
    assert first[3] is None  # the masked-word term is off
    batch_again = [row.clone() for row in run.student.parameters() if row.requires_grad]
    run.step()
    assert run.finished
    assert any(
        not torch.equal(a, b)
        for a, b in zip(
            batch_again, (w for w in run.student.parameters() if w.requires_grad), strict=True
        )
    )
    assert before["step"] == 0
    assert 0 <= run.facts["chance"] <= 1
    assert run.facts["weights"] == [22_713_216, 17_389_824]
    assert "2 steps" in distillation.describe_distillation(run.facts, [before, run.moment()])

    run.save(tmp_path / "toy-student")
    add_trained("toy-student", tmp_path / "toy-student", "student")
    student = load_model("toy-student")
    assert student.spec.layers == 3
    assert len(student.fill_mask("The dog bit the [MASK].", 3)[0]) == 3


def test_learning_on_one_batch_lowers_every_term(few_sentences, monkeypatch):
    run = distillation.Distillation({"steps": 20, "batch_size": 4, "learning_rate": 3e-4})
    same = run.batch()
    monkeypatch.setattr(run, "batch", lambda: same)
    points = [run.step() for _ in range(8)]
    for first, last in zip(points[0][1:], points[-1][1:], strict=True):
        assert last < first


# --- replaced tokens


def replaced(model, text, positions, **options):
    return detection.replace_tokens(
        model, [model.encode(text)], [positions], torch.Generator().manual_seed(1), **options
    )[0]


def test_only_chosen_positions_are_drawn_anew(teacher):
    row = replaced(teacher, "The dog bit the old man in the park.", [2, 6])
    changed = [
        i
        for i, (a, b) in enumerate(zip(row.original.input_ids, row.shown.input_ids, strict=True))
        if a != b
    ]
    assert tuple(changed) == row.replaced
    assert set(row.replaced) <= set(row.masked) == {2, 6}
    assert row.own == tuple(range(1, 11))


def test_never_the_same_is_never_the_same(teacher):
    text = "Paris is the capital of France."
    positions = [1, 2, 3, 4, 5, 6, 7]
    for seed in range(5):
        row = detection.replace_tokens(
            teacher, [teacher.encode(text)], [positions], torch.Generator().manual_seed(seed),
            never_the_same=True,
        )[0]  # fmt: skip
        assert row.replaced == tuple(positions)
        assert not set(row.shown.input_ids[1:8].tolist()) & set(teacher.special_ids)


def test_picks_are_counted_among_as_many_as_were_replaced():
    scores = [0.0, 0.9, 0.1, 0.8, 0.2]
    assert detection.found_among_top(scores, (1, 2, 3, 4), (1, 3)) == 2
    assert detection.found_among_top(scores, (1, 2, 3, 4), (2, 3)) == 1
    assert detection.found_among_top(scores, (1, 2, 3, 4), ()) == 0


def test_two_heads_learn_from_the_same_rows_and_count_other_tokens(few_sentences, monkeypatch):
    run = detection.Detection({"steps": 20})
    before = run.moment()
    assert before["head"] is None
    same = run.batch()
    monkeypatch.setattr(run, "batch", lambda: same)
    points = [run.step() for _ in range(6)]
    assert points[-1][1] < points[0][1]
    assert points[-1][2] < points[0][2]
    moment = run.moment()
    assert moment["counted"] == [
        6 * sum(len(row.own) for row in same), 6 * sum(len(row.masked) for row in same)
    ]  # fmt: skip
    row = run.dev[0]
    vectors = detection.features(run.model, [row.shown])[0]
    ours = detection.suspicion(vectors, moment["head"])
    theirs = run.heads[0](vectors)[:, 0].sigmoid().tolist()
    assert ours == pytest.approx(theirs, abs=1e-3)
    assert "picking at random" in detection.describe_detection(run.facts, [before, moment])


def test_wrong_settings_of_a_detector_are_refused():
    with pytest.raises(ValueError, match="offered"):
        detection.checked({"steps": 3})
    with pytest.raises(ValueError, match="colour"):
        detection.checked({"colour": 1})


def test_a_round_is_put_into_words(teacher):
    row = replaced(teacher, "The dog bit the man.", [2], never_the_same=True)
    said = detection.describe_round(row, list(row.replaced), None)
    assert "stood for “dog”" in said
    assert "You found 1 of 1." in said
    scores = [0.0] * len(row.shown)
    scores[2] = 1.0
    assert "the detector 1." in detection.describe_round(row, [1], scores)
