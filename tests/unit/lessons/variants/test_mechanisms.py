"""Masks, shared layers, parted scores, windows: by hand, by counting, and against libraries."""

import numpy as np
import pytest
import torch

from lessons.engine import load_model
from lessons.engine.timing import pass_times
from lessons.variants import coverage, disentangled, sharing, windows


@pytest.fixture(scope="module")
def encoding(model):
    return model.encode("She sat on the bank of the river and watched the boats go by.")


# --- masks


def test_a_mask_drawn_once_asks_for_the_same_tokens_in_every_epoch(encoding):
    way = coverage.coverage(encoding, 40, 1, seed=3)
    assert (way.asked == way.asked[0]).all()
    assert way.asked[0].sum() == 2  # 15% of 15 tokens
    assert set(way.times) == {0, 40}
    assert [way.seen[-1], way.expected[-1]] == pytest.approx([2 / 15, 2 / 15])


def test_ten_copies_come_back_four_times_in_forty_epochs(encoding):
    way = coverage.coverage(encoding, 40, 10, seed=3)
    assert (way.asked[:10] == way.asked[30:]).all()
    assert (way.times % 4 == 0).all()
    assert way.seen[9] == way.seen[-1]
    assert way.expected[-1] == pytest.approx(1 - (13 / 15) ** 10)


def test_what_is_drawn_anew_comes_near_what_is_expected(encoding):
    drawn = [coverage.coverage(encoding, 10, None, seed) for seed in range(200)]
    mean = np.mean([way.seen[-1] for way in drawn])
    assert mean == pytest.approx(drawn[0].expected[-1], abs=0.02)
    assert coverage.coverage(encoding, 40, None, 3).expected[-1] > 0.99


def test_a_sentence_of_one_token_and_none(model):
    assert coverage.coverage(model.encode("hi"), 3, None, 1).seen.tolist() == [1, 1, 1]
    with pytest.raises(ValueError, match="nothing"):
        coverage.coverage(model.encode(""), 3, None, 1)


def test_what_is_said_of_masks(encoding):
    ways = [coverage.coverage(encoding, 40, n, 3) for n in (1, 10, None)]
    said = coverage.describe_coverage(ways)
    assert "drawn once: 13%" in said
    assert "anew each epoch: 100%" in said
    assert "13 of 15 tokens never were" in coverage.describe_times(ways[0])


# --- shared layers


def test_one_layer_has_a_sixth_of_the_weights_and_breaks_the_model(model, encoding):
    gap = 8
    masked = model.masked(encoding, [gap])
    found = sharing.share(model, masked, 0, 6, gap)
    assert found.encoder == (10_646_784, 1_774_464)
    assert found.parameters[0] == 22_713_216
    assert found.parameters[0] - found.parameters[1] == 5 * 1_774_464
    assert found.kept is False
    assert np.mean(found.cosines) < 0.9
    assert "1,774,464" in sharing.describe_shared(found)


def test_sharing_leaves_the_model_itself_alone(model, encoding):
    before = model.hidden_states([encoding])[0]
    sharing.share(model, encoding, 2, 3, None)
    assert model.spec.layers == 6
    assert np.array_equal(model.hidden_states([encoding])[0], before)


def test_a_layer_used_once_gives_the_state_after_it(model, encoding):
    changed = sharing.shared_model(model, 0, 1)
    states, own = changed.hidden_states([encoding])[0], model.hidden_states([encoding])[0]
    assert len(states) == 2
    assert np.allclose(states[1], own[1], atol=1e-6)


def test_the_other_bundled_model_shares_too_and_predicts_nothing():
    other = load_model("minilm")
    found = sharing.share(other, other.encode("A short one."), 5, 2, None)
    assert found.kept is None
    assert found.before == []
    with pytest.raises(ValueError, match="layers 0 to 5"):
        sharing.shared_model(other, 6, 1)


def test_times_are_measured_in_turns(model, encoding):
    times = pass_times([model, sharing.shared_model(model, 0, 1)], [encoding] * 2)
    assert len(times) == 2
    assert all(time > 0 for time in times)


def test_two_tables_by_hand():
    small = sharing.Factors(30_000, 768, 128)
    assert small.whole == 23_040_000
    assert small.factored == 3_938_304
    assert "83% fewer" in sharing.describe_factors(small)
    even = sharing.Factors(100, 100, 50)
    assert even.factored == even.whole
    assert even.break_even == 50
    assert "no gain" in sharing.describe_factors(sharing.Factors(30_000, 768, 768))


# --- content and position apart


def library_attention(shared, buckets, size=48, heads=4):
    from transformers import DebertaV2Config
    from transformers.models.deberta_v2.modeling_deberta_v2 import DisentangledSelfAttention

    config = DebertaV2Config(
        hidden_size=size, num_attention_heads=heads, relative_attention=True,
        position_buckets=buckets, max_position_embeddings=64, max_relative_positions=-1,
        pos_att_type=["p2c", "c2p"], share_att_key=shared,
        attention_probs_dropout_prob=0.0, hidden_dropout_prob=0.0,
    )  # fmt: skip
    torch.manual_seed(1)
    attention = DisentangledSelfAttention(config).eval().requires_grad_(False)
    for weight in attention.parameters():
        torch.nn.init.normal_(weight, std=0.15)
    return attention


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("buckets", [8, 32])
def test_scores_are_those_of_transformers(shared, buckets):
    attention = library_attention(shared, buckets)
    length, table = 30, torch.randn(2 * buckets, 48)
    hidden = torch.randn(1, length, 48)
    weights = attention(
        hidden, torch.ones(1, 1, length, length), output_attentions=True, rel_embeddings=table
    )[1].view(4, length, length)
    parts = disentangled.parts(hidden[0], disentangled.projections_of(attention, table))
    assert tuple(parts) == disentangled.PARTS
    ours = torch.stack(list(parts.values())).sum(dim=0).softmax(dim=-1)
    assert torch.allclose(ours, weights, atol=1e-5)
    assert float(ours.std()) > 0.01  # not all alike, or the test could not fail


