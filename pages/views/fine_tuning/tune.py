"""Settings, data, and a run to watch."""

from __future__ import annotations

import streamlit as st

from lessons.engine import tasks
from lessons.fine_tuning import compute
from lessons.fine_tuning.settings import (
    PRESETS,
    TASKS,
    Settings,
    checked,
)
from pages.ui import controls, guesses
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain
from pages.ui.guesses import Guess
from pages.ui.shell import LessonPage
from pages.views.fine_tuning.runs import classes, code, settings_of, train, verdict

NOTES = {
    "sentiment": "420 sentences of our own: praise, complaint, and neither or both.",
    "pairs": "162 pairs of our own: the second follows, may be true, or contradicts the first. "
    "So few pairs teach little: watch what happens.",
    "own": "A CSV with the columns text and label, at most 5 MB.",
}


def take_preset() -> None:
    preset = PRESETS.get(st.session_state.get("fine_tuning.preset") or "")
    if preset is not None:
        for name, value in preset.values.items():
            st.session_state[f"fine_tuning.class.{name}"] = value


def own_rows() -> tuple[tuple[str, str], ...]:
    """The learner's table. Raises NothingToShow, with the line, when it can't be used."""
    file = st.file_uploader("Your CSV", "csv", max_upload_size=5, key="fine_tuning.csv")
    if file is None:
        raise NothingToShow("Upload a CSV with a column text and a column label.")
    try:
        found = tasks.read_own(file.getvalue(), file.name)
    except tasks.DataError as reason:
        raise NothingToShow(as_plain(str(reason))) from None
    st.caption(
        f"{len(found.rows)} rows, {len(found.labels)} labels. Left out: {found.n_empty} without "
        f"text or label, {found.n_repeated} repeated, {found.n_over} beyond {tasks.MOST_ROWS}; "
        f"{found.n_shortened} were shortened."
    )
    return tuple((row.text, row.labels[0]) for row in found.rows)


def tune(page: LessonPage) -> None:
    """A class for a sentence."""
    guess = page.predict()
    if guess is None:
        return
    task = controls.segmented_control(
        "Learn from",
        list(NOTES),
        default="sentiment",
        format_func=TASKS.__getitem__,
        key="fine_tuning.task",
    )
    st.caption(NOTES[task])
    preset = st.pills(
        "Runs worth trying", list(PRESETS), default="good", key="fine_tuning.preset",
        on_change=take_preset, format_func=lambda name: PRESETS[name].title,
        persist_state="session",
    )  # fmt: skip
    if preset:
        st.caption(PRESETS[preset].note)
    values = settings_of("class")
    settings = None
    try:
        rows = own_rows() if task == "own" else ()
        settings = checked({**values, "task": task, "rows": rows})
    except NothingToShow as reason:
        st.info(str(reason), icon=":material/lightbulb:")
    run = train(page, classes, "class", settings)
    if run is not None and run.over:
        verdict(run)
        made = guess.made if run.recorded else guesses.of_run(run.id)
        if made is not None and run.settings["task"] == "sentiment":
            score = run.moments[-1]["score"]
            page.reveal(Guess(made), 100 * score, f"This run gets {compute.percent(score)} right.")
    if settings is not None:
        with st.expander("What it learns from", key="fine_tuning.examples"):
            examples(task, settings)
    code("classify", "fine-tune for classes")
    code("freeze", "freeze the encoder, or all but the last layer")


def examples(task: str, settings: Settings) -> None:
    """Some rows that a run would learn from."""
    rows: list[dict[str, str]]
    if task == "pairs":
        found = tasks.split_pairs().train
        rows = [{"first": r.first, "second": r.second, "label": r.relation} for r in found[:6]]
    elif task == "own":
        rows = [{"text": text, "label": label} for text, label in settings.rows[:6]]
    else:
        train = tasks.split_sentiment().train
        rows = [
            {"text": row.text, "label": row.labels[0]}
            for label in tasks.SENTIMENTS
            for row in [r for r in train if r.labels[0] == label][:2]
        ]
    st.dataframe(
        rows, hide_index=True,
        column_config={"text": st.column_config.TextColumn(width="large")},
    )  # fmt: skip
