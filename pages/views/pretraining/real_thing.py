"""What BERT's own pre-training took."""

from __future__ import annotations

from lessons.pretraining import compute, figures
from lessons.pretraining.settings import checked, presets
from pages.ui.session_runs import train_first
from pages.ui.shell import LessonPage
from pages.views.pretraining.runs import mine


def the_real_thing(page: LessonPage) -> None:
    run = next((run for run in mine.all() if run.facts), None)
    if run is None:
        name, settings, facts = "the standard run", presets()["standard"].settings, compute.STANDARD
    else:
        name, settings, facts = "this run", checked(run.settings), run.facts or {}
    rows = compute.budgets(settings, facts)
    page.chart(
        figures.budget_bars(
            [row.name for row in rows], [row.toy for row in rows], [row.bert for row in rows], name
        ),
        key="budget", words=compute.describe_budgets(rows, name),
    )  # fmt: skip
    if run is None:
        train_first("Train a model, and your own run is drawn here.", page.lesson.slug, "gym")
    page.prose("pre-training-and-fine-tuning")
