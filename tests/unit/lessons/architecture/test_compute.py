"""Parameters to the last digit, operations by hand, readings that see what they should."""

import numpy as np
import pytest

from lessons.architecture import compute, figures
from lessons.architecture.compute import PRESETS, Shape
from lessons.engine import load_model


@pytest.mark.parametrize(
    ("name", "total", "embeddings"),
    [  # as the released checkpoints have them: encoder and pooler
        ("Tiny", 4_385_920, 3_972_864),
        ("Mini", 11_170_560, 7_945_728),
        ("Small", 28_763_648, 15_891_456),
        ("Medium", 41_373_184, 15_891_456),
        ("Base", 109_482_240, 23_837_184),
        ("Large", 335_141_888, 31_782_912),
        ("Ours (MiniLM)", 22_713_216, 11_918_592),
    ],
)
def test_parameters_agree_with_the_published_models(name, total, embeddings):
    assert compute.parameters(PRESETS[name]) == total
    assert compute.levels(PRESETS[name])[0].parameters == embeddings


@pytest.mark.parametrize("name", PRESETS)
def test_parameters_agree_with_transformers_on_the_meta_device(name):
    import torch
    from transformers import BertConfig, BertModel

    shape = PRESETS[name]
    with torch.device("meta"):
        model = BertModel(
            BertConfig(
                hidden_size=shape.hidden_size,
                num_hidden_layers=shape.num_hidden_layers,
                num_attention_heads=shape.num_attention_heads,
                intermediate_size=shape.intermediate_size,
            )
        )
    assert sum(p.numel() for p in model.parameters()) == compute.parameters(shape)


def test_the_bundled_preset_is_the_bundled_model():
    assert compute.shape_of(load_model("minilm")) == PRESETS["Ours (MiniLM)"]


def test_heads_do_not_change_the_count():
    few, many = (Shape(3, 96, heads, 200) for heads in (1, 12))
    assert compute.parameters(few) == compute.parameters(many)
    with pytest.raises(ValueError, match="multiple of"):
        compute.levels(Shape(2, 100, 3, 200))


def test_operations_by_hand():
    # one layer, D = 2, I = 3, T = 5: 4·4 + 2·6 = 28 weights → 2·28·5; 5·5 pairs · 2 numbers · 4
    price = compute.cost(Shape(1, 2, 1, 3), 5)
    assert (price.projections, price.mixing) == (280, 200)
    at = compute.crossing(PRESETS["Base"])
    price = compute.cost(PRESETS["Base"], round(at))
    assert price.projections == pytest.approx(price.mixing, rel=1e-3)


def test_operations_agree_with_a_counter_in_torch():
    import torch
    from torch.utils.flop_counter import FlopCounterMode

    model, tokens = load_model("minilm"), 32
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model.module(torch.ones(1, tokens, dtype=torch.long))
    expected = compute.cost(compute.shape_of(model), tokens).total
    assert counter.get_total_flops() == pytest.approx(expected, rel=0.01)


def test_one_sided_readings_do_not_see_the_other_side():
    model = load_model("minilm-mlm")
    first = model.encode("the cat drank the milk because it was thirsty")
    second = model.encode("the cat drank the milk before anyone could look")
    a, b = (compute.readings(model, encoding, (5,), 5) for encoding in (first, second))
    left_a, left_b = (next(r for r in found if r.name == "left only") for found in (a, b))
    assert [word for word, _ in left_a.words] == [word for word, _ in left_b.words]
    np.testing.assert_allclose(left_a.hidden_word, left_b.hidden_word, atol=1e-5)
    assert a[0].words != b[0].words
    usual = model.fill_mask(model.masked(first, [5]), top_k=5)[0]
    assert [word for word, _ in a[0].words] == [word for word, _ in usual]
    assert {r.name for r in a} == set(compute.READINGS)
    typed = model.encode("the cat drank the [MASK]")
    assert compute.readings(model, typed, (), 5)[0].hidden_word is None


def test_measuring_gives_one_timing_a_length():
    timings = compute.measure(load_model("minilm"), (8, 16), runs=1)
    assert [timing.tokens for timing in timings] == [8, 16]
    assert all(timing.milliseconds > 0 for timing in timings)


def test_figures_show_all_parameters():
    levels = compute.levels(PRESETS["Mini"])
    total = compute.parameters(PRESETS["Mini"])
    stack = figures.stack(levels)
    assert sum(sum(bar.x) for bar in stack.data) == total
    tree = figures.treemap(levels).data[0]
    assert tree.values[0] == total
    curve = figures.cost_curve([compute.cost(PRESETS["Mini"], t) for t in (8, 16)], 8)
    assert list(curve.data[0].x) == [8, 16]


def test_the_shapes_of_one_block_are_those_of_a_pass():
    model = load_model("minilm-mlm")
    trace = model.trace("The dog bit the man.")
    shape = PRESETS["Ours (MiniLM)"]
    stages = compute.stages(shape, len(trace.tokens))

    def written(array) -> str:
        return " × ".join(str(size) for size in array.shape)

    by_name = {stage.name: stage.numbers.replace(",", "") for stage in stages}
    assert by_name["ids of the pieces"] == written(trace.input_ids)
    assert by_name["queries, keys, values"] == written(trace.queries[0])
    assert by_name["weights: all with all"] == written(trace.attention_weights[0])
    assert by_name["mixes, joined, times W_O"] == written(trace.attention_output[0])
    assert by_name["widen, GELU"] == written(trace.feed_forward_units[0])
    assert by_name["out of the top"] == written(trace.hidden_states[-1])
    assert "6 such blocks" in compute.describe_stages(shape, 8)


def test_the_drawing_has_a_box_for_every_stage():
    stages = compute.stages(PRESETS["Tiny"], 16)
    figure = figures.block_drawing(stages, layers=2)
    assert list(figure.data[0].text) == [stage.name for stage in stages]
    assert figure.layout.annotations[0].text == "one block, × 2"


def test_the_square_is_a_tenth_of_the_work_of_base_at_its_longest():
    cost = compute.cost(PRESETS["Base"], 512)
    assert cost.mixing / cost.total == pytest.approx(0.1, abs=0.01)
