"""Five small programs on top of BERT: search, summary, proofreader, answers, sorting."""

import streamlit as st

from pages.ui.programs.answers import answer
from pages.ui.programs.search import find
from pages.ui.programs.slips import proofread
from pages.ui.programs.sorting import sort
from pages.ui.programs.summary import shorten
from pages.ui.shell import lesson_page

with lesson_page("applications") as page:
    page.prose("five-small-programs")
    experiments = {
        "search": find, "summary": shorten, "slips": proofread, "answers": answer, "sort": sort,
    }  # fmt: skip
    for slug, draw in experiments.items():
        if page.experiment(slug):
            if slug == "answers":  # it has fragments of its own
                page.attempt(draw)
            else:
                st.fragment(page.attempt)(draw)
    page.heading("What products use instead")
    page.prose("what-products-use-instead")
    page.heading("What to notice")
    page.prose("what-to-notice")
    page.heading("Common mistakes")
    page.prose("common-mistakes")
