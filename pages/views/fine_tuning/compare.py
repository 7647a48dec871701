"""Runs side by side: what each learned, and what it kept."""

from __future__ import annotations

from lessons.fine_tuning import compute, figures
from pages.ui.session_runs import train_first
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import mine, title, watch_quietly


def compare(page: LessonPage) -> None:
    """Runs side by side: what each learned, and what it kept."""
    watch_quietly()
    every = [run for run in mine("class") if run.over and run.moments]
    # Scores on other data are no comparison: only runs that learned from what the newest did.
    data = ("task", "rows")
    done = [r for r in every if all(r.settings[k] == every[0].settings[k] for k in data)]
    if len(done) < 2:
        train_first(
            "Train twice on the same data, for instance with “A good start” and with “Forgets”: "
            "both runs then stand here. "
            + ("One is there already." if done else "No run is over yet."),
            page.lesson.slug, "tune",
        )  # fmt: skip
        return
    titles, last = [title(run) for run in done], [run.moments[-1] for run in done]
    scores, known = [m["score"] for m in last], [m["masked"] for m in last]
    best = max(range(len(done)), key=scores.__getitem__)
    page.chart(
        figures.run_bars(titles, scores, done[0].moments[0]["masked"], known),
        key="compare",
        words=f"Best on dev: {titles[best]} with {compute.percent(scores[best])}. "
        f"Hidden words found: {', '.join(map(compute.percent, known))}.",
    )
