"""The training step, the masks, the baselines, and all that a moment says of the model."""

import base64
import json
import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from lessons.engine.bert import pre_training_loss
from lessons.pretraining.languages import languages, own_text
from lessons.pretraining.settings import checked, presets
from lessons.pretraining.training import (
    IGNORED,
    MASK,
    PAD,
    SPECIAL,
    Batch,
    PreTraining,
    gap_scores,
    head_scores,
    masked,
    principal_plane,
    train_step,
    unigram_baseline,
)

SMALL = {"layers": 1, "heads": 2, "hidden_size": 32, "batch_size": 16, "steps": 200}


@pytest.fixture
def run() -> PreTraining:
    return PreTraining(SMALL)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


# --- masks


@given(seed=st.integers(0, 10_000), rate=st.sampled_from([0.05, 0.15, 0.6]))
def test_labels_keep_the_original_and_special_tokens_are_never_chosen(seed, rate):
    ids = torch.randint(len(SPECIAL), 50, (8, 12), generator=generator(seed))
    ids[:, 0], ids[:, -1], ids[:4, 8:] = 2, 3, PAD
    hidden, labels = masked(ids, rate, (0.8, 0.1), 50, generator(seed))
    chosen = labels != IGNORED
    assert (labels[chosen] == ids[chosen]).all()
    assert (ids[chosen] >= len(SPECIAL)).all()
    assert (hidden[~chosen] == ids[~chosen]).all()
    assert chosen.any(dim=1).all()


def test_shares_of_the_recipe():
    ids = torch.randint(len(SPECIAL), 50, (2000, 20), generator=generator())
    hidden, labels = masked(ids, 0.15, (0.8, 0.1), 50, generator(1))
    chosen = labels != IGNORED
    assert float(chosen.double().mean()) == pytest.approx(0.15, abs=0.012)  # one at least in a row
    masks = hidden[chosen] == MASK
    kept = hidden[chosen] == ids[chosen]
    assert float(masks.double().mean()) == pytest.approx(0.8, abs=0.02)
    assert float(kept.double().mean()) == pytest.approx(0.1 + 0.1 / 45, abs=0.015)


def test_left_visible_hides_nothing():
    ids = torch.randint(len(SPECIAL), 50, (10, 20), generator=generator())
    hidden, labels = masked(ids, 0.15, (0.0, 0.0), 50, generator(1))
    assert (hidden == ids).all()
    assert (labels != IGNORED).any()


# --- the step


def one_batch(run: PreTraining) -> tuple[Batch, torch.Tensor]:
    batch = run.train.rows(slice(8))
    ids, labels = masked(batch.input_ids, 0.15, (1.0, 0.0), run.config.vocab_size, generator())
    return Batch(
        ids, batch.token_type_ids, batch.attention_mask, batch.next_sentence_labels
    ), labels


def test_one_batch_can_be_learned_by_heart(run):
    batch, labels = one_batch(run)
    first, _ = train_step(run.model, run.optimizer, batch, labels, 3e-3, next_sentence=False)
    for _ in range(300):
        last, norm = train_step(run.model, run.optimizer, batch, labels, 3e-3, next_sentence=False)
    assert first > 2.5
    assert last < 0.05
    assert math.isfinite(norm)
    loss, accuracy = gap_scores(run.model, batch, batch.input_ids, labels)
    assert accuracy == 1.0
    assert loss < 0.05


def test_both_tasks_can_be_learned_by_heart():
    run = PreTraining({**SMALL, "next_sentence": True})
    batch, labels = one_batch(run)
    for _ in range(300):
        train_step(run.model, run.optimizer, batch, labels, 3e-3, next_sentence=True)
    hidden = run.model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
    said = run.model.next_sentence_logits(hidden).argmax(dim=-1)
    assert (said == batch.next_sentence_labels).all()
    assert len(set(batch.next_sentence_labels.tolist())) == 2


def test_gradients_are_finite_and_reach_every_part(run):
    batch, labels = one_batch(run)
    train_step(run.model, run.optimizer, batch, labels, 1e-3, next_sentence=False)
    for name, weight in run.model.named_parameters():
        if "pooler" in name or "seq_relationship" in name:
            assert weight.grad is None  # the other task was not asked
        else:
            assert torch.isfinite(weight.grad).all(), name
            if "key.bias" not in name:  # the softmax takes out what all scores share
                assert weight.grad.abs().sum() > 0, name


def test_only_chosen_tokens_count_in_the_loss(run):
    batch, labels = one_batch(run)
    more = labels.clone()
    row, place = (labels == IGNORED).logical_and(batch.input_ids >= len(SPECIAL)).nonzero()[0]
    more[row, place] = (batch.input_ids[row, place] + 1 - len(SPECIAL)) % 40 + len(SPECIAL)
    with torch.no_grad():
        few, _ = gap_scores(run.model, batch, batch.input_ids, labels)
        many, _ = gap_scores(run.model, batch, batch.input_ids, more)
    assert few != many
    # What the logits say elsewhere does not matter: no gradient comes from there.
    hidden = run.model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)
    hidden.retain_grad()
    pre_training_loss(run.model, hidden, labels)[0].backward()
    assert (hidden.grad[labels == IGNORED] == 0).all()
    assert (hidden.grad[labels != IGNORED].abs().sum(dim=-1) > 0).all()


