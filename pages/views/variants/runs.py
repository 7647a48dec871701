"""Runs of the lesson on BERT's successors: a button, how far it is, and what it has found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.ui.errors import fragment
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns, how_it_stands, train_and_stop
from pages.ui.shell import LessonPage

LOOK_EVERY = 1.0  # seconds


class Watched(SessionRuns):
    """The runs of one task in this lesson. Only those that leave a model offer it elsewhere."""

    def __init__(
        self,
        name: str,
        task: str,
        start: str,
        title: Callable[[Run], str] = lambda run: "",
        *,
        leaves_model: bool = False,
    ) -> None:
        super().__init__(f"variants.{name}", f"lessons.variants.{task}", title)
        self.start_label, self.leaves_model = start, leaves_model

    def _offer_models(self) -> None:
        if self.leaves_model:
            super()._offer_models()

    def watch(
        self,
        page: LessonPage,
        settings: Mapping[str, Any],
        draw: Callable[[LessonPage, Run], None],
        before: str,
    ) -> Run | None:
        """Buttons and the newest run, drawn again while it goes on. Returns it once it has begun.

        ``before`` is said while there is none.
        """
        going = self.changing()
        fragment(self._live, run_every=LOOK_EVERY if going else None)(page, settings, draw, before)
        run = self.current()
        return run if run is not None and run.facts and run.moments else None

    def _live(
        self,
        page: LessonPage,
        settings: Mapping[str, Any],
        draw: Callable[[LessonPage, Run], None],
        before: str,
    ) -> None:
        run = self.current()
        train_and_stop(self.slug, run, self.start, dict(settings), label=self.start_label)
        how_it_stands(run, before, "Reading the model …")
        if run is not None and run.facts is not None:
            if not run.over:
                done = min(1.0, run.steps / max(1, run.facts["steps"]))
                st.progress(done, f"step {run.steps} of {run.facts['steps']}")
            if run.moments:
                draw(page, run)
        self.settle()
