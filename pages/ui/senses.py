"""What the lesson on word senses and its playground share: data, vectors, and the views of them.

Vectors of the course's sentences are computed once for everybody, those of a learner's own
sentences one by one, so that adding a sentence costs one forward pass.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lessons.engine import MODELS, Encoding, available_models
from lessons.word_senses import claims, compute, figures
from lessons.word_senses.claims import Coreference, Roles
from lessons.word_senses.compute import LayerCurve
from lessons.word_senses.examples import (
    Example,
    NotASentence,
    SenseWord,
    Table,
    locate,
    occurrences,
    read_table,
    sense_words,
)
from lessons.word_senses.maps import FEWEST, METHODS, Film, Map, MapSettings, draw_map, sense_film
from pages.ui import resources, state
from pages.ui.components import component
from pages.ui.drawings import Drawing, drawing
from pages.ui.figures import chart
from pages.ui.sentence import Sentence
from pages.ui.shell import NothingToShow

if TYPE_CHECKING:
    from lessons.engine.trace import Floats

OWN = "senses.own"  # what a learner kept, in the session
OWN_PARAM = "own"  # the same in the link, while it is short
LONGEST_LINK = 1500
MOST_OWN = 200
MOST_IN_MATRIX = 200
BATCH = 32

_film = component(
    "sense_film",
    """<div class="film">
<svg class="stage" tabindex="0" role="img" aria-label="Sentences as points. Arrow keys walk through
them."></svg>
<p class="said" role="status"></p>
<div class="bar"><button type="button" class="play">▶ Play</button>
<div class="scrub"><input class="slider" type="range" min="0" step="0.01" aria-label="Layer">
<svg class="curve" aria-hidden="true"></svg></div></div>
<div class="foot"><span class="where"></span></div>
<div class="foot"><div class="legend" role="group" aria-label="Senses"></div>
<div class="save"><span>Save</span><button type="button" data-save="png">PNG</button>
<button type="button" data-save="svg">SVG</button></div></div>
</div>""",
)


# --- which word, which sentences ----------------------------------------------------------------


@dataclass(frozen=True)
class Bench:
    """One word on the bench: its sentences and vectors, and the learner's new sentence."""

    word: SenseWord
    vectors: Floats
    """(L+1, N, D)"""
    model: str
    layer: int
    key: str
    """Names word, sentences and model, for what is cached."""
    base: SenseWord
    """The word as the course or a table brings it …"""
    own: Sequence[Example]
    """… and what the learner kept beside."""
    new: Example | None = None
    new_vector: Floats | None = None
    """(L+1, D)"""

    @property
    def layers(self) -> int:
        """The number of the last layer."""
        return len(self.vectors) - 1

    @property
    def with_new(self) -> Floats:
        """All vectors, the new sentence's last: (L+1, N or N+1, D)."""
        if self.new_vector is None:
            return self.vectors
        return np.concatenate([self.vectors, self.new_vector[:, None]], axis=1)


def own_sentences() -> list[tuple[str, Example]]:
    """What the learner kept, as (word, sentence). The first call of a session reads the link."""
    if OWN not in st.session_state:
        st.session_state[OWN] = [
            found for line in st.query_params.get_all(OWN_PARAM) if (found := _from_link(line))
        ]
    kept: list[tuple[str, Example]] = st.session_state[OWN]
    return kept


def _from_link(line: str) -> tuple[str, Example] | None:
    """A kept sentence as a link writes it: word|sense|sentence with [brackets]."""
    word, _, rest = line.partition("|")
    sense, _, marked = rest.partition("|")
    try:
        text, span = locate(marked)
    except NotASentence:
        return None
    if not word or not sense or len(sense) > 60 or len(word) > 60:
        return None
    return word, Example(text, span, sense, own=True)


def _publish_own(kept: Sequence[tuple[str, Example]]) -> None:
    lines = [f"{word}|{example.sense}|{example.marked}" for word, example in kept]
    if lines and sum(map(len, lines)) <= LONGEST_LINK:
        if st.query_params.get_all(OWN_PARAM) != lines:
            st.query_params[OWN_PARAM] = lines
    elif OWN_PARAM in st.query_params:
        del st.query_params[OWN_PARAM]


def _keep(word: str, example: Example) -> None:
    kept = own_sentences()
    known = {(w, x.text, x.span) for w, x in kept}
    if len(kept) < MOST_OWN and (word, example.text, example.span) not in known:
        kept.append((word, example))


