"""The command, and what the package is made of."""

import tomllib
from pathlib import Path

import pytest

import inside_bert
from inside_bert import command

ROOT = Path(__file__).parents[3]
WHEEL = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]


def test_what_the_command_does_not_know_goes_to_streamlit():
    chosen, rest = command.arguments(["--port", "9", "--class", "--server.headless", "true"])
    assert (chosen.port, chosen.for_a_class) == (9, True)
    assert rest == ["--server.headless", "true"]


def test_the_version_is_said(capsys):
    with pytest.raises(SystemExit):
        command.arguments(["--version"])
    assert capsys.readouterr().out.strip() == inside_bert.__version__


@pytest.mark.parametrize("file", ["CHANGELOG.md", "CITATION.cff"])
def test_the_version_is_the_same_everywhere(file):
    assert inside_bert.__version__ in (ROOT / file).read_text(encoding="utf-8")


def test_the_app_is_found():
    assert (command.HOME / "app.py").is_file()


def test_all_that_the_app_reads_is_in_the_package():
    wheel = WHEEL["build"]["targets"]["wheel"]
    needed = {"app.py", "pages", "lessons", "assets", "deploy", ".streamlit"}
    assert set(wheel["sources"]) | set(wheel["force-include"]) == needed
    assert all(place == f"inside_bert/{name}" for name, place in wheel["sources"].items())
