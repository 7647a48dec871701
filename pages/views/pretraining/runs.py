"""The gym's runs, and the picture that follows them."""

from __future__ import annotations

from lessons.pretraining import compute
from lessons.pretraining.settings import checked, presets
from pages.ui.components import component
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns

_gym = component("gym", '<div class="gym" hidden></div>')


def title(run: Run) -> str:
    return compute.title_of(checked(run.settings), presets()["standard"].settings)


mine = SessionRuns(
    "pretraining", "lessons.pretraining.training:PreTraining", title,
    recordings=("standard", "no-positions"), same=("language",), leaves_model=True,
)  # fmt: skip


def named(run: Run) -> str:
    """A run in a list of runs."""
    return f"{title(run)} (recorded)" if run.recorded else f"{title(run)} ({run.model_name})"
