"""A tiny training: it learns, continues exactly where it stopped, and exports what it learned."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, models, pre_tokenizers

from lessons.engine.bert import BertConfig, BertForPreTraining
from training import train as module
from training.batches import NO_PAIR, Corpus, Example, collate, pool
from training.fused import FusedAttention, fuse
from training.prepare import encode_documents, read_documents
from training.train import (
    Progress,
    Settings,
    Trainer,
    blend,
    export,
    gradients,
    orthogonalise,
    plan_decay,
    rate_factor,
)

TINY = BertConfig(
    hidden_size=16,
    num_hidden_layers=2,
    num_attention_heads=2,
    intermediate_size=32,
    max_position_embeddings=128,
    hidden_dropout_prob=0.0,
    attention_probs_dropout_prob=0.0,
)


def tiny(start: Path) -> BertForPreTraining:
    model = BertForPreTraining(TINY).initialise(torch.Generator().manual_seed(0))
    if start.exists():
        model.load_state_dict(
            {name: tensor.float() for name, tensor in load_file(start).items()}, strict=False
        )
    model.bert.embeddings.requires_grad_(False)
    return model


@pytest.fixture
def corpus(tmp_path: Path) -> Corpus:
    """A made-up text of ten words that always come in the same order."""
    words = [f"w{i}" for i in range(10)]
    vocabulary = {word: 2000 + i for i, word in enumerate(words)} | {"[UNK]": 100}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    paragraph = " ".join(3 * [f"Begin {' '.join(words)} end."])
    documents = read_documents([paragraph, paragraph, "\n"] * 8)
    for name, array in encode_documents(((0, d) for d in documents), tokenizer).items():
        np.save(tmp_path / f"{name}.npy", array)
    np.save(tmp_path / "heldout.npy", np.arange(8) == 7)
    (tmp_path / "meta.json").write_text("{}")
    return Corpus(tmp_path)


@pytest.fixture(params=["muon", "adamw"])
def settings(request: pytest.FixtureRequest) -> Settings:
    return Settings(
        optimizer=request.param,
        batch_tokens=512,
        micro_tokens=256,
        rate=5e-3,
        head_rate=5e-2,
        warmup_steps=2,
    )


def make(corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Trainer:
    monkeypatch.setattr(module, "load_bert", tiny)
    return Trainer(corpus, settings, Path("none"), "cpu", workers=2)


def test_it_learns(corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = make(corpus, settings, monkeypatch)
    batches = pool(corpus, 7, 0, 60, 256, 0.2)
    losses = [trainer.step(batches[:2])["masked"] for _ in range(30)]
    assert losses[-1] < 0.8 * losses[0]
    assert trainer.progress.step == 30
    assert trainer.progress.tokens == 30 * sum(batch.tokens for batch in batches[:2])


def test_embeddings_never_move(
    corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make(corpus, settings, monkeypatch)
    before = trainer.model.bert.embeddings.word_embeddings.weight.clone()
    others = {n: p.clone() for n, p in trainer.model.named_parameters() if p.requires_grad}
    trainer.step(pool(corpus, 7, 0, 60, 256, 0.2)[:4])
    assert torch.equal(trainer.model.bert.embeddings.word_embeddings.weight, before)
    still = [n for n, old in others.items() if torch.equal(trainer.model.get_parameter(n), old)]
    assert still == []


def test_resuming_gives_the_same_weights(
    corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    batches = pool(corpus, 7, 0, 60, 256, 0.2)
    steps = [batches[i : i + 2] for i in range(0, 8, 2)]

    whole = make(corpus, settings, monkeypatch)
    for step in steps:
        whole.step(step)

    first = make(corpus, settings, monkeypatch)
    for step in steps[:2]:
        first.step(step)
    first.save(tmp_path)
    assert not (tmp_path / "checkpoint.partial").exists()
    second = make(corpus, settings, monkeypatch)
    second.restore(torch.load(tmp_path / "checkpoint.pt"))
    for step in steps[2:]:
        second.step(step)

    assert second.progress == whole.progress
    for name, tensor in whole.model.state_dict().items():
        assert torch.equal(second.model.state_dict()[name], tensor), name


def test_export_holds_all_but_the_embeddings(
    corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trainer = make(corpus, settings, monkeypatch)
    trainer.step(pool(corpus, 7, 0, 60, 256, 0.2)[:2])
    path = tmp_path / "model.safetensors"
    export(trainer.model, path)
    saved = load_file(path)
    assert {tensor.dtype for tensor in saved.values()} == {torch.float16}
    state = trainer.model.state_dict()
    assert set(saved) == {name for name in state if not name.startswith("bert.embeddings.")}
    again = tiny(path).state_dict()
    for name in saved:
        torch.testing.assert_close(again[name], state[name], atol=1e-3, rtol=1e-3)


def test_blend_lies_between_two_files(
    corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    trainer = make(corpus, settings, monkeypatch)
    before, after = tmp_path / "before.safetensors", tmp_path / "after.safetensors"
    export(trainer.model, before)
    trainer.step(pool(corpus, 7, 0, 60, 256, 0.2)[:2])
    trained = {n: p.detach().clone() for n, p in trainer.model.named_parameters()}
    blend(trainer.model, before, share=0.25)
    export(trainer.model, after)
    old, mixed = load_file(before), load_file(after)
    for name in old:
        expected = 0.75 * old[name].float() + 0.25 * trained[name]
        torch.testing.assert_close(mixed[name].float(), expected, atol=2e-3, rtol=2e-3)


def test_export_has_the_keys_of_the_bundled_file(tmp_path: Path) -> None:
    model = module.load_bert(module.START)
    path = tmp_path / "model.safetensors"
    export(model, path)
    bundled, saved = load_file(module.START), load_file(path)
    assert set(saved) == set(bundled)
    for name, tensor in bundled.items():
        assert torch.equal(saved[name], tensor), name


def test_heldout_accuracy_is_the_share_of_right_words(
    corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make(corpus, settings, monkeypatch)
    batches = pool(corpus, 7, 0, 40, 256, 0.2)
    with torch.no_grad():  # a head that always says the same word: its share is the accuracy
        trainer.model.cls.predictions.bias[2003] = 1e4
        trainer.model.cls.seq_relationship.bias[1] = 1e4
    labels = torch.cat([batch.labels.flatten() for batch in batches])
    follows = torch.cat([batch.next_labels for batch in batches])
    measured = trainer.measure(batches)
    chosen, pairs = labels[labels != -100], follows[follows >= 0]
    assert measured["heldout"] == pytest.approx((chosen == 2003).float().mean().item(), abs=1e-4)
    assert measured["heldout_next"] == pytest.approx((pairs == 1).float().mean().item(), abs=1e-4)


def test_rate_warms_up_stays_and_falls_to_zero(
    corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make(corpus, settings, monkeypatch)
    progress = trainer.progress
    assert rate_factor(progress, settings) == 0.5
    progress.step = 1000
    assert rate_factor(progress, settings) == 1.0
    progress.decay_from, progress.decay_tokens, progress.tokens = 100, 200, 150
    assert rate_factor(progress, settings) == 0.75
    progress.tokens = 300
    assert rate_factor(progress, settings) == 0.0


@pytest.mark.parametrize("shape", [(24, 24), (12, 48), (48, 12)])
def test_orthogonalise_evens_out_the_singular_values(shape: tuple[int, int]) -> None:
    gradient = torch.randn(shape, generator=torch.Generator().manual_seed(1))
    values = torch.linalg.svdvals(orthogonalise(gradient, steps=8))
    assert float(values.min()) > 0.6
    assert float(values.max()) < 1.3


def test_bfloat16_computes_nearly_the_same(
    corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainer = make(corpus, settings, monkeypatch)
    batch = pool(corpus, 7, 0, 60, 256, 0.2)[0]
    exact, losses = gradients(trainer.model, trainer.params, batch, bfloat16=False)
    rough, rough_losses = gradients(trainer.model, trainer.params, batch, bfloat16=True)
    flat = [torch.cat([g.flatten() for g in found]) for found in (exact, rough)]
    assert flat[1].dtype == torch.float32
    assert not torch.equal(*flat)
    assert float(torch.cosine_similarity(*flat, dim=0)) > 0.999
    assert rough_losses["masked"] == pytest.approx(losses["masked"], rel=0.01)
    gradient = torch.randn(12, 48, generator=torch.Generator().manual_seed(1))
    step = orthogonalise(gradient, bfloat16=True)
    assert step.dtype == torch.float32
    exact_step = orthogonalise(gradient)
    assert float(torch.cosine_similarity(step.flatten(), exact_step.flatten(), dim=0)) > 0.99


def test_who_works_first_does_not_matter(
    corpus: Corpus, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches = pool(corpus, 7, 0, 60, 256, 0.2)[:4]
    alone = make(corpus, settings, monkeypatch)
    alone.threads = ThreadPoolExecutor(1)
    together = make(corpus, settings, monkeypatch)
    for _ in range(2):
        alone.step(batches)
        together.step(batches)
    for name, tensor in alone.model.state_dict().items():
        assert torch.equal(together.model.state_dict()[name], tensor), name


# --- planned by the clock


def test_the_clock_plans_the_decay_once() -> None:
    settings, progress = Settings(warmup_steps=1), Progress(tokens=3000, step=10)
    plan_decay(progress, seconds=300, minutes=10, share=0.4)
    assert progress.decay_from is None, "half of the time is flat"
    progress.tokens = 3600
    plan_decay(progress, seconds=360, minutes=10, share=0.4)
    assert (progress.decay_from, progress.decay_tokens) == (3600, 2400)
    assert progress.goal == 6000, "ten tokens a second for ten minutes"
    progress.tokens = 4800
    plan_decay(progress, seconds=590, minutes=10, share=0.4)
    assert progress.goal == 6000, "a machine that grew slow changes nothing any more"
    assert rate_factor(progress, settings) == 0.5


def run(
    monkeypatch: pytest.MonkeyPatch, data: Path, out: Path, *options: str
) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Train a tiny model from the command line: its weights and the lines of its log."""
    monkeypatch.setattr(module, "load_bert", tiny)
    monkeypatch.setattr(module, "LONG", (50, 70))
    np.save(data / "heldout.npy", np.arange(8) >= 6)  # a pair needs two documents
    monkeypatch.setattr(
        "sys.argv",
        ["train", str(data), "--out", str(out), "--device", "cpu", "--workers", "1",
         "--batch-tokens", "512", "--micro-tokens", "256", "--pool-size", "32",
         "--start", "none", *options],
    )  # fmt: skip
    module.main()
    state = torch.load(out / "checkpoint.pt")
    return state["model"], (out / "log.jsonl").read_text().splitlines()


