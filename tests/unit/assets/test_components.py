"""The browser components: put together as Streamlit takes them, and their arithmetic."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from deno import find_deno_bin

from pages.ui.components import COMPONENTS, joined

ROOT = Path(__file__).parents[3]
NAMES = sorted(path.name for path in COMPONENTS.iterdir() if path.name != "parts")


def deno(*arguments: str | Path) -> None:
    """Run Deno, which needs no network for it; fail with what it says."""
    quiet = {**os.environ, "NO_COLOR": "1", "DENO_NO_UPDATE_CHECK": "1"}
    ran = subprocess.run(
        [find_deno_bin(), *map(str, arguments)], cwd=ROOT, env=quiet, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_arithmetic_of_the_scripts():
    deno("test", "--no-check")


def test_no_two_files_of_a_component_declare_the_same_name(tmp_path):
    for name in NAMES:
        script = joined(COMPONENTS / name / f"{name}.js")
        (tmp_path / f"{name}.js").write_text(script, encoding="utf-8")
    deno("lint", "--no-config", "--rules-tags=", "--rules-include=no-redeclare", tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_a_component_is_one_text_that_imports_nothing(name):
    for path in COMPONENTS.joinpath(name).glob(f"{name}.*s"):
        text = joined(path)
        assert not re.search(r"^(import\b|@import\b)", text, re.MULTILINE)
        assert len(re.findall(r"^export\b", text, re.MULTILINE)) == (path.suffix == ".js")


def test_what_two_files_import_is_put_in_once_and_before_both(tmp_path):
    (tmp_path / "deep.js").write_text("export const deep = 1\n")
    (tmp_path / "left.js").write_text(
        'import { deep } from "./deep.js"\nexport const left = deep\n'
    )
    (tmp_path / "top.js").write_text(
        'import { deep } from "./deep.js"\nimport { left } from "./left.js"\n'
        "export default () => deep + left\n"
    )
    assert joined(tmp_path / "top.js") == (
        "const deep = 1\nconst left = deep\nexport default () => deep + left\n"
    )


def test_every_component_is_registered_and_every_script_is_part_of_one():
    code = "".join(path.read_text(encoding="utf-8") for path in ROOT.glob("pages/**/*.py"))
    assert set(re.findall(r'\bcomponent\(\s*"(\w+)"', code)) == set(NAMES)
    used, waiting = set(), [COMPONENTS / name / f"{name}.js" for name in NAMES]
    while waiting:
        path = waiting.pop().resolve()
        if path in used:
            continue
        used.add(path)
        imports = re.findall(r'from "([^"]+)"', path.read_text(encoding="utf-8"))
        waiting += [path.parent / other for other in imports]
    assert used == set(COMPONENTS.glob("*/*.js"))
