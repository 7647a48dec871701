"""The 80/10/10 draws, against their definition and against the collator of `transformers`."""

import math

import numpy as np
import pytest
import torch

from lessons.masking import recipe

TEXT = "The unhappiness of the gardener was unmistakable, and nobody knew the reason."


def test_a_draw_changes_only_what_it_chose(mlm):
    encoding = mlm.encode(TEXT)
    seen = set()
    for seed in range(60):
        drawn = recipe.draw(mlm, encoding, seed)
        kept = drawn.actions == recipe.KEPT
        assert (drawn.input_ids[kept] == encoding.input_ids[kept]).all()
        assert (drawn.labels[kept] == -100).all()
        assert (drawn.labels[~kept] == encoding.input_ids[~kept]).all()
        assert (drawn.input_ids[drawn.actions == recipe.MASKED] == mlm.mask_token_id).all()
        same = drawn.actions == recipe.SAME
        assert (drawn.input_ids[same] == encoding.input_ids[same]).all()
        random = drawn.input_ids[drawn.actions == recipe.RANDOM]
        assert not set(random.tolist()) & set(mlm.special_ids)
        assert drawn.actions[0] == drawn.actions[-1] == recipe.KEPT  # [CLS] and [SEP]
        seen |= set(drawn.actions.tolist())
    assert seen == {0, 1, 2, 3}


def test_the_seed_decides(mlm):
    encoding = mlm.encode(TEXT)
    first, again, other = (recipe.draw(mlm, encoding, seed) for seed in (5, 5, 6))
    assert (first.input_ids == again.input_ids).all()
    assert (first.actions != other.actions).any()


def test_whole_words_are_chosen_together(mlm):
    encoding = mlm.encode(TEXT)
    word = [i for i, w in enumerate(encoding.word_ids) if w == 1]
    assert len(word) == 4
    together = recipe.draw_actions(encoding, 4000, 0, 0.15, True)[:, word] != recipe.KEPT
    assert set(together.sum(axis=1).tolist()) == {0, 4}
    alone = recipe.draw_actions(encoding, 4000, 0, 0.15, False)[:, word] != recipe.KEPT
    assert {1, 2} <= set(alone.sum(axis=1).tolist())


@pytest.mark.parametrize("whole_words", [False, True])
def test_thousands_of_draws_lie_in_their_bands(mlm, whole_words):
    encoding = mlm.encode(TEXT)
    inside = tokens_inside = tokens = 0
    for seed in range(40):
        counted = recipe.tally(encoding, 2000, seed, whole_words=whole_words)
        assert counted.expected == pytest.approx((0.12, 0.015, 0.015))
        inside += sum(
            abs(o - e) <= b
            for o, e, b in zip(counted.observed, counted.expected, counted.band, strict=True)
        )
        chosen = counted.per_token.sum(axis=0)
        tokens_inside += int((np.abs(chosen - 0.15) <= counted.token_band).sum())
        tokens += len(chosen)
    # 95% bands: of 120 totals some 6 lie outside. Far more or none at all would mean wrong bands.
    assert 104 <= inside <= 119
    assert 0.92 <= tokens_inside / tokens <= 0.98


def test_the_shares_are_those_of_the_collator_of_transformers(mlm):
    from transformers import BertTokenizerFast, DataCollatorForLanguageModeling

    encoding = mlm.encode(TEXT)
    tokenizer = BertTokenizerFast(tokenizer_object=mlm.tokenizer)
    collator = DataCollatorForLanguageModeling(tokenizer, mlm_probability=0.15, seed=3)
    ids = encoding.input_ids.tolist()
    batch = collator([{"input_ids": ids}] * 3000)
    labels, inputs = batch["labels"].numpy(), batch["input_ids"].numpy()
    own = slice(1, -1)
    counted = recipe.tally(encoding, 3000, 0)
    theirs = (
        (inputs == mlm.mask_token_id)[:, own].mean(),
        ((labels != -100) & (inputs != labels) & (inputs != mlm.mask_token_id))[:, own].mean(),
        ((labels != -100) & (inputs == labels))[:, own].mean(),
    )
    for ours, other, band in zip(counted.observed, theirs, counted.band, strict=True):
        assert abs(ours - other) < 3 * band
    assert (labels[:, 0] == recipe.IGNORED).all()


def test_the_loss_is_the_mean_over_chosen_tokens_as_torch_computes_it(mlm):
    encoding = mlm.encode(TEXT)
    seed = next(s for s in range(100) if {2, 3} <= set(recipe.draw(mlm, encoding, s).actions))
    drawn = recipe.draw(mlm, encoding, seed)
    found = recipe.losses(mlm, encoding, drawn)
    assert (np.isnan(found) == (drawn.labels == -100)).all()
    logits = mlm.mask_logits(drawn.input_ids.tolist(), list(range(len(encoding))))
    expected = torch.nn.functional.cross_entropy(
        torch.from_numpy(logits), torch.from_numpy(drawn.labels)
    )
    assert float(np.nanmean(found)) == pytest.approx(float(expected), rel=1e-3)
    assert "did not change, and count all the same" in recipe.describe_losses(drawn, found)


def test_nothing_chosen_is_said(mlm):
    encoding = mlm.encode("tea")
    seed = next(s for s in range(100) if not recipe.draw(mlm, encoding, s).actions.any())
    drawn = recipe.draw(mlm, encoding, seed)
    found = recipe.losses(mlm, encoding, drawn)
    assert np.isnan(found).all()
    assert "Draw again" in recipe.describe_losses(drawn, found)


def test_static_masking_repeats_and_dynamic_covers_more(mlm):
    encoding = mlm.encode(TEXT)
    found = recipe.epochs(encoding, 30, 1)
    assert (found.static == found.static[0]).all()
    assert (found.dynamic[0] == found.static[0]).all()
    assert (found.dynamic != found.dynamic[0]).any()
    assert (np.diff(found.dynamic_coverage) >= 0).all()
    assert found.dynamic_coverage[-1] > found.static_coverage[-1]
    assert found.expected_coverage[9] == pytest.approx(1 - 0.85**10)
    mean = np.mean([recipe.epochs(encoding, 10, s).dynamic_coverage[-1] for s in range(200)])
    tokens = len(found.positions)
    assert abs(mean - (1 - 0.85**10)) < 4 * math.sqrt(0.25 / (200 * tokens))
    assert "30 epochs" in recipe.describe_epochs(found)


def test_nothing_to_choose_is_an_error(mlm):
    for count in (recipe.tally, recipe.epochs):
        with pytest.raises(ValueError, match="nothing to choose"):
            count(mlm.encode(""), 10, 0)


def test_the_words_count_what_lies_in_the_bands(mlm):
    counted = recipe.tally(mlm.encode(TEXT), 1000, 2)
    chosen = counted.per_token.sum(axis=0)
    near = sum(abs(c - 0.15) <= counted.token_band for c in chosen)
    assert f"{near} of {len(chosen)} tokens" in recipe.describe_tokens(counted)
    assert f"masked {counted.observed[0]:.2%} (expected 12.00%)" in recipe.describe_shares(counted)
    found = recipe.epochs(mlm.encode(TEXT), 5, 0)
    assert "15 epochs" in recipe.describe_coverage(found)  # 0.85^14 > 0.1 > 0.85^15
