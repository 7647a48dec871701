"""The gym's runs, and the picture that follows them."""

from __future__ import annotations

from typing import Any

from lessons.pretraining import compute
from lessons.pretraining.settings import checked, presets
from pages.ui.components import component
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns

_gym = component("gym")


def title(run: Run) -> str:
    return compute.title_of(checked(run.settings), presets()["standard"].settings)


mine = SessionRuns(
    "pretraining", "lessons.pretraining.training:PreTraining", title,
    recordings=("standard", "no-positions"), same=("language",), leaves_model=True,
)  # fmt: skip


def replay(run: Run) -> dict[str, Any]:
    """All of a run that is over, for a page that has no server to ask for more."""
    return {
        "run": run.model_name, "recorded": bool(run.recorded), "reason": "", "place": 0,
        "status": "recorded" if run.recorded else run.status, "steps": run.settings["steps"],
        "facts": run.facts, "first_point": 0, "points": run.points, "first_moment": 0,
        "moments": run.moments, "count_points": len(run.points),
        "count_moments": len(run.moments), "others": [], "drawn": None,
    }  # fmt: skip


def named(run: Run) -> str:
    """A run in a list of runs."""
    return f"{title(run)} (recorded)" if run.recorded else f"{title(run)} ({run.model_name})"
