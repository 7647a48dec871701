"""Four heads on the same frozen vectors; softmax and sigmoid; thresholds for several labels."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from lessons.classification_heads import compute, figures, sets
from lessons.classification_heads.settings import (
    BASE,
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
from pages.ui import controls, guesses, resources, state
from pages.ui.components import component
from pages.ui.drawings import drawing
from pages.ui.errors import NothingToShow, fragment
from pages.ui.figures import as_plain
from pages.ui.runner import Run, runs
from pages.ui.session_runs import SessionRuns, how_it_stands, train_first
from pages.ui.shell import LessonPage, lesson_page

SLUG = "classification_heads"
LOOK_EVERY = 1.0  # seconds
RESULTS = f"{SLUG}.results"  # the outcome of the learner's last run on each task
RATES = f"{SLUG}.rates"  # {race: {learning rate: {head: accuracy}}}
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
STARTS = {
    "One clear answer": (4.0, -2.0, -1.0, -3.0, 0.0, -2.0),
    "Two at once": (3.0, -2.0, 2.6, -3.0, -1.0, -2.0),
    "Nothing fits": (-3.0, -2.5, -3.0, -3.5, -2.0, -3.0),
}
OWN_START = "Your sentence"
ALL = "all labels"
EXAMPLES = {
    "Three topics": "The clinic's new app charges a fee for every video call.",
    "Two topics": "We ate grilled fish on a little island and missed the last ferry.",
    "No topic": "My cousin forgot where she had put the keys.",
}

_activations = component("activations", '<div class="activations"></div>')


class HeadRuns(SessionRuns):
    """The runs of this lesson: they leave heads, and no model that other lessons could take."""

    def settle(self) -> None:
        """Keep what a run came to; the step is drawn anew, as it rests on what runs have left."""
        run = self.current()
        seen, key = (run and run.id, run and run.over, run and run.saved), f"{SLUG}.seen"
        if st.session_state.get(key, (None, None, None)) != seen:
            st.session_state[key] = seen
            if run is not None and run.over and len(run.moments) > 1 and run.facts:
                kept = st.session_state.setdefault(RESULTS, {})
                task = run.settings["task"]
                kept[task] = compute.result(task, run.facts, run.moments[-1])
                tried = st.session_state.setdefault(RATES, {}).setdefault(race_of(run), {})
                tried[run.settings["learning_rate"]] = {
                    score.head: score.mean for score in compute.scores(run.facts, run.moments[-1])
                }
            st.rerun()


def title(run: Run) -> str:
    return TASKS[run.settings["task"]]


@fragment
def apart(page: LessonPage, draw: Callable[[LessonPage], None]) -> None:
    """Draw what its own controls redraw alone; it says by itself why it can't go on."""
    page.attempt(draw)


mine = HeadRuns(SLUG, "lessons.classification_heads.training:FourHeads", title)


# --- the four heads


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
    page.predict()
    settings = chosen()
    going = mine.changing()
    if not going:
        runs().warm()
    fragment(live, run_every=LOOK_EVERY if going else None)(page, settings)
    if mine.current() is None and settings is not None:
        rows = sets.material(settings).train[:6]
        st.markdown("**What the heads learn from**, for instance:")
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


def race_of(run: Run) -> str:
    """What a run has in common with runs that differ in nothing but their learning rate."""
    return str(sorted((k, v) for k, v in run.settings.items() if k != "learning_rate"))


