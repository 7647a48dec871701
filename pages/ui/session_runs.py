"""A session's own training runs: start, steer, find again after a reload, send news to the browser.

For any lesson that trains. The runs themselves are in `pages.ui.runner`; here is what one learner's
session knows of them. Before the first of them a step shows a recorded run, and after that the
recorded one stays as a ghost beside one's own.
"""

from __future__ import annotations

import datetime
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import streamlit as st

from lessons.engine import add_trained, recorded
from pages.ui import errors, guesses, runner
from pages.ui.figures import as_plain
from pages.ui.links import link
from pages.ui.runner import NoRoom, Run
from pages.ui.sentence import OWN_MODELS

KEPT = 4  # runs that a session can look back on
RUNS = ".runs"  # how the key of a lesson's list of runs ends
LOOK_EVERY = 0.25  # seconds; between two looks the browser draws on
WATCH_EVERY = 1.0  # seconds; where each look draws charts anew
OVERLAP = 4  # looks whose news are sent again: the browser may draw only the last of several
ALIVE_EVERY = 5.0  # seconds; a run that was not looked at for 20 ends
WRITING = 3  # seconds that a stopped run may take to write down its model


class SessionRuns:
    """One learner's runs in one lesson, the newest first.

    ``slug`` is the lesson, or a lesson and one of its tasks; ``task`` is what its runs do (see
    `lessons.engine.training_process`), and ``title`` names a run for its owner.
    ``recordings`` are names of recorded runs, the first being the usual one. Only those that agree
    in the settings named by ``same`` can be raced. ``leaves_model`` says that a run leaves a
    checkpoint, which every lesson then offers. The component ``<slug>.gym`` draws the gym's runs.
    """

    def __init__(
        self,
        slug: str,
        task: str,
        title: Callable[[Run], str] = lambda run: "",
        *,
        recordings: tuple[str, ...] = (),
        same: tuple[str, ...] = (),
        label: str = "Train",
        leaves_model: bool = False,
    ) -> None:
        self.slug, self.task, self.title, self.label = slug, task, title, label
        self.recordings, self.same, self.leaves_model = recordings, same, leaves_model

    def _key(self, name: str) -> str:
        return f"{self.slug}.{name}"

    @property
    def ids(self) -> list[str]:
        """Secret ids of the runs; who has them can see and steer."""
        ids: list[str] = st.session_state.get(self._key("runs"), [])
        return ids

    def all(self) -> list[Run]:
        """The runs that the server still has. Asking keeps them alive."""
        found = (runner.runs().look(run_id) for run_id in self.ids)
        return [run for run in found if run is not None]

    def current(self) -> Run | None:
        """The run on the screen."""
        return None if st.session_state.get(self._key("reset")) else next(iter(self.all()), None)

    def previous(self) -> Run | None:
        """The last run before the one on the screen that got anywhere."""
        current = self.current()
        return next((run for run in self.all() if run is not current and run.moments), None)

    def recorded(self) -> list[Run]:
        """The recorded runs, as runs that are over."""
        return [recorded_run(self.slug.split(".")[0], name) for name in self.recordings]

    def shown(self, settings: Mapping[str, Any] | None = None) -> Run | None:
        """The run on the stage: one's own, and until that has begun a recorded one.

        The recorded one is that with these ``settings``, or the usual one.
        """
        own = self.current()
        if own is not None and own.facts and own.moments:
            return own
        return best_fit(self.recorded(), settings or {})

    def ghost(self) -> Run | None:
        """The recorded run that one's own is racing."""
        own = self.current()
        if own is None:
            return None
        agree = [
            run
            for run in self.recorded()
            if all(run.settings.get(name) == own.settings.get(name) for name in self.same)
        ]
        return best_fit(agree, own.settings)

    def finished(self) -> list[Run]:
        """All runs that are over and have something to show: one's own, then the recorded ones."""
        return [*(run for run in self.all() if run.over and run.moments), *self.recorded()]

    def saved(self) -> Run | None:
        """The newest run that left weights: one's own, else a recorded one."""
        return next((run for run in self.finished() if run.saved), None)

    def changing(self) -> bool:
        """Whether something new may come: steps, or the model that a stopped run writes down."""
        run = self.current()
        if run is None or not run.over:
            return run is not None
        writing = time.monotonic() - run.changed_at < WRITING
        return run.status == "stopped" and not run.saved and writing

    # --- steering

    def start(self, settings: Mapping[str, Any]) -> None:
        """A new run takes the place of the one that was going on."""
        self.stop()
        try:
            run = runner.runs().start(self.task, settings)
        except NoRoom as reason:
            st.session_state[self._key("no_room")] = str(reason)
            return
        guesses.hand_over(self.slug, run.id)
        st.session_state[self._key("reset")] = False
        st.session_state[self._key("runs")] = [run.id, *self.ids][:KEPT]

    def stop(self) -> None:
        """End whatever goes on."""
        for run in self.all():
            runner.runs().command(run.id, "stop")

    def reset(self) -> None:
        """End whatever goes on, and clear the screen."""
        self.stop()
        st.session_state[self._key("reset")] = True

    def buttons(self, settings: Mapping[str, Any]) -> None:
        """Train, pause, go on, one step, stop, reset."""
        run = self.current()
        command, run_id = runner.runs().command, run.id if run else ""
        with st.container(horizontal=True, key=self._key("buttons")):
            if run is not None and run.status == "paused":
                st.button(
                    "Go on", icon=":material/play_arrow:", key=self._key("resume"), type="primary",
                    on_click=command, args=(run_id, "resume"),
                )  # fmt: skip
            elif run is not None and not run.over:
                st.button(
                    "Pause",
                    icon=":material/pause:",
                    key=self._key("pause"),
                    disabled=run.status == "waiting",
                    on_click=command,
                    args=(run_id, "pause"),
                )
            else:
                st.button(
                    "Train", icon=":material/play_arrow:", key=self._key("start"), type="primary",
                    on_click=self.start, args=(settings,),
                )  # fmt: skip
            st.button(
                "One step",
                icon=":material/skip_next:",
                key=self._key("one_step"),
                help="While paused: one batch.",
                disabled=run is None or run.status != "paused",
                on_click=command,
                args=(run_id, "step"),
            )
            st.button(
                "Stop",
                icon=":material/stop:",
                key=self._key("stop"),
                disabled=run is None or run.over,
                on_click=command,
                args=(run_id, "stop"),
            )
            st.button(
                "Reset", icon=":material/undo:", key=self._key("back"), disabled=run is None,
                on_click=self.reset, help="Clear the screen, for a run from an untrained model.",
            )  # fmt: skip
        if no_room := st.session_state.pop(self._key("no_room"), None):
            st.warning(no_room, icon=":material/hourglass_empty:")
        if run is not None and not run.over and dict(settings) != run.settings:
            st.caption("You changed the settings: they hold for the next run.")

    def watch(
        self,
        settings: Mapping[str, Any] | None,
        draw: Callable[[Run], None],
        *,
        before: str = "",
        suffix: str = "",
    ) -> Run | None:
        """Two buttons and the run on the stage, drawn again while one's own goes on. Returns it.

        ``settings`` are those of the next run, None while something is missing. ``before`` is said
        where there is no run at all. ``suffix`` tells the buttons from others of the lesson.
        """
        every = WATCH_EVERY if self.changing() else None
        errors.fragment(self._watch, run_every=every)(settings, draw, before, suffix)
        return self.shown(settings)

    def _watch(
        self,
        settings: Mapping[str, Any] | None,
        draw: Callable[[Run], None],
        before: str,
        suffix: str,
    ) -> None:
        own, run = self.current(), self.shown(settings)
        train_and_stop(
            self.slug.removesuffix(suffix), own, self.start, settings,
            label=self.label, ready=settings is not None, suffix=suffix,
        )  # fmt: skip
        how_it_stands(own, before if run is None else "", "Reading the model and the sentences …")
        if run is not None and run.facts is not None:
            say_recorded(run, self.title(run))
            if not run.over:
                done = min(1.0, run.steps / max(1, run.facts["steps"]))
                at = f"step {run.steps} of {run.facts['steps']}"
                st.progress(done, ": ".join(filter(None, (self.title(run), at))))
            draw(run)
        self.settle()

    # --- what the browser knows

    def news(self, settings: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """What the browser was not sent yet, with an overlap; everything when it asks.

        ``settings`` choose the recorded run that is shown before one's own.
        """
        run = self.shown(settings)
        if run is None:
            return {"run": None}
        own = self.current() or run  # a recorded run stands there while one's own waits
        counts = (len(run.points), len(run.moments))
        sent: deque[tuple[int, int]] = st.session_state.setdefault(self._key("sent"), deque())
        asked = (st.session_state.get(self._key("gym")) or {}).get("resend")
        if st.session_state.get(self._key("sent_run")) != run.id or asked:
            st.session_state[self._key("sent_run")] = run.id
            sent.clear()
            sent.append((0, 0))
        points, moments = sent[0]
        sent.append(counts)
        while len(sent) > OVERLAP:
            sent.popleft()
        return {
            "run": run.model_name,
            "recorded": bool(run.recorded),
            "status": "recorded" if own.recorded else own.status,
            "reason": own.reason,
            "place": runner.runs().place(own),
            "steps": run.settings["steps"],
            "facts": run.facts,
            "first_point": points,
            "points": run.points[points : counts[0]],
            "first_moment": moments,
            "moments": run.moments[moments : counts[1]],
            "count_points": counts[0],
            "count_moments": counts[1],
        }

    def watch_quietly(self) -> None:
        """For a step that shows what runs have left: it is drawn again when one ends."""
        errors.fragment(self.settle, run_every=1.0 if self.changing() else None)()

    def settle(self) -> None:
        """Last line of a fragment that watches: the page around it depends on whether a run goes
        on, and on whether it left a model."""
        run = self.current()
        seen = (run and run.id, self.changing(), run is not None and run.saved)
        if st.session_state.get(self._key("seen"), (None, False, False)) != seen:
            st.session_state[self._key("seen")] = seen
            self._offer_models()
            st.rerun()

    def _offer_models(self) -> None:
        """Trained models can be chosen in every lesson, by whoever trained them."""
        if not self.leaves_model:
            return
        names = dict.fromkeys(st.session_state.get(OWN_MODELS, ()))
        for run in self.all():
            if run.over and run.saved:
                add_trained(run.model_name, run.folder, f"Your model: {self.title(run)}")
                names[run.model_name] = None
        st.session_state[OWN_MODELS] = list(names)


def remembered() -> dict[str, list[str]]:
    """All runs of a learner, for the browser's tab to remember: {key: ids}."""
    # Not `items()`: Streamlit lists keys of widgets that are gone, and fails to give their values.
    keys = [str(key) for key in st.session_state if str(key).endswith(RUNS)]
    return {key: ids for key in keys if (ids := st.session_state.get(key))}


def take_over(found: object) -> None:
    """After a reload, this tab names its runs: the ids are secret, so they are its own."""
    for key, ids in found.items() if isinstance(found, dict) else ():
        if key.endswith(RUNS) and isinstance(ids, list) and key not in st.session_state:
            known = [i for i in ids[:KEPT] if isinstance(i, str) and runner.runs().look(i)]
            if known:
                st.session_state[key] = known


@lru_cache(maxsize=64)
def recorded_run(lesson: str, name: str) -> Run:
    """A recording as a run that is over. All sessions share it: nobody may change it."""
    found, folder = recorded.load(lesson, name), recorded.folder_of(lesson, name)
    return Run(
        f"recorded.{lesson}.{name}", folder.name, found.task, found.settings, folder,
        status="finished", facts=found.facts, points=found.points, moments=found.moments,
        steps=found.moments[-1]["step"], saved=folder.is_dir(), recorded=found.date,
    )  # fmt: skip


def best_fit(runs: list[Run], settings: Mapping[str, Any]) -> Run | None:
    """The run that agrees with most of the settings, the first of equals."""

    def agrees(run: Run) -> int:
        return sum(run.settings.get(name) == value for name, value in settings.items())

    return max(runs, key=agrees, default=None)


def recorded_on(run: Run) -> str:
    """The day of a recorded run, as people write it."""
    day = datetime.date.fromisoformat(run.recorded)
    return f"{day.day} {day:%B %Y}"


RACE = "Train your own to race it."
STAND_HERE = "Train your own, and it stands here."


def say_recorded(run: Run, title: str, then: str = RACE) -> None:
    """Say of a run on the stage that it was recorded, and what it is; nothing of one's own.

    ``then`` is what one's own would do.
    """
    if run.recorded:
        about = f": *{as_plain(title)}*" if title else ""
        st.caption(
            f"A run that was recorded on {recorded_on(run)} with seed {run.settings['seed']}"
            f"{about}. {then}"
        )


def say_recorded_among(runs: Sequence[Run], slug: str, step: str) -> None:
    """Say of runs that are compared which ones were recorded, and where one trains one's own."""
    found = [run for run in runs if run.recorded]
    if found:
        days = " and ".join(dict.fromkeys(map(recorded_on, found)))
        st.caption(f"Those that were recorded are real runs of {days}.")
        link(slug, "Train your own to set it beside them →", step=step)


def keep_alive(slug: str) -> None:
    """Look now and then at a lesson's runs: one that nobody looks at would end.

    A run goes on while its owner reads another step of the lesson.
    """
    keys = [key for key in remembered() if key.startswith(f"{slug}.")]

    def look() -> list[Run]:
        ids = [run_id for key in keys for run_id in st.session_state.get(key, ())]
        found = (runner.runs().look(run_id) for run_id in ids)
        return [run for run in found if run is not None and not run.over]

    if keys and look():
        errors.fragment(look, run_every=ALIVE_EVERY)()


def train_and_stop(
    slug: str,
    run: Run | None,
    start: Callable[..., None],
    *args: Any,
    label: str = "Train",
    ready: bool = True,
    suffix: str = "",
) -> None:
    """Two buttons: begin a run, and stop the one that goes on; beneath, why there is no room."""
    going = run is not None and not run.over
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            label, icon=":material/play_arrow:", key=f"{slug}.start{suffix}",
            type="primary" if ready and not going else "secondary",
            disabled=going or not ready, on_click=start, args=args,
        )  # fmt: skip
        st.button(
            "Stop", icon=":material/stop:", key=f"{slug}.stop{suffix}", disabled=not going,
            on_click=runner.runs().command, args=(run.id if run else "", "stop"),
        )  # fmt: skip
    if no_room := st.session_state.pop(f"{slug}.no_room", None):
        st.warning(no_room, icon=":material/hourglass_empty:")


def how_it_stands(run: Run | None, before: str, reading: str) -> None:
    """A sentence on a run that has nothing to show yet, or why it ended.

    ``before`` is said while there is none, ``reading`` until the first step.
    """
    if run is None:
        if before:
            st.caption(before)
    elif run.status == "failed" or run.reason:
        st.info(as_plain(run.reason), icon=":material/lightbulb:")
    elif run.status == "waiting":
        st.caption(f"Waiting: number {runner.runs().place(run)} in line.")
    elif run.facts is None:
        st.caption("It was stopped before it began." if run.over else reading)


def whole(run: Run, most: int = 40) -> dict[str, Any]:
    """A run at one go, for a small view beside another: up to ``most`` moments, and the last."""
    every = -(-len(run.moments) // most)
    moments = [*run.moments[:-1:every], run.moments[-1]]
    return {
        "run": f"{run.model_name}.{len(moments)}", "status": run.status, "reason": "", "place": 0,
        "steps": run.settings["steps"], "facts": run.facts, "first_point": 0, "points": [],
        "first_moment": 0, "moments": moments, "count_points": 0, "count_moments": len(moments),
        "compact": True,
    }  # fmt: skip