def _drop(place: int | None) -> None:
    kept = own_sentences()
    if place is None:
        kept.clear()
    elif place < len(kept):
        del kept[place]


def uploaded() -> Table:
    """The learner's own table; empty when there is none."""
    table: Table = st.session_state.get("senses.table") or Table()
    return table


def all_words() -> dict[str, SenseWord]:
    """The course's words, then those of the learner's table."""
    return sense_words() | {f"{name} (your table)": word for name, word in uploaded().words.items()}


def choose_word() -> SenseWord:
    """The select box of words."""
    words = all_words()
    key = "senses.word"
    if st.session_state.get(key) not in words:
        st.session_state.pop(key, None)
    name = st.selectbox(
        "Word",
        list(words),
        key=key,
        bind="query-params",
        help="Each word has 10 or more sentences for each of its senses, written for this course.",
    )
    return words[name or "bank"]


def last_layer(model: str) -> int:
    """The number of a model's last layer; for the models we know, without loading them."""
    return (MODELS[model] if model in MODELS else resources.model(model).spec).layers


def choose_layer(last: int, key: str = "senses.layer") -> int:
    """The slider of layers, 0 to ``last``; another model may have fewer of them."""
    value = st.session_state.get(key)
    if isinstance(value, int) and value > last:
        st.session_state[key] = last
    return int(
        st.slider(
            "Layer", 0, last, last, key=key, bind="query-params",
            help="0 is the input before any attention, the last is what the model puts out.",
        )
    )  # fmt: skip


# --- vectors ------------------------------------------------------------------------------------


@st.cache_resource(max_entries=96, show_spinner="Reading the sentences …")
def _vectors(model: str, digest: str, _examples: Sequence[Example]) -> Floats:
    """Vectors of sentences that stay, (L+1, N, D), with a bar while a first visitor waits."""
    loaded = resources.model(model)
    if len(_examples) <= BATCH * 2:
        return compute.word_vectors(loaded, _examples)
    bar = st.progress(0.0, f"Reading {len(_examples):,} sentences …")
    parts = []
    for start in range(0, len(_examples), BATCH):
        parts.append(compute.word_vectors(loaded, _examples[start : start + BATCH]))
        bar.progress(min(1.0, (start + BATCH) / len(_examples)), "Reading your sentences …")
    bar.empty()
    return np.concatenate(parts, axis=1)


@st.cache_resource(max_entries=24, show_spinner=False)
def _with_own(model: str, key: str, _base: Floats, _own: Sequence[Example]) -> Floats:
    """Vectors with those of kept sentences behind; only a new one goes through the model."""
    added = np.stack([_own_vector(model, x.text, x.span) for x in _own], axis=1)
    return np.concatenate([_base, added], axis=1)


@st.cache_resource(max_entries=600, show_spinner=False)
def _own_vector(model: str, text: str, span: tuple[int, int]) -> Floats:
    """Vector of one kept sentence: (L+1, D)."""
    return compute.word_vectors(resources.model(model), [Example(text, span, "")])[:, 0]


@st.cache_resource(max_entries=200, show_spinner=False)
def _new_vector(
    model: str, text: str, pair: str | None, masks: tuple[int, ...], span: tuple[int, int]
) -> Floats:
    """Vector of a word of the sentence above, masks in place: (L+1, D)."""
    loaded = resources.model(model)
    encoding: Encoding = loaded.encode(text, pair)
    if masks:
        encoding = loaded.masked(encoding, masks)
    return loaded.word_vectors([(encoding, span)])[:, 0]


@st.cache_data(max_entries=50, show_spinner=False)
def _seen(model: str, digest: str, _examples: Sequence[Example]) -> list[bool]:
    return compute.readable(resources.model(model), _examples)


def readable(model: str, examples: Sequence[Example]) -> tuple[Example, ...]:
    """The sentences in which the model sees a token where the word stands."""
    seen = _seen(model, digest(examples), examples)
    return tuple(x for x, there in zip(examples, seen, strict=True) if there)


