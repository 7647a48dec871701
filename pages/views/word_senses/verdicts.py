"""Views of a bench of word senses: the new sentence, the learner's own, and what is measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from lessons.engine import available_models
from lessons.word_senses import compute, figures
from lessons.word_senses.examples import Example, SenseWord, Table, read_table, sense_words
from lessons.word_senses.maps import MapSettings, draw_map
from pages.ui import controls, resources, state
from pages.ui.drawings import Drawing, drawing
from pages.ui.errors import NothingToShow
from pages.ui.figures import as_plain, chart
from pages.ui.sentence import Sentence
from pages.views.word_senses.workbench import (
    MOST_OWN,
    Bench,
    curve_by,
    curve_of,
    digest,
    drop,
    keep,
    new_key,
    own_sentences,
    random_vectors,
    uploaded,
    vectors_of,
)

MOST_IN_MATRIX = 200


# --- the new sentence ---------------------------------------------------------------------------


def invite(word: SenseWord) -> None:
    """What to do when the sentence above has no form of the word."""
    st.info(
        f"Your sentence above has no form of “{as_plain(word.word)}”. Type one that has, click the "
        "word that you mean in the ribbon, or take a sentence to try.",
        icon=":material/edit:",
    )


def tries_view(word: SenseWord) -> None:
    """Buttons that put a fresh sentence with the word into the bar above."""
    if word.tries:
        with st.container(horizontal=True, gap="small", key="senses_tries"):
            for place, text in enumerate(word.tries):
                st.button(text, key=f"senses.try{place}", on_click=state.show_example, args=(text,))


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
        f"Here “{as_plain(bench.new.word)}” is nearest to **{as_plain(name)}**, "
        f"by a margin of **{found.margin:.2f}**."
    )
    figure, words = drawing(
        "verdict",
        f"{bench.key}/{bench.layer}/{new_key(bench)}",
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
            icon=":material/push_pin:",
            disabled=full or known,
            on_click=keep,
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
                "Remove", key=f"senses.drop{place}", on_click=drop, args=(place,),
                help=f"Remove “{example.text[:60]}”",
            )  # fmt: skip
    if len(kept) > 20:
        st.caption(f"… and {len(kept) - 20} more.")
    st.button("Remove all", key="senses.drop_all", on_click=drop, args=(None,))


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
        key="senses.example", icon=":material/description:",
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
            icon=":material/check_circle:",
        )
    if table.problems:
        shown = "\n".join(f"- {as_plain(problem)}" for problem in table.problems[:10])
        more = len(table.problems) - 10
        st.warning(
            ("Some rows cannot be used." if table.words else "Nothing in it can be used.")
            + f"\n\n{shown}"
            + (f"\n- … and {more:,} more." if more > 0 else ""),
            icon=":material/warning:",
        )


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
            figure, words = drawing("side", f"{bench.key}/{shown}/{new_key(bench)}", make)
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
    name = controls.selectbox(
        "Compare with", list(titles), format_func=titles.__getitem__, key=f"{key}.other"
    )
    if not name:
        raise NothingToShow("There is no second model on this machine.")
    word = bench.word

    def make() -> Drawing:
        vectors = vectors_of(name, bench.base, bench.own)
        other = curve_by(f"{name}/{word.word}/{digest(word.examples)}", name, vectors, word)
        mine, title = curve_of(bench), resources.model(bench.model).spec.title
        figure = figures.layer_curve(mine, f"“{word.word}”: {title}", other=(titles[name], other))
        return figure, (
            f"{title}: {compute.percent(mine.accuracy[-1])} at its last layer. {titles[name]}: "
            f"{compute.percent(other.accuracy[-1])}. A difference of one sentence is "
            f"{100 / mine.count:.0f} points."
        )

    figure, words = drawing("models", f"{bench.key}/{name}", make)
    chart(figure, key=key, words=words)
