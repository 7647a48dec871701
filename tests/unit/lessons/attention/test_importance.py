"""Silencing, and the methods that say which words count."""

import numpy as np
import pytest
import torch

from lessons.attention import importance as imp


@pytest.fixture(scope="module")
def encoding(model):
    return model.masked(model.encode("The cat drank all the milk in the bowl."), [6])


def every(model, layer=None):
    layers = range(model.spec.layers) if layer is None else [layer]
    return [(i, head) for i in layers for head in range(model.spec.heads)]


def test_all_heads_silent_is_attention_removed(model, encoding):
    edited = model.trace(encoding, edits=imp.edits_for(every(model), "silent"))
    # By hand: each layer without attention, of which only the bias of its projection is left.
    hidden = torch.tensor(edited.hidden_states[:1])
    with torch.no_grad():
        for layer in model.encoder.encoder.layer:
            out = layer.attention.output
            attended = out.LayerNorm(hidden + out.dense.bias)
            units = layer.intermediate.activation(layer.intermediate.dense(attended))
            hidden = layer.output.LayerNorm(attended + layer.output.dense(units))
    np.testing.assert_allclose(edited.hidden_states[-1], hidden[0].numpy(), atol=1e-4)
    assert np.abs(edited.hidden_states[-1] - model.trace(encoding).hidden_states[-1]).max() > 0.5


def test_silencing_one_head_changes_its_output_alone(model, encoding):
    plain = model.trace(encoding)
    edited = model.trace(encoding, edits=imp.edits_for([(2, 5)], "silent"))
    assert np.abs(edited.head_outputs[2, 5]).max() == 0
    others = [head for head in range(12) if head != 5]
    np.testing.assert_allclose(edited.head_outputs[2, others], plain.head_outputs[2, others])
    even = model.trace(encoding, edits=imp.edits_for([(2, 5)], "even"))
    np.testing.assert_allclose(even.attention_weights[2, 5], 1 / len(encoding))
    np.testing.assert_allclose(even.head_outputs[2, 5], plain.values[2, 5].mean(0)[None].repeat(
        len(encoding), axis=0), atol=1e-5)  # fmt: skip


def test_nothing_silenced_changes_nothing(model, encoding):
    change = imp.silence(model, encoding, 6, [], "silent")
    assert change.before == change.after
    assert change.divergence == pytest.approx(0, abs=1e-9)
    expected = model.fill_mask(encoding, top_k=6)[0]
    assert [word for word, _ in change.before] == [word for word, _ in expected]
    np.testing.assert_allclose([p for _, p in change.before], [p for _, p in expected], rtol=1e-3)


def test_each_head_agrees_with_silencing_it(model, encoding):
    effects = imp.each_head(model, encoding, 6)
    for layer, head in ((0, 0), (3, 7), (5, 11)):
        one = imp.silence(model, encoding, 6, [(layer, head)], "silent")
        expected = np.log(one.probability[1] / one.probability[0])
        assert effects[layer, head] == pytest.approx(expected, abs=1e-3)
    assert "layer" in imp.describe_each_head(effects)


def test_integrated_gradients_add_up(model, encoding):
    found = imp.importance(model, encoding, 6)
    assert found.sum == pytest.approx(found.gap, abs=0.05 * max(1, abs(found.gap)))
    assert set(found.scores) == set(imp.METHODS)
    assert 6 not in found.compared
    np.testing.assert_allclose(found.scores["attention"].sum(), 1, atol=1e-4)
    np.testing.assert_allclose(found.scores["rollout"].sum(), 1, atol=1e-4)


def test_removal_is_the_fall_of_the_prediction(model, encoding):
    found = imp.importance(model, encoding, 6)
    place = encoding.tokens.index("drank")
    without = model.masked(encoding, [place])
    token = model.tokenizer.token_to_id(found.word)
    p = model.token_probabilities(without, [6])[0, token]
    expected = np.log(found.probability / p)
    assert found.scores["removal"][place] == pytest.approx(expected, abs=1e-3)


def test_gradients_point_the_way(model, encoding):
    """Gradient × input, checked by a small step in the embeddings along one token's vector."""
    found = imp.importance(model, encoding, 6)
    place, step = encoding.tokens.index("drank"), 1e-2
    token = model.tokenizer.token_to_id(found.word)

    def scaled(by):
        def edit(x, seen):
            x = x.clone()
            x[:, place] *= by
            return x

        states = model.trace(encoding, edits={"word_embeddings": edit}).hidden_states[-1, 6]
        logits = model.token_logits(states)
        return float(logits[token] - np.logaddexp.reduce(logits))

    slope = (scaled(1 + step) - scaled(1 - step)) / (2 * step)
    assert found.scores["gradient"][place] == pytest.approx(slope, abs=0.02)


def test_agreement_is_spearmans():
    scipy_stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(1)
    scores = {name: rng.normal(size=9).astype(np.float32) for name in imp.METHODS}
    scores["removal"][3] = scores["removal"][4]
    found = imp.Importance(tuple("abcdefghi"), 0, "w", 0.5, scores, tuple(range(1, 9)), 1.0, 1.0)
    ours = found.agreement()
    sizes = [np.abs(s[1:]) for s in scores.values()]
    theirs = scipy_stats.spearmanr(np.stack(sizes, axis=1)).statistic
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_too_long_a_text_is_refused(model):
    with pytest.raises(ValueError, match="at most"):
        imp.importance(model, model.encode("the cat sat " * 40), 3)


def test_a_sentence_of_masks_has_an_answer(model):
    encoding = model.encode("[MASK] [MASK]")
    found = imp.importance(model, encoding, 1)
    assert np.isfinite(found.agreement()).all()
    assert "Too few" in imp.describe_importance(found)


def test_where_the_gap_looks_is_told_without_the_other_methods(model, encoding):
    looked, found = imp.attended(model, encoding, 6), imp.importance(model, encoding, 6)
    assert list(looked.scores) == ["attention", "rollout"]
    for method, scores in looked.scores.items():
        np.testing.assert_array_equal(scores, found.scores[method])
    assert (looked.word, looked.probability) == (found.word, found.probability)
    assert f"“{looked.word}”" in imp.describe_attended(looked)
