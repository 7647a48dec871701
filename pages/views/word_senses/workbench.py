"""The bench on which uses of one word are compared: its sentences, their vectors, their curves.

Vectors of the course's sentences are computed once for everybody, those of a learner's own
sentences one by one, so that adding a sentence costs one forward pass.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from lessons.engine import MODELS, Encoding
from lessons.word_senses import claims, compute
from lessons.word_senses.claims import Coreference, Roles
from lessons.word_senses.compute import LayerCurve
from lessons.word_senses.examples import (
    Example,
    NotASentence,
    SenseWord,
    Table,
    locate,
    occurrences,
    sense_words,
)
from lessons.word_senses.maps import FEWEST, Film, sense_film
from pages.ui import address, controls, long_work, resources
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain
from pages.ui.sentence import Sentence

if TYPE_CHECKING:
    from lessons.engine.trace import Floats

OWN = "senses.own"  # what a learner kept, in the session
OWN_PARAM = "own"  # the same in the link, while it is short
LONGEST_LINK = 1500
MOST_OWN = 200
BATCH = 32


# --- which word, which sentences ----------------------------------------------------------------


MOST_OCCURRENCES = 8


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
            found for line in address.heard(OWN_PARAM) or () if (found := _from_link(line))
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
    address.say(OWN_PARAM, *(lines if sum(map(len, lines)) <= LONGEST_LINK else ()))


def keep(word: str, example: Example) -> None:
    """Keep a sentence of the learner's for this visit; one that is there already is not doubled."""
    kept = own_sentences()
    known = {(w, x.text, x.span) for w, x in kept}
    if len(kept) < MOST_OWN and (word, example.text, example.span) not in known:
        kept.append((word, example))


def drop(place: int | None) -> None:
    """Remove a kept sentence; None removes all."""
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
    name = controls.selectbox(
        "Word",
        list(words),
        key="senses.word",
        default="bank",
        help="Each word has 10 or more sentences for each of its senses, written for this course.",
    )
    return words[name]


def last_layer(model: str) -> int:
    """The number of a model's last layer; for the models we know, without loading them."""
    return (MODELS[model] if model in MODELS else resources.model(model).spec).layers


def choose_layer(last: int, key: str = "senses.layer") -> int:
    """The slider of layers, 0 to ``last``; another model may have fewer of them."""
    return int(
        controls.slider(
            "Layer",
            0,
            last,
            last,
            key=key,
            help="0 is the input before any attention, the last is what the model puts out.",
        )
    )


# --- vectors ------------------------------------------------------------------------------------


def _vectors(model: str, digest: str, examples: Sequence[Example]) -> Floats:
    """Vectors of sentences that stay, (L+1, N, D), with a bar while a first visitor waits."""
    loaded = resources.model(model)

    def work(progress: Callable[[float], object]) -> Floats:
        parts = []
        for start in range(0, max(1, len(examples)), BATCH):
            parts.append(compute.word_vectors(loaded, examples[start : start + BATCH]))
            progress(min(1.0, (start + BATCH) / max(1, len(examples))))
        return np.concatenate(parts, axis=1)

    key = ("senses", loaded.name, loaded.version, digest)
    return long_work.result(key, f"Reading {len(examples):,} sentences", work)


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
        f"“{as_plain(word.word)}” stands {len(spans)} times in your sentence. Which one?",
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
def curve_by(key: str, model: str, _vectors: Floats, _word: SenseWord) -> LayerCurve:
    """Quality of the senses by layer, of vectors (L+1, N, D), remembered under ``key``."""
    others = compute.other_words(resources.model(model), _word.examples)
    return compute.layer_curve(_vectors, _word.labels, others)


def curve_of(bench: Bench) -> LayerCurve:
    """Quality of the senses by layer, the new sentence left out."""
    return curve_by(bench.key, bench.model, bench.vectors, bench.word)


@st.cache_resource(max_entries=100, show_spinner=False)
def film_of(key: str, new: str, _vectors: Floats) -> Film:
    """The film of vectors (L+1, N, D), remembered under the bench's key and the new sentence's."""
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
        curves[word.word] = curve_by(key, model, vectors_of(model, word), word)
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


def new_key(bench: Bench) -> str:
    """What tells one new sentence on the bench from another."""
    if bench.new is None or bench.new_vector is None:
        return ""
    return hashlib.sha256(bench.new_vector.tobytes()).hexdigest()[:12]


def publish() -> None:
    """Put what the learner kept into the link, at the end of a page."""
    _publish_own(own_sentences())
