"""Many sentences at once: every pair, and groups."""

from __future__ import annotations

import streamlit as st

from lessons.similarity import compute, figures
from pages.ui import controls
from pages.ui.drawings import Drawing, drawing
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.similarity.vectors import vectors

OWN = "Your own"


def many(page: LessonPage) -> None:
    """Sentences one a line, scored by a method, grouped, and drawn group by group."""
    lists = {found.about: found.text for found in compute.sentence_lists()}
    left, right = st.columns([3, 2])
    with left:
        about = controls.selectbox("Sentences", [*lists, OWN], key="similarity.list")
    titles = {m.title: m for m in compute.methods(page.sentence.model)}
    with right:
        name = controls.selectbox(
            "Scored by", list(titles), default=compute.BEST.title, key="similarity.scored_by"
        )
    if about == OWN:
        text = st.text_area(
            "One sentence on each line", key="similarity.lines", height=180,
            persist_state="session", placeholder="Paste or type at least three sentences",
        )  # fmt: skip
    else:
        text = lists.get(about or "", "")
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        with_mine = controls.toggle("Add your sentence from above", key="similarity.mine")
    with right:
        count = controls.slider("Groups", 2, 8, 4, key="similarity.groups")
    mine = f"{page.sentence.text}\n" if with_mine else ""
    lines = compute.read_lines(mine + (text or ""))
    if len(lines.sentences) < 3:
        raise NothingToShow("Three sentences are the least to group: one on each line.")
    if lines.n_cut or lines.n_shortened:
        st.caption(
            f"{lines.n_cut} lines beyond {compute.MOST_SENTENCES} were left out, "
            f"{lines.n_shortened} were shortened to {compute.LONGEST_SENTENCE} characters."
        )
    method = titles.get(name or "", compute.BEST)

    def make() -> Drawing:
        matrix = compute.score_matrix(method, lines.sentences, vectors([method], lines.sentences))
        found = compute.cluster(matrix, count)
        figure = figures.cluster_heatmap(lines.sentences, found)
        return figure, compute.describe_clusters(found, method)

    key = "\n".join([method.title, str(count), *lines.sentences])
    figure, words = drawing("clusters", key, make)
    page.chart(figure, key="matrix_chart", words=words)