def test_a_broken_gradient_breaks_no_weight(run):
    batch, labels = one_batch(run)
    before = run.model.bert.pooler.dense.weight.clone()
    with torch.no_grad():
        run.model.cls.predictions.bias.fill_(math.nan)
    weights = run.model.bert.encoder.layer[0].intermediate.dense.weight.clone()
    loss, _ = train_step(run.model, run.optimizer, batch, labels, 1e-3, next_sentence=False)
    assert math.isnan(loss)
    assert torch.equal(weights, run.model.bert.encoder.layer[0].intermediate.dense.weight)
    assert torch.equal(before, run.model.bert.pooler.dense.weight)


def test_a_run_that_diverges_ends_and_says_nothing_that_is_not_a_number(run):
    with torch.no_grad():
        run.model.cls.predictions.bias.fill_(math.nan)
    point = run.step()
    assert run.finished
    assert point[1] is None
    json.dumps(run.moment(), allow_nan=False)


def test_the_learning_rate_rises_then_falls(run):
    rates = []
    for step in range(run.settings.steps):
        run.steps_done = step
        rates.append(run.learning_rate())
    top = rates.index(max(rates))
    assert 0 < top < 20
    assert rates[:top] == sorted(rates[:top])
    assert rates[top:] == sorted(rates[top:], reverse=True)
    assert max(rates) == pytest.approx(run.settings.learning_rate)
    assert rates[-1] > 0


def test_a_seed_makes_the_same_run_and_another_seed_another():
    def losses(seed):
        run = PreTraining({**SMALL, "seed": seed})
        return [run.step()[1] for _ in range(3)]

    assert losses(1) == losses(1)
    assert losses(1) != losses(2)


def test_another_masking_rate_leaves_the_first_weights_alone():
    one, two = (PreTraining({**SMALL, "masking_rate": rate}) for rate in (0.15, 0.4))
    for a, b in zip(one.model.parameters(), two.model.parameters(), strict=True):
        assert torch.equal(a, b)


def test_without_positions_order_does_not_matter_and_the_table_stays_zero():
    run = PreTraining({**SMALL, "positions": False})
    for _ in range(5):
        run.step()
    assert (run.model.bert.embeddings.position_embeddings.weight == 0).all()
    ids = torch.tensor([run.tokenizer.encode("the dogs near the cat bark .").ids])
    turned = torch.tensor([run.tokenizer.encode("the cat near the dogs bark .").ids])
    hidden = [run.model.bert(x)[0, 0] for x in (ids, turned)]
    assert torch.allclose(*hidden, atol=1e-5)


# --- what is measured


def test_baseline_by_hand():
    words = torch.tensor([[2, 5, 5, 6, 3], [2, 5, 7, 3, 0]])
    labels = torch.tensor([[-100, 5, -100, 6, -100], [-100, -100, 7, -100, -100]])
    found = unigram_baseline(words, labels, 8)
    assert found.word_id == 5
    assert found.accuracy == pytest.approx(1 / 3)
    assert found.chance == pytest.approx(1 / 3)
    # 3 × word 5, one each of 6 and 7, each once more: 4/8, 2/8, 2/8
    assert found.loss == pytest.approx(-(math.log(4 / 8) + 2 * math.log(2 / 8)) / 3)


def test_an_untrained_model_knows_nothing(run):
    moment = run.moment()
    assert moment["step"] == 0
    assert moment["held_out"][1] < run.baseline.accuracy
    assert moment["held_out"][0] > 3


def test_a_short_training_beats_knowing_frequencies():
    run = PreTraining({**SMALL, "language": "brackets", "steps": 500, "learning_rate": 3e-3})
    while not run.finished:
        run.step()
    loss, accuracy = run.moment()["held_out"]
    assert accuracy > run.baseline.accuracy + 0.2
    assert loss < run.baseline.loss - 0.5


def test_a_head_that_looks_at_the_answer_scores_one(run):
    """Queries and keys written by hand: the asking place looks at the answering one."""
    links = run.links
    scores = head_scores(run.model, links)
    assert np.shape(scores) == (1, 2)
    row = torch.arange(len(links.asks))
    weights = torch.zeros(len(row), 2, *links.words.shape[1:] * 2)
    weights[row, 0, links.asks, links.answers] = 1.0
    weights[row, 1, links.asks, links.asks] = 1.0  # itself: never counts

    class Perfect:
        config = run.config

        def bert(self, ids, types, mask, probe):
            probe("layer.0.attention_weights", weights)

    assert head_scores(Perfect(), links)[0][0] == 1.0
    assert head_scores(Perfect(), links)[0][1] < 0.7
    assert 0.2 < links.fixed_place() < 0.8


