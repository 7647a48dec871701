"""Maps of the uses of one word, and the film of its layers."""

from __future__ import annotations

import threading
import time
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lessons.word_senses import compute, figures
from lessons.word_senses.map_process import MapProcess
from lessons.word_senses.maps import METHODS, Map, MapSettings, Method, draw_map
from pages.ui import controls, shared
from pages.ui.components import component
from pages.ui.drawings import Drawing, drawing
from pages.ui.errors import fragment
from pages.ui.figures import chart, picture_caption
from pages.views.word_senses.workbench import (
    Bench,
    curve_of,
    film_of,
    new_key,
)

if TYPE_CHECKING:
    from lessons.engine.trace import Floats

_film = component("sense_film")


class MapWorker:
    """Asks for t-SNE and UMAP, away from the thread that serves a page.

    Each has a process of its own, so that t-SNE need not wait while UMAP compiles itself.
    """

    def __init__(self, folder: Path) -> None:
        self._drawers = {method: MapProcess(folder / method) for method in METHODS[1:]}
        self._turns = {method: threading.Lock() for method in self._drawers}
        self._jobs: dict[str, Future[Map]] = {}

    def ask(self, key: str, vectors: Floats, settings: MapSettings) -> Future[Map]:
        """The map under that key, being drawn or done. A failed one is drawn again."""
        job = self._jobs.get(key)
        if job is None or job.cancelled() or (job.done() and job.exception()):
            while len(self._jobs) >= 64:
                self._jobs.pop(next(iter(self._jobs))).cancel()
            job = self._jobs[key] = Future()
            # No pool: at the end of the app, Python would wait for its threads.
            threading.Thread(target=self._draw, args=(job, vectors, settings), daemon=True).start()
        return job

    def _draw(self, job: Future[Map], vectors: Floats, settings: MapSettings) -> None:
        with self._turns[settings.method]:
            if not job.set_running_or_notify_cancel():
                return
            try:
                job.set_result(self._drawers[settings.method].draw(vectors, settings))
            except Exception as error:
                job.set_exception(error)

    def compiled(self, method: Method) -> bool:
        """Whether that method has been used since the start, so that nothing is left to compile."""
        return self._drawers[method].warm

    def warm(self) -> None:
        """Have UMAP compiled before somebody asks for it."""
        if not self.compiled("UMAP"):
            self.ask("warm", np.eye(12, dtype=np.float32), MapSettings("UMAP"))


@st.cache_resource(show_spinner=False)
def map_worker() -> MapWorker:
    """The one worker of this process."""
    return MapWorker(shared.folder() / "maps")


def map_settings(name: str) -> MapSettings:
    """Controls of a map: method and dimensions in sight, the rest in a popover."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        method = controls.segmented_control(
            "Drawn by", METHODS, default="PCA", key=f"{name}.method"
        )
        dimensions = controls.segmented_control(
            "In", [2, 3], default=2, format_func=lambda d: f"{d}D", key=f"{name}.dimensions"
        )
        perplexity, n_neighbors, min_dist, seed = 10, 10, 0.1, 0
        if method != "PCA":
            with st.popover("Settings", icon=":material/settings:", key=f"{name}.settings"):
                if method == "t-SNE":
                    perplexity = controls.slider(
                        "Perplexity",
                        2,
                        50,
                        10,
                        key=f"{name}.perplexity",
                        help="About how many neighbors each point tries to keep.",
                    )
                else:
                    n_neighbors = controls.slider(
                        "Neighbors",
                        2,
                        50,
                        10,
                        key=f"{name}.n_neighbors",
                        help="Few: small groups count. Many: the whole counts.",
                    )
                    min_dist = controls.slider(
                        "Least distance",
                        0.0,
                        1.0,
                        0.1,
                        0.05,
                        key=f"{name}.min_dist",
                        help="How tightly points may be packed.",
                    )
                seed = controls.number_input(
                    "Seed",
                    0,
                    9999,
                    0,
                    key=f"{name}.seed",
                    help="Another seed, another map of the same points.",
                )
    return MapSettings(method or "PCA", dimensions or 2, seed, perplexity, n_neighbors, min_dist)


def map_view(bench: Bench, settings: MapSettings, *, key: str, height: int = 520) -> None:
    """The map. While a slow one is drawn elsewhere, PCA stands in and a bar says so."""
    vectors, worker = bench.with_new[bench.layer], map_worker()
    if settings.method == "PCA":
        _draw_now(bench, settings, draw_map(vectors, settings), key, height)
        worker.warm()
        return
    name = f"{bench.key}/{new_key(bench)}/{bench.layer}/{settings}"
    job = worker.ask(name, vectors, settings)
    if not job.done() and settings.method == "t-SNE" and len(vectors) < 100:
        wait([job], 0.35)  # small ones are done before a bar could be read
    if job.done():
        _draw_now(bench, settings, job.result(), key, height)
        return
    started = time.monotonic()
    first = settings.method == "UMAP" and not worker.compiled("UMAP")
    expected = 20.0 if first else 3.0

    def progress() -> None:
        if job.done():
            st.rerun()
        share = 1 - 0.5 ** (2 * (time.monotonic() - started) / expected)
        why = (
            "UMAP is compiled at its first use after a start, some 15 seconds."
            if first
            else f"{settings.method} is arranging {len(vectors):,} points."
        )
        st.progress(min(share, 0.97), f"{why} Until then, PCA stands in.")

    fragment(progress, run_every=0.7)()
    stand_in = MapSettings("PCA", settings.dimensions)
    _draw_now(bench, stand_in, draw_map(vectors, stand_in), key, height)


def _draw_now(bench: Bench, settings: MapSettings, drawn: Map, key: str, height: int) -> None:
    name = f"map/{settings}/{height}"
    figure, words = drawing(
        name,
        f"{bench.key}/{bench.layer}/{new_key(bench)}",
        lambda: _map(bench, settings, drawn, height),
    )
    chart(figure, key=key, words=words)


def _map(bench: Bench, settings: MapSettings, drawn: Map, height: int) -> Drawing:
    figure = figures.sense_map(
        bench.word, drawn, method=settings.method, layer=bench.layer, new=bench.new, height=height
    )
    return figure, compute.describe_map(bench.word, settings.method, bench.layer, drawn.kept)


def film_view(bench: Bench, *, key: str, guess: float | None = None) -> None:
    """The sense film: points that move from layer to layer, scrubbed in the browser.

    ``guess`` is the learner's, of the accuracy at layer 0; it stays on the curve.
    """
    film = film_of(bench.key, new_key(bench), bench.with_new)
    curve = curve_of(bench)
    data = figures.film_data(bench.word, film, curve, bench.new, guess)
    _film(key=key, data=data)
    picture_caption(
        compute.describe_curve(curve, f"“{bench.word.word}”")
        + " The dashed line is the commonest sense.",
        key=key,
        title=f"“{bench.word.word}” layer by layer",
        component="sense_film",
        data=lambda: data,
    )
