"""What the lesson shows of a layer is what the model computed."""

from dataclasses import replace

import numpy as np
import pytest

from lessons.encoder_layer import code, compute, figures, outliers

TEXT = "The cat drank all the milk in the bowl."


@pytest.fixture(scope="module")
def encoding(model):
    return model.masked(model.encode(TEXT), [6])


@pytest.fixture(scope="module")
def trace(model, encoding):
    return model.trace(encoding)


# --- the code


def test_every_tensor_of_the_code_is_there(trace):
    arrays = code.tensors(trace, 2)
    probes = [name for part in code.listings() for line in part.lines for name in line.probes]
    assert len(probes) == 16
    assert set(probes) <= set(arrays)
    assert set(probes) <= set(code.LETTERS)
    for name in probes:
        assert len(code.LETTERS[name]) == arrays[name].ndim


def test_the_shown_lines_run_in_the_model():
    first = code.listings()[0]
    assert any(
        "softmax" in line.text and "attention_weights" in line.probes for line in first.lines
    )
    assert first.lines[0].text.startswith("def forward")


def test_tensors_fit_together_as_the_code_says(trace):
    t = code.tensors(trace, 3)
    np.testing.assert_allclose(
        t["attention.residual"] + t["attention.output"], t["attention.sum"], atol=1e-4
    )
    np.testing.assert_allclose(
        t["feed_forward.residual"] + t["feed_forward.output"], t["feed_forward.sum"], atol=1e-4
    )
    np.testing.assert_allclose(t["attention_weights"] @ t["value"], t["head_outputs"], atol=1e-4)
    np.testing.assert_array_equal(t["feed_forward.norm"], trace.hidden_states[4])


def test_the_browser_gets_the_tokens_own_numbers(trace):
    data = code.code_data(trace, 1, 4, 7)
    query = data["tensors"]["query"]
    np.testing.assert_allclose(query["values"], trace.queries[1, 7, 4], atol=6e-4)
    assert query["shape"] == str(trace.queries[1].shape)
    assert query["letters"] == "(H, T, D/H)"
    weights = data["tensors"]["attention_weights"]
    np.testing.assert_allclose(sum(weights["values"]), 1, atol=0.01)
    assert data["tensors"]["attention.sum"]["count"] == 384


# --- the stream


def test_the_stream_is_measured(trace):
    stream = compute.stream_of(trace)
    np.testing.assert_allclose(
        stream.attention[2], np.linalg.norm(trace.attention_output[2], axis=-1)
    )
    np.testing.assert_allclose(np.diag(stream.alike), 1, atol=1e-5)
    np.testing.assert_allclose(stream.alike, stream.alike.T, atol=1e-6)
    by_hand = compute.cosine(trace.attention_norm[4], trace.hidden_states[5])
    np.testing.assert_allclose(stream.turns[9], by_hand)
    assert "[MASK]" in compute.describe_stream(stream, 6)
    assert f"{stream.alike[0, -1]:.2f} is left" in compute.describe_alike(stream)


# --- taking parts out


@pytest.mark.parametrize("part", compute.PARTS)
def test_a_part_taken_out_is_gone(model, encoding, part):
    cut = model.trace(encoding, edits=compute.edits_without([part], [2]))
    t = code.tensors(cut, 2)
    plain = model.trace(encoding)
    np.testing.assert_array_equal(cut.hidden_states[:3], plain.hidden_states[:3])
    assert np.abs(cut.hidden_states[3] - plain.hidden_states[3]).max() > 0.01
    same = {
        "attention": (t["attention.sum"], cut.hidden_states[2]),
        "feed_forward": (t["feed_forward.sum"], t["attention.norm"]),
        "attention_residual": (t["attention.sum"], t["attention.output"]),
        "feed_forward_residual": (t["feed_forward.sum"], t["feed_forward.output"]),
        "attention_norm": (t["attention.norm"], t["attention.sum"]),
        "feed_forward_norm": (cut.hidden_states[3], t["feed_forward.sum"]),
        "gelu": (t["feed_forward_units"], t["feed_forward_inputs"]),
    }[part]
    np.testing.assert_allclose(*same, atol=1e-5)


def test_nothing_taken_out_changes_nothing(model, encoding):
    found = compute.without(model, encoding, 6, [], [0, 1])
    assert found.before == found.after
    np.testing.assert_allclose(found.likeness, 1, atol=1e-5)
    assert "both passes are the same" in compute.describe_without(found, [], [0])


def test_without_residuals_the_prediction_is_lost(model, encoding):
    found = compute.without(model, encoding, 6, ["attention_residual"], range(6))
    assert found.probability[1] < found.probability[0] / 10
    assert found.likeness[0] == pytest.approx(1, abs=1e-5)
    assert found.likeness[-1] < 0.5
    said = compute.describe_without(found, ["attention_residual"], list(range(6)))
    assert found.after[0][0] in said


def test_without_layer_norm_vectors_grow(model, encoding):
    found = compute.without(model, encoding, 6, ["feed_forward_norm"], range(6))
    assert found.lengths[1].max() > 3 * found.lengths[0].max()


@pytest.mark.parametrize(("growth", "axis"), [(2, None), (100, "log")])
def test_lengths_far_apart_stand_on_a_log_axis(model, encoding, growth, axis):
    found = compute.without(model, encoding, 6, [], range(6))
    grown = replace(found, lengths=found.lengths * [[1], [growth]])
    assert figures.lengths_without(grown).layout.yaxis.type == axis


