"""Documents sorted into folders, and how many examples it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lessons.applications import compute, figures, sorting
from lessons.engine import tasks
from lessons.engine.trace import Floats
from pages.ui import controls
from pages.ui.errors import NothingToShow
from pages.ui.shell import LessonPage
from pages.views.applications.parts import OWN, drawn, examples, first_value, pasted, plain, vectors

INBOX = ("Six topics, described", "Three folders, by examples")


@st.cache_resource(max_entries=1, show_spinner="Sorting our sentences many times …")
def learned() -> tuple[dict[str, list[sorting.Learned]], float, dict[str, Any]]:
    """Accuracy by number of examples, by description alone, and cross-validated scores."""
    found = vectors(sorting.labelled()[0])
    described = scores_in(sorting.read_folders(sorting.inbox().described), found, sorting.CENTROID)
    crossed = {method: sorting.cross_validated(method, found) for method in sorting.METHODS}
    return sorting.few_shot(found), sorting.accuracy(described), crossed


def scores_in(folders: Sequence[sorting.Folder], found: Floats, method: str) -> Any:
    examples = [(text, i) for i, folder in enumerate(folders) for text in folder.examples]
    known = vectors(tuple(text for text, _ in examples))
    return sorting.fit_and_score(method, known, [i for _, i in examples], found)


def sort(page: LessonPage) -> tuple[str, float]:
    """Folders, documents, and where these go. Returns the way to sort and the smallest lead."""
    box = sorting.inbox()
    written = st.text_area(
        "Folders, one on each line: name: description, or examples with | between them",
        key=first_value("folders", box.described), height=170, persist_state="session",
    )  # fmt: skip
    examples("boxes", dict(zip(INBOX, (box.described, box.by_examples), strict=True)), "folders")
    with st.container(horizontal=True, gap="medium"):
        source = controls.segmented_control(
            "Documents",
            ("Our messages", OWN, "A file"),
            default="Our messages",
            key="applications.documents",
        )
        method = controls.segmented_control(
            "Sort by", sorting.METHODS, default=sorting.CENTROID, key="applications.sorter"
        )
        least = controls.slider(
            "Smallest lead",
            0.0,
            0.5,
            0.02,
            0.01,
            key="applications.lead",
            width=150,
        )
    page.attempt(lambda page: sorted_table(page, written or "", source, method, least))
    return method, least


def measured(page: LessonPage, method: str, least: float) -> None:
    """How many examples it takes, and what the smallest lead is worth."""
    curves, described, crossed = learned()
    drawn(
        page, "few_shot", "",
        lambda: (
            figures.few_shot_curves(curves, described, 1 / len(tasks.TOPICS)),
            sorting.describe_few_shot(curves, described),
        ),
    )  # fmt: skip
    st.markdown(sorting.describe_sure(crossed[method], least, method))


def sorted_table(page: LessonPage, written: str, source: str, method: str, least: float) -> None:
    try:
        folders = sorting.read_folders(written)
        documents, note = sorting.inbox().documents, ""
        if source == OWN:
            parts = compute.in_parts(pasted("own_documents", "One document on each line"), True)
            documents, note = parts.parts, parts.note
        elif source == "A file":
            file = st.file_uploader(
                "A TXT with one document on each line, or a CSV with a column text",
                ["txt", "csv"], max_upload_size=1, key="applications.file",
            )  # fmt: skip
            if file is None:
                raise NothingToShow("Upload a file: its documents are then sorted.")
            parts = sorting.read_documents(file.getvalue(), file.name)
            documents, note = parts.parts, parts.note
    except (sorting.FolderError, tasks.DataError) as reason:
        raise NothingToShow(plain(str(reason))) from None
    if note:
        st.caption(note)
    if not documents:
        raise NothingToShow("There is no document here yet: write one on each line.")
    scores = scores_in(folders, vectors(tuple(documents)), method)
    found = sorting.sort(documents, folders, scores, least)
    st.dataframe(
        [
            {"folder": d.folder or "–", "document": d.text, "lead": round(d.lead, 3),
             "second": d.second}
            for d in found
        ],
        hide_index=True, height=min(460, 40 + 35 * len(found)),
        column_config={
            "folder": st.column_config.TextColumn(width="small"),
            "document": st.column_config.TextColumn(width="large"),
            "second": st.column_config.TextColumn(width="small"),
            "lead": st.column_config.ProgressColumn(
                format="%.2f", min_value=0, max_value=1.0, width="small"
            ),
        },
    )  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(sorting.describe_sorted(found, folders)))
        st.download_button(
            "Save as CSV", sorting.as_csv(found), "sorted.csv", "text/csv", icon=":material/save:",
            key="applications.save", on_click="ignore",
        )  # fmt: skip
