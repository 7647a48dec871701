"""Fine-tune the bundled model live: sentences, pairs or a CSV, names, and questions."""

from pathlib import Path
from typing import Any

import streamlit as st

from lessons.engine import tasks
from lessons.fine_tuning import compute, figures
from lessons.fine_tuning.settings import (
    BASE,
    BATCH_SIZES,
    EPOCHS,
    LEARNING_RATES,
    PRESETS,
    SEEDS,
    TASKS,
    TRAINED,
    Settings,
    checked,
)
from pages.ui import controls, guesses, resources
from pages.ui.errors import NothingToShow, fragment
from pages.ui.figures import as_plain
from pages.ui.runner import NoRoom, Run, runs
from pages.ui.session_runs import how_it_stands, train_and_stop, train_first
from pages.ui.shell import LessonPage, lesson_page

TASK = "lessons.fine_tuning.training:FineTuning"
MINE = "fine_tuning.runs"  # ids of the learner's runs, the newest first
KEPT = 8
LOOK_EVERY = 1.0  # seconds
DEFAULTS: dict[str, dict[str, Any]] = {
    "class": dict(PRESETS["good"].values),
    "names": {"trained_layers": 3, "learning_rate": 5e-4, "epochs": 12, "batch_size": 16},
    "questions": {"trained_layers": 3, "learning_rate": 5e-4, "epochs": 8, "batch_size": 8},
}
NOTES = {
    "sentiment": "420 sentences of our own: praise, complaint, and neither or both.",
    "pairs": "162 pairs of our own: the second follows, may be true, or contradicts the first. "
    "So few pairs teach little: watch what happens.",
    "own": "A CSV with the columns text and label, at most 5 MB.",
}
COLORS = {"person": "blue", "place": "green", "organization": "orange"}


# --- runs


def group_of(task: str) -> str:
    return task if task in ("names", "questions") else "class"


def mine(group: str | None = None) -> list[Run]:
    """The learner's runs, the newest first; looking keeps them alive."""
    found = [runs().look(run_id) for run_id in st.session_state.get(MINE, [])]
    return [
        run
        for run in found
        if run is not None and group in (None, group_of(str(run.settings["task"])))
    ]


def start(settings: Settings) -> None:
    for run in mine():
        runs().command(run.id, "stop")
    try:
        run = runs().start(TASK, settings.to_dict())
    except NoRoom as reason:
        st.session_state["fine_tuning.no_room"] = str(reason)
        return
    guesses.hand_over("fine_tuning", run.id)
    st.session_state[MINE] = [run.id, *st.session_state.get(MINE, [])][:KEPT]


def title(run: Run) -> str:
    return compute.title_of(checked(run.settings))


def train(page: LessonPage, group: str, settings: Settings | None) -> Run | None:
    """Buttons and the live view of a group's newest run. Returns the run when it has begun."""
    run = next(iter(mine(group)), None)
    going = run is not None and not run.over
    if not going:
        runs().warm()
    fragment(live, run_every=LOOK_EVERY if going else None)(page, group, settings)
    return run if run and run.facts and run.moments else None


def live(page: LessonPage, group: str, settings: Settings | None) -> None:
    run = next(iter(mine(group)), None)
    train_and_stop(
        "fine_tuning", run, start, settings, ready=settings is not None, suffix=f".{group}"
    )
    how_it_stands(
        run,
        "Press Train: the curves grow while the model learns.",
        "Reading the model and the sentences …",
    )
    if run is not None and run.facts is not None:
        progress(page, group, run)
    # What stands below this fragment depends on whether the run goes on.
    seen, key = (run and run.id, run and run.over), f"fine_tuning.seen.{group}"
    if st.session_state.get(key, (None, None)) != seen:
        st.session_state[key] = seen
        st.rerun()


def progress(page: LessonPage, group: str, run: Run) -> None:
    facts, moments = run.facts, list(run.moments)
    assert facts is not None
    st.progress(min(1.0, run.steps / facts["steps"]), f"{title(run)}: step {run.steps}")
    st.caption(
        f"{facts['n_train']} rows to learn from, {facts['n_dev']} to measure on; "
        f"{facts['learning']:,} of {facts['weights']:,} weights learn."
    )
    if moments:
        first, second = compute.SCORES[facts["kind"]]
        figure = figures.curves(list(run.points), moments, facts, first)
        words = compute.describe_curves(facts, moments)
        page.chart(figure, key=f"curves.{group}", words=words)
        if second:
            st.caption(f"Also: {second} {compute.percent(moments[-1]['second'])}.")


