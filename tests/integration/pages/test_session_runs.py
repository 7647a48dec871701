"""What a tab remembers of its training runs when its page is loaded again."""

from types import SimpleNamespace

import pytest

from pages.ui import runner, session_runs


@pytest.fixture
def session(monkeypatch):
    known = SimpleNamespace(look=lambda run_id: run_id if run_id.startswith("known") else None)
    monkeypatch.setattr(runner, "runs", lambda: known)
    values = {"fine_tuning.runs": ["known1"], "sentence.text": "Hello."}
    monkeypatch.setattr("streamlit.session_state", values)
    return values


def test_a_tab_gets_back_its_runs_and_sets_nothing_else(session):
    session_runs.take_over(
        {
            "pretraining.runs": ["known2", "unknown", 5],
            "fine_tuning.runs": ["known3"],
            "variants.electra.runs": ["unknown"],
            "classification_heads.runs": "known4",
            "sentence.text": ["known5"],
            "sentence.masks": ["known6"],
        }
    )
    assert session == {
        "fine_tuning.runs": ["known1"],
        "sentence.text": "Hello.",
        "pretraining.runs": ["known2"],
    }
    assert session_runs.remembered() == {
        "fine_tuning.runs": ["known1"],
        "pretraining.runs": ["known2"],
    }


@pytest.mark.parametrize("sent", [None, [], "x", 3, {"pretraining.runs": None}, {"": []}])
def test_whatever_the_browser_sends_is_harmless(session, sent):
    before = dict(session)
    session_runs.take_over(sent)
    assert session == before


def test_not_more_runs_come_back_than_are_kept(session):
    session_runs.take_over({"pretraining.runs": [f"known{i}" for i in range(9)]})
    assert session["pretraining.runs"] == [f"known{i}" for i in range(session_runs.KEPT)]
