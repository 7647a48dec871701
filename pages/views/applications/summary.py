"""A text made shorter by the sentences that stand for others."""

from __future__ import annotations

import streamlit as st

from lessons.applications import compute, figures, summary
from pages.ui import controls
from pages.ui.drawings import Drawing
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.applications.parts import OWN, code, drawn, pasted, plain, vectors


def shorten(page: LessonPage) -> None:
    """A text, the sentences that stand for it, and its rivals."""
    stories = {story.title: story for story in summary.stories()}
    left, right = st.columns([3, 2], gap="large")
    with left:
        title = controls.selectbox("Text", [*stories, OWN], key="applications.story")
    with right:
        length = controls.slider(
            "Sentences to keep",
            1,
            8,
            4,
            key="applications.length",
        )
    story = stories.get(title or "")
    if story:
        sentences, kept = story.sentences, story.kept
    else:
        parts = compute.in_parts(pasted("long_text", "Your text"))
        sentences, kept = parts.parts, None
        if parts.note:
            st.caption(parts.note)
    if len(sentences) < summary.FEWEST:
        raise NothingToShow(f"Paste a text of {summary.FEWEST} sentences or more to shorten it.")
    if length >= len(sentences):
        raise NothingToShow(
            f"This text has {len(sentences)} sentences: keep fewer to make it shorter."
        )
    found = summarized(tuple(sentences), length)
    left, right = st.columns(2, gap="large")
    first = tuple(range(len(found.chosen)))
    for column, name, chosen in (
        (left, "By clusters", found.chosen),
        (right, "The first sentences", first),
    ):
        with column:
            st.markdown(f"**{name}**")
            st.markdown(" ".join(f":small[{i + 1}] {plain(sentences[i])}" for i in chosen))
    with st.expander("The whole text", key="applications.whole"):
        st.markdown(
            " ".join(
                f":blue-background[{plain(s)}]" if i in found.chosen else plain(s)
                for i, s in enumerate(sentences)
            )
        )
    key = "\n".join([str(length), *sentences])
    left, right = st.columns(2, gap="large")
    with left:
        drawn(
            page, "map", key,
            lambda: (
                figures.sentence_map(sentences, found, kept), summary.describe_map(found)
            ),
        )  # fmt: skip
    with right:

        def judged() -> Drawing:
            rows = summary.judge(vectors(tuple(sentences)), found.chosen, kept)
            return figures.judged_bars(rows), summary.describe_judged(rows)

        drawn(page, "judged", key, judged)
        if kept:
            st.caption("What we would keep is one reader's choice of the sentences.")
    code("summary")


@st.cache_resource(max_entries=60, show_spinner=False)
def summarized(sentences: tuple[str, ...], length: int) -> summary.Summary:
    return summary.summarize(vectors(sentences), length)
