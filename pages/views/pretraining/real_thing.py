"""What BERT's own pre-training took."""

from __future__ import annotations

from lessons.pretraining import compute, figures
from lessons.pretraining.settings import checked
from pages.ui.session_runs import STAND_HERE, say_recorded
from pages.ui.shell import LessonPage
from pages.views.pretraining.runs import mine, title


def the_real_thing(page: LessonPage) -> None:
    run = mine.shown()
    assert run is not None
    name = "the recorded run" if run.recorded else "this run"
    settings, facts = checked(run.settings), run.facts or {}
    rows = compute.budgets(settings, facts)
    page.chart(
        figures.budget_bars(
            [row.name for row in rows], [row.toy for row in rows], [row.bert for row in rows], name
        ),
        key="budget", words=compute.describe_budgets(rows, name),
    )  # fmt: skip
    say_recorded(run, title(run), STAND_HERE)
    page.prose("pre-training-and-fine-tuning")
