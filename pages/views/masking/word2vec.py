"""word2vec on the masking page: what it sees, its training, its words beside BERT's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import streamlit as st

from lessons.masking import compute, figures, word2vec
from pages.ui import controls
from pages.ui.errors import calmly, fragment
from pages.ui.figures import as_plain
from pages.ui.predictions import Bars, prediction_bars
from pages.ui.runner import Run
from pages.ui.session_runs import SessionRuns
from pages.ui.shell import LessonPage
from pages.views.masking.contrasts import two_contexts

if TYPE_CHECKING:
    import plotly.graph_objects as go

SLUG = "masking"


def title(run: Run) -> str:
    return f"{run.settings['kind']}, {run.settings['source']}"


mine = SessionRuns(
    SLUG, "lessons.masking.word2vec:Training", title,
    recordings=("skip-gram", "cbow"), same=("source",),
)  # fmt: skip


def older_way(page: LessonPage) -> None:
    """What word2vec sees of the sentence, its training, and its words beside BERT's."""
    encoding = page.encoding()
    width = controls.slider("Window: words on each side", 1, 8, 3, key=f"{SLUG}.window", width=320)
    words, center = compute.words_around(encoding, page.sentence.selected)
    if len(words) > 1:
        before, after = word2vec.words_seen(words, center, width)
        seen = [as_plain(word) for word in [*before, *after]]
        middle = as_plain(words[center])
        st.markdown(f"**CBOW** is asked: {' + '.join(sorted(seen))} → **{middle}** ?")
        st.markdown(f"**Skip-gram** is asked: **{middle}** → {' · '.join(seen)} ?")
    training(page, width)


def training(page: LessonPage, width: int) -> None:
    """Choose a text and train; a recorded run's words stand there until one's own are learned."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Model", word2vec.KINDS, default="skip-gram", required=True, key=f"{SLUG}.kind",
            persist_state="session",
        )  # fmt: skip
        source = st.segmented_control(
            "Text", word2vec.TEXTS, default=word2vec.TEXTS[0], required=True, key=f"{SLUG}.source",
            persist_state="session",
        )  # fmt: skip
        seed = st.number_input(
            "Seed", 0, 9999, 0, key=f"{SLUG}.w2v_seed", width=130, persist_state="session"
        )
    own = ""
    if source == word2vec.TEXTS[-1]:
        own = st.text_area(
            "Your text", key=f"{SLUG}.own_text", max_chars=300_000, persist_state="session",
            placeholder="Paste some pages here",
        ) or ""  # fmt: skip
    settings = {"kind": kind, "source": source, "text": own, "width": width, "seed": seed}
    mine.watch(settings, partial(going, page))
    run = mine.shown(settings)
    if run is None or not (run.over and run.saved):
        run = mine.saved()
    if run is not None:
        older_words(page, run)


def going(page: LessonPage, run: Run) -> None:
    """The loss of a run that goes on; a run that is over has words to show instead."""
    if not run.over:
        figure, words = loss(run)
        page.chart(figure, key="loss_now", words=words)


def loss(run: Run) -> tuple[go.Figure, str]:
    """The loss of a run, and the line beneath it."""
    assert run.facts is not None
    raced = None if run.recorded else mine.ghost()
    known = [value for _, value in run.points if value is not None]
    figure = figures.loss_line(
        run.points, run.facts["steps"], len(run.facts["vocabulary"]), raced.points if raced else []
    )
    if not known:
        return figure, "No step yet."
    return figure, f"The loss went from {known[0]:.2f} to {known[-1]:.2f} nats."


@st.cache_resource(max_entries=8, show_spinner=False)
def trained_by(run_id: str, _run: Run) -> word2vec.Trained:
    """What a run left, by its id."""
    stopped = _run.status == "stopped"
    return word2vec.read_trained(_run.settings, _run.facts or {}, _run.folder, stopped=stopped)


@fragment
def older_words(page: LessonPage, run: Run) -> None:
    """Neighbors and analogies of a run's vectors, beside BERT's predictions."""
    trained = trained_by(run.id, run)
    st.markdown(word2vec.describe_trained(trained))
    first = "bank" if "bank" in trained.vocabulary else trained.vocabulary[0]
    if st.session_state.get(f"{SLUG}.word") not in trained.vocabulary:
        st.session_state[f"{SLUG}.word"] = first
    word = st.selectbox(
        "Word", sorted(trained.vocabulary), key=f"{SLUG}.word", width=260, persist_state="session"
    )
    found = trained.neighbors(word)
    left, right = st.columns([2, 3], gap="large")
    with left:
        prediction_bars(
            [Bars(f"Nearest to “{word}”, in any sentence", [(w, max(c, 0)) for w, c in found],
                       "bars show the cosine")],
            key=f"{SLUG}.neighbors", scale=1.0, plain=True,
        )  # fmt: skip
    with right, calmly():
        two_contexts(page.sentence.model, word, SLUG)
    shown = list(dict.fromkeys([word, *(w for w, _ in found), *trained.vocabulary[20:55]]))
    page.chart(
        figures.word_map(trained, shown, [word, *(w for w, _ in found)]),
        key="map",
        words=word2vec.describe_neighbors(word, found),
    )
    figure, words = loss(run)
    page.chart(figure, key="loss", words=words)
    analogy(trained)


def analogy(trained: word2vec.Trained) -> None:
    """a is to b as c is to what?"""
    known = sorted(trained.vocabulary)
    ours = [a for a in word2vec.analogies() if set(a) <= set(known)]
    start = ours[0] if ours else tuple(known[i % len(known)] for i in range(3))
    st.markdown("**An analogy:** the first is to the second as the third is to … ?")
    columns = st.columns(3)
    chosen = [
        column.selectbox(
            label, known, index=known.index(start[i]), key=f"{SLUG}.analogy.{i}.{len(known)}"
        )
        for i, (column, label) in enumerate(zip(columns, ("first", "second", "third"), strict=True))
    ]
    first, second, third = chosen
    found = trained.analogy(first, second, third)
    st.markdown(
        f"{chosen[0]} : {chosen[1]} = {chosen[2]} : **{found[0][0] if found else '…'}**, then "
        + ", ".join(w for w, _ in found[1:])
        + ". The three words asked about are left out, as is usual; without that, one of them "
        "would often come first."
    )