def verdict(run: Run) -> None:
    if run.over:
        assert run.facts is not None
        st.markdown(compute.describe_run(run.facts, run.moments))
        st.markdown(compute.describe_forgetting(run.facts, run.moments))


def saved(group: str) -> Run | None:
    """The newest run of a group that left a model."""
    return next((run for run in mine(group) if run.over and run.saved), None)


def watch_quietly() -> None:
    """For a step that shows what runs have left: it is drawn again when one of them ends."""

    def look() -> None:
        seen, key = [(r.id, r.over, bool(r.moments), r.saved) for r in mine("class")], "look"
        if st.session_state.setdefault(f"fine_tuning.seen.{key}", seen) != seen:
            st.session_state[f"fine_tuning.seen.{key}"] = seen
            st.rerun()

    going = any(not run.over for run in mine("class"))
    fragment(look, run_every=LOOK_EVERY if going else None)()


@st.cache_resource(max_entries=3, show_spinner="Reading your model …")
def tuned(name: str, folder: str) -> Any:
    """A trained model by the name of its run."""
    from lessons.engine.fine_tuned import load_fine_tuned

    return load_fine_tuned(resources.model(BASE), Path(folder))


# --- what is chosen


def take_preset() -> None:
    preset = PRESETS.get(st.session_state.get("fine_tuning.preset") or "")
    if preset is not None:
        for name, value in preset.values.items():
            st.session_state[f"fine_tuning.class.{name}"] = value


def settings_of(group: str) -> dict[str, Any]:
    """Sliders of a group, and what they say."""
    options: dict[str, tuple[str, tuple[Any, ...], Any]] = {
        "trained_layers": ("What learns", tuple(TRAINED), TRAINED.__getitem__),
        "learning_rate": ("Learning rate", LEARNING_RATES, compute.rate_text),
        "epochs": ("Epochs", EPOCHS, str),
        "batch_size": ("Batch", BATCH_SIZES, str),
        "seed": ("Seed", tuple(SEEDS), str),
    }
    values = {}
    for column, (name, (label, choices, write)) in zip(
        st.columns(len(options)), options.items(), strict=True
    ):
        with column:
            values[name] = st.select_slider(
                label, choices, DEFAULTS[group].get(name, 1), format_func=write,
                key=f"fine_tuning.{group}.{name}", persist_state="session",
            )  # fmt: skip
    return values


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


def code(name: str, what: str) -> None:
    with st.expander(f"The code: {what}", key=f"fine_tuning.code.{name}"):
        st.code(compute.snippet(name), language="python")


# --- experiments


def tune(page: LessonPage) -> None:
    """A class for a sentence."""
    page.predict()
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
    run = train(page, "class", settings)
    if run is None and settings is not None:
        examples(task, settings)
    if run is not None:
        verdict(run)
        guess = guesses.of_run(run.id)
        if guess and run.over and run.settings["task"] == "sentiment":
            truth = compute.guess_of(run.moments[-1]["score"])
            said = "as you guessed" if truth == guess else f"you guessed “{guess}”"
            st.markdown(f"**{truth}**: {said}.")
    code("classify", "fine-tune for classes")
    code("freeze", "freeze the encoder, or all but the last layer")


def examples(task: str, settings: Settings) -> None:
    """Some rows that a run would learn from."""
    st.markdown("**What it learns from**, for instance:")
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


def look(page: LessonPage) -> None:
    """The learner's own text by the newest run, and inside it: confusion, map, mistakes."""
    watch_quietly()
    run = next((run for run in mine("class") if run.facts and run.moments), None)
    if run is None or run.facts is None:
        train_first(
            "Train a model first: its mistakes and its map then stand here, and a field for "
            "sentences of your own.",
            page.lesson.slug, "tune",
        )  # fmt: skip
        return
    page.attempt(try_classes)
    facts, moments = run.facts, run.moments
    figure = figures.vector_maps(facts, moments[0], moments[-1])
    words = compute.describe_map(facts, moments[0], moments[-1])
    page.chart(figure, key="map", words=words)
    counts = compute.confusion(facts, moments[-1])
    figure = figures.confusion_heatmap(facts["labels"], counts)
    words = compute.describe_confusion(facts, counts)
    page.chart(figure, key="confusion", words=words)
    wrong = compute.mistakes(facts, moments[-1])
    st.markdown(f"**{len(wrong)} mistakes on dev**, the surest first")
    st.dataframe(
        [{"text": m.text, "right": m.right, "model": m.said, "sure": m.probability} for m in wrong],
        hide_index=True, height=220,
        column_config={
            "text": st.column_config.TextColumn(width="large"),
            "sure": st.column_config.NumberColumn(format="percent"),
        },
    )  # fmt: skip