def digest(examples: Sequence[Example]) -> str:
    """A short name for a list of sentences."""
    spoken = "\n".join(f"{example.sense}|{example.marked}" for example in examples)
    return hashlib.sha256(spoken.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def vectors_of(model: str, word: SenseWord, own: Sequence[Example] = ()) -> Floats:
    """Vectors of a word as the course or a table brings it, kept sentences last: (L+1, N, D)."""
    key = digest(word.examples)
    base = _vectors(model, key, word.examples)
    return _with_own(model, f"{key}/{digest(own)}", base, own) if own else base


def bench(sentence: Sentence, word: SenseWord, layer: int | None = None) -> Bench:
    """Put a word on the bench, with what the learner kept for it and the sentence above.

    Sentences in which the model sees nothing of the word are left out.
    """
    model = sentence.model
    if any(example.own for example in word.examples):
        word = replace(word, examples=readable(model, word.examples))
    if len(set(word.labels)) < 2 or len(word.examples) < FEWEST:
        raise NothingToShow("Two senses with two sentences each are the least to compare.")
    new = new_example(sentence, word)
    own = [
        example
        for name, example in own_sentences()
        if name == word.word
        # What stands above is judged as a new sentence, even when it was kept.
        and not (new and (example.text, example.span) == (new.text, new.span))
    ]
    own = list(readable(model, own))
    vectors = vectors_of(model, word, own)
    new_vector = None
    if new is not None:
        new_vector = _new_vector(model, sentence.text, sentence.pair, sentence.masks, new.span)
    shown = word.with_own(own)
    key = f"{model}/{word.word}/{digest(shown.examples)}"
    last = len(vectors) - 1
    return Bench(
        shown,
        vectors,
        model,
        last if layer is None else min(layer, last),
        key,
        word,
        own,
        new,
        new_vector,
    )


def choose_occurrence(sentence: Sentence, word: SenseWord) -> None:
    """Where the word stands more than once in the sentence above, ask which one is meant."""
    spans = _spans(sentence, word)
    if len(spans) < 2 or _selected_span(sentence):
        return
    st.segmented_control(
        f"“{_plain(word.word)}” stands {len(spans)} times in your sentence. Which one?",
        list(range(len(spans))),
        format_func=lambda i: f"{i + 1}. {_around(sentence.text, spans[i])}",
        default=0,
        required=True,
        key=_which_key(sentence, word),
    )


def new_example(sentence: Sentence, word: SenseWord) -> Example | None:
    """The word of the sentence above that is looked at: the selected one, else a form of ``word``.

    Where the word stands there more than once, `choose_occurrence` has asked which.
    """
    span = _selected_span(sentence)
    if span is None:
        spans = _spans(sentence, word)
        if not spans:
            return None
        which = st.session_state.get(_which_key(sentence, word)) or 0
        span = spans[min(which, len(spans) - 1)]
    return Example(sentence.text, span, "", own=True)


def _which_key(sentence: Sentence, word: SenseWord) -> str:
    return f"senses.which.{digest([Example(sentence.text, (0, 0), word.word)])}"


def _selected_span(sentence: Sentence) -> tuple[int, int] | None:
    """The word of the selected token; a special token is no word."""
    if sentence.encoding is None or sentence.selected is None:
        return None
    return compute.span_of_token(sentence.encoding, sentence.selected)


MOST_OCCURRENCES = 8


def _spans(sentence: Sentence, word: SenseWord) -> list[tuple[int, int]]:
    """Where forms of the word stand in the sentence above, as far as the model reads it."""
    encoding = sentence.encoding
    if encoding is None or sentence.empty:
        return []
    last = max(
        (
            offsets[1]
            for offsets, part in zip(encoding.offsets, encoding.sentence_ids, strict=True)
            if offsets is not None and part == 0
        ),
        default=0,
    )
    found = occurrences(sentence.text, word.word, word.forms)
    return [span for span in found if span[1] <= last][:MOST_OCCURRENCES]


def _around(text: str, span: tuple[int, int]) -> str:
    start, end = span
    before = text[:start].rsplit(maxsplit=1)[-1:] if text[:start].strip() else []
    after = text[end:].split(maxsplit=1)[:1]
    return " ".join(["…", *before, text[start:end], *after, "…"])


# --- what is computed of a bench, once ----------------------------------------------------------


@st.cache_data(max_entries=200, show_spinner=False)
def _curve(key: str, _vectors: Floats, labels: tuple[int, ...]) -> LayerCurve:
    return compute.layer_curve(_vectors, labels)


def curve_of(bench: Bench) -> LayerCurve:
    """Quality of the senses by layer, the new sentence left out."""
    return _curve(bench.key, bench.vectors, tuple(bench.word.labels))


@st.cache_resource(max_entries=100, show_spinner=False)
def _film_of(key: str, new: str, _vectors: Floats) -> Film:
    return sense_film(_vectors)


def all_curves(model: str) -> dict[str, LayerCurve]:
    """Curves of all words of the course, with a bar while they are computed for the first time."""
    words = sense_words()
    bar = None
    curves = {}
    started = time.monotonic()
    for done, word in enumerate(words.values()):
        if bar is None and time.monotonic() - started > 0.3:
            bar = st.progress(0.0)
        if bar is not None:
            bar.progress(done / len(words), f"Reading all sentences: {word.word} …")
        key = f"{model}/{word.word}/{digest(word.examples)}"
        curves[word.word] = _curve(key, vectors_of(model, word), tuple(word.labels))
    if bar is not None:
        bar.empty()
    return curves


@st.cache_resource(max_entries=6, show_spinner=False)
def random_vectors(model: str) -> Floats:
    """Vectors of random words, the baseline of likeness: (L+1, M, D)."""
    return compute.word_vectors(resources.model(model), compute.random_words())


@st.cache_data(max_entries=12, show_spinner=False)
def coreference(model: str) -> Coreference:
    """`claims.coreference` of a model by name, measured once."""
    return claims.coreference(resources.model(model))


@st.cache_data(max_entries=12, show_spinner=False)
def roles(model: str) -> Roles:
    """`claims.roles` of a model by name, measured once."""
    return claims.roles(resources.model(model))


# --- maps that take long ------------------------------------------------------------------------


class MapWorker:
    """Draws t-SNE and UMAP one after the other, away from the thread that serves a page."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="maps")
        self._jobs: dict[str, Future[Map]] = {}
        self.compiled = False  # whether UMAP has run once in this process

    def ask(self, key: str, vectors: Floats, settings: MapSettings) -> Future[Map]:
        """The map under that key, being drawn or done. A failed one is drawn again."""
        job = self._jobs.get(key)
        if job is None or job.cancelled() or (job.done() and job.exception()):
            while len(self._jobs) >= 64:
                self._jobs.pop(next(iter(self._jobs))).cancel()
            job = self._jobs[key] = self._pool.submit(self._draw, vectors, settings)
        return job

    def _draw(self, vectors: Floats, settings: MapSettings) -> Map:
        first = settings.method == "UMAP" and not self.compiled
        drawn = draw_map(vectors, settings)
        if first:
            self.compiled = True
            gc.collect()
            gc.freeze()  # numba's and umap's objects stay: no collection need look at them again
        return drawn


@st.cache_resource(show_spinner=False)
def map_worker() -> MapWorker:
    """The one worker of this process."""
    return MapWorker()


def map_settings(name: str) -> MapSettings:
    """Controls of a map: method and dimensions in sight, the rest in a popover."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        method = st.segmented_control(
            "Drawn by", METHODS, default="PCA", required=True, key=f"{name}.method",
            persist_state="session",
        )  # fmt: skip
        dimensions = st.segmented_control(
            "In", [2, 3], default=2, required=True, format_func=lambda d: f"{d}D",
            key=f"{name}.dimensions", persist_state="session",
        )  # fmt: skip
        perplexity, n_neighbors, min_dist, seed = 10, 10, 0.1, 0
        if method != "PCA":
            with st.popover("Settings", icon="⚙️", key=f"{name}.settings"):
                if method == "t-SNE":
                    perplexity = st.slider(
                        "Perplexity", 2, 50, 10, key=f"{name}.perplexity",
                        persist_state="session",
                        help="About how many neighbors each point tries to keep.",
                    )  # fmt: skip
                else:
                    n_neighbors = st.slider(
                        "Neighbors", 2, 50, 10, key=f"{name}.n_neighbors",
                        persist_state="session",
                        help="Few: small groups count. Many: the whole counts.",
                    )  # fmt: skip
                    min_dist = st.slider(
                        "Least distance", 0.0, 1.0, 0.1, 0.05, key=f"{name}.min_dist",
                        persist_state="session", help="How tightly points may be packed.",
                    )  # fmt: skip
                seed = int(
                    st.number_input(
                        "Seed", 0, 9999, 0, key=f"{name}.seed", persist_state="session",
                        help="Another seed, another map of the same points.",
                    )
                )  # fmt: skip
    return MapSettings(method or "PCA", dimensions or 2, seed, perplexity, n_neighbors, min_dist)


