"""Train a small BERT while you watch: choose, train, break it, compare, take it with you."""

import time
from collections import deque
from functools import partial
from typing import Any

import streamlit as st

from lessons.catalog import catalog
from lessons.engine import add_trained
from lessons.pretraining import compute, figures
from lessons.pretraining.languages import MASK, OWN, SHORTEST_OWN_TEXT, languages, own_text
from lessons.pretraining.settings import CHOICES, Settings, checked, presets
from pages.ui import resources, state
from pages.ui.components import component, nothing
from pages.ui.predictions import prediction_bars
from pages.ui.runner import NoRoom, Run, runs
from pages.ui.sentence import OWN_MODELS
from pages.ui.shell import LessonPage, NothingToShow, lesson_page, path_of

TASK = "lessons.pretraining.training:PreTraining"
MINE = "pretraining.runs"  # ids of this session's runs, the newest first
KEPT = 4
LOOK_EVERY = 0.25  # seconds; between two looks the browser draws on
OVERLAP = 4  # looks whose news are sent again: the browser may draw only the last of several
LABELS = {
    "layers": "Layers", "heads": "Heads in a layer", "hidden_size": "Hidden size",
    "learning_rate": "Learning rate", "masking_rate": "Masking rate", "rule": "A chosen token is",
    "batch_size": "Sentences in a batch", "steps": "Steps", "seed": "Seed",
    "positions": "Positions", "next_sentence": "Next-sentence task",
}  # fmt: skip

_gym = component("gym", '<div class="gym" hidden></div>')


# --- which runs are mine


def mine() -> list[Run]:
    """This session's runs that the server still has, the newest first. Looking keeps them alive."""
    found = (runs().look(run_id) for run_id in st.session_state.get(MINE, []))
    return [run for run in found if run is not None]


def title(run: Run) -> str:
    return compute.title_of(checked(run.settings), presets()["standard"].settings)


def start(settings: Settings) -> None:
    """A new run takes the place of the one that was going on."""
    stop_all()
    try:
        run = runs().start(TASK, settings.to_dict())
    except NoRoom as reason:
        st.session_state["pretraining.no_room"] = str(reason)
        return
    st.session_state["pretraining.reset"] = False
    st.session_state[MINE] = [run.id, *st.session_state.get(MINE, [])][:KEPT]


def stop_all() -> None:
    for run in mine():
        runs().command(run.id, "stop")


def reset() -> None:
    stop_all()
    st.session_state["pretraining.reset"] = True


def take_over() -> None:
    """After a reload, this tab names its runs: the ids are secret, so they are its own."""
    found = (st.session_state.get("pretraining.gym") or {}).get("found") or {}
    ids = found.get("ids") if isinstance(found, dict) else None
    if isinstance(ids, list) and MINE not in st.session_state:
        st.session_state[MINE] = [i for i in ids[:KEPT] if isinstance(i, str) and runs().look(i)]


def offer_models() -> None:
    """Trained models can be chosen in every lesson, by whoever trained them."""
    names = []
    for run in mine():
        if run.over and run.saved:
            add_trained(run.model_name, run.folder, f"Your model: {title(run)}")
            names.append(run.model_name)
    st.session_state[OWN_MODELS] = names


# --- what is chosen


def take_preset() -> None:
    preset = presets().get(st.session_state.get("pretraining.preset") or "")
    if preset is not None:
        for name in ("language", *CHOICES):
            st.session_state[f"pretraining.{name}"] = getattr(preset.settings, name)


def choose(page: LessonPage) -> Settings:
    """The controls, and the settings that they make."""
    st.pills(
        "Runs worth trying; some fail on purpose", list(presets()), key="pretraining.preset", on_change=take_preset,
        format_func=lambda slug: presets()[slug].title, persist_state="session",
        default="standard",
    )  # fmt: skip
    if preset := presets().get(st.session_state.get("pretraining.preset") or ""):
        st.markdown(preset.question)
    names = {**{slug: language.title for slug, language in languages().items()}, OWN: "Own text"}
    values: dict[str, Any] = {}
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        values["language"] = st.selectbox(
            "Language", list(names), format_func=names.__getitem__, key="pretraining.language",
            bind="query-params",
        )  # fmt: skip
    with right, st.popover("Model and training", icon="🎛️", width="stretch"):
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
        return st.toggle(LABELS[name], standard, key=key, bind="query-params")
    if name == "seed":
        return st.slider(LABELS[name], 0, len(options) - 1, standard, key=key, bind="query-params")
    write = partial(compute.written, name)
    draw = st.selectbox if name == "rule" else st.select_slider
    if name == "rule":
        return draw(LABELS[name], options, format_func=write, key=key, bind="query-params")
    return draw(LABELS[name], options, standard, format_func=write, key=key, bind="query-params")


