"""What the course says of the bundled weights is what they say."""

from __future__ import annotations

import shutil

import pytest

from tests.model_facts.measures import MEASURES, bundled
from tests.model_facts.rows import (
    EVALUATION,
    FACTS,
    ROOT,
    Fact,
    bundled_fingerprint,
    read,
    write,
)

ROWS = read(FACTS)[1]


@pytest.mark.parametrize("path", [FACTS, EVALUATION], ids=lambda path: path.stem)
def test_the_facts_were_measured_with_the_bundled_weights(path):
    assert read(path)[0] == bundled_fingerprint(), "measure again: python -m tests.model_facts"


@pytest.mark.parametrize("row", [*ROWS, *read(EVALUATION)[1]], ids=lambda row: row.name)
def test_a_row_is_well_formed(row: Fact):
    assert row.low <= row.value <= row.high
    assert row.claim.endswith((".", "?"))
    for place in row.where:
        assert (ROOT / place).is_file(), place


def test_every_row_has_its_measure():
    assert {row.name for row in ROWS} == set(MEASURES)
    assert all(measure.__doc__ for measure in MEASURES.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_a_fact_holds(row: Fact):
    value = MEASURES[row.name](bundled())
    assert row.low <= value <= row.high, f"no longer true: {row.claim}"
    assert value == pytest.approx(row.value, rel=0.03, abs=0.02), "store it: --write"


def test_writing_changes_values_alone(tmp_path):
    path = tmp_path / "facts.toml"
    shutil.copy(FACTS, path)
    write(path, "abc", {ROWS[0].name: ROWS[0].low, ROWS[-1].name: ROWS[-1].high})
    fingerprint, rows = read(path)
    assert fingerprint == "abc"
    assert rows[0].value == pytest.approx(ROWS[0].low, abs=1e-3)
    assert rows[-1].value == pytest.approx(ROWS[-1].high, abs=1e-3)
    assert rows[1:-1] == ROWS[1:-1]
