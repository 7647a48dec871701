"""Settings, one button, and training to watch."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import Any

import streamlit as st

from lessons.pretraining import compute
from lessons.pretraining.languages import (
    OWN,
    SHORTEST_OWN_TEXT,
    languages,
    own_text,
    sentences_of,
)
from lessons.pretraining.settings import CHOICES, Settings, checked, presets
from pages.ui import controls, guesses, runner
from pages.ui.components import nothing
from pages.ui.errors import fragment
from pages.ui.figures import picture_caption
from pages.ui.guesses import Made
from pages.ui.runner import Run
from pages.ui.session_runs import LOOK_EVERY, say_recorded
from pages.ui.shell import LessonPage
from pages.views.pretraining.runs import _gym, mine, replay, title

LABELS = {
    "layers": "Layers", "heads": "Heads in a layer", "hidden_size": "Hidden size",
    "learning_rate": "Learning rate", "masking_rate": "Masking rate", "rule": "A chosen token is",
    "batch_size": "Sentences in a batch", "steps": "Steps", "seed": "Seed",
    "positions": "Positions", "next_sentence": "Next-sentence task",
}  # fmt: skip


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


def gym(page: LessonPage) -> None:
    guess = page.predict()
    if guess is None:
        return
    settings = choose(page)
    runner.runs().warm()
    fragment(live, run_every=LOOK_EVERY if mine.changing() else None)(settings, guess.made)
    run = mine.shown(settings.to_dict())
    if run is not None and run.over and run.moments:
        verdict(run)
    with st.expander("What it reads", key="pretraining.sample"):
        sample(settings)


def live(settings: Settings, guess: Made | None) -> None:
    """Buttons, and the run as it is now; comes again while a run goes on."""
    wanted = settings.to_dict()
    mine.buttons(wanted)
    run = mine.shown(wanted)
    drawn = None
    if run is not None:
        say_recorded(run, title(run))
        drawn = guess if run.recorded else guesses.of_run(run.id)
    data = {**mine.news(wanted), "others": others(run), "drawn": drawn}
    _gym(key="pretraining.gym", data=data, on_resend_change=nothing)
    if run is not None and run.moments and run.over:
        picture_caption(
            "Loss while it learned, and what it came to know.",
            key="pretraining.gym",
            title=f"Train a BERT while you watch: {title(run)}",
            component="gym",
            data=lambda: replay(run),
            sentence=False,
        )
    mine.settle()


def others(run: Run | None) -> list[dict[str, Any]]:
    """Curves beside that of the run on the stage: the recorded run, and one's own before it."""
    beside = {"recorded run": mine.ghost(), "run before": mine.previous()}
    return [
        {"name": name, "rows": [[m["step"], *m["held_out"]] for m in other.moments]}
        for name, other in beside.items()
        if other is not None and other is not run
    ]


def sample(settings: Settings) -> None:
    """Some sentences of the language."""
    language = languages().get(settings.language)
    if language is None:
        sentences = sentences_of(settings.text)[:6]
    else:
        st.caption(language.note)
        drawn = Random(settings.seed)
        sentences = [str(language.draw(drawn)) for _ in range(6)]
    st.markdown("Thousands of sentences such as these, with words hidden.")
    st.code("\n".join(sentences), language=None, wrap_lines=True)


def verdict(run: Run) -> None:
    """What came of the run, and what its preset shows."""
    assert run.facts is not None
    st.markdown(compute.describe_run(run.facts, run.moments))
    settings = checked(run.settings)
    for preset in presets().values():
        if preset.settings == settings:
            st.info(f"**{preset.title}.** {preset.explanation}", icon=":material/lightbulb:")