def test_links_hide_who_asks_and_point_at_words(run):
    links = run.links
    row = torch.arange(len(links.asks))
    assert (links.batch.input_ids[row, links.asks] == MASK).all()
    assert (links.batch.input_ids[row, links.answers] >= len(SPECIAL)).all()
    assert not links.words[row, links.asks].any()


def test_a_moment_is_json_of_the_size_that_was_promised(run):
    run.step()
    moment, facts = run.moment(), run.facts
    sent = json.dumps(moment, allow_nan=False)
    assert len(sent) < 20_000
    words = len(facts["words"])
    assert len(base64.b64decode(moment["map"])) == words * 2 * 2
    assert len(facts["classes"]) == words
    for i, attention in enumerate(moment["attention"]):
        tokens = len(facts["probes"][i]["tokens"])
        weights = np.frombuffer(base64.b64decode(attention), dtype=np.uint8)
        rows = weights.reshape(1, 2, tokens, tokens).sum(axis=-1) / 255
        assert np.allclose(rows, 1, atol=0.05)
    assert [row[0] for row in moment["norms"]] == ["embeddings", "layer 1", "task heads"]
    assert len(moment["probes"]) == len(facts["probes"]) == len(languages()["agreement"].probes)
    for words_, right in moment["probes"]:
        assert len(words_) == 3
        assert 0 <= right <= 1


def test_the_largest_model_still_sends_small_moments():
    run = PreTraining({"layers": 4, "heads": 8, "hidden_size": 128, "language": "agreement"})
    assert run.watched >= 1
    assert len(json.dumps(run.moment())) < 30_000


def test_moments_are_dense_at_first_and_a_hundred_in_all():
    run = PreTraining({**SMALL, "steps": 4000})
    due = []
    for step in range(1, 4001):
        run.steps_done = step
        if run.moment_due():
            due.append(step)
    assert due[:4] == [1, 2, 3, 4]
    assert 100 < len(due) < 160


def test_a_map_is_turned_onto_the_one_before():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(20, 8)) * np.array([5, 3, 1, 1, 1, 1, 1, 1])
    first = principal_plane(rows, None)
    turned = first @ np.array([[0, 1], [-1, 0]])
    assert np.allclose(principal_plane(rows, turned), turned)
    again = principal_plane(rows + 0.01 * rng.normal(size=rows.shape), first)
    assert np.abs(again - first).max() < 0.3


# --- settings and texts


def test_a_pasted_text_trains_with_a_vocabulary_of_its_own():
    run = PreTraining({**SMALL, "language": "own", "text": own_text()})
    assert 50 < run.config.vocab_size <= 300
    assert run.facts["rule"] is None
    assert run.links is None
    first = run.moment()["train"][0]
    for _ in range(60):
        run.step()
    moment = run.moment()
    assert moment["train"][0] < first - 0.5
    assert moment["heads"] is None
    assert len(moment["probes"]) == len(run.facts["probes"])
    json.dumps([moment, run.facts], allow_nan=False)


@pytest.mark.parametrize("text", ["", "short", "🐉" * 300, "<b>bold</b> " * 30])
def test_a_text_that_cannot_be_used_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="text"):
        PreTraining({**SMALL, "language": "own", "text": text})


@pytest.mark.parametrize("text", ["Ein Satz für Ödön.", "水は冷たい。", "a\x00b\u202e[MASK] <i>."])
def test_strange_texts_train(text):
    lines = "\n".join(f"{text} {i} {i * i}." for i in range(40))
    run = PreTraining({**SMALL, "language": "own", "text": lines})
    assert run.step()[1] is not None
    json.dumps([run.moment(), run.facts], allow_nan=False)


@pytest.mark.parametrize("slug", [slug for slug in languages() if slug != "agreement"])
def test_every_language_trains_alone_and_in_pairs(slug):
    for pairs in (False, True):
        run = PreTraining({**SMALL, "language": slug, "next_sentence": pairs})
        assert run.step()[1] is not None
        moment = run.moment()
        assert (moment["pairs"] is not None) == pairs
        assert len(moment["probes"]) == len(languages()[slug].probes)


@pytest.mark.parametrize("slug", list(presets()))
def test_every_preset_can_be_built(slug):
    run = PreTraining(presets()[slug].settings.to_dict())
    assert run.facts["parameters"] > 0


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"layers": 12}, "layers"),
        ({"steps": 10**9}, "steps"),
        ({"language": "klingon"}, "klingon"),
        ({"mood": 1}, "mood"),
        ({"text": 3, "language": "own"}, "text"),
    ],
)
def test_settings_outside_the_limits_are_refused_by_name(values, named):
    with pytest.raises(ValueError, match=named):
        checked(values)
