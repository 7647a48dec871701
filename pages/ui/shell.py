"""The frame of a lesson page: a path of steps, each a script beside a stage.

A step is one experiment: the lesson's text on the left, the figure and its controls on the right.
The last step holds the common mistakes and the quiz. A run draws the step that is open alone; the
address says which. A page says what stands on the stage of each::

    with lesson_page("tokenization") as page:
        page.steps({"seven-steps": steps, "race": race})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

import streamlit as st

from lessons.catalog import catalog, find, neighbors
from lessons.schema import CHECK, Lesson
from pages.ui import address, controls, errors, guesses, resources, room_bar, session_runs, state
from pages.ui.address import HOME
from pages.ui.components import component, nothing, style_sheet
from pages.ui.figures import chart
from pages.ui.guesses import OPEN, Guess, Made
from pages.ui.links import link
from pages.ui.quiz import quiz
from pages.ui.sentence import Sentence, current, sentence_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go
    from streamlit.delta_generator import DeltaGenerator

    from lessons.engine import Encoding, Trace
    from lessons.engine.model import LoadedModel

CHECK_TITLE = "Check yourself"
STEP = "step"  # in a link: the step that is open

_tools = component(
    "page_tools",
    """<div class="tools"><button type="button">Copy link</button>
<span class="said" role="status"></span></div>
""",
    frame=True,
)
_steps = component("steps", '<nav aria-label="Steps of the lesson"></nav>', frame=True)


def enter(slug: str) -> None:
    """First line of every page: the bar of a class room, for those who sit in one.

    A page that Streamlit runs without the router is handed over to it first.
    """
    address.by_way_of_the_router()
    room_bar.bar(slug)


class LessonPage:
    """What a lesson page draws with. Made by `lesson_page`.

    ``step`` is the experiment that is open, or `CHECK` at the end: a run draws that one alone.
    """

    def __init__(self, lesson: Lesson, *, pair: bool, gaps: Mapping[str, int]) -> None:
        if gaps:
            state.default_gap()
        self.lesson = lesson
        self.presenting = bool(state.PRESENT.get())
        self.step = _open_step(lesson)
        self._pair = pair
        self._gaps = gaps
        self._box = ExitStack()  # the stage
        self._held_back: DeltaGenerator | None = None  # where the script goes on after a guess
        self._traces: dict[tuple[bytes, ...], Trace] = {}
        self.sentence: Sentence

    # --- the frame

    def __enter__(self) -> LessonPage:
        self._header()
        # Where the sentence plays no part, its bar is absent.
        if self.step != CHECK and self.lesson.experiment(self.step).sentence:
            gaps = self._gaps.get(self.step, 0)
            self.sentence = sentence_bar(pair=self._pair, gaps=gaps)
        else:
            self.sentence, _ = current()
        if self.presenting:
            st.header(self._title(self.step), anchor=False)
            beside = st.container()
        else:
            with st.container(key="lesson_step"):
                script, beside = st.columns([5, 12], gap="medium")
            with script, st.container(key="script"):
                self._script()
        self._box.enter_context(beside.container(key=f"stage-{self.step}"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        if error is not None and not isinstance(error, Exception):
            self._box.close()
            return False  # Streamlit's own way of stopping a script
        lacks = self.step == CHECK and isinstance(error, errors.EXPECTED)  # no matter to the quiz
        with errors.calmly():
            if error is not None and not lacks:
                raise error
        if self.step == CHECK:
            self._check()
        self._box.close()
        if self.presenting:
            self._ways()
        session_runs.keep_alive(self.lesson.slug)
        return True

    # --- what a page says and draws

    def prose(self, section: str) -> None:
        """A section of the lesson's text inside the stage. Presenter mode leaves it out."""
        if not self.presenting:
            st.markdown(self.lesson.section(section))

    def experiment(self, slug: str) -> bool:
        """Whether this experiment is the step that is open, and so to be drawn."""
        return self.lesson.experiment(slug).slug == self.step

    def steps(self, draws: Mapping[str, Callable[[LessonPage], None]]) -> None:
        """Draw the step that is open with the one of ``draws`` that has its name."""
        for slug, draw in draws.items():
            if self.experiment(slug):
                draw(self)

    def attempt(self, draw: Callable[[LessonPage], None]) -> None:
        """Draw a part of the stage; if it cannot go on, say why and let the others stand."""
        with errors.calmly():
            draw(self)

    def predict(self, *depends: object, **known: float | str) -> Guess | None:
        """The learner's guess at the question of this step; None while the veil is down.

        While it is, the answer must not reach the page: nothing that tells it is drawn, and the
        script keeps back the sections that tell it. ``depends`` is what the
        answer depends on: where it changes, the question is open again. ``known`` are numbers that
        stand on the axis from the start. Not inside a fragment, since the script follows.
        """
        prediction = self.lesson.prediction(self.step)
        guess = guesses.ask(self.lesson.slug, prediction, repr(depends), known)
        if guess is not None:
            self.go_on()
        return guess

    def go_on(self) -> None:
        """Say what the script keeps back until the guess; also where there is nothing to guess."""
        if self._held_back is not None:
            with self._held_back:
                for section in self.lesson.prediction(self.step).after:
                    st.markdown(self.lesson.section(section))

    def reveal(
        self, guess: Guess, truth: Made | None, words: str, *, values: Sequence[float | None] = (),
        key: str = "", **known: float | str,
    ) -> None:  # fmt: skip
        """The guess as a ghost beside the truth. ``words`` say what came out.

        ``values`` are lengths of the options' bars (0 to 1).
        """
        guesses.reveal(
            self.lesson.slug, self.lesson.prediction(self.step), guess, truth, words,
            known=known, values=values, key=key,
        )  # fmt: skip

    def chart(self, figure: go.Figure, *, key: str, words: str) -> None:
        """Draw a figure, with ``words`` beneath that say what it shows."""
        chart(figure, key=f"{self.lesson.slug}.{key}", words=words)

    # --- what a page computes with

    def encoding(self) -> Encoding:
        """Tokens of the sentence. Raises NothingToShow when there is none."""
        if self.sentence.empty or self.sentence.encoding is None:
            raise errors.NothingToShow(
                "This lesson works on your sentence: type one above to begin."
            )
        return self.sentence.encoding

    def model(self) -> LoadedModel:
        """The chosen model; the first call of a process waits for it to load."""
        return resources.model(self.sentence.model)

    def masked(self) -> Encoding:
        """The encoding with the learner's masks in place."""
        return self.model().masked(self.encoding(), self.sentence.masks)

    def trace(self, encoding: Encoding | None = None, *, maps_only: bool = False) -> Trace:
        """One pass of the model over the sentence with its masks, or over ``encoding``.

        Each is computed once a run. With ``maps_only`` it may lack all but hidden states and
        attention weights, which saves most of the memory.
        """
        encoding = encoding or self.masked()
        key: tuple[bytes, ...] = encoding.input_ids.tobytes(), encoding.token_type_ids.tobytes()
        if maps_only and key not in self._traces:
            key = *key, b"maps"
        if key not in self._traces:
            keep = () if maps_only else None
            self._traces[key] = resources.trace(self.model(), encoding, keep)
        return self._traces[key]

    def number(self, label: str, key: str, most: int, start: int) -> int:
        """A slider from 1; another model may have fewer layers or heads than the one before."""
        key = f"{self.lesson.slug}.{key}"
        return int(controls.slider(label, 1, most, min(start, most), key=key))

    # --- parts of the frame

    def _header(self) -> None:
        lesson = self.lesson
        with st.container(key="page_head", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.title(lesson.title, anchor=False, width="stretch")
                self._tools()
            _steps(
                key="steps",
                data={
                    "page": lesson.slug,
                    "open": self.step,
                    "presenting": self.presenting,
                    "steps": [[step, self._title(step)] for step in self._all()],
                },
            )

    def _tools(self) -> None:
        page_tools()
        st.button(
            "Leave presenter mode" if self.presenting else "Present",
            key="present.toggle",
            on_click=_toggle_presenting,
            help="Larger type and no text beside the figure. ← and →, the keys of a presenter, or "
            "the number of a step lead on; Esc ends it.",
        )

    def _all(self) -> list[str]:
        return [*(experiment.slug for experiment in self.lesson.experiments), CHECK]

    def _title(self, step: str) -> str:
        return CHECK_TITLE if step == CHECK else self.lesson.experiment(step).title

    def _script(self) -> None:
        """The text beside the stage: on the first step, what the lesson is about comes before."""
        lesson = self.lesson
        if self.step == self._all()[0]:
            st.markdown(
                f"Part {lesson.part} · {lesson.part_title} · {lesson.minutes} minutes  \n"
                f"*{lesson.promise}*"
            )
            with st.expander("What you will be able to do", key=f"{lesson.slug}.objectives"):
                st.markdown("\n".join(f"- {objective}" for objective in lesson.objectives))
        st.header(self._title(self.step), anchor=False)
        if self.step == CHECK:
            for section in lesson.closing:
                st.subheader(lesson.titles[section], anchor=False)
                st.markdown(lesson.section(section))
        else:
            after = [s for p in lesson.predictions if p.step == self.step for s in p.after]
            for section in lesson.experiment(self.step).script:
                if section not in after:
                    st.markdown(lesson.section(section))
            self._held_back = st.container()
        self._ways()

    def _ways(self) -> None:
        """To the step before and the one after; at either end, to the lesson before and after."""
        slug, steps = self.lesson.slug, self._all()
        before, after = neighbors(slug)
        at = steps.index(self.step)
        with st.container(horizontal=True, horizontal_alignment="distribute", key="page_ways"):
            if at:
                link(slug, f"← {self._title(steps[at - 1])}", step=steps[at - 1])
            elif before:
                link(before.slug, f"← {before.title}", step=CHECK)
            else:
                link(HOME, "← All lessons")
            if self.step != CHECK:
                link(slug, f"{self._title(steps[at + 1])} →", step=steps[at + 1])
            elif after:
                link(after.slug, f"{after.title} →", step=after.experiments[0].slug)
            else:
                link(HOME, "All lessons →")

    def _check(self) -> None:
        lesson = self.lesson
        passed = quiz(lesson)
        _done_tick(lesson.slug, passed)
        text = {"lesson": lesson.slug, "worksheet.kind": "The lesson's text"}
        link("worksheet", "Read the whole lesson", **text)
        if lesson.in_python:
            with st.expander("Do it in Python", key=f"{lesson.slug}.in_python"):
                st.markdown("The course is a library too: `pip install .` in its folder.")
                st.code(lesson.in_python, language="python")
        with st.expander("For teachers: a 10-minute plan", key=f"{lesson.slug}.teaching"):
            st.markdown(lesson.teaching.notes)
            st.markdown(
                "\n".join(f"- **{s.minutes} min** · {s.activity}" for s in lesson.teaching.plan)
            )
            with st.container(horizontal=True):
                link(
                    "worksheet",
                    "Worksheet to print",
                    icon=":material/description:",
                    lesson=lesson.slug,
                )
                link("classroom", "Open a class room", icon=":material/school:", lesson=lesson.slug)
        with st.expander("Sources", key=f"{lesson.slug}.references"):
            st.markdown(
                "\n".join(
                    f"- {r.authors} ({r.year}). [{r.title}]({r.url})" for r in lesson.references
                )
            )


def _open_step(lesson: Lesson) -> str:
    """The step that the address names, else the one that was open last; at first, the first."""
    steps = [*(experiment.slug for experiment in lesson.experiments), CHECK]
    last: dict[str, str] = st.session_state.setdefault(OPEN, {})
    said = address.heard(STEP)
    if said is not None:
        last[lesson.slug] = said[0] if said else steps[0]
    found = last.get(lesson.slug, steps[0])
    last[lesson.slug] = found = found if found in steps else steps[0]
    address.say(STEP, *([found] if found != steps[0] else []))
    return found


def lesson_page(
    slug: str, *, pair: bool = False, gaps: Mapping[str, int] | None = None
) -> LessonPage:
    """Open a lesson's page.

    ``pair`` shows the second sentence's field from the start. ``gaps`` says how many words must be
    hidden at a step: where the learner hid fewer, the page does.
    """
    enter(slug)
    return LessonPage(find(slug), pair=pair, gaps=gaps or {})


def done() -> list[str]:
    """Slugs of the lessons that this browser's learner has finished."""
    known = {lesson.slug for lesson in catalog()}
    return [slug for slug in st.session_state.get("done") or [] if slug in known]


def page_tools() -> None:
    """The copy-link button, and this browser's memory of finished lessons."""
    result: Any = _tools(
        key="page_tools",
        width="content",
        data={"done": st.session_state.get("done"), "too_long": address.too_long()},
        on_done_change=nothing,
    )
    heard = result.done
    if st.session_state.get("done") is None and isinstance(heard, list):
        st.session_state["done"] = [slug for slug in heard if isinstance(slug, str)]
        st.rerun()


def style() -> None:
    """The style sheet of the app, and of presenter mode when it is on."""
    st.html(style_sheet())
    if state.PRESENT.get():
        st.html(
            "<style>:root{font-size:clamp(20px,1.35vw,44px)}"
            "[data-testid=stSidebar]{display:none}</style>"
        )


def _done_tick(slug: str, passed: bool) -> None:
    finished = slug in done()
    if passed and not finished and not st.session_state.get(f"{slug}.celebrated"):
        st.session_state[f"{slug}.celebrated"] = True
        _mark_done(slug, True)
        st.rerun()
    st.checkbox(
        "I have finished this lesson",
        value=finished,
        key=f"{slug}.done.{finished}",
        on_change=_mark_done,
        args=(slug, not finished),
    )


def _mark_done(slug: str, finished: bool) -> None:
    others = [other for other in done() if other != slug]
    st.session_state["done"] = [*others, slug] if finished else others


def _toggle_presenting() -> None:
    state.PRESENT.set(0 if state.PRESENT.get() else 1)