# --- the gym


def gym(page: LessonPage) -> None:
    page.prose("the-idea")
    guess = page.predict()
    settings = choose(page)
    if not page.presenting:
        runs().warm()
    run = current()
    st.fragment(live, run_every=LOOK_EVERY if changing(run) else None)(settings)
    if run is not None and run.over and run.moments:
        verdict(run, guess)
    page.prose("what-to-notice")


def current() -> Run | None:
    """The run on the screen."""
    return None if st.session_state.get("pretraining.reset") else next(iter(mine()), None)


def changing(run: Run | None) -> bool:
    """Whether something new may come: steps, or the model that a stopped run writes down."""
    if run is None or not run.over:
        return run is not None
    return run.status == "stopped" and not run.saved and time.monotonic() - run.changed_at < 3


def live(settings: Settings) -> None:
    """Buttons, and the run as it is now; comes again while a run goes on."""
    run = current()
    buttons(run, settings)
    if no_room := st.session_state.pop("pretraining.no_room", None):
        st.warning(no_room, icon="⏳")
    if run and not run.over and settings.to_dict() != run.settings:
        st.caption("You changed the settings: they hold for the next run.")
    _gym(
        key="pretraining.gym",
        data=news(run, previous(run)),
        on_resend_change=nothing,
        on_found_change=take_over,
    )
    # The page around this fragment depends on whether a run goes on, and whether it left a model.
    seen = (run and run.id, changing(run), run is not None and run.saved)
    if st.session_state.get("pretraining.seen", (None, False, False)) != seen:
        st.session_state["pretraining.seen"] = seen
        offer_models()
        st.rerun()


def previous(run: Run | None) -> Run | None:
    others = [other for other in mine() if run is None or other.id != run.id]
    return next((other for other in others if other.moments), None)


def buttons(run: Run | None, settings: Settings) -> None:
    going = run is not None and not run.over
    with st.container(horizontal=True, key="pretraining.buttons"):
        if run is not None and run.status == "paused":
            st.button(
                "Go on", icon="▶️", key="pretraining.resume", type="primary",
                on_click=runs().command, args=(run.id, "resume"),
            )  # fmt: skip
        elif run is not None and run.status in ("running", "waiting"):
            st.button(
                "Pause", icon="⏸️", key="pretraining.pause", disabled=run.status == "waiting",
                on_click=runs().command, args=(run.id, "pause"),
            )  # fmt: skip
        else:
            st.button(
                "Train", icon="▶️", key="pretraining.start", type="primary",
                on_click=start, args=(settings,),
            )  # fmt: skip
        run_id = run.id if run else ""
        st.button(
            "One step", icon="⏭️", key="pretraining.step",
            disabled=not (run and run.status == "paused"), help="While paused: one batch.",
            on_click=runs().command, args=(run_id, "step"),
        )  # fmt: skip
        st.button(
            "Stop", icon="⏹️", key="pretraining.stop", disabled=not going,
            on_click=runs().command, args=(run_id, "stop"),
        )  # fmt: skip
        st.button(
            "Reset", icon="↩️", key="pretraining.back", disabled=run is None, on_click=reset,
            help="Clear the screen, for a fresh run from an untrained model.",
        )  # fmt: skip


def news(run: Run | None, before: Run | None) -> dict[str, Any]:
    """What the browser has not been sent yet, with an overlap; everything when it asks."""
    if run is None:
        return {"run": None, "ids": st.session_state.get(MINE, [])}
    counts = (len(run.points), len(run.moments))
    sent: deque[tuple[int, int]] = st.session_state.setdefault("pretraining.sent", deque())
    asked = (st.session_state.get("pretraining.gym") or {}).get("resend")
    if st.session_state.get("pretraining.sent_run") != run.id or asked:
        st.session_state["pretraining.sent_run"] = run.id
        sent.clear()
        sent.append((0, 0))
    points, moments = sent[0]
    sent.append(counts)
    while len(sent) > OVERLAP:
        sent.popleft()
    return {
        "run": run.model_name,
        "ids": st.session_state.get(MINE, []),
        "status": run.status,
        "reason": run.reason,
        "place": runs().place(run),
        "steps": run.settings["steps"],
        "facts": run.facts,
        "first_point": points,
        "points": run.points[points : counts[0]],
        "first_moment": moments,
        "moments": run.moments[moments : counts[1]],
        "count_points": counts[0],
        "count_moments": counts[1],
        "before": before and [[m["step"], *m["held_out"][::-1]] for m in before.moments],
        "compact": False,
    }  # fmt: skip


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
            st.info(f"**{preset.title}.** {preset.explanation}", icon="💡")


