"""Four heads race on one task."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.classification_heads import compute, figures, sets
from lessons.classification_heads.settings import (
    BATCHES,
    FIRST_SEEDS,
    HEADS,
    LEARNING_RATES,
    SEEDS,
    TASKS,
    Settings,
    checked,
)
from lessons.engine import tasks
from pages.ui import controls, guesses, runner
from pages.ui.drawings import drawing
from pages.ui.errors import NothingToShow, fragment
from pages.ui.figures import as_plain
from pages.ui.guesses import Made
from pages.ui.runner import Run
from pages.ui.session_runs import WATCH_EVERY, how_it_stands, say_recorded
from pages.ui.shell import LessonPage
from pages.views.classification_heads.runs import RATES, SLUG, mine, race_of, title

NOTES = {
    "order": "“The dog bit the man” against “The man bit the dog”: is the doer a person or an "
    "animal? Counting words can't tell.",
    "first": "A person and an animal stand far apart in a sentence. Which of them is named first?",
    "phrases": "“The room was not dirty and the bed was good” against “The room was dirty and the "
    "bed was not good”: two words decide, in the middle of much else.",
    "balance": "Five things are judged, four of them one way. Is it mostly praise?",
    "tone": "Our set of everyday sentences: negative, neutral, or positive.",
    "own": "A table with the columns text and label: upload a CSV, or paste it.",
}


def own_rows() -> tuple[tuple[str, str], ...]:
    """The learner's table. Raises NothingToShow, with the line, when it can't be used."""
    left, right = st.columns(2)
    with left:
        file = st.file_uploader("Your CSV", "csv", max_upload_size=5, key=f"{SLUG}.csv")
    with right:
        pasted = st.text_area(
            "Or paste it", key=f"{SLUG}.pasted", height=130, persist_state="session",
            placeholder="text,label\nI loved every minute.,good\nNever again.,bad",
        )  # fmt: skip
    if file is None and not pasted.strip():
        raise NothingToShow("Upload or paste at least 20 rows, each a text and its label.")
    data, name = (file.getvalue(), file.name) if file else (pasted.encode(), "Your table")
    try:
        found = tasks.read_own(data, name)
    except tasks.DataError as reason:
        raise NothingToShow(as_plain(str(reason))) from None
    st.caption(
        f"{len(found.rows)} rows, {len(found.labels)} labels. Left out: {found.n_empty} without "
        f"text or label, {found.n_repeated} repeated, {found.n_over} beyond {tasks.MOST_ROWS}."
    )
    return tuple((row.text, row.labels[0]) for row in found.rows)


def chosen() -> Settings | None:
    """What the controls say; None while the learner's own table is missing."""
    task = controls.segmented_control(
        "Task",
        list(TASKS),
        default="order",
        format_func=TASKS.__getitem__,
        key=f"{SLUG}.task",
    )
    st.caption(NOTES[task])
    usual = Settings()
    options: dict[str, tuple[str, tuple[Any, ...], str]] = {
        "steps": ("Batches for each head", BATCHES, "16 sentences a batch; the same for all."),
        "seeds": ("Seeds", SEEDS, "How often each head begins anew."),
        "learning_rate": ("Learning rate", LEARNING_RATES, "The same for all heads."),
        "seed": ("First seed", tuple(FIRST_SEEDS), "The same seed gives the same result."),
    }
    values: dict[str, Any] = {"task": task}
    for column, (name, (label, choices, help_)) in zip(st.columns(4), options.items(), strict=True):
        with column:
            values[name] = st.select_slider(
                label, choices, getattr(usual, name), key=f"{SLUG}.{name}", help=help_,
                persist_state="session",
            )  # fmt: skip
    try:
        rows = own_rows() if task == "own" else ()
        return checked({**values, "rows": rows})
    except NothingToShow as reason:
        st.info(str(reason), icon=":material/lightbulb:")
        return None


