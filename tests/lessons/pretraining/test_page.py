"""The page, with real training runs in processes of their own."""

import time
from collections.abc import Callable

import pytest

from lessons.pretraining.languages import SHORTEST_OWN_TEXT
from pages import ui
from pages.ui import runner
from tests.opening import calm, new_app, open_page

PATIENCE = 180
QUICK = {"pretraining.layers": 1, "pretraining.hidden_size": 16, "pretraining.steps": 200,
         "pretraining.batch_size": 8}  # fmt: skip


@pytest.fixture(autouse=True)
def fresh_runs(monkeypatch):
    """Runs of this test alone."""
    made = runner.Runs(runner.Limits(left=PATIENCE))
    monkeypatch.setattr(runner, "runs", lambda: made)
    yield made
    made.close()


def wait(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def said(app) -> str:
    parts = [*app.markdown, *app.caption, *app.info, *app.warning, *app.success]
    return "\n".join(element.value for element in parts)


def train(app, runs, **more):
    """Press Train, wait for the end, and look at the page then."""
    app.button(key="pretraining.start").click().run()
    run = runs.look(app.session_state["pretraining.runs"][0])
    wait(lambda: run.over and (run.saved or run.status == "failed"))
    app.run()
    return run
