"""Five small programs on top of BERT: search, summary, proofreader, answers, sorting."""

from lessons.applications.answers import Read
from pages.ui.errors import fragment
from pages.ui.programs import answers, parts, search, slips, sorting, summary
from pages.ui.shell import LessonPage, lesson_page


def find(page: LessonPage) -> None:
    page.prose("two-ways-to-search")
    search.predicted(page)
    page.attempt(search.results)
    parts.code("search")
    page.prose("where-each-wins")
    search.measured(page)


def shorten(page: LessonPage) -> None:
    page.prose("sentences-that-stand-for-others")
    summary.shorten(page)


def proofread(page: LessonPage) -> None:
    page.prose("surprise-as-a-proofreader")
    by, limit = slips.proofread(page)
    page.prose("how-many-mistakes-and-how-many-alarms")
    slips.alarms(page, by, limit)


def answer(page: LessonPage) -> None:
    page.prose("two-steps-to-an-answer")
    read = answers.train()
    fragment(page.attempt)(lambda page: ask(page, read))
    answers.scored(page)


def ask(page: LessonPage, read: Read | None) -> None:
    limit = answers.ask(page, read)
    page.prose("when-there-is-no-answer")
    answers.refused(page, limit)


def sort(page: LessonPage) -> None:
    page.prose("folders-and-a-few-examples")
    method, least = sorting.sort(page)
    page.prose("examples-needed")
    sorting.measured(page, method, least)


with lesson_page("applications") as page:
    page.prose("five-small-programs")
    experiments = {
        "search": find, "summary": shorten, "slips": proofread, "answers": answer, "sort": sort,
    }  # fmt: skip
    for slug, draw in experiments.items():
        if page.experiment(slug, keep=slug == "answers"):  # a training may go on there
            if slug == "answers":  # it has fragments of its own
                page.attempt(draw)
            else:
                fragment(page.attempt)(draw)
    page.heading("What products use instead")
    page.prose("what-products-use-instead")
    page.heading("What to notice")
    page.prose("what-to-notice")
    page.heading("Common mistakes")
    page.prose("common-mistakes")
