"""Runs side by side: what each learned, and what it kept."""

from __future__ import annotations

from lessons.fine_tuning import compute, figures
from pages.ui.session_runs import say_recorded_among
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import classes, title

MOST = 6  # bars that fit on the stage


def compare(page: LessonPage) -> None:
    """Runs side by side: what each learned, and what it kept."""
    classes.watch_quietly()
    every = classes.finished()
    # Scores on other data are no comparison: only runs that learned from what the newest did.
    data = ("task", "rows")
    done = [r for r in every if all(r.settings[k] == every[0].settings[k] for k in data)][:MOST]
    titles = [f"{title(run)} (recorded)" if run.recorded else title(run) for run in done]
    last = [run.moments[-1] for run in done]
    scores, known = [m["score"] for m in last], [m["masked"] for m in last]
    best = max(range(len(done)), key=scores.__getitem__)
    page.chart(
        figures.run_bars(titles, scores, done[0].moments[0]["masked"], known),
        key="compare",
        words=f"Best on dev: {titles[best]} with {compute.percent(scores[best])}. "
        f"Hidden words found: {', '.join(map(compute.percent, known))}.",
    )
    say_recorded_among(done, page.lesson.slug, "tune")