def race(page: LessonPage) -> None:
    """All heads on one task, live, and whether the spread allows a claim."""
    guess = page.predict()
    if guess is None:
        return
    settings = chosen()
    going = mine.changing()
    if not going:
        runner.runs().warm()
    fragment(live, run_every=WATCH_EVERY if going else None)(page, settings, guess.made)
    if settings is not None:
        with st.expander("What the heads learn from", key=f"{SLUG}.examples"):
            rows = sets.material(settings).train[:6]
            st.dataframe(
                [{"text": row.text, "label": row.label} for row in rows], hide_index=True,
                column_config={"text": st.column_config.TextColumn(width="large")},
            )  # fmt: skip
    with st.expander(
        "The code of the heads: what you read is what was trained", key=f"{SLUG}.code"
    ):
        names = ("ClsHead", "MeanHead", "LstmHead", "CnnHead")
        for tab, name in zip(st.tabs(list(HEADS.values())), names, strict=True):
            with tab:
                st.code(compute.code_of("heads", name), language="python")


def live(page: LessonPage, settings: Settings | None, guess: Made | None) -> None:
    run = mine.current()
    if settings is not None:
        mine.buttons(settings.to_dict())
    elif run is not None and not run.over:
        mine.buttons(run.settings)
    how_it_stands(run, "", "Reading the sentences once, for all heads …")
    shown = mine.shown(settings.to_dict() if settings else None)
    assert shown is not None  # a recorded run at least
    say_recorded(shown, title(shown))
    progress(page, shown, guess_of(shown, guess))
    mine.settle()


def guess_of(run: Run, now: Made | None) -> str | None:
    """The guess that is about a run: made before one's own began, or just now."""
    guess = now if run.recorded else guesses.of_run(run.id)
    return guess if isinstance(guess, str) else None


def progress(page: LessonPage, run: Run, guess: str | None) -> None:
    """Curves while it runs; above them the spread, the verdict and the table when it is over."""
    facts, moments, points = run.facts, list(run.moments), list(run.points)
    assert facts is not None
    if not run.over:
        st.progress(min(1.0, run.steps / facts["steps"]), f"{title(run)}: batch {run.steps}")
    st.caption(
        f"{title(run)}: {facts['n_train']} sentences to learn from, each read "
        f"{facts['epochs']:.1f} times; {len(facts['dev'])} new ones to measure on. "
        f"Seeds {', '.join(map(str, facts['seeds']))}."
    )
    if run.over and len(moments) > 1:
        ended(page, run, guess)
    ghost = None if run.recorded else mine.ghost()
    raced = (
        [(m["step"], compute.scores(ghost.facts or {}, m)) for m in ghost.moments] if ghost else []
    )
    figure, words = drawing(
        f"{SLUG}.curves",
        f"{run.id}/{len(moments)}",
        lambda: (
            figures.accuracy_curves(
                [m["step"] for m in moments],
                [compute.scores(facts, m) for m in moments], facts, raced,
            ),
            compute.describe_curves(facts, moments),
        ),
    )  # fmt: skip
    page.chart(figure, key="curves", words=words)
    if points:
        figure, words = drawing(
            f"{SLUG}.losses",
            f"{run.id}/{len(points)}",
            lambda: (figures.loss_curves(points, facts["steps"]), compute.describe_losses(points)),
        )
        page.chart(figure, key="losses", words=words)


def ended(page: LessonPage, run: Run, guess: str | None) -> None:
    """The spread, the verdict and the table of a run that is over."""
    facts, last = run.facts, run.moments[-1]
    assert facts is not None
    baseline = max(facts["baselines"].values())
    figure, words = drawing(
        f"{SLUG}.dots",
        f"{run.id}/{guess}",
        lambda: (
            figures.score_dots(compute.scores(facts, last), baseline, guess),
            compute.describe_spread(facts, last),
        ),
    )
    st.markdown(outcome(run.id, guess, facts, last))
    page.chart(figure, key="dots", words=words)
    if tried := st.session_state.get(RATES, {}).get(race_of(run)):
        st.caption(compute.describe_tuning(tried))
    rows = compute.head_rows(facts, last)
    if run.recorded:  # what a clock said on another machine says nothing of this one
        st.table(
            [{k: v for k, v in row.items() if k != "Seconds"} for row in rows], border="horizontal"
        )
    else:
        st.table(rows, border="horizontal")
        st.caption("Seconds: what one seed of a head took to train, on the machine as it was.")


@st.cache_data(max_entries=200, show_spinner=False)
def outcome(run_id: str, guess: str | None, _facts: Any, _last: Any) -> str:
    """Verdict, baselines and the guess of a run that is over, a paragraph each."""
    said = (
        compute.describe_verdict(_facts, _last),
        compute.describe_baselines(_facts, _last),
        compute.describe_guess(guess, _facts, _last),
    )
    return "\n\n".join(said)
