"""A training on pairs, live: partners pulled together, strangers pushed apart."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from lessons.engine.trace import Floats
from lessons.similarity import compute, figures
from lessons.similarity.settings import (
    BASE,
    BATCH_SIZES,
    EPOCHS,
    LEARNING_RATES,
    PRESETS,
    SEEDS,
    TEMPERATURES,
    TRAINED,
    Settings,
    checked,
)
from pages.ui import controls, guesses, resources, runner
from pages.ui.guesses import Guess
from pages.ui.runner import Run
from pages.ui.session_runs import STAND_HERE, SessionRuns
from pages.ui.shell import LessonPage

LOOKS = ("Cosines", "Partners found", "Spread", "Your sentences")
LONGEST_OWN = 10  # sentences of the learner's own


def title(run: Run) -> str:
    settings = checked(run.settings)
    pushed = f"{settings.batch_size - 1} negatives" if settings.negatives else "no negatives"
    return f"{pushed}, temperature {settings.temperature:g}"


trainings = SessionRuns(
    "similarity", "lessons.similarity.training:Contrast", title, recordings=tuple(PRESETS)
)


def contrast(page: LessonPage) -> None:
    """The prediction, a run to watch, and what it does to cosines."""
    guess = page.predict()
    if guess is None:
        return
    settings = settings_of_controls()
    look = controls.segmented_control(
        "Look at", LOOKS, key="similarity.look", label_visibility="collapsed"
    )
    if not trainings.changing():
        runner.runs().warm()
    run = trainings.watch(settings.to_dict(), partial(draw, page, look))
    if look == LOOKS[3]:
        page.attempt(own_sentences)
    if run is not None and run.over:
        found = run.moments[-1]["found"]
        page.reveal(
            guess if run.recorded else Guess(guesses.of_run(run.id)),
            100 * found,
            f"After this run: {compute.percent(found)} of {run.facts and run.facts['n_dev']}.",
        )
    with st.expander("The code: what it is trained on", key="similarity.code"):
        import inspect

        from lessons.similarity import training

        st.code(inspect.getsource(training.contrastive_loss), language="python")


def take_preset() -> None:
    preset = PRESETS.get(st.session_state.get("similarity.preset") or "")
    if preset is not None:
        for name, value in {**Settings().to_dict(), **preset.values}.items():
            st.session_state[f"similarity.train.{name}"] = value


def settings_of_controls() -> Settings:
    """Runs worth trying, and the controls of the next one."""
    row = st.container(horizontal=True, vertical_alignment="center")
    with row:
        st.pills(
            "Runs worth trying", list(PRESETS), default="good", key="similarity.preset",
            on_change=take_preset, format_func=lambda name: PRESETS[name].title,
            persist_state="session", label_visibility="collapsed",
        )  # fmt: skip
    usual = Settings()
    with row, st.popover("Settings", icon=":material/tune:"):
        batch = controls.select_slider(
            "Batch: one partner, the others are negatives", BATCH_SIZES, usual.batch_size,
            key="similarity.train.batch_size",
        )  # fmt: skip
        temperature = controls.select_slider(
            "Temperature", TEMPERATURES, usual.temperature, format_func="{:g}".format,
            key="similarity.train.temperature",
        )  # fmt: skip
        negatives = controls.toggle("Negatives", True, key="similarity.train.negatives")
        rate = controls.select_slider(
            "Learning rate", LEARNING_RATES, usual.learning_rate, format_func="{:g}".format,
            key="similarity.train.learning_rate",
        )  # fmt: skip
        epochs = controls.select_slider(
            "Epochs", EPOCHS, usual.epochs, key="similarity.train.epochs"
        )
        layers = controls.select_slider(
            "What learns", tuple(TRAINED), usual.trained_layers, format_func=TRAINED.__getitem__,
            key="similarity.train.trained_layers",
        )  # fmt: skip
        seed = controls.select_slider("Seed", tuple(SEEDS), usual.seed, key="similarity.train.seed")
    return Settings(negatives, batch, temperature, rate, epochs, layers, seed)


def draw(page: LessonPage, look: str, run: Run) -> None:
    """One look at a run; the learner's own sentences are drawn by `own_sentences`."""
    facts, moments = run.facts, list(run.moments)
    assert facts is not None
    if not moments or look == LOOKS[3]:
        return
    ghost = None if run.recorded else trainings.ghost()
    raced = ghost.moments if ghost else []
    if look == LOOKS[0]:
        firsts, seconds = zip(*facts["shown"], strict=True)
        maps = [("Before training", moments[0]["cosines"]), ("Now", moments[-1]["cosines"])]
        heading = "Held-out pairs: partners stand on the diagonal"
        figure = figures.cosine_maps(firsts, seconds, maps, title=heading)
        words = compute.describe_cosines(moments)
    elif look == LOOKS[1]:
        intervals = compute.found_intervals(facts, moments)
        figure = figures.found_curve(moments, intervals, facts, raced)
        words = compute.describe_found(facts, moments)
    else:
        figure = figures.spread_curves(moments, facts, raced)
        words = compute.describe_spread(facts, moments)
    page.chart(figure, key="contrast_chart", words=words)
    st.caption(
        f"{facts['n_train']} pairs to learn from, {facts['n_dev']} held out; "
        f"{facts['learning']:,} of {facts['weights']:,} weights learn."
    )


def own_sentences(page: LessonPage) -> None:
    """The learner's sentences before the training and, once there is one, after it."""
    more = st.text_area(
        "More sentences, one on each line", compute.sentence_lists()[0].text, height=120,
        key="similarity.own_lines", persist_state="session",
    )  # fmt: skip
    yours = [page.sentence.text, page.sentence.pair or compute.stand_in()]
    texts = compute.read_lines("\n".join([*yours, more or ""])).sentences[:LONGEST_OWN]
    if len(texts) < 2:
        texts = [*texts, compute.stand_in(), *compute.read_lines(more or "").sentences][:2]
    before = cosines(own_vectors("", "", tuple(texts)))
    maps = [("Before training", before.tolist())]
    left = next((run for run in trainings.all() if run.over and run.saved), None)
    words = f"{compute.describe_cosine_pair(before)} {STAND_HERE}"
    if left is not None:
        now = cosines(own_vectors(left.model_name, str(left.folder), tuple(texts)))
        maps.append(("After your run", now.tolist()))
        words = compute.describe_own(before, now)
    figure = figures.cosine_maps(texts, texts, maps, title="Your sentences, each with each")
    page.chart(figure, key="contrast_own", words=words)


def cosines(vectors: Floats) -> compute.Numbers:
    found: compute.Numbers = (vectors @ vectors.T).astype(np.float64)
    return found


@st.cache_resource(max_entries=40, show_spinner="Reading your sentences …")
def own_vectors(name: str, folder: str, texts: tuple[str, ...]) -> Floats:
    """Mean-pooled unit vectors (N, D) by the run of that name, or without one by its start."""
    from pathlib import Path

    from lessons.similarity import training

    model = resources.model(BASE)
    if not name:
        found: Floats = model.embed(list(texts))
        return found / np.linalg.norm(found, axis=1, keepdims=True)  # type: ignore[no-any-return]
    return training.own_vectors(model, training.trained(Path(folder)), texts)
