"""Train a small BERT while you watch: choose, train, break it, compare, take it with you."""

from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import streamlit as st

from lessons.catalog import catalog
from lessons.pretraining import compute, figures
from lessons.pretraining.languages import (
    MASK,
    OWN,
    SHORTEST_OWN_TEXT,
    languages,
    own_text,
    sentences_of,
)
from lessons.pretraining.settings import CHOICES, Settings, checked, presets
from pages.ui import controls, guesses, resources, runner, state
from pages.ui.components import component, nothing
from pages.ui.errors import fragment
from pages.ui.links import link
from pages.ui.predictions import prediction_bars
from pages.ui.runner import Run
from pages.ui.session_runs import LOOK_EVERY, SessionRuns, train_first, whole
from pages.ui.shell import LessonPage, lesson_page

LABELS = {
    "layers": "Layers", "heads": "Heads in a layer", "hidden_size": "Hidden size",
    "learning_rate": "Learning rate", "masking_rate": "Masking rate", "rule": "A chosen token is",
    "batch_size": "Sentences in a batch", "steps": "Steps", "seed": "Seed",
    "positions": "Positions", "next_sentence": "Next-sentence task",
}  # fmt: skip

_gym = component("gym", '<div class="gym" hidden></div>')


def title(run: Run) -> str:
    return compute.title_of(checked(run.settings), presets()["standard"].settings)


mine = SessionRuns("pretraining", "lessons.pretraining.training:PreTraining", title)


# --- what is chosen


def take_preset() -> None:
    preset = presets().get(st.session_state.get("pretraining.preset") or "")
    if preset is not None:
        for name in ("language", *CHOICES):
            st.session_state[f"pretraining.{name}"] = getattr(preset.settings, name)


def choose(page: LessonPage) -> Settings:
    """The controls, and the settings that they make."""
    st.pills(
        "Runs worth trying; some fail on purpose", list(presets()), key="pretraining.preset",
        on_change=take_preset,
        format_func=lambda slug: presets()[slug].title, persist_state="session",
        default="standard",
    )  # fmt: skip
    if preset := presets().get(st.session_state.get("pretraining.preset") or ""):
        st.markdown(preset.question)
    names = {**{slug: language.title for slug, language in languages().items()}, OWN: "Own text"}
    values: dict[str, Any] = {}
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        values["language"] = controls.selectbox(
            "Language",
            list(names),
            format_func=names.__getitem__,
            key="pretraining.language",
        )
    with right, st.popover("Model and training", icon=":material/tune:", width="stretch"):
        columns = st.columns(2)
        for i, (name, options) in enumerate(CHOICES.items()):
            with columns[i % 2]:
                values[name] = control(name, options)
    if values["language"] == OWN:
        values["text"] = st.text_area(
            f"Your text, at least {SHORTEST_OWN_TEXT} characters", own_text(), height=180,
            key="pretraining.text", persist_state="session",
        )  # fmt: skip
    else:
        st.caption(languages()[values["language"]].note)
    return checked(values)


def control(name: str, options: tuple[Any, ...]) -> Any:
    key, standard = f"pretraining.{name}", getattr(presets()["standard"].settings, name)
    if isinstance(standard, bool):
        return controls.toggle(LABELS[name], standard, key=key)
    if name == "seed":
        return controls.slider(LABELS[name], 0, len(options) - 1, standard, key=key)
    write = partial(compute.written, name)
    if name == "rule":
        return controls.selectbox(LABELS[name], options, format_func=write, key=key)
    return controls.select_slider(
        LABELS[name],
        options,
        standard,
        format_func=write,
        key=key,
    )


# --- the gym


def gym(page: LessonPage) -> None:
    page.predict()
    settings = choose(page)
    runner.runs().warm()
    fragment(live, run_every=LOOK_EVERY if mine.changing() else None)(settings)
    run = mine.current()
    if run is None:
        sample(settings)
    elif run.over and run.moments:
        verdict(run, guesses.of_run(run.id))


def live(settings: Settings) -> None:
    """Buttons, and the run as it is now; comes again while a run goes on."""
    mine.buttons(settings.to_dict())
    before = mine.previous()
    curve = before and [[m["step"], *m["held_out"][::-1]] for m in before.moments]
    data = {**mine.news(), "before": curve}
    _gym(key="pretraining.gym", data=data, on_resend_change=nothing)
    mine.settle()


def sample(settings: Settings) -> None:
    """Some sentences of the language, before a run draws its own view."""
    language = languages().get(settings.language)
    if language is None:
        sentences = sentences_of(settings.text)[:6]
    else:
        drawn = Random(settings.seed)
        sentences = [str(language.draw(drawn)) for _ in range(6)]
    st.markdown("**What it will read**: thousands of sentences such as these, with words hidden.")
    st.code("\n".join(sentences), language=None, wrap_lines=True)