def try_classes(page: LessonPage) -> None:
    run = saved("class")
    if run is None:
        raise NothingToShow("The model is still learning: when its run is over, you can ask it.")
    text = st.text_input(
        "Try your own", page.sentence.text, max_chars=tasks.LONGEST_TEXT, key="fine_tuning.try",
        live="300ms",
    )  # fmt: skip
    pair = None
    if run.settings["task"] == "pairs":
        pair = st.text_input("Second sentence", page.sentence.pair or "", key="fine_tuning.pair")
    if not text.strip():
        raise NothingToShow("Type a sentence, and your model says what it is.")
    model, about = tuned(run.model_name, str(run.folder))
    found = compute.classify(resources.model(BASE), model, about["labels"], text, pair)
    words = f"{found[0][0]}, with a probability of {found[0][1]:.1%}."
    page.chart(figures.label_bars(found), key="answer", words=words)


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


def find_names(page: LessonPage) -> None:
    """A tag for every word."""
    settings = checked({**settings_of("names"), "task": "names"})
    run = train(page, "names", settings)
    if run is None:
        st.markdown("**What it learns from**: sentences whose names are marked.")
        for row in tasks.split_names().train[:6]:
            tagged(row.text, [(name.start, name.end, name.kind) for name in row.names])
    else:
        verdict(run)
    page.attempt(try_names)
    code("tokens", "a tag for every word")


def tagged(text: str, names: list[tuple[int, int, str]]) -> None:
    """A sentence with its names on colored ground."""
    said, at = "", 0
    for start, end, kind in names:
        said += as_plain(text[at:start])
        said += f":{COLORS[kind]}-background[{as_plain(text[start:end])}] :small[{kind}]"
        at = end
    st.markdown(said + as_plain(text[at:]))


def try_names(page: LessonPage) -> None:
    run = saved("names")
    if run is None:
        st.caption("Your own text is tagged here when a run is over.")
        return
    text = st.text_input(
        "Find names in", page.sentence.text, max_chars=tasks.LONGEST_TEXT,
        key="fine_tuning.names_text", live="300ms",
    )  # fmt: skip
    if not text.strip():
        raise NothingToShow("Type a sentence with a name in it.")
    model, _ = tuned(run.model_name, str(run.folder))
    parts = compute.tag_names(resources.model(BASE), model, text)
    st.markdown(
        "".join(
            f":{COLORS[part.kind]}-background[{as_plain(part.text)}] :small[{part.kind}]"
            if part.kind
            else as_plain(part.text)
            for part in parts
        )
    )
    if not any(part.kind for part in parts):
        st.caption("Your model finds no name in this sentence.")


def ask(page: LessonPage) -> None:
    """The start and the end of an answer."""
    settings = checked({**settings_of("questions"), "task": "questions"})
    run = train(page, "questions", settings)
    if run is None:
        row = tasks.split_questions().train[0]
        st.markdown(f"**What it learns from**, for instance: *{as_plain(row.question)}*")
        answered(row.paragraph, row.start, row.end)
    else:
        verdict(run)
    page.attempt(try_questions)
    code("span", "find an answer in a paragraph")


def answered(paragraph: str, start: int, end: int) -> None:
    """A paragraph with the answer on colored ground."""
    before, answer, after = paragraph[:start], paragraph[start:end], paragraph[end:]
    st.markdown(f"{as_plain(before)}:orange-background[{as_plain(answer)}]{as_plain(after)}")


def try_questions(page: LessonPage) -> None:
    run = saved("questions")
    if run is None:
        st.caption("Your own paragraph is asked here when a run is over.")
        return
    example = tasks.split_questions().dev[0]
    paragraph = st.text_area(
        "Paragraph", example.paragraph, max_chars=1500, key="fine_tuning.par",
        persist_state="session",
    )  # fmt: skip
    question = st.text_input(
        "Question", example.question, max_chars=200, key="fine_tuning.ask",
        persist_state="session",
    )  # fmt: skip
    if not paragraph.strip() or not question.strip():
        raise NothingToShow("Type a paragraph and a question about it.")
    model, _ = tuned(run.model_name, str(run.folder))
    start, end, sure = compute.answer_question(resources.model(BASE), model, question, paragraph)
    answered(paragraph, start, end)
    st.caption(f"Probability among all spans of up to 12 pieces: {sure:.0%}")


with lesson_page("fine_tuning") as page:
    page.steps({
        "tune": tune, "look": look, "compare": compare, "names": find_names, "questions": ask,
    })  # fmt: skip
