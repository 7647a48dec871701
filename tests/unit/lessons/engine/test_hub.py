"""Downloads, against a hub of our own on this machine, and without any network."""

from __future__ import annotations

import hashlib
import json
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import huggingface_hub
import pytest
from huggingface_hub import constants

from lessons.engine import (
    MODELS,
    ModelUnavailable,
    available_models,
    load_model,
    registry,
    status_of,
)
from tests.checkpoints import make_bert

REVISION = "0123456789abcdef0123456789abcdef01234567"
NAME = "bert-tiny"


class Hub(BaseHTTPRequestHandler):
    """Just enough of the hub's protocol to download the files of one model."""

    folder: Path

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        path = self.path.partition("?")[0]
        hub_id = MODELS[NAME].hub_id
        files = {file.name: file.read_bytes() for file in self.folder.iterdir()}
        entries = [
            {
                "type": "file",
                "path": name,
                "rfilename": name,
                "size": len(content),
                "oid": hashlib.sha1(content).hexdigest(),
            }
            for name, content in files.items()
        ]
        if path.startswith(f"/api/models/{hub_id}/tree"):
            self.send(json.dumps(entries).encode(), "application/json")
        elif path.startswith(f"/api/models/{hub_id}"):
            about = {"id": hub_id, "sha": REVISION, "siblings": entries}
            self.send(json.dumps(about).encode(), "application/json")
        elif (name := path.rpartition("/")[2]) in files:
            self.send(files[name], "application/octet-stream")
        else:
            self.send_error(404)

    def send(self, content: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", REVISION)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv(registry.LOCAL_FOLDER_VARIABLE, raising=False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(registry, "_loaded", {})
    return tmp_path / "cache"


@pytest.fixture
def hub(tmp_path: Path, empty_cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A hub with one model, beside files that nobody should fetch; gives the model's folder."""
    folder = make_bert(tmp_path / "served")
    (folder / "pytorch_model.bin").write_bytes(b"pickle")
    (folder / "modeling_own.py").write_text("raise SystemExit", encoding="utf-8")
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("H", (Hub,), {"folder": folder}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(constants, "ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        constants.ENDPOINT + "/{repo_id}/resolve/{revision}/{filename}",
    )
    yield folder
    server.shutdown()
    server.server_close()


def test_asks_before_it_downloads(empty_cache: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"download of about 440 MB"):
        load_model("bert-base-uncased")
    assert not empty_cache.exists()


def test_download(hub: Path, empty_cache: Path) -> None:
    assert status_of(MODELS[NAME]) == "downloadable"
    steps: list[tuple[int, int]] = []
    model = load_model(NAME, download=True, progress=lambda *step: steps.append(step))
    wanted = {"config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors"}
    total = sum((hub / name).stat().st_size for name in wanted)
    assert steps[-1] == (total, total)
    assert [done for done, _ in steps] == sorted(done for done, _ in steps)

    snapshot = registry.cached_snapshot(MODELS[NAME].hub_id or "")
    assert snapshot is not None
    assert {file.name for file in snapshot.iterdir()} == wanted
    assert (model.name, model.spec.layers) == (NAME, 3)
    assert len(model.fill_mask("a [MASK]", top_k=3)[0]) == 3

    assert status_of(MODELS[NAME]) == "cached"
    assert NAME in {spec.name for spec in available_models()}


@pytest.mark.usefixtures("hub")
def test_cached_needs_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    load_model(NAME, download=True)
    monkeypatch.setattr(registry, "_loaded", {})
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    assert load_model(NAME).spec.layers == 3


@pytest.mark.usefixtures("hub")
def test_progress_can_stop_it() -> None:
    class Stopped(Exception):  # noqa: N818
        pass

    def stop(done: int, total: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        load_model(NAME, download=True, progress=stop)
    assert status_of(MODELS[NAME]) == "downloadable"


def test_half_a_download_is_none(empty_cache: Path) -> None:
    repository = empty_cache / f"models--{(MODELS[NAME].hub_id or '').replace('/', '--')}"
    (repository / "refs").mkdir(parents=True)
    (repository / "refs" / "main").write_text(REVISION, encoding="utf-8")
    (repository / "snapshots" / REVISION).mkdir(parents=True)
    (repository / "snapshots" / REVISION / "config.json").write_text(
        '{"num_hidden_layers": 2}', encoding="utf-8"
    )
    assert status_of(MODELS[NAME]) == "downloadable"


def unresolved(*_: object, **__: object) -> None:
    raise socket.gaierror("no such host")


@pytest.mark.parametrize("how", ["no name server", "nobody listens", "switched off"])
@pytest.mark.usefixtures("empty_cache")
def test_no_network(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if how == "no name server":
        monkeypatch.setattr(socket, "getaddrinfo", unresolved)
        monkeypatch.setattr(constants, "ENDPOINT", "http://hub.invalid")
    elif how == "nobody listens":
        monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:1")
    else:
        monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
        huggingface_hub.utils._http.close_session()
    with pytest.raises(ModelUnavailable) as caught:
        load_model("roberta-base", download=True)
    message = str(caught.value)
    assert "499 MB" in message
    assert "cannot be reached" in message
    assert "\n" not in message
    huggingface_hub.utils._http.close_session()


@pytest.mark.usefixtures("hub")
def test_a_model_that_the_hub_does_not_have() -> None:
    with pytest.raises(ModelUnavailable, match="could not be downloaded"):
        load_model("bert-mini", download=True)