def verdict(run: Run, guess: str | None) -> None:
    """What came of the run, the guess beside it, and what its preset shows."""
    assert run.facts is not None
    st.markdown(compute.describe_run(run.facts, run.moments))
    settings = checked(run.settings)
    if guess and settings.language == "agreement":
        truth = compute.guess_of(run.moments[-1]["held_out"][1] or 0.0)
        said = "as you guessed" if truth == guess else f"you guessed “{guess}”"
        st.markdown(f"**{truth}**: {said}.")
    for preset in presets().values():
        if preset.settings == settings:
            st.info(f"**{preset.title}.** {preset.explanation}", icon=":material/lightbulb:")


# --- two runs


def side_by_side(page: LessonPage) -> None:
    mine.watch_quietly()
    many = {run.model_name: run for run in mine.all() if run.moments and run.facts}
    if len(many) < 2:
        train_first(
            "Train twice, with one setting changed in between: both runs then stand here. "
            + ("One is there already." if many else "No run is there yet."),
            page.lesson.slug, "gym",
        )  # fmt: skip
        return
    pair = []
    for column, i in zip(st.columns(2), (0, 1), strict=True):
        with column:
            name = st.selectbox(
                ("First run", "Second run")[i], list(many), index=i, key=f"pretraining.run{i}",
                format_func=lambda name: f"{title(many[name])} ({name})",
            )  # fmt: skip
            pair.append(many[name])
            _gym(key=f"pretraining.gym{i}", data=whole(many[name]), on_resend_change=nothing)
    assert pair[0].facts is not None
    baseline = pair[0].facts["baseline"]
    names, moments = [title(run) for run in pair], [run.moments for run in pair]
    page.chart(
        figures.learning_curves(names, moments, baseline, pair[0].facts.get("ceiling")),
        key="curves", words=compute.describe_two(names, moments),
    )  # fmt: skip
    rows = compute.differences(*(checked(run.settings) for run in pair))
    if rows:
        st.dataframe(
            {
                "setting": [row.name for row in rows],
                "first run": [row.first for row in rows],
                "second run": [row.second for row in rows],
            },
            hide_index=True,
        )


# --- take it with you


@st.cache_data(max_entries=8, show_spinner=False)
def archive(name: str, folder: str) -> bytes:
    """The checkpoint as a zip; ``name`` keeps one run's apart from another's."""
    from lessons.engine.checkpoint import zipped

    return zipped(Path(folder))


def take_along(page: LessonPage) -> None:
    mine.watch_quietly()
    many = {run.model_name: run for run in mine.all() if run.over and run.saved}
    if not many:
        train_first(
            "Your model is still learning: when its run is over, it can be used here."
            if mine.changing()
            else "Train a model first: when its run is over, you can ask it, keep it, and use it "
            "in every lesson.",
            page.lesson.slug, "gym",
        )  # fmt: skip
        return
    name = st.selectbox(
        "Your model", list(many), format_func=lambda name: f"{title(many[name])} ({name})",
        key="pretraining.model",
    )  # fmt: skip
    run = many[name]
    probes = run.facts["probes"] if run.facts else []
    example = " ".join(probes[0]["tokens"][1:-1]) if probes else MASK
    text = st.text_input(
        "Ask it: a sentence in its language with [MASK]", example, max_chars=400,
        key=f"pretraining.ask.{name}", live="300ms",
    )  # fmt: skip
    model = resources.model(name)
    lists = model.fill_mask(text, top_k=5)
    if lists:
        prediction_bars(
            [(f"Gap {i + 1}", words) for i, words in enumerate(lists[:4])],
            key="pretraining_answers",
        )
    else:
        st.caption("Put [MASK] where a word is to be guessed.")
    if unknown := model.encode(text).tokens.count("[UNK]"):
        st.caption(f"{unknown} words are not in its vocabulary: the model reads them as [UNK].")
    with st.container(horizontal=True):
        st.download_button(
            "Download the checkpoint", archive(name, str(run.folder)), f"{name}.zip",
            icon=":material/save:", key="pretraining.download", on_click="ignore",
        )  # fmt: skip
        sentence = example.replace(MASK, probes[0]["right"][0]) if probes else text
        st.button(
            "Use it in every lesson",
            icon=":material/neurology:",
            key="pretraining.use",
            on_click=use,
            args=(name, sentence),
        )
    if state.MODEL.get() == name:
        st.success("Your model now computes every lesson. The ribbon above holds its sentence.")
        with st.container(horizontal=True):
            for lesson in catalog():
                if lesson.slug in ("attention", "encoder_layer", "masking", "positions"):
                    link(lesson.slug, lesson.title)


def use(name: str, sentence: str) -> None:
    """Choose the model for all lessons, with a sentence that it can read."""
    state.MODEL.set(name)
    state.show_example(sentence)


# --- the real thing


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


with lesson_page("pretraining") as page:
    page.steps({
        "gym": gym, "two-runs": side_by_side, "take-along": take_along,
        "real-thing": the_real_thing,
    })  # fmt: skip
