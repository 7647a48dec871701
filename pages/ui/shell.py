"""The frame of a lesson page: header, sentence, experiments, quiz, and the way on.

A page is a script that opens its lesson and draws one experiment after the other::

    with lesson_page("tokenization") as page:
        page.prose("why-pieces")
        if page.experiment("steps"):
            ...
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any

import streamlit as st

from lessons.catalog import catalog, find, neighbors
from lessons.schema import Lesson
from pages.ui import address, controls, errors, guesses, resources, room, sight, state
from pages.ui.address import HOME
from pages.ui.components import component, nothing, style_sheet
from pages.ui.figures import chart
from pages.ui.links import link
from pages.ui.quiz import quiz
from pages.ui.sentence import Sentence, sentence_bar

if TYPE_CHECKING:
    import plotly.graph_objects as go

    from lessons.engine import Encoding, Trace
    from lessons.engine.model import LoadedModel

QUIZ = "quiz"  # the region after the last experiment

_tools = component(
    "page_tools",
    """<div class="tools"><button type="button">Copy link</button>
<span class="said" role="status"></span></div>
""",
)


def enter(slug: str) -> None:
    """First line of every page: the bar of a class room, for those who sit in one.

    A page that Streamlit runs without the router is handed over to it first.
    """
    address.by_way_of_the_router()
    room.bar(slug)


class LessonPage:
    """What a lesson page draws with. Made by `lesson_page`."""

    def __init__(self, lesson: Lesson, *, pair: bool, whole: bool, gap: bool) -> None:
        if gap:
            state.default_gap()
        self.lesson = lesson
        self.presenting = bool(state.PRESENT.get())
        self._pair = pair
        self._experiments = [experiment.slug for experiment in lesson.experiments]
        self._in_parts = not whole and sight.busy()
        self._near = sight.near(lesson.slug, self._experiments[0]) if self._in_parts else None
        self._there: list[str] = []  # regions of this run
        self._drawn: list[str] = []  # of them, those that are not only given room
        self._box = ExitStack()  # the container of the experiment that is being drawn
        self._trace: Trace | None = None
        self.sentence: Sentence

    # --- the frame

    def __enter__(self) -> LessonPage:
        self._header()
        self.sentence = sentence_bar(pair=self._pair)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        self._box.close()
        if error is not None and not isinstance(error, Exception):
            return False  # Streamlit's own way of stopping a script
        with errors.calmly():
            if error is not None:
                raise error
        if self.presenting:
            self._presenter_keys()
        else:
            self._footer()
            self._box.close()
            if self._in_parts:
                sight.watch(self.lesson.slug, self._there, self._drawn)
        st.session_state["sight.whole"] = None if self._near else self.lesson.slug
        return True

    # --- what a page says and draws

    def prose(self, section: str) -> None:
        """A section of the lesson's text. Presenter mode leaves it out."""
        if not self.presenting:
            st.markdown(self.lesson.section(section))

    def heading(self, title: str) -> None:
        """A heading over prose that belongs to no experiment."""
        self._box.close()
        if not self.presenting:
            st.header(title, anchor=False)

    def experiment(self, slug: str, *, keep: bool = False) -> bool:
        """Begin an experiment: its heading.

        False when there is nothing to draw: presenter mode shows another one, or the learner is far
        away from it on a busy server. ``keep`` draws it even then, while something goes on in it.
        """
        if self.presenting and self._experiments[self._step()] != slug:
            return False
        return self._region(slug, self.lesson.experiment(slug).title, keep=keep)

    def _region(self, name: str, title: str, *, keep: bool = False) -> bool:
        # In a container, so that what is left out does not move what follows.
        self._box.close()
        self._box.enter_context(st.container(key=f"region-{name}"))
        st.header(title, anchor=name)
        self._there.append(name)
        far = self._near is not None and name not in self._near
        if far and not self.presenting and not keep:
            sight.room_for(self.lesson.slug, name)
            return False
        self._drawn.append(name)
        return True

    def attempt(self, draw: Callable[[LessonPage], None]) -> None:
        """Draw an experiment; if it cannot go on, say why and let the others stand."""
        with errors.calmly():
            draw(self)

    def predict(self, *depends: object) -> str | None:
        """Ask the lesson's question before the answer is shown. Returns the guess, None without.

        ``depends`` is what the answer depends on: where it changes, the question is open again.
        """
        return guesses.ask(self.lesson.slug, self.lesson.predict, repr(depends))

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

    def trace(self) -> Trace:
        """One pass of the model over the sentence with its masks, computed once a run."""
        if self._trace is None:
            self._trace = self.model().trace(self.masked())
        return self._trace

    def number(self, label: str, key: str, most: int, start: int) -> int:
        """A slider from 1; another model may have fewer layers or heads than the one before."""
        key = f"{self.lesson.slug}.{key}"
        return int(controls.slider(label, 1, most, min(start, most), key=key))

    # --- parts of the frame

    def _header(self) -> None:
        lesson = self.lesson
        with st.container(key="page_head", gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(
                    f"Part {lesson.part} · {lesson.part_title} · {lesson.minutes} minutes",
                    width="stretch",
                )
                self._tools()
            st.title(lesson.title, anchor=False)
            if not self.presenting:
                st.markdown(f"*{lesson.promise}*")
                with st.expander("What you will be able to do", key=f"{lesson.slug}.objectives"):
                    st.markdown("\n".join(f"- {objective}" for objective in lesson.objectives))

    def _tools(self) -> None:
        page_tools()
        st.button(
            "Leave presenter mode" if self.presenting else "Present",
            key="present.toggle",
            on_click=_toggle_presenting,
            help="Larger type, one experiment on the screen, ← and → to move.",
        )

    def _step(self) -> int:
        return min(max(state.PRESENT.get(), 1), len(self.lesson.experiments)) - 1

    def _presenter_keys(self) -> None:
        step, last = self._step(), len(self.lesson.experiments) - 1
        with st.container(horizontal=True, horizontal_alignment="center", key="present.keys"):
            st.button(
                "Back", icon="⬅️", shortcut="Left", disabled=step == 0,
                key="present.back", on_click=_present_step, args=(step,),
            )  # fmt: skip
            st.markdown(f"{step + 1} of {last + 1}")
            st.button(
                "Next", icon="➡️", shortcut="Right", disabled=step == last,
                key="present.next", on_click=_present_step, args=(step + 2,),
            )  # fmt: skip

    def _footer(self) -> None:
        lesson = self.lesson
        if not self._region(QUIZ, "Check yourself"):
            return
        passed = quiz(lesson)
        _done_tick(lesson.slug, passed)
        with st.expander("For teachers: a 10-minute plan", key=f"{lesson.slug}.teaching"):
            st.markdown(lesson.teaching.notes)
            st.markdown(
                "\n".join(f"- **{s.minutes} min** · {s.activity}" for s in lesson.teaching.plan)
            )
            with st.container(horizontal=True):
                link("worksheet", "Worksheet to print", icon="📄", lesson=lesson.slug)
                link("classroom", "Open a class room", icon="🧑‍🏫", lesson=lesson.slug)
        with st.expander("Sources", key=f"{lesson.slug}.references"):
            st.markdown(
                "\n".join(
                    f"- {r.authors} ({r.year}). [{r.title}]({r.url})" for r in lesson.references
                )
            )
        before, after = neighbors(lesson.slug)
        with st.container(horizontal=True, horizontal_alignment="distribute", key="page_ways"):
            link(before.slug, f"← {before.title}") if before else link(HOME, "← All lessons")
            link(after.slug, f"{after.title} →") if after else link(HOME, "All lessons →")


def lesson_page(
    slug: str, *, pair: bool = False, whole: bool = False, gap: bool = False
) -> LessonPage:
    """Open a lesson's page.

    ``pair`` shows the second sentence's field from the start. ``whole`` draws all experiments in
    every run, in sight or not: for a page whose trainings must be heard of. ``gap`` hides a word
    of the course's sentence for a visitor who begins here.
    """
    enter(slug)
    return LessonPage(find(slug), pair=pair, whole=whole, gap=gap)


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
        st.html("<style>:root{font-size:20px}[data-testid=stSidebar]{display:none}</style>")


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


def _present_step(step: int) -> None:
    state.PRESENT.set(step)
