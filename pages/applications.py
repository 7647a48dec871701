"""Five small programs on top of BERT: search, summary, proofreader, answers, sorting."""

from lessons.applications.answers import Read
from pages.ui import session_runs
from pages.ui.errors import fragment
from pages.ui.shell import LessonPage, lesson_page
from pages.views.applications import (
    answers,
    chunks,
    parts,
    rerank,
    search,
    slips,
    sorting,
    summary,
)


def find(page: LessonPage) -> None:
    if search.predicted(page):
        found(page)


@fragment
def found(page: LessonPage) -> None:
    page.attempt(search.results)
    search.measured(page)
    parts.code("search")


@fragment
def cut(page: LessonPage) -> None:
    chunks.cut(page)


@fragment
def shorten(page: LessonPage) -> None:
    summary.shorten(page)


def proofread(page: LessonPage) -> None:
    by, limit = slips.proofread(page)
    slips.alarms(page, by, limit)
    parts.code("slips")


def answer(page: LessonPage) -> None:
    read = answers.train()
    fragment(page.attempt)(lambda page: ask(page, read))
    answers.scored(page)


def ask(page: LessonPage, read: Read | None) -> None:
    limit = answers.ask(page, read)
    answers.refused(page, limit)


@fragment
def sort(page: LessonPage) -> None:
    method, least = sorting.sort(page)
    sorting.measured(page, method, least)
    parts.code("sort")


with lesson_page("applications") as page:
    page.steps({
        "search": find, "rerank": rerank.second_look, "chunks": cut, "summary": shorten,
        "slips": proofread, "answers": answer, "sort": sort,
    })  # fmt: skip
    session_runs.keep_alive("fine_tuning")  # that lesson's reader, from any step of this one
