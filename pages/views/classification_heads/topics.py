"""Several topics at once, with a threshold."""

from __future__ import annotations

from typing import Any

import streamlit as st

from lessons.classification_heads import compute, figures
from lessons.engine import tasks
from pages.ui import controls, resources, state
from pages.ui.drawings import drawing
from pages.ui.shell import LessonPage
from pages.views.classification_heads.runs import SLUG, apart

ALL = "all labels"
EXAMPLES = {
    "Three topics": "The clinic's new app charges a fee for every video call.",
    "Two topics": "We ate grilled fish on a little island and missed the last ferry.",
    "No topic": "My cousin forgot where she had put the keys.",
}


def thresholds(page: LessonPage) -> None:
    name = page.sentence.model
    heads = topic_heads(name)
    threshold = controls.slider("Threshold", 0.05, 0.95, 0.5, 0.05, key=f"{SLUG}.threshold")
    with st.container(horizontal=True, gap="small"):
        for i, (about, text) in enumerate(EXAMPLES.items()):
            st.button(
                about, key=f"{SLUG}.example{i}", on_click=state.show_example, args=(text,),
                help=text,
            )  # fmt: skip
    page.attempt(lambda page: own_topics(page, heads, threshold))
    of = controls.pills("Curve of", [ALL, *tasks.TOPICS], default=ALL, key=f"{SLUG}.label")
    yes = compute.sigmoid(compute.logits(heads.sigmoid, heads.vectors))
    found = compute.measured(yes >= threshold, heads.truth)
    one = compute.measured(
        compute.forced(compute.logits(heads.softmax, heads.vectors)), heads.truth
    )
    left, right = st.columns(2)
    with left:
        k = None if of == ALL else tasks.TOPICS.index(of)
        column = slice(None) if k is None else [k]
        now, single = (m.micro if k is None else m.labels[k] for m in (found, one))
        figure, words = drawing(
            f"{SLUG}.curve",
            f"{name}/{of}/{threshold:.2f}",
            lambda: (
                figures.precision_recall(
                    compute.curve(yes[:, column], heads.truth[:, column]),
                    (now.recall, now.precision), (single.recall, single.precision), of,
                ),
                compute.describe_threshold(now, single, threshold, of),
            ),
        )  # fmt: skip
        page.chart(figure, key="curve", words=words)
    with right:
        figure, words = drawing(
            f"{SLUG}.labels",
            f"{name}/{threshold:.2f}",
            lambda: (figures.label_scores(found, tasks.TOPICS), compute.describe_labels(found)),
        )
        page.chart(figure, key="labels", words=words)
    st.table(compute.topic_rows(found, one), border="horizontal")
    st.caption(
        f"{heads.n_train} sentences to learn from, {len(heads.truth)} to measure on; seed "
        f"{compute.TOPIC_SEED}. Vectors: {name}."
    )


def own_topics(page: LessonPage, heads: compute.TopicHeads, threshold: float) -> None:
    """The learner's sentence by both heads."""
    page.encoding()
    name = page.sentence.model
    own = vector(name, page.sentence.text)
    own_yes = compute.sigmoid(compute.logits(heads.sigmoid, own))[0]
    shares = compute.softmax(compute.logits(heads.softmax, own))[0]
    figure, words = drawing(
        f"{SLUG}.own",
        f"{name}/{threshold:.2f}/{hash(page.sentence.text)}",
        lambda: (
            figures.own_topics(own_yes, shares, threshold, tasks.TOPICS),
            compute.describe_own(own_yes, shares, threshold),
        ),
    )
    page.chart(figure, key="own", words=words)


def topics(page: LessonPage) -> None:
    """Several topics for a sentence, and where to draw the line."""
    apart(page, thresholds)
    with st.expander("The code: two heads, two losses", key=f"{SLUG}.code2"):
        left, right = st.columns(2)
        for column, name in ((left, "train_sigmoid"), (right, "train_softmax")):
            with column:
                st.code(compute.code_of("topics", name), language="python")


@st.cache_resource(max_entries=4, show_spinner="Reading 338 sentences and training two heads …")
def topic_heads(model: str) -> compute.TopicHeads:
    """Both heads over a model's vectors."""
    return compute.train_topics(resources.model(model))


@st.cache_data(max_entries=200, show_spinner=False)
def vector(model: str, text: str) -> Any:
    return resources.model(model).embed([text])
