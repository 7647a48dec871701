"""Everything that the project ships says where it comes from and under which licence."""

import hashlib
import tomllib
from pathlib import Path

import pytest

ASSETS = Path(__file__).parents[2] / "assets"
MANIFEST = tomllib.loads((ASSETS / "MANIFEST.toml").read_text(encoding="utf-8"))
ENTRIES = {
    f"{kind}.{name}": entry for kind in ("models", "data") for name, entry in MANIFEST[kind].items()
}


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)
def test_an_entry_says_what_whence_and_under_which_licence(entry):
    assert all(entry[key].strip() for key in ("what", "licence", "source"))


def test_every_data_set_and_model_in_assets_has_an_entry():
    data = {path.name.removesuffix(".toml") for path in (ASSETS / "data").iterdir()}
    assert data == set(MANIFEST["data"])
    assert {path.name for path in (ASSETS / "models").iterdir()} <= set(MANIFEST["models"])


def test_the_fingerprint_of_the_bundled_weights_is_right():
    weights = ASSETS / "models" / "minilm-mlm" / "model.safetensors"
    with weights.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    assert found == MANIFEST["models"]["minilm-mlm"]["sha256"]
