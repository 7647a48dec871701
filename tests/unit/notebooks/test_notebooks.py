"""The notebooks run from the first cell to the last, and show what they speak of."""

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[3]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def shown(notebook: nbformat.NotebookNode) -> str:
    """All that the cells show, one after the other."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return "\n".join(
        str(output.get("text") or output.get("data", {}).get("text/plain", ""))
        for output in outputs
    )


EXPECTED = {
    "ablate_and_measure": "best head",
    "look_inside_your_checkpoint": "<Page",
    "the_sense_of_a_word": "% right",
}


def test_there_is_none_that_is_not_run():
    assert {path.stem for path in NOTEBOOKS} == set(EXPECTED)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs(path, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells)  # it is kept without results
    resources = {"metadata": {"path": str(tmp_path)}}  # what it saves
    NotebookClient(notebook, timeout=300, resources=resources).execute()
    assert EXPECTED[path.stem] in shown(notebook)