def live(page: LessonPage, settings: Settings | None) -> None:
    run = mine.current()
    if settings is not None:
        mine.buttons(settings.to_dict())
    elif run is not None and not run.over:
        mine.buttons(run.settings)
    how_it_stands(
        run,
        "Press Train, and the curves of all four heads grow.",
        "Reading the sentences once, for all heads …",
    )
    if run is not None and run.facts is not None and run.moments:
        progress(page, run, guesses.of_run(run.id))
    mine.settle()


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
    figure, words = drawing(
        f"{SLUG}.curves",
        f"{run.id}/{len(moments)}",
        lambda: (
            figures.accuracy_curves(
                [m["step"] for m in moments],
                [compute.scores(facts, m) for m in moments], facts,
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
    st.table(compute.head_rows(facts, last), border="horizontal")
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


@st.cache_resource(max_entries=4, show_spinner="Reading your heads …")
def trained(folder: str) -> Any:
    """The heads of a run, by its folder."""
    from lessons.classification_heads.training import load_heads

    return load_heads(Path(folder), resources.model(BASE).spec.hidden)


@st.cache_data(max_entries=200, show_spinner=False)
def answers(folder: str, text: str) -> list[compute.Reply]:
    from lessons.classification_heads.training import ask

    return compute.replies(ask(resources.model(BASE), trained(folder)[0], text))


def box(page: LessonPage) -> None:
    """The learner's own text by all heads, and the sentences on which the heads differ."""
    run = mine.current()
    if run is None or not run.saved or run.facts is None:
        train_first(
            "The four heads are still learning: when their run is over, you can ask them here."
            if mine.changing()
            else "Train the four heads first: then you can ask them here, each with its answer "
            "to the same sentence.",
            SLUG, "heads",
        )  # fmt: skip
        return
    facts = run.facts
    key = f"{SLUG}.try"
    about = (run.id, page.sentence.text)
    if key not in st.session_state or st.session_state.get(f"{key}.of") != about:
        st.session_state[f"{key}.of"] = about
        st.session_state[key] = page.sentence.text[: tasks.LONGEST_TEXT]
    st.text_input(
        f"A sentence for the heads of “{title(run)}”", max_chars=tasks.LONGEST_TEXT, key=key,
        live="300ms", persist_state="session",
    )  # fmt: skip
    with st.container(horizontal=True, gap="small"):
        for i, text in enumerate(compute.twins(facts)):
            st.button(
                as_plain(text if len(text) < 70 else f"{text[:68]}…"), key=f"{key}.twin{i}",
                on_click=st.session_state.__setitem__, args=(key, text), help=as_plain(text),
            )  # fmt: skip
    text = st.session_state[key]
    if text.strip():
        labels = facts["labels"]
        found = answers(str(run.folder), text)
        figure, words = drawing(
            f"{SLUG}.replies",
            f"{run.id}/{text}",
            lambda: (figures.reply_bars(found, labels), compute.describe_replies(found, labels)),
        )
        page.chart(figure, key="replies", words=words)
    else:
        st.info("Type a sentence, and all four heads answer.", icon=":material/lightbulb:")
    apart = compute.disagreements(facts, run.moments[-1])
    st.markdown(
        f"**The heads differ on {len(apart)} of {len(facts['dev'])} new sentences.** "
        "For each head, the label that most of its seeds give."
    )
    if apart:
        st.dataframe(apart, hide_index=True, height=260, key=f"{SLUG}.apart")


def ask_all(page: LessonPage) -> None:
    mine.watch_quietly()
    apart(page, box)


def across(page: LessonPage) -> None:
    """What the learner's runs came to, task by task."""
    mine.watch_quietly()
    kept: dict[str, compute.Result] = st.session_state.get(RESULTS, {})
    if len(kept) < 2:
        left = [name for task, name in TASKS.items() if task not in kept and task != "own"]
        train_first(
            "Train on two tasks or more, then they are compared here. "
            f"Not yet: {', '.join(left)}.",
            SLUG, "heads",
        )  # fmt: skip
        if not kept:
            return
    found = [kept[task] for task in TASKS if task in kept]
    page.chart(figures.task_heatmap(found), key="tasks", words=compute.describe_results(found))


# --- softmax and sigmoid


@st.cache_resource(max_entries=4, show_spinner="Reading 338 sentences and training two heads …")
def topic_heads(model: str) -> compute.TopicHeads:
    """Both heads over a model's vectors."""
    return compute.train_topics(resources.model(model))


@st.cache_data(max_entries=200, show_spinner=False)
def vector(model: str, text: str) -> Any:
    return resources.model(model).embed([text])


def drag(page: LessonPage) -> None:
    start = st.segmented_control(
        "Start from", [*STARTS, OWN_START], default="Two at once", required=True,
        key=f"{SLUG}.start_from", persist_state="session",
    )  # fmt: skip
    if start == OWN_START:
        page.encoding()
        heads = topic_heads(page.sentence.model)
        found = vector(page.sentence.model, page.sentence.text)
        scores = compute.logits(heads.sigmoid, found)[0].astype(float).tolist()
    else:
        scores = list(STARTS[start])
    _activations(
        key=f"{SLUG}.activations",
        data={"labels": list(tasks.TOPICS), "scores": [round(z, 1) for z in scores]},
    )
    st.caption(compute.describe_start(scores))


def activations(page: LessonPage) -> None:
    """Drag scores; both functions follow."""
    apart(page, drag)


def thresholds(page: LessonPage) -> None:
    name = page.sentence.model
    heads = topic_heads(name)
    threshold = controls.slider("Threshold", 0.05, 0.95, 0.5, 0.05, key=f"{SLUG}.threshold")
    with st.container(horizontal=True, gap="small"):
        for i, (about, text) in enumerate(EXAMPLES.items()):
            st.button(
                about, key=f"{SLUG}.example{i}", on_click=state.show_example, args=(text,),
                help=text,
            )  # fmt: skip
    page.attempt(lambda page: own_topics(page, heads, threshold))
    of = controls.pills("Curve of", [ALL, *tasks.TOPICS], default=ALL, key=f"{SLUG}.label")
    yes = compute.sigmoid(compute.logits(heads.sigmoid, heads.vectors))
    found = compute.measured(yes >= threshold, heads.truth)
    one = compute.measured(
        compute.forced(compute.logits(heads.softmax, heads.vectors)), heads.truth
    )
    left, right = st.columns(2)
    with left:
        k = None if of == ALL else tasks.TOPICS.index(of)
        column = slice(None) if k is None else [k]
        now, single = (m.micro if k is None else m.labels[k] for m in (found, one))
        figure, words = drawing(
            f"{SLUG}.curve",
            f"{name}/{of}/{threshold:.2f}",
            lambda: (
                figures.precision_recall(
                    compute.curve(yes[:, column], heads.truth[:, column]),
                    (now.recall, now.precision), (single.recall, single.precision), of,
                ),
                compute.describe_threshold(now, single, threshold, of),
            ),
        )  # fmt: skip
        page.chart(figure, key="curve", words=words)
    with right:
        figure, words = drawing(
            f"{SLUG}.labels",
            f"{name}/{threshold:.2f}",
            lambda: (figures.label_scores(found, tasks.TOPICS), compute.describe_labels(found)),
        )
        page.chart(figure, key="labels", words=words)
    st.table(compute.topic_rows(found, one), border="horizontal")
    st.caption(
        f"{heads.n_train} sentences to learn from, {len(heads.truth)} to measure on; seed "
        f"{compute.TOPIC_SEED}. Vectors: {name}."
    )


def own_topics(page: LessonPage, heads: compute.TopicHeads, threshold: float) -> None:
    """The learner's sentence by both heads."""
    page.encoding()
    name = page.sentence.model
    own = vector(name, page.sentence.text)
    own_yes = compute.sigmoid(compute.logits(heads.sigmoid, own))[0]
    shares = compute.softmax(compute.logits(heads.softmax, own))[0]
    figure, words = drawing(
        f"{SLUG}.own",
        f"{name}/{threshold:.2f}/{hash(page.sentence.text)}",
        lambda: (
            figures.own_topics(own_yes, shares, threshold, tasks.TOPICS),
            compute.describe_own(own_yes, shares, threshold),
        ),
    )
    page.chart(figure, key="own", words=words)


def topics(page: LessonPage) -> None:
    """Several topics for a sentence, and where to draw the line."""
    apart(page, thresholds)
    with st.expander("The code: two heads, two losses", key=f"{SLUG}.code2"):
        left, right = st.columns(2)
        for column, name in ((left, "train_sigmoid"), (right, "train_softmax")):
            with column:
                st.code(compute.code_of("topics", name), language="python")


with lesson_page(SLUG) as page:
    page.steps({
        "heads": race, "try": ask_all, "tasks": across, "activations": activations,
        "topics": topics,
    })  # fmt: skip