def test_a_run_by_the_clock_ends_and_can_be_repeated(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, log = run(monkeypatch, tmp_path, tmp_path / "clock", "--minutes", "0.03")
    planned = next(json.loads(line) for line in log if "decay_from" in line)
    saved = torch.load(tmp_path / "clock" / "checkpoint.pt")["progress"]
    assert saved["decay_from"] == planned["decay_from"]
    assert saved["tokens"] >= planned["decay_from"] + planned["decay_tokens"]
    last = json.loads(log[-1])
    assert {"heldout", "heldout_next", "long_heldout", "long_heldout_next"} <= set(last)

    plan = [str(planned["decay_from"]), str(planned["decay_tokens"])]
    again, _ = run(monkeypatch, tmp_path, tmp_path / "again", "--decay-at", *plan)
    assert all(torch.equal(again[name], tensor) for name, tensor in first.items())


# --- attention through the fused kernel


def test_fused_attention_is_the_same_attention() -> None:
    plain, fused = tiny(Path("none")), tiny(Path("none"))
    fuse(fused)
    kinds = [type(layer.attention.self) for layer in fused.bert.encoder.layer]
    assert kinds == [FusedAttention, FusedAttention]
    assert set(fused.state_dict()) == set(plain.state_dict())
    rows = [Example(np.arange(2000, 2000 + n), None, NO_PAIR) for n in (3, 20, 60)]
    batch = collate(rows, np.random.default_rng(0), 0.2)
    real = batch.attention_mask == 1
    states = [
        model.bert(batch.input_ids, batch.token_type_ids, batch.attention_mask)[real]
        for model in (plain, fused)
    ]
    torch.testing.assert_close(states[0], states[1], atol=1e-5, rtol=1e-5)


def test_fused_attention_learns_the_same() -> None:
    rows = [Example(np.arange(2000, 2000 + n), None, NO_PAIR) for n in (8, 30)]
    batch = collate(rows, np.random.default_rng(0), 0.3)
    found = []
    for fused in (False, True):
        model = tiny(Path("none"))
        if fused:
            fuse(model)
        params = [p for p in model.parameters() if p.requires_grad]
        found.append(gradients(model, params, batch, bfloat16=False)[0])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)