# --- two runs


def side_by_side(page: LessonPage) -> None:
    page.prose("one-change-at-a-time")
    many = {run.model_name: run for run in mine() if run.moments and run.facts}
    if len(many) < 2:
        raise NothingToShow(
            "Train twice above, with one setting changed in between: both runs then stand here."
        )
    pair = []
    for column, i in zip(st.columns(2), (0, 1), strict=True):
        with column:
            name = st.selectbox(
                ("First run", "Second run")[i], list(many), index=i, key=f"pretraining.run{i}",
                format_func=lambda name: f"{title(many[name])} ({name})",
            )  # fmt: skip
            pair.append(many[name])
            _gym(key=f"pretraining.gym{i}", data=whole(many[name]), on_resend_change=nothing)
    names, moments = [title(run) for run in pair], [run.moments for run in pair]
    page.chart(
        figures.learning_curves(names, moments, pair[0].facts["baseline"]),
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


def whole(run: Run, most: int = 40) -> dict[str, Any]:
    """A run for the small view: up to ``most`` of its moments, and the last."""
    every = -(-len(run.moments) // most)
    moments = [*run.moments[:-1:every], run.moments[-1]]
    return {
        "run": f"{run.model_name}.{len(moments)}", "status": run.status, "reason": "", "place": 0,
        "steps": run.settings["steps"], "facts": run.facts, "first_point": 0, "points": [],
        "first_moment": 0, "moments": moments, "count_points": 0, "count_moments": len(moments),
        "before": None, "compact": True, "ids": None,
    }  # fmt: skip


# --- take it with you


@st.cache_data(max_entries=8, show_spinner=False)
def archive(name: str, folder: str) -> bytes:
    """The checkpoint as a zip; ``name`` keeps one run's apart from another's."""
    from pathlib import Path

    from lessons.engine.checkpoint import zipped

    return zipped(Path(folder))


def take_along(page: LessonPage) -> None:
    page.prose("a-checkpoint-like-any-other")
    many = {run.model_name: run for run in mine() if run.over and run.saved}
    if not many:
        raise NothingToShow("Train a model above first; when its run is over, it can be used here.")
    name = st.selectbox(
        "Your model", list(many), format_func=lambda name: f"{title(many[name])} ({name})",
        key="pretraining.model",
    )  # fmt: skip
    run = many[name]
    add_trained(name, run.folder, f"Your model: {title(run)}")
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
            icon="💾", key="pretraining.download", on_click="ignore",
        )  # fmt: skip
        sentence = example.replace(MASK, probes[0]["right"][0]) if probes else text
        st.button(
            "Use it in every lesson", icon="🧠", key="pretraining.use", on_click=use,
            args=(name, sentence),
        )  # fmt: skip
    if state.MODEL.get() == name:
        st.success("Your model now computes every lesson. The ribbon above holds its sentence.")
        with st.container(horizontal=True):
            for lesson in catalog():
                if lesson.slug in ("attention", "encoder_layer", "masking", "positions"):
                    st.page_link(path_of(lesson.slug), label=f"{lesson.icon} {lesson.title}")
    page.prose("open-it-anywhere")


def use(name: str, sentence: str) -> None:
    """Choose the model for all lessons, with a sentence that it can read."""
    state.MODEL.set(name)
    state.TEXT.set(sentence)
    state.PAIR.set("")
    state.MASKS.set(())
    state.SELECTED.set(())


# --- the real thing


def the_real_thing(page: LessonPage) -> None:
    page.prose("the-paper-s-budget")
    run = next((run for run in mine() if run.facts), None)
    if run is None:
        st.caption("Train a model above, and its budget is drawn here beside BERT's.")
    else:
        rows = compute.budgets(checked(run.settings), run.facts or {})
        page.chart(
            figures.budget_bars(
                [row.name for row in rows], [row.toy for row in rows], [row.bert for row in rows]
            ),
            key="budget", words=compute.describe_budgets(rows),
        )  # fmt: skip
    page.prose("pre-training-and-fine-tuning")


with lesson_page("pretraining") as page:
    for slug, draw in {
        "gym": gym,
        "two-runs": side_by_side,
        "take-along": take_along,
        "real-thing": the_real_thing,
    }.items():
        if page.experiment(slug):
            page.attempt(draw)
    page.heading("Common mistakes")
    page.prose("common-mistakes")
