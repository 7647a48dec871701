"""What the lesson says about runs, and its charts."""

import pytest

from lessons.engine.bert import BertConfig, BertForPreTraining
from lessons.pretraining import compute, figures
from lessons.pretraining.settings import CHOICES, Settings, presets

FACTS = {
    "baseline": {"accuracy": 0.21, "loss": 3.2, "chance": 0.02, "word": "the"},
    "head_baseline": 0.5, "tokens": 4000, "train": 400, "parameters": 100_000,
}  # fmt: skip


def moment(step, accuracy, heads=None, pairs=None):
    return {
        "step": step, "held_out": [1.0, accuracy], "train": [0.9, accuracy], "heads": heads,
        "pairs": pairs,
    }  # fmt: skip


def test_the_standard_preset_is_the_standard_settings():
    assert next(iter(presets().values())).settings == Settings()
    assert len({preset.settings for preset in presets().values()}) == len(presets())


def test_some_presets_fail_on_purpose_and_all_are_explained():
    failing = [preset.settings for preset in presets().values() if preset.fails]
    assert any(not settings.positions for settings in failing)
    assert any(settings.rule == "visible" for settings in failing)
    assert any(settings.learning_rate >= 0.1 for settings in failing)
    assert any(settings.heads == 1 for settings in failing)
    assert all(len(preset.explanation) > 80 for preset in presets().values())


def test_every_size_can_be_combined():
    assert all(size % heads == 0 for size in CHOICES["hidden_size"] for heads in CHOICES["heads"])


def test_a_run_is_named_by_what_is_special_about_it():
    standard = Settings()
    assert compute.title_of(standard, standard) == "agreement"
    changed = Settings(positions=False, masking_rate=0.3, language="facts")
    title = compute.title_of(changed, standard)
    assert title == "facts, masking rate 30%, positions off"


def test_differences_are_those_settings_that_differ():
    rows = compute.differences(Settings(), Settings(heads=1, rule="mask"))
    assert [(row.name, row.first, row.second) for row in rows] == [
        ("heads in a layer", "4", "1"),
        ("chosen tokens", "80% [MASK], 10% random, 10% kept", "always [MASK]"),
    ]
    assert compute.differences(Settings(), Settings()) == []


def test_best_head():
    assert compute.best_head(moment(1, 0.5, [[0.1, 0.2], [0.9, 0.3]])) == (1, 0, 0.9)
    assert compute.best_head(moment(1, 0.5)) is None


def test_a_run_is_described_with_its_baselines():
    moments = [moment(0, 0.01, [[0.2]]), moment(100, 0.65, [[0.95]], 0.8)]
    text = compute.describe_run(FACTS, moments)
    for part in ("65%", "1%", "21%", "“the”", "95%", "more than the 50%", "80%"):
        assert part in text
    weak = compute.describe_run(FACTS, [moments[0], moment(100, 0.3, [[0.4]])])
    assert "no more than the 50%" in weak


def test_two_runs_in_words():
    two = [[moment(9, 0.65)], [moment(9, 0.45)]]
    assert "20 points apart" in compute.describe_two(["a", "b"], two)
    assert compute.describe_two(["a", "b"], two).startswith("“a” ends at 65%")
    assert "within one point" in compute.describe_two(["a", "b"], [two[0], two[0]])


def test_budgets_by_hand():
    rows = {row.name: row for row in compute.budgets(Settings(steps=1000, batch_size=64), FACTS)}
    assert rows["tokens passed"].toy == 1000 * 64 * 10
    assert rows["tokens passed"].bert == pytest.approx(256e6 * 166.4)
    assert rows["steps"].times == 1000
    assert "1,000 times as many steps" in compute.describe_budgets(list(rows.values()))


def test_the_paper_s_parameters_are_those_of_our_encoder():
    import torch

    with torch.device("meta"):
        model = BertForPreTraining(BertConfig())
    count = sum(p.numel() for p in model.parameters())
    assert count == pytest.approx(compute.BERT_PARAMETERS, rel=0.001)


def test_curves_have_two_lines_a_run_and_escape_names():
    runs = [[moment(0, 0.1), moment(10, 0.6)], [moment(0, 0.1), moment(10, 0.4)]]
    figure = figures.learning_curves(["<b>one</b>", "two"], runs, FACTS["baseline"])
    assert [len(trace.x) for trace in figure.data] == [2, 2, 2, 2]
    assert tuple(figure.data[0].y) == (0.1, 0.6)
    assert "<b>" not in figure.data[0].name
    assert [shape.y0 for shape in figure.layout.shapes] == [0.21, 0.02]


def test_budget_bars_are_logarithmic_and_complete():
    figure = figures.budget_bars(["steps", "tokens"], [10, 100], [1e6, 1e9])
    assert figure.layout.xaxis.type == "log"
    assert tuple(figure.data[0].x) == (10, 100)
    assert tuple(figure.data[1].x) == (1e6, 1e9)