def map_view(bench: Bench, settings: MapSettings, *, key: str, height: int = 520) -> None:
    """The map. While a slow one is drawn elsewhere, PCA stands in and a bar says so."""
    vectors = bench.with_new[bench.layer]
    if settings.method == "PCA":
        _draw_now(bench, settings, draw_map(vectors, settings), key, height)
        return
    name = f"{bench.key}/{_new_key(bench)}/{bench.layer}/{settings}"
    worker = map_worker()
    job = worker.ask(name, vectors, settings)
    if not job.done() and settings.method == "t-SNE" and len(vectors) < 100:
        wait([job], 0.35)  # small ones are done before a bar could be read
    if job.done():
        _draw_now(bench, settings, job.result(), key, height)
        return
    started = time.monotonic()
    first = settings.method == "UMAP" and not worker.compiled
    expected = 20.0 if first else 3.0

    @st.fragment(run_every=0.7)
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

    progress()
    stand_in = MapSettings("PCA", settings.dimensions)
    _draw_now(bench, stand_in, draw_map(vectors, stand_in), key, height)


def _new_key(bench: Bench) -> str:
    if bench.new is None or bench.new_vector is None:
        return ""
    return hashlib.sha256(bench.new_vector.tobytes()).hexdigest()[:12]


def _draw_now(bench: Bench, settings: MapSettings, drawn: Map, key: str, height: int) -> None:
    name = f"map/{settings}/{height}"
    figure, words = drawing(
        name,
        f"{bench.key}/{bench.layer}/{_new_key(bench)}",
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
    film = _film_of(bench.key, _new_key(bench), bench.with_new)
    curve = curve_of(bench)
    _film(key=key, data=figures.film_data(bench.word, film, curve, bench.new, guess))
    st.caption(
        compute.describe_curve(curve, f"“{bench.word.word}”")
        + " The dashed line is the commonest sense."
    )


# --- the new sentence ---------------------------------------------------------------------------


def invite(word: SenseWord) -> None:
    """What to do when the sentence above has no form of the word."""
    st.info(
        f"Your sentence above has no form of “{_plain(word.word)}”. Type one that has, click the "
        "word that you mean in the ribbon, or take a sentence to try.",
        icon="✏️",
    )


def tries_view(word: SenseWord) -> None:
    """Buttons that put a fresh sentence with the word into the bar above."""
    if word.tries:
        with st.container(horizontal=True, gap="small", key="senses_tries"):
            for place, text in enumerate(word.tries):
                st.button(text, key=f"senses.try{place}", on_click=_take_text, args=(text,))


def _take_text(text: str) -> None:
    state.TEXT.set(text)
    state.PAIR.set("")
    state.MASKS.set(())
    state.SELECTED.set(())


def verdict_view(bench: Bench, sentence: Sentence, *, key: str, keep: bool = True) -> None:
    """Where the sentence above lands: bars, the verdict in words, and a button to keep it."""
    if bench.new is None or bench.new_vector is None:
        invite(bench.word)
        return
    found = compute.verdict(
        bench.vectors[bench.layer], bench.word.labels, bench.new_vector[bench.layer]
    )
    name = list(bench.word.senses)[found.sense]
    st.markdown(
        f"Here “{_plain(bench.new.word)}” is nearest to **{_plain(name)}**, "
        f"by a margin of **{found.margin:.2f}**."
    )
    figure, words = drawing(
        "verdict",
        f"{bench.key}/{bench.layer}/{_new_key(bench)}",
        lambda: (
            figures.verdict_bars(bench.word, found),
            compute.describe_verdict(bench.word, found),
        ),
    )
    chart(figure, key=f"{key}.bars", words=words)
    if sentence.masks:
        st.caption("Your masks are in place: the model read the sentence with them.")
    if keep:
        _keep_controls(bench, found.sense)


def _keep_controls(bench: Bench, guess: int) -> None:
    assert bench.new is not None
    names = list(bench.word.senses)
    with st.container(horizontal=True, vertical_alignment="bottom", key="senses_keep"):
        sense = st.selectbox(
            "Keep it on the map as",
            names,
            index=guess,
            key=f"senses.sense.{bench.word.word}.{guess}",
            accept_new_options=True,
            help="Choose the sense that you mean, or type a new one.",
        )
        full = len(own_sentences()) >= MOST_OWN
        kept = Example(bench.new.text, bench.new.span, str(sense or names[guess])[:60], own=True)
        known = any(
            word == bench.word.word and (x.text, x.span) == (kept.text, kept.span)
            for word, x in own_sentences()
        )
        st.button(
            "Kept" if known else "Keep it",
            key="senses.keep",
            icon="📌",
            disabled=full or known,
            on_click=_keep,
            args=(bench.word.word, kept),
        )
    if full:
        st.caption(f"{MOST_OWN} sentences are kept; remove some to add others.")


def neighbors_view(bench: Bench) -> None:
    """The known sentences nearest to the new one, as a table."""
    if bench.new is None or bench.new_vector is None:
        raise NothingToShow(
            f"Type a sentence with “{bench.word.word}” above to see which sentences are nearest."
        )
    found = compute.neighbors(bench.vectors[bench.layer], bench.new_vector[bench.layer])
    examples = [bench.word.examples[i] for i, _ in found]
    st.dataframe(
        {
            "cosine": [round(cosine, 3) for _, cosine in found],
            "sense": [example.sense for example in examples],
            "sentence": [example.marked for example in examples],
        },
        hide_index=True,
        key="senses.neighbors",
        column_config={
            "cosine": st.column_config.ProgressColumn(
                "cosine", min_value=0.0, max_value=1.0, format="%.2f", width="small"
            ),
            "sentence": st.column_config.TextColumn(width="large"),
        },
    )
    votes = [example.sense for example in examples[:5]]
    winner = max(dict.fromkeys(votes), key=votes.count)
    st.caption(
        f"Of the {len(votes)} nearest sentences, {votes.count(winner)} use “{bench.word.word}” "
        f"in the sense “{winner}” (layer {bench.layer})."
    )


def kept_view() -> None:
    """The learner's own sentences, each with a button to remove it."""
    kept = own_sentences()
    if not kept:
        st.caption("Nothing kept yet. Sentences that you keep stay for this visit.")
        return
    for place in range(len(kept) - 1, max(-1, len(kept) - 21), -1):
        word, example = kept[place]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(f"{word} · {example.sense} · {example.marked}", width="stretch")
            st.button(
                "Remove", key=f"senses.drop{place}", on_click=_drop, args=(place,),
                help=f"Remove “{example.text[:60]}”",
            )  # fmt: skip
    if len(kept) > 20:
        st.caption(f"… and {len(kept) - 20} more.")
    st.button("Remove all", key="senses.drop_all", on_click=_drop, args=(None,))


# --- a table of the learner's -------------------------------------------------------------------


def upload_view() -> None:
    """Upload of a CSV; says by line what is wrong, and uses the rest."""
    st.markdown(
        "A CSV file with the columns **sentence**, **sense** and **word**. Put the word into "
        "[brackets] where it stands twice or is irregular, as in `The geese saw the [goose].` "
        "With brackets everywhere the column *word* can be left out. At most 1,000 rows, 5 MB."
    )
    example = "\n".join(
        [
            "sentence,sense,word",
            *(f'"{x.marked}",{x.sense},bank' for x in sense_words()["bank"].examples[8:13]),
        ]
    )
    st.download_button(
        "An example to start from", example + "\n", "senses.csv", "text/csv",
        key="senses.example", icon="📄",
    )  # fmt: skip
    file = st.file_uploader("Your table", type=["csv", "tsv", "txt"], key="senses.file")
    if file is None:
        return
    if st.session_state.get("senses.file_read") != file.file_id:
        st.session_state["senses.file_read"] = file.file_id
        st.session_state["senses.table"] = table = read_table(file.getvalue())
        if table.words:
            st.session_state["senses.word"] = f"{next(iter(table.words))} (your table)"
            st.rerun()
    report(uploaded())


def report(table: Table) -> None:
    """What became of a table."""
    if table.words:
        words = ", ".join(f"“{word}”" for word in list(table.words)[:12])
        st.success(
            f"{table.n_used:,} of {table.n_rows:,} rows are used, for {words}: choose it as the "
            "word above.",
            icon="✅",
        )
    if table.problems:
        shown = "\n".join(f"- {_plain(problem)}" for problem in table.problems[:10])
        more = len(table.problems) - 10
        st.warning(
            ("Some rows cannot be used." if table.words else "Nothing in it can be used.")
            + f"\n\n{shown}"
            + (f"\n- … and {more:,} more." if more > 0 else ""),
            icon="⚠️",
        )


def _plain(text: str) -> str:
    """A learner's text inside Markdown, as plain text."""
    for mark in "\\`*_[]$:<>#|~":
        text = text.replace(mark, f"\\{mark}")
    return text


# --- other views --------------------------------------------------------------------------------


def layers_view(bench: Bench, *, key: str) -> None:
    """Accuracy and silhouette of this word by layer, beside luck."""

    def make() -> Drawing:
        curve, what = curve_of(bench), f"“{bench.word.word}”"
        return figures.layer_curve(curve, what), compute.describe_curve(curve, what)

    figure, words = drawing("layers", bench.key, make)
    chart(figure, key=key, words=words)


def static_view(bench: Bench, *, key: str) -> None:
    """The same points before any attention and at the chosen layer, side by side."""
    layer = bench.layer or bench.layers
    for column, shown, title in zip(
        st.columns(2),
        (0, layer),
        ("Static: layer 0, before any attention", f"In context: layer {layer}"),
        strict=True,
    ):

        def make(shown: int = shown, title: str = title) -> Drawing:
            drawn = draw_map(bench.with_new[shown], MapSettings())
            figure = figures.sense_map(
                bench.word, drawn, method="PCA", layer=shown, new=bench.new, title=title,
                height=400,
            )  # fmt: skip
            return figure, compute.describe_map(bench.word, "PCA", shown, drawn.kept)

        with column:
            figure, words = drawing("side", f"{bench.key}/{shown}/{_new_key(bench)}", make)
            chart(figure, key=f"{key}.{'static' if shown == 0 else 'context'}", words=words)


def matrix_view(bench: Bench, *, key: str) -> None:
    """Cosine of every pair of sentences, sorted by sense; of many sentences, of some of them."""

    def make() -> Drawing:
        count = len(bench.word.examples)
        chosen = np.linspace(0, count - 1, min(count, MOST_IN_MATRIX)).astype(int)
        examples = tuple(bench.word.examples[i] for i in chosen)
        word = replace(bench.word, examples=examples)
        cosines = compute.cosine_matrix(bench.vectors[bench.layer, chosen])
        words = compute.describe_matrix(cosines, word.labels)
        if len(chosen) < count:
            words = f"{len(chosen)} of the {count:,} sentences, evenly taken. {words}"
        return figures.cosine_heatmap(word, cosines, bench.layer), words

    figure, words = drawing("matrix", f"{bench.key}/{bench.layer}", make)
    chart(figure, key=key, words=words)


def alike_view(bench: Bench, *, key: str) -> None:
    """Mean cosines within a sense, across senses and of random words, by layer."""

    def make() -> Drawing:
        found = compute.alikeness(bench.vectors, bench.word.labels, random_vectors(bench.model))
        name = bench.word.word
        return figures.alikeness_curves(found, name), compute.describe_alikeness(found, name)

    figure, words = drawing("alike", bench.key, make)
    chart(figure, key=key, words=words)


def models_view(bench: Bench, *, key: str) -> None:
    """The same sentences through a second model."""
    titles = {spec.name: spec.title for spec in available_models() if spec.name != bench.model}
    name = st.selectbox(
        "Compare with", list(titles), format_func=titles.__getitem__, key=f"{key}.other",
        persist_state="session",
    )  # fmt: skip
    if not name:
        raise NothingToShow("There is no second model on this machine.")
    word = bench.word

    def make() -> Drawing:
        vectors = vectors_of(name, bench.base, bench.own)
        other = _curve(f"{name}/{word.word}/{digest(word.examples)}", vectors, tuple(word.labels))
        mine, title = curve_of(bench), resources.model(bench.model).spec.title
        figure = figures.layer_curve(mine, f"“{word.word}”: {title}", other=(titles[name], other))
        return figure, (
            f"{title}: {compute.percent(mine.accuracy[mine.best])} at its best layer, "
            f"{mine.best}. {titles[name]}: {compute.percent(other.accuracy[other.best])} at "
            f"layer {other.best}."
        )

    figure, words = drawing("models", f"{bench.key}/{name}", make)
    chart(figure, key=key, words=words)


def publish() -> None:
    """Put what the learner kept into the link, at the end of a page."""
    _publish_own(own_sentences())