@pytest.mark.parametrize(("buckets", "longest"), [(256, 512), (8, 64), (16, 512), (32, 128)])
def test_buckets_are_those_of_transformers(buckets, longest):
    from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position

    distances = torch.arange(1 - longest, longest)
    theirs = make_log_bucket_position(distances, buckets, longest).long()
    assert torch.equal(disentangled.bucket(distances, buckets, longest), theirs)


def test_content_to_position_knows_no_other_words():
    weights = disentangled.random_projections(32, 4, 256, 512, seed=1)
    hidden = torch.randn(9, 32)
    order = disentangled.shuffled(9, fixed=4)
    assert sorted(order) == list(range(9))
    assert [order[0], order[4], order[8]] == [0, 4, 8]
    assert all(order[i] != i for i in (1, 2, 3, 5, 6, 7))
    changes = disentangled.row_changes(
        disentangled.parts(hidden, weights), disentangled.parts(hidden[order], weights), 2, 4
    )
    assert changes["content to position"] == 0
    assert changes["content to content"] > 0.1
    assert changes["position to content"] > 0.1


@pytest.mark.parametrize(("length", "fixed"), [(1, 0), (2, 1), (3, 1), (3, 0)])
def test_short_sentences_can_be_shuffled(length, fixed):
    assert sorted(disentangled.shuffled(length, fixed)) == list(range(length))


def test_few_buckets_are_shared_by_far_distances():
    few, many = (disentangled.bucket(torch.arange(30), n, 512) for n in (8, 256))
    assert torch.equal(many, torch.arange(30))
    assert torch.equal(few[:5], torch.arange(5))
    assert len(few[5:].unique()) < 5


def test_the_row_is_put_into_words():
    weights = disentangled.random_projections(32, 4, 256, 512, seed=1)
    parts = disentangled.parts(torch.randn(3, 32), weights)
    assert "Row of “b” in head 1" in disentangled.describe_parts(parts, 1, 0, ("a", "b", "c"))


def test_a_checkpoint_at_hand_gives_its_own_weights(tmp_path, monkeypatch):
    from lessons.engine import registry
    from tests.checkpoints import FAMILIES, make

    make(FAMILIES["deberta-v3"], tmp_path / "deberta-v3")
    monkeypatch.setenv(registry.LOCAL_FOLDER_VARIABLE, str(tmp_path))
    model = load_model("deberta-v3")
    text = "The dog bit the man."
    tokens, states, weights = disentangled.from_checkpoint(model, text, 0, 28)
    trace = model.trace(text)
    ours = sum(disentangled.parts(states, weights).values()).softmax(dim=-1)
    assert len(tokens) == len(trace.tokens)
    assert np.allclose(ours.numpy(), trace.attention_weights[0], atol=1e-5)


# --- windows


def test_eight_of_22_layers_see_everything():
    assert [i for i in range(22) if windows.is_global(i)] == [0, 3, 6, 9, 12, 15, 18, 21]


@pytest.mark.parametrize("length", [1, 5, 100, 500])
@pytest.mark.parametrize("window", [2, 16, 128])
def test_pairs_are_counted_as_the_mask_has_them(length, window):
    assert windows.pairs(length, window) == windows.local_mask(length, window).sum()


def test_attention_in_blocks_is_attention():
    torch.manual_seed(0)
    query, key, value = (torch.randn(2, 300, 8) for _ in range(3))
    whole = torch.nn.functional.scaled_dot_product_attention
    assert torch.allclose(windows.attend(query, key, value), whole(query, key, value), atol=1e-5)
    mask = torch.from_numpy(windows.local_mask(300, 32))
    near = whole(query, key, value, attn_mask=mask)
    assert torch.allclose(windows.attend(query, key, value, 32), near, atol=1e-5)


def test_news_waits_for_a_global_layer():
    rows = windows.reach(40, 4, (20, 19, 18), start=20)
    assert [int(row.sum()) for row in rows] == [5, 9, 40]
    assert "5 tokens" in windows.describe_reach("x", rows, (20, 19, 18))


def test_cost_by_hand():
    cost = windows.cost(512)
    assert cost.global_operations == 4 * 512 * 512 * 768
    assert cost.global_bytes == 4 * 12 * 512 * 512
    assert cost.rest_operations == 2 * 512 * (4 * 768**2 + 3 * 768 * 1152)
    long = windows.cost(8192)
    assert long.global_operations / long.local_operations == pytest.approx(64, abs=1)
    assert "3.2 GB" in windows.describe_cost([cost, long])
    assert windows.stacks({"global": 10, "local": 1, "rest": 2}) == (264, 138)


def test_timing_measures_every_part_and_says_so():
    run = windows.AttentionTiming({"lengths": [16, 32]})
    assert windows.describe_timing({}) == "Nothing is measured yet."
    while not run.finished:
        run.step()
    moment = run.moment()
    assert moment["next"] is None
    assert {(n, k) for n in moment["found"] for k in moment["found"][n]} == {
        (n, k) for n in ("16", "32") for k in windows.KINDS
    }
    assert "Measured at 32 tokens" in windows.describe_timing(moment["found"])
    with pytest.raises(ValueError, match="8,192"):
        windows.AttentionTiming({"lengths": [10**6]})
