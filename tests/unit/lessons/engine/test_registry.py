"""Where models come from, and what is refused."""

from __future__ import annotations

import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from lessons.engine import (
    MODELS,
    ModelSpec,
    ModelUnavailable,
    available_models,
    folders,
    load_model,
    registry,
    status_of,
    unopened_models,
)
from lessons.engine.model import BertModel
from tests.checkpoints import FAMILIES, make_bert

VARIABLE = registry.LOCAL_FOLDER_VARIABLE


def reason(name: str, **options: object) -> str:
    """Why a model cannot be had: the one sentence."""
    with pytest.raises(ModelUnavailable) as caught:
        load_model(name, **options)
    message = str(caught.value)
    assert "Traceback" not in message
    assert "\n" not in message
    return message


def test_importing_the_engine_is_light() -> None:
    code = (
        "import sys, lessons.engine as e; e.available_models();"
        "heavy = {'torch', 'transformers', 'tokenizers'} & set(sys.modules);"
        "assert not heavy, heavy"
    )
    environment = {name: value for name, value in os.environ.items() if name != VARIABLE}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)


# --- the bundled models -------------------------------------------------------------------------


def test_bundled_come_first_and_are_available(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    assert list(MODELS)[:2] == ["minilm-mlm", "minilm"]
    assert [spec.name for spec in available_models()][:2] == ["minilm-mlm", "minilm"]
    assert status_of(MODELS["minilm"]) == "bundled"


def test_the_table_says_what_the_models_are(minilm: BertModel, mlm: BertModel) -> None:
    for model in (minilm, mlm):
        assert model.spec == MODELS[model.name]


def test_loaded_once(mlm: BertModel) -> None:
    assert load_model("minilm-mlm") is mlm
    assert load_model() is mlm


def test_both_models_stand_on_the_same_embeddings(minilm: BertModel, mlm: BertModel) -> None:
    for name, tensor in minilm.encoder.embeddings.state_dict().items():
        assert tensor.data_ptr() == mlm.encoder.embeddings.state_dict()[name].data_ptr(), name


@pytest.mark.usefixtures("fresh")
def test_many_threads_load_once(monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[str] = []
    load = registry._load

    def counted(spec: ModelSpec, *options: object) -> object:
        loads.append(spec.name)
        time.sleep(0.05)  # long enough for every other thread to come and ask
        return load(spec, *options)

    monkeypatch.setattr(registry, "_load", counted)
    models: list[object] = []
    threads = [
        threading.Thread(target=lambda name=name: models.append(load_model(name)))
        for name in ["minilm-mlm", "minilm"] * 6
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(loads) == ["minilm", "minilm-mlm"]
    assert len(models) == 12
    assert len(set(map(id, models))) == 2


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("name", ["minilm", "minilm-mlm"])
def test_other_weights_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One wrong byte in either weights file is enough."""
    monkeypatch.setitem(registry.manifest()["models"][name], "sha256", "0" * 64)
    assert "SHA-256" in reason(name)


@pytest.mark.usefixtures("fresh")
def test_changed_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    original = registry.ASSETS / "models" / "minilm-mlm" / "model.safetensors"
    changed = bytearray(original.read_bytes())
    changed[-1] ^= 1
    folder = tmp_path / "models" / "minilm-mlm"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(changed)
    registry.manifest()  # the manifest is the real one, read before the folder is exchanged
    monkeypatch.setattr(registry, "ASSETS", tmp_path)
    assert "not the published ones" in reason("minilm-mlm")


@pytest.mark.usefixtures("fresh")
def test_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry.importlib.util, "find_spec", lambda name: None)
    assert "pip install -r requirements.txt" in reason("minilm")


def test_published_fingerprint() -> None:
    assert registry.manifest()["models"]["minilm"]["sha256"] == (
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    )


def test_manifest_says_where_everything_is_from() -> None:
    for name in registry.BUNDLED:
        entry = registry.manifest()["models"][name]
        assert all(entry[key] for key in ("what", "licence", "source", "sha256"))


# --- local folders ------------------------------------------------------------------------------


def test_local_folder(local_models: Path) -> None:
    local = {spec.name: spec for spec in available_models() if status_of(spec) == "local"}
    assert set(FAMILIES) < set(local)
    assert "bert-cased" in local
    assert local["bert-cased"].cased
    assert not local["bert"].cased
    assert (local["distilbert"].layers, local["distilbert"].hidden) == (3, 32)


def test_a_local_folder_stands_in_for_a_hub_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_bert(tmp_path / "bert-base-uncased")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert status_of(MODELS["bert-base-uncased"]) == "local"
    assert [s.name for s in available_models()].count("bert-base-uncased") == 1
    monkeypatch.setattr(registry, "_loaded", {})
    assert load_model("bert-base-uncased").spec.layers == 3


def test_folders_that_are_no_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "torn").mkdir()
    (tmp_path / "torn" / "config.json").write_text("{", encoding="utf-8")
    (tmp_path / "torn" / "model.safetensors").write_bytes(b"")
    (tmp_path / "torn" / "vocab.txt").write_text("a", encoding="utf-8")
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert {status_of(spec) for spec in available_models()} <= {"bundled", "cached"}
    assert "no model called" in reason("empty")
    assert "its config.json is cut off" in reason("torn")
    assert "no model called" in reason("file")


def test_a_changed_folder_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert "own" not in {spec.name for spec in available_models()}
    folder = make_bert(tmp_path / "own")
    assert "own" in {spec.name for spec in available_models()}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps(config | {"hidden_size": 99}), encoding="utf-8")
    os.utime(folder / "config.json", ns=(1, 1))
    assert folders.spec_of_folder(folder).hidden == 99


@pytest.mark.parametrize("name", ["../secret", "..", ".", "a/b", "/etc", "", "roberta/../bert"])
def test_no_way_out_of_the_folder(
    name: str, local_models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_bert(local_models.parent / "secret") if not (
        local_models.parent / "secret"
    ).exists() else 0
    assert "no model called" in reason(name)


def test_no_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path / "missing"))
    assert available_models()[0].name == "minilm-mlm"


class Unsafe:
    """Pickled, it runs code on the machine that reads it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def as_pickle(folder: Path, content: object) -> None:
    (folder / "model.safetensors").unlink()
    torch.save(content, folder / "pytorch_model.bin")


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_unsafe_pickles_are_refused(
    family: str, models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither our reader nor `transformers` runs what a pickle carries."""
    folder = tmp_path / "models" / "unsafe"
    copy(models_folder / family, folder)
    weights: dict[str, object] = dict(load_file(folder / "model.safetensors"))
    trap = tmp_path / "trap"
    as_pickle(folder, weights | {"trap": Unsafe(trap)})
    monkeypatch.setenv(VARIABLE, str(tmp_path / "models"))
    assert "pytorch_model.bin holds more than tensors" in reason("unsafe")
    assert not trap.exists()
    pickle.loads(pickle.dumps(Unsafe(trap)))  # the trap does snap where a pickle is trusted
    assert trap.exists()


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_harmless_pickles_are_read(
    family: str, models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy(models_folder / family, tmp_path / "old")
    as_pickle(tmp_path / "old", load_file(tmp_path / "old" / "model.safetensors"))
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", {})
    vector = load_model("old").embed(["cold"])
    monkeypatch.setenv(VARIABLE, str(models_folder))
    assert abs(load_model(family).embed(["cold"]) - vector).max() < 1e-6


@pytest.mark.parametrize("family", ["bert", "distilbert"])
def test_incomplete_weights_are_refused(
    family: str, models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody learns from a layer that was left random."""
    copy(models_folder / family, tmp_path / "half")
    weights = load_file(tmp_path / "half" / "model.safetensors")
    kept = {name: tensor for name, tensor in weights.items() if "layer.1." not in name}
    assert 0 < len(kept) < len(weights)
    save_file(kept, tmp_path / "half" / "model.safetensors", {"format": "pt"})
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert "its weights lack" in reason("half")


def test_code_in_a_checkpoint_is_not_run(
    models_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "coded"
    copy(models_folder / "distilbert", folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config |= {"model_type": "own", "auto_map": {"AutoConfig": "own.C", "AutoModel": "own.M"}}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (folder / "own.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    assert "model_type 'own'" in reason("coded")
    assert not (tmp_path / "ran").exists()


def test_few_models_stay_in_memory(
    local_models: Path, monkeypatch: pytest.MonkeyPatch, mlm: BertModel
) -> None:
    """The last few that were used, and the bundled ones always."""
    monkeypatch.setattr(registry, "_loaded", {"minilm-mlm": mlm})
    first = load_model("bert")
    for name in ("bert-cased", "bert-words-only"):
        load_model(name)
    assert load_model("bert") is first
    load_model("bert-encoder-only")
    assert set(registry._loaded) == {
        "minilm-mlm", "bert-words-only", "bert", "bert-encoder-only",
    }  # fmt: skip
    assert load_model("bert") is first


def test_a_checkpoint_saved_again_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", {})
    folder = make_bert(tmp_path / "own")
    before = load_model("own")
    assert load_model("own") is before
    shutil.rmtree(folder)
    make_bert(folder, seed=1)
    after = load_model("own")
    assert abs(after.embed(["cold"]) - before.embed(["cold"])).max() > 1e-3
    assert after.version != before.version
    shutil.rmtree(folder)
    assert "no model called" in reason("own")


def test_names_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_locks", {})
    for name in (*(f"name {i}" for i in range(20)), "x" * 5000, "a\0b", "a/" * 50, "a\\b"):
        assert len(reason(name)) < 600
    assert registry._locks == {}


def test_a_trained_model_is_forgotten_with_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mlm: BertModel
) -> None:
    monkeypatch.setattr(registry, "_trained", {})
    monkeypatch.setattr(registry, "_loaded", {"minilm-mlm": mlm})
    for i in range(5):
        registry.add_trained(f"toy-{i}", make_bert(tmp_path / f"toy-{i}"), "Mine")
        load_model(f"toy-{i}")
    assert len(registry._loaded) == 6  # all that a session trained stay
    shutil.rmtree(tmp_path / "toy-0")
    registry.add_trained("toy-5", make_bert(tmp_path / "toy-5"), "Mine")
    assert "toy-0" not in registry._trained | registry._loaded | registry._locks


def test_folders_in_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As trainers save: a run, and a checkpoint of each thousand steps in it."""
    monkeypatch.setattr(registry, "_loaded", {})
    make_bert(tmp_path / "runs" / "first" / "checkpoint-500")
    make_bert(tmp_path / "runs" / "second")
    (tmp_path / "runs" / "third").mkdir()
    (tmp_path / "runs" / "third" / "tf_model.h5").write_bytes(b"")
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    names = [spec.name for spec in available_models() if status_of(spec) == "local"]
    assert names == ["runs/first/checkpoint-500", "runs/second"]
    assert load_model(names[0]).name == names[0]
    assert unopened_models() == {"runs/third": "it has no config.json"}
    monkeypatch.setenv(VARIABLE, str(tmp_path / "runs" / "second"))
    assert [spec.name for spec in available_models() if status_of(spec) == "local"] == ["second"]
    assert load_model("second").spec.layers == 3


def test_all_that_lies_in_the_cache_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", {})
    for name in ("some-one/own-bert", "google/bert_uncased_L-2_H-128_A-2", "some-one/half"):
        repository = tmp_path / f"models--{name.replace('/', '--')}"
        make_bert(repository / "snapshots" / "abc")
        (repository / "refs").mkdir()
        (repository / "refs" / "main").write_text("abc", encoding="utf-8")
    (tmp_path / "models--some-one--half/snapshots/abc/model.safetensors").unlink()
    specs = {spec.name: spec for spec in available_models()}
    assert [name for name in specs if status_of(specs[name]) == "cached"] == [
        "bert-tiny", "some-one/own-bert",
    ]  # fmt: skip
    assert load_model("some-one/own-bert").trace("cold").num_layers == 3
    assert unopened_models() == {"some-one/half": "it has no weights (model.safetensors)"}
    assert "has no weights" in reason("some-one/half")


def test_what_does_not_fit_into_memory_is_refused_with_the_figure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_bert(tmp_path / "own")
    tensors = load_file(folder / "model.safetensors")
    assert folders.memory_needed(folder) == 4 * sum(t.numel() for t in tensors.values())
    save_file({name: t.half() for name, t in tensors.items()}, folder / "model.safetensors")
    assert folders.memory_needed(folder) == 4 * sum(t.numel() for t in tensors.values())
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(folders, "free_memory", lambda: 1000)
    assert "it needs 0.0 GB of memory, and 0.0 GB are free" in reason("own")


def test_free_memory_is_that_of_the_container(tmp_path: Path) -> None:
    assert folders.free_memory(tmp_path) is None
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable: 5000 kB\n")
    assert folders.free_memory(tmp_path) == 5000 * 1024
    group = tmp_path / "sys" / "fs" / "cgroup"
    group.mkdir(parents=True)
    (group / "memory.current").write_text("1000\n")
    (group / "memory.stat").write_text("anon 3\ninactive_file 200\n")
    (group / "memory.max").write_text("max\n")
    assert folders.free_memory(tmp_path) == 5000 * 1024
    (group / "memory.max").write_text("3000\n")
    assert folders.free_memory(tmp_path) == 2200


def copy(source: Path, target: Path) -> None:
    target.mkdir(parents=True)
    for file in source.iterdir():
        (target / file.name).write_bytes(file.read_bytes())