# --- early looks and units


def test_the_last_look_is_the_prediction(model, encoding, trace):
    look = compute.early_look(model, trace, 6, "milk")
    expected = model.fill_mask(encoding, top_k=5)[0]
    assert list(look.words[:5]) == [word for word, _ in expected]
    np.testing.assert_allclose(look.probabilities[:5, -1], [p for _, p in expected], rtol=1e-3)
    assert look.ranks[0, -1] == 1
    assert look.first[-1][0] == look.words[0]
    assert "milk" in look.words


def test_a_mask_typed_by_hand_hides_nothing(model):
    trace = model.trace("The cat drank [MASK].")
    look = compute.early_look(model, trace, 4, None)
    assert look.hidden is None
    assert len(look.words) == 5


def test_words_say_since_when():
    curves = np.tile(np.array([[0.1, 0.5, 0.6]], dtype=np.float32), (2, 1))
    ranks = np.array([[3, 1, 1], [9, 8, 7]], dtype=np.float32)
    first = (("a", 0.2), ("milk", 0.5), ("milk", 0.6))
    look = compute.EarlyLook(("milk", "soup"), curves, ranks, first, "soup")
    said = compute.describe_early_look(look)
    assert "“milk” leads from layer 1 on" in said
    assert "“soup”, which is hidden, ends in place 7" in said


def test_units_are_the_strongest(trace):
    units = compute.units_of(trace, 3, 4)
    row = trace.feed_forward_units[3, 4]
    assert units.values[0] == row.max()
    assert (np.diff(units.values) <= 0).all()
    np.testing.assert_array_equal(units.everywhere[:, 4], units.values)
    assert units.firing == pytest.approx((row > compute.FIRES).mean())
    assert f"Unit {units.best[0]} of layer 4" in compute.describe_units(units)


def test_what_fires_a_unit_is_searched(model):
    texts = ["The dog ran.", "She ate bread.", "Nobody came home."]
    found = compute.what_fires(model, texts, 2, 5, count=2)
    assert len(found) == 2
    assert found[0].value >= found[1].value
    tops = {text: model.trace(text).feed_forward_units[2, :, 5].max() for text in texts}
    assert found[0].value == pytest.approx(max(tops.values()))


# --- figures


def test_figures_show_their_values(trace, model):
    stream = compute.stream_of(trace)
    figure = figures.stream_lengths(stream, 3)
    np.testing.assert_array_equal(figure.data[1].y, stream.feed_forward[:, 3])
    np.testing.assert_array_equal(figures.layers_alike(stream).data[0].z, stream.alike)
    look = compute.early_look(model, trace, 6, "milk")
    curves = figures.early_curves(look)
    np.testing.assert_array_equal(curves.data[0].y, look.probabilities[0])
    units = compute.units_of(trace, 0, 2)
    np.testing.assert_array_equal(figures.unit_grid(units).data[0].z, units.everywhere)


def test_the_number_that_stands_on_the_axis_is_that_of_the_whole_model(model, encoding, trace):
    found = compute.without(model, encoding, 6, ["attention_residual"], [0])
    assert compute.first_now(model, trace, 6) == pytest.approx(found.probability[0], abs=1e-5)
    assert compute.first_now(model, trace, 6) != pytest.approx(found.probability[1], abs=1e-3)


# --- outlier dimensions


def test_loudness_is_the_mean_size_by_hand(trace):
    loud = outliers.loudness_of(trace)
    loudest = loud.order[0]
    by_hand = np.abs(trace.hidden_states[:, :, loudest]).mean()
    assert loud.overall[loudest] == pytest.approx(by_hand, rel=1e-5)
    assert loud.overall[list(loud.order)].tolist() == sorted(loud.overall, reverse=True)


def test_silencing_is_what_an_edit_of_one_pass_gives(model, encoding, trace):
    loud = outliers.loudness_of(trace)
    found = outliers.silenced(model, encoding, 6, loud, 3)
    ends = model.token_logits(trace.hidden_states[-1, 6][None])[0]
    assert found.whole == pytest.approx(compute.softmax(ends).max(), abs=1e-4)

    def quiet(x, seen):
        x = x.clone()
        x[..., list(loud.order[:3])] = 0
        return x

    names = ["embedding_output", *(f"layer.{i}.feed_forward.norm" for i in range(6))]
    alone = model.trace(encoding, edits=dict.fromkeys(names, quiet))
    word = model.tokenizer.token_to_id(found.word)
    without = compute.softmax(model.token_logits(alone.hidden_states[-1, 6][None]))[0, word]
    assert found.without == pytest.approx(without, abs=1e-4)
    assert len(set(found.others.tolist())) > 1
    again = outliers.silenced(model, encoding, 6, loud, 3)
    assert again.others.tolist() == found.others.tolist()


def test_the_words_say_what_was_measured(model, encoding, trace):
    loud = outliers.loudness_of(trace)
    found = outliers.silenced(model, encoding, 6, loud, 5)
    said = outliers.describe_silenced(found)
    assert f"{found.whole:.0%} as it is, {found.without:.0%} without the 5 loudest" in said
    assert str(loud.order[0]) in outliers.describe_loudness(loud, 5)
    assert figures.silenced_bars(found).data[0].x[1] == found.without
    colors = figures.loudness_skyline(loud, 5).data[0].marker.color
    assert [i for i, color in enumerate(colors) if color != colors[loud.order[-1]]] == sorted(
        loud.order[:5]
    )
